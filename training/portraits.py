"""Write the sample portraits into `assets/portraits`, from photographs that are part of Python packages.

    pip install scikit-image matplotlib
    python -m training.portraits

Both are works of the United States government and in the public domain; `assets/portraits/PORTRAITS.md` names
their authors.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

from PIL import Image

from pipeline.assets import PORTRAITS


def main() -> None:
    """Write both portraits."""
    PORTRAITS.mkdir(parents=True, exist_ok=True)
    astronaut = Image.open(_package("skimage") / "data" / "astronaut.png").convert("RGB")
    astronaut.save(PORTRAITS / "astronaut.jpg", quality=95, subsampling=0, optimize=True)
    hopper = _package("matplotlib") / "mpl-data" / "sample_data" / "grace_hopper.jpg"
    # Already a JPEG: copied as it is, because encoding it again would lose detail.
    (PORTRAITS / "hopper.jpg").write_bytes(hopper.read_bytes())


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise SystemExit(f"{name} is not installed: pip install scikit-image matplotlib")
    return Path(spec.origin).parent


if __name__ == "__main__":
    main()
