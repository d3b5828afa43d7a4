"""The line between lips that a photo shows apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.faces import portrait
from pipeline.faces.landmarks import INNER_LIPS
from pipeline.puppet.painting.lip_seam import LipSeam
from pipeline.puppet.painting.palette import read_palette
from pipeline.types import Portrait

PORTRAITS = Path(__file__).parents[2] / "assets" / "portraits"


@pytest.fixture(scope="module")
def photo() -> Portrait:
    """A photo of closed lips."""
    return portrait(PORTRAITS / "hopper.jpg", size=320)


def painted(photo: Portrait, gap: float, parted: float) -> np.ndarray:
    """Levels by which the line darkens lips of one colour that are `gap` inter-ocular distances apart."""
    unit = photo.face.interocular
    palette = read_palette(photo.image, photo.face.landmarks, unit)
    image = np.broadcast_to(palette.lips.astype(np.uint8), photo.image.shape).copy()
    before = image.copy()
    opening = photo.face.landmarks[list(INNER_LIPS), :2].astype(np.float64)
    opening[11:, 1] += gap * unit
    LipSeam(palette, unit).paint(image, opening, parted)
    return (before.astype(int) - image).max(2)


def test_it_shades_closed_lips_along_a_thin_line(photo: Portrait) -> None:
    darker = painted(photo, 0.0, 1.0)
    assert darker.max() > 20
    assert 0 < (darker > 10).any(1).sum() < 0.2 * photo.face.interocular


def test_it_gives_way_to_an_opening_and_to_the_photos_own_line(photo: Portrait) -> None:
    assert painted(photo, 0.12, 1.0).max() == 0
    assert painted(photo, 0.0, 0.0).max() == 0


def test_it_fades_into_the_corners(photo: Portrait) -> None:
    darker = painted(photo, 0.0, 1.0)
    columns = np.flatnonzero(darker.any(0))
    length = len(columns) // 8
    shade = darker.max(0)[columns[0] : columns[-1] + 1]
    middle = shade[3 * length : -3 * length].mean()
    assert shade[:length].mean() < 0.35 * middle and shade[-length:].mean() < 0.35 * middle


def test_lips_of_different_light_meet_without_steps(photo: Portrait) -> None:
    unit, image = photo.face.interocular, np.full_like(photo.image, 160)
    opening = photo.face.landmarks[list(INNER_LIPS), :2].astype(np.float64)
    opening[11:] = opening[9:0:-1]
    middle = np.round(opening[5]).astype(int)
    image[middle[1] :, : middle[0]] = 220
    image[middle[1] + 1 :, middle[0] :] = 220  # a step of one px
    LipSeam(read_palette(photo.image, photo.face.landmarks, unit), unit).paint(image, opening)
    row = image[middle[1], middle[0] - 1 : middle[0] + 1].astype(int)
    assert np.abs(np.diff(row, axis=0)).max() < 15
