"""The folder that is uploaded runs as a Space would run it, in less memory than a free Space has."""

from __future__ import annotations

import re
import shutil
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import av
import pytest
from gradio_client import Client, handle_file
from ui.serving import Served, serving

from pipeline.space.bundle import stage
from pipeline.space.spacefile import read_spacefile

ROOT = Path(__file__).parents[2]

FREE_BYTES = 16 * 2**30
"""Memory of a free Space."""


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """`python app.py` in the folder as it is uploaded, with nothing else of this checkout in sight."""
    folder, home = tmp_path_factory.mktemp("uploaded"), tmp_path_factory.mktemp("home")
    stage(read_spacefile(ROOT / "Spacefile"), ROOT / "Spacefile", folder)
    _bring_what_is_compiled(folder)
    variables = {"SPACE_ID": "ada/studio", "PYTHONPATH": "", "HF_HUB_OFFLINE": "1"}
    with serving(home, checkout=folder, variables=variables) as served:
        yield served
        assert "Traceback" not in served.log.read_text(errors="replace")


def _bring_what_is_compiled(folder: Path) -> None:
    """What numba and Python have compiled in this checkout, for which a Space takes half a minute."""
    for compiled in (ROOT / "pipeline").rglob("__pycache__/*.*[ic]"):
        target = folder / compiled.relative_to(ROOT)
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(compiled, target)
    for module in (ROOT / "pipeline").rglob("*.py"):
        uploaded = folder / module.relative_to(ROOT)
        if uploaded.exists():
            shutil.copystat(module, uploaded)  # they compare the times


def test_a_video_is_made_in_a_fraction_of_a_free_spaces_memory(
    space: Served, astronaut: Path, tmp_path: Path
) -> None:
    client = Client(space.address, verbose=False, download_files=tmp_path)
    video, captions, _ = client.predict(
        photo=handle_file(astronaut), text="Good morning.", consent="fictional", size=256, captions="srt",
        api_name="/create",
    )  # fmt: skip
    with av.open(video) as film:
        assert film.streams.video[0].frames > 20 and film.streams.audio
    assert "Good morning." in Path(captions).read_text(encoding="utf-8")
    if sys.platform == "linux":
        status = Path(f"/proc/{space.server.pid}/status").read_text()
        peak = int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024
        assert peak < FREE_BYTES / 8


def test_the_hub_may_show_the_page_in_its_frame(space: Served) -> None:
    with urllib.request.urlopen(space.address, timeout=120) as answer:
        assert "https://huggingface.co" in answer.headers["Content-Security-Policy"]
        assert b"Talking-head studio" in answer.read()
