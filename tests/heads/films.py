"""Short silent videos: driving videos, and subjects of the footage head."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pipeline.types import RATE
from pipeline.video import Writer


def film(path: Path, images: Sequence[np.ndarray]) -> Path:
    """Write pictures `(H, W, 3)` uint8 as a silent video at 25 fps, and return its path."""
    with Writer(path, size=images[0].shape[1::-1], fps=25, metadata={}) as writer:
        for image in images:
            writer.write(image)
            writer.sound(np.zeros(RATE // 25, np.float32))
    return path
