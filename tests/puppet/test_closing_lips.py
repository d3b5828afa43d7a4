"""Lips that a photo shows apart, as they close."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.faces import portrait
from pipeline.faces.landmarks import (
    INNER_LIPS,
    INNER_LOWER_LIP,
    LOWER_LIP,
    MOUTH_CORNERS,
    OUTER_LIPS,
    OUTER_LOWER_LIP,
    UPPER_LIP,
)
from pipeline.puppet.renderer import PortraitRenderer
from pipeline.puppet.warping.closing_lips import ClosingLips
from pipeline.types import Portrait

TEETH = np.array([250, 250, 245])
RED, SKIN = np.array([120, 40, 45]), np.array([225, 190, 170])


@pytest.fixture(scope="module")
def renderer() -> PortraitRenderer:
    """A mouth wide open, full of white teeth that go on over the edges of the lips, its corners black."""
    photo = portrait(Path(__file__).parents[2] / "assets" / "portraits" / "hopper.jpg", size=320)
    face = photo.face
    landmarks, unit = face.landmarks.copy(), face.interocular
    landmarks[list(INNER_LIPS[11:]), 1] += 0.2 * unit
    below = [k for k in OUTER_LIPS if landmarks[k, 1] > landmarks[list(MOUTH_CORNERS), 1].mean()]
    landmarks[below, 1] += 0.2 * unit
    image = photo.image.copy()
    inside = [np.round(landmarks[list(INNER_LIPS), :2]).astype(np.int32)]
    cv2.fillPoly(image, inside, TEETH.tolist())
    cv2.polylines(image, inside, True, TEETH.tolist(), 2)
    for corner in MOUTH_CORNERS:
        cv2.circle(image, np.round(landmarks[corner, :2]).astype(int).tolist(), 2, (0, 0, 0), -1)
    shown = type(face)(**{**vars(face), "landmarks": landmarks})
    return PortraitRenderer(Portrait(image, shown), refine_mouth=False)


def test_closed_lips_keep_neither_teeth_nor_dark_corners(renderer: PortraitRenderer) -> None:
    mesh, texture = renderer.mesh, renderer.image.copy()
    lips = ClosingLips(texture, mesh.rest[:, :2], mesh, mesh.frame.scale)
    closed = mesh.rest.copy()
    closed[LOWER_LIP] = closed[UPPER_LIP]
    lips.show(closed)
    edges = np.round(mesh.rest[list(INNER_LIPS) + list(MOUTH_CORNERS), :2]).astype(int)
    colours = texture[edges[:, 1], edges[:, 0]].astype(int)
    # teeth have as much blue as red, lips have not
    assert (colours[:, 2] < 0.7 * colours[:, 0]).all() and colours.sum(1).min() > 120
    lips.show(mesh.rest)
    np.testing.assert_array_equal(texture, renderer.image)


def test_slightly_open_lips_keep_the_shade_in_their_corners(renderer: PortraitRenderer) -> None:
    mesh, texture = renderer.mesh, renderer.image.copy()
    closed = mesh.rest.copy()
    closed[LOWER_LIP] = closed[UPPER_LIP]
    near = mesh.rest.copy()
    near[LOWER_LIP] = near[UPPER_LIP] + [0, 0.045 * mesh.frame.scale, 0]
    lips = ClosingLips(texture, near[:, :2], replace(mesh, rest=near), mesh.frame.scale)
    lips.show(closed)
    corners = np.round(near[list(MOUTH_CORNERS), :2]).astype(int)
    assert texture[corners[:, 1], corners[:, 0]].sum(1).max() < 60


def test_skin_within_the_outline_of_a_thin_lip_does_not_fill_it(renderer: PortraitRenderer) -> None:
    mesh, texture = renderer.mesh, renderer.image.copy()
    inner, outer = (mesh.rest[list(row), :2] for row in (INNER_LOWER_LIP, OUTER_LOWER_LIP))
    share = np.where(np.isin(np.arange(len(inner)), (3, 4)), 0.55, 1.0)[:, None]
    thin = inner + share * (outer - inner)
    cv2.fillPoly(texture, [np.round(np.vstack([inner, outer[::-1]])).astype(np.int32)], SKIN.tolist())
    cv2.fillPoly(texture, [np.round(np.vstack([inner, thin[::-1]])).astype(np.int32)], RED.tolist())
    lips = ClosingLips(texture, mesh.rest[:, :2], mesh, mesh.frame.scale)
    closed = mesh.rest.copy()
    closed[LOWER_LIP] = closed[UPPER_LIP]
    lips.show(closed)
    edge = np.round(inner + 0.1 * (outer - inner)).astype(int)[2:-2]
    colours = texture[edge[:, 1], edge[:, 0]].astype(int)
    assert np.abs(colours - RED).max() < 40
