"""The preview of the teeth: each choice shows its own row, and nothing else changes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import NoFaceError
from pipeline.samples import HOPPER
from pipeline.service.teeth import ROWS, TeethPreview, preview_teeth
from tests import media


@pytest.fixture(scope="module")
def preview() -> TeethPreview:
    return preview_teeth(HOPPER.path)


def test_each_choice_of_teeth_has_its_own_open_mouth(preview: TeethPreview) -> None:
    assert preview.finding is None and len(preview.pictures) == len(ROWS)
    shown = dict(zip(ROWS, preview.pictures, strict=True))
    heights = {}
    for row in ("upper", "lower"):
        changed = np.abs(shown[row].astype(int) - shown["none"]).max(-1) > 30
        assert 50 < changed.sum() < changed.size / 8
        heights[row] = np.nonzero(changed)[0].mean()
    assert heights["upper"] + 10 < heights["lower"]


def test_pictures_of_teeth_that_cannot_be_used_are_refused(tmp_path: Path) -> None:
    film = media.write_film(tmp_path / "film.mp4", [np.full((128, 128, 3), 90, np.uint8)] * 3)
    with pytest.raises(NoFaceError) as error:
        preview_teeth(HOPPER.path, [film])
    assert error.value.parameter == "teeth_from"
