"""The dark line between closed lips, as they part and meet again."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.faces import portrait
from pipeline.faces.landmarks import INNER_UPPER_LIP, LIP_RED, LOWER_LIP, MOUTH_CORNERS
from pipeline.puppet.renderer import PortraitRenderer
from pipeline.puppet.warping.parting_lips import PartingLips
from pipeline.types import Portrait

DARK = 20


@pytest.fixture(scope="module")
def renderer() -> PortraitRenderer:
    """Closed lips with a black line from one corner to the other, on a photo."""
    photo = portrait(Path(__file__).parents[2] / "assets" / "portraits" / "hopper.jpg", size=320)
    image, points = photo.image.copy(), photo.face.landmarks[:, :2]
    line = points[[MOUTH_CORNERS[0], *INNER_UPPER_LIP, MOUTH_CORNERS[1]]]
    cv2.polylines(image, [np.round(line).astype(np.int32)], False, (DARK, DARK, DARK), 2)
    return PortraitRenderer(Portrait(image, photo.face), refine_mouth=False)


def test_the_line_goes_as_lips_part_and_comes_back(renderer: PortraitRenderer) -> None:
    mesh, texture = renderer.mesh, renderer.image.copy()
    lips = PartingLips(texture, mesh.rest[:, :2], mesh, mesh.frame.scale)
    around = np.zeros(texture.shape[:2], np.uint8)
    cv2.fillPoly(around, [np.round(mesh.rest[list(LIP_RED[:20]), :2]).astype(np.int32)], 1)
    before = (texture[around > 0].max(1) < 2 * DARK).sum()
    parted = mesh.rest.copy()
    parted[LOWER_LIP, 1] += 0.15 * mesh.frame.scale
    lips.show(parted)
    assert (texture[around > 0].max(1) < 2 * DARK).sum() < 0.1 * before
    assert (texture.astype(int) - renderer.image).min() >= 0
    far = cv2.dilate(around, np.ones((31, 31))) == 0
    np.testing.assert_array_equal(texture[far], renderer.image[far])
    lips.show(mesh.rest)
    np.testing.assert_array_equal(texture, renderer.image)
