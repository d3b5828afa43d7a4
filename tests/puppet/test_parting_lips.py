"""The dark line between closed lips, as they part and meet again."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.faces import portrait
from pipeline.faces.landmarks import (
    INNER_LOWER_LIP,
    INNER_UPPER_LIP,
    LIP_RED,
    LOWER_LIP,
    MOUTH_CORNERS,
    OUTER_LOWER_LIP,
    OUTER_UPPER_LIP,
)
from pipeline.puppet.renderer import PortraitRenderer
from pipeline.puppet.warping.parting_lips import PartingLips
from pipeline.types import Portrait

DARK = 20
DARK_RED, RED = (110, 50, 50), (190, 80, 80)
UPPER_RED, LOWER_RED = (
    [*outer, *inner[::-1]]
    for inner, outer in ((INNER_UPPER_LIP, OUTER_UPPER_LIP), (INNER_LOWER_LIP, OUTER_LOWER_LIP))
)


@pytest.fixture(scope="module")
def renderer() -> PortraitRenderer:
    """Closed lips, dark red above and red below, with a black line between, on a photo."""
    photo = portrait(Path(__file__).parents[2] / "assets" / "portraits" / "hopper.jpg", size=320)
    image, points = photo.image.copy(), photo.face.landmarks[:, :2]
    for lip, red in ((UPPER_RED, DARK_RED), (LOWER_RED, RED)):
        cv2.fillPoly(image, [np.round(points[lip]).astype(np.int32)], red)
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


def test_lips_are_red_to_their_edges_and_into_the_corners(renderer: PortraitRenderer) -> None:
    mesh, texture = renderer.mesh, renderer.image.copy()
    parted = mesh.rest.copy()
    parted[LOWER_LIP, 1] += 0.15 * mesh.frame.scale
    PartingLips(texture, mesh.rest[:, :2], mesh, mesh.frame.scale).show(parted)
    x, y = np.round(mesh.rest[list(INNER_UPPER_LIP), :2]).astype(int).T
    edges = np.stack([texture[y + side, x] for side in (-2, 0, 2)]).astype(float)
    assert (edges[..., 0] > 1.7 * edges[..., 1]).all()
    assert edges[0, 2:-2, 0].max() < 160  # the upper lip has its own colour, not the lower one's
