"""Where teeth hang is read from the pictures that show them."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from pipeline.faces import find
from pipeline.faces.landmarks import INNER_LIPS
from pipeline.puppet.renderer import PortraitRenderer
from pipeline.puppet.tooth_lines import cut_face, read_tooth_lines
from pipeline.types import SHAPE, Portrait, ToothLines
from tests.puppet.test_renderer import STILL, closed  # noqa: F401


def speaking(photo: Portrait, lines: ToothLines, jaw: float = 0.4) -> np.ndarray:
    """The photo with its mouth open and teeth that hang so, `(H, W, 3)` uint8."""
    scores = photo.face.blendshapes.copy()
    scores[[SHAPE["jawOpen"], SHAPE["mouthClose"]]] = jaw, 0
    renderer = PortraitRenderer(replace(photo, teeth=lines), refine_mouth=False)
    return renderer.render_frame(scores, *STILL)[0]


@pytest.fixture(scope="module")
def read(closed: Portrait) -> dict[str, ToothLines | None]:  # noqa: F811
    """What is read from rendered pictures of a long upper row, of a short one, and of none."""
    drawn = {
        "long": ToothLines(0.10, None),
        "short": ToothLines(0.045, None),
        "none": ToothLines(None, None),
    }
    found = {}
    for name, lines in drawn.items():
        image = speaking(closed, lines)
        found[name] = read_tooth_lines([(image, find(image, others=False)[0])])
    return found


def test_longer_teeth_are_read_as_longer(read: dict[str, ToothLines | None]) -> None:
    assert read["long"] is not None and read["short"] is not None
    assert (read["long"].upper or 0.0) > (read["short"].upper or 0.0) + 0.02


def test_a_mouth_without_teeth_has_no_lines(read: dict[str, ToothLines | None]) -> None:
    assert read["none"] is None
    assert read_tooth_lines([]) is None


def test_lines_that_are_known_move_the_teeth(closed: Portrait) -> None:  # noqa: F811
    long, short = (speaking(closed, ToothLines(upper, None)) for upper in (0.10, 0.0))
    changed = np.argwhere(np.abs(long.astype(int) - short).max(-1) > 12)
    face = find(long, others=False)[0]
    low, high = (
        face.landmarks[list(INNER_LIPS), :2].min(0) - 4,
        face.landmarks[list(INNER_LIPS), :2].max(0) + 4,
    )
    assert len(changed) > 20
    assert (changed[:, ::-1] > low).all() and (changed[:, ::-1] < high).all()


def test_a_face_is_cut_out_with_its_landmarks(closed: Portrait) -> None:  # noqa: F811
    image, face = cut_face(closed.image, closed.face)
    assert face.interocular <= 64.5 and image.shape[0] < closed.image.shape[0]
    again = find(cv2.resize(image, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), others=False)[0]
    away = np.linalg.norm(again.landmarks[:, :2] / 2 - face.landmarks[:, :2], axis=1)
    assert np.median(away) < 0.06 * face.interocular
