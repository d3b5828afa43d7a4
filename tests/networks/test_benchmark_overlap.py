"""The benchmark of what runs beside the network: every engine's path runs, and a slow network is seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import overlap
from pipeline import faces
from pipeline.types import Frame, Portrait


@pytest.fixture(scope="module")
def portrait() -> Portrait:
    return faces.portrait(overlap.PHOTO, size=overlap.SIZE)


@pytest.fixture(scope="module")
def film(portrait: Portrait, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    overlap._write((Frame(portrait.image) for _ in range(4)), path)
    return path


@pytest.mark.parametrize("name", overlap.ENGINES)
def test_every_engine_is_measured(name: str, portrait: Portrait, film: Path) -> None:
    path = overlap.ENGINES[name](portrait, film)
    found = overlap.measure(path, 40.0, 4, 1, film.parent)
    assert found.whole > 40, "a frame takes no less than its network"
    assert found.ratio == found.whole / max(found.work, 40.0) and found.cpu > 0
