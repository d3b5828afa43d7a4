"""The line between closed lips is found where it is, and not made up where there is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.faces import portrait
from pipeline.faces.landmarks import LOWER_LIP, UPPER_LIP
from pipeline.puppet.geometry.lip_line import snap_to_lip_line
from pipeline.types import Portrait


@pytest.fixture(scope="module")
def photo() -> Portrait:
    return portrait(Path(__file__).parents[2] / "assets" / "portraits" / "hopper.jpg", size=320)


def shift(photo: Portrait, rows: slice, level: int) -> float:
    """How far down the line of the lips goes in an image of one grey with `rows` of another, in face units.

    `rows`: px below the tracked line.
    """
    face = photo.face
    image = np.full_like(photo.image, 160)
    middle = round(float(face.landmarks[[UPPER_LIP, LOWER_LIP], 1].mean()))
    image[max(middle + (-middle if rows.start is None else rows.start), 0) : middle + rows.stop] = level
    snapped = snap_to_lip_line(image, face.landmarks, face.interocular)
    return float((snapped - face.landmarks)[[UPPER_LIP, LOWER_LIP], 1].mean()) / face.interocular


def test_a_dark_line_beside_the_tracked_lips_is_found(photo: Portrait) -> None:
    assert shift(photo, slice(2, 4), 60) > 0.01
    assert shift(photo, slice(-4, -2), 60) < -0.01


def test_a_dark_upper_lip_is_no_line(photo: Portrait) -> None:
    assert abs(shift(photo, slice(None, 0), 60)) < 0.012
