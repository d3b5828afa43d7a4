"""SadTalker's squares in a photo, against recorded boxes and pixels."""

from __future__ import annotations

import numpy as np
import pytest
from parity import filling
from parity.harness import Fixture, enlarge

from pipeline.heads.sadtalker.align import align, face_square

FIXTURE = Fixture("sadtalker_align")


@pytest.mark.parametrize("case", FIXTURE.manifest["crop_cases"])
def test_square(case: str) -> None:
    expected = FIXTURE.manifest["crop_cases"][case]
    points = FIXTURE.golden[f"landmarks.{case}"]
    eyes = np.array([points[36:42].mean(0), points[42:48].mean(0)])
    square = face_square(eyes, points[[48, 54]], tuple(expected["image_size_wh"]))
    assert list(square.outer) == expected["crop_xyxy"]
    assert square.corners == pytest.approx(expected["quad_lx_ly_rx_ry"], abs=1e-6)
    assert list(square.inner) == expected["inner_box_xyxy"]
    assert square.shrink == expected["image_size_wh"][0] // expected["resized_wh"][0]


POINTS = np.array(FIXTURE.manifest["inputs"]["landmarks5"]["literal"])


def test_align() -> None:
    picture = enlarge(filling.pixels("sadtalker_align.image", (16, 16, 3)), (16, 16, 1))
    aligned, place = align(picture, POINTS)
    FIXTURE.check("trans", np.array([256, 256, *place]))
    FIXTURE.check("aligned", aligned)


def test_aligned_points() -> None:
    _, (scale, *shift) = align(np.zeros((256, 256, 3), np.uint8), POINTS)
    # The published program cuts the resized picture, whose sides are whole px, about its middle.
    middle = int(256 * scale) / 2 - 112
    FIXTURE.check("aligned_landmarks", (POINTS - shift + 128) * scale - middle)


@pytest.mark.parametrize("point", range(5))
def test_the_picture_is_where_the_points_are(point: int) -> None:
    across, up = POINTS[point]
    rows, columns = np.mgrid[:256, :256]
    spot = 255 * np.exp(-((columns - across) ** 2 + (255 - rows - up) ** 2) / 18)
    aligned, _ = align(np.repeat(spot.round().astype(np.uint8)[..., None], 3, 2), POINTS)
    weight = aligned[..., 0].astype(float) / aligned[..., 0].sum()
    rows, columns = np.mgrid[:224, :224]
    found = (weight * columns).sum(), (weight * (223 - rows)).sum()
    # A cut at whole px moves the picture by up to one.
    assert found == pytest.approx(FIXTURE.golden["aligned_landmarks"][point], abs=1.5)


def test_align_of_the_average_face() -> None:
    shape = np.array(FIXTURE.manifest["config"]["lm3d_5"])
    _, place = align(np.zeros((256, 256, 3), np.uint8), (shape[:, :2] + 1) / 2 * 256)
    FIXTURE.check("fallback.trans", np.array([256, 256, *place]))
