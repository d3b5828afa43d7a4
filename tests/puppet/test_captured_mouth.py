"""The inside of a video's mouth: kept at several widths of opening, shown by the one that is wanted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.faces import portrait
from pipeline.faces.landmarks import INNER_LIPS, INNER_LOWER_LIP, LOWER_LIP, UPPER_LIP
from pipeline.puppet.geometry.lower_face import lip_gap
from pipeline.puppet.geometry.rig import PosedMesh
from pipeline.puppet.painting.captured_mouth import CapturedMouth
from pipeline.puppet.renderer import PortraitRenderer

HOPPER = Path(__file__).parents[2] / "assets" / "portraits" / "hopper.jpg"
GREEN, BLUE = np.array([90, 160, 90], np.uint8), np.array([90, 90, 160], np.uint8)


@pytest.fixture(scope="module")
def renderer() -> PortraitRenderer:
    return PortraitRenderer(portrait(HOPPER, size=256), refine_mouth=False)


def posed(renderer: PortraitRenderer, gap: float) -> PosedMesh:
    """The photo's face with its lower lip so far down."""
    face = renderer.rig.pose(np.zeros(52, np.float32), np.zeros(3), np.zeros(2))
    vertices = face.vertices.copy()
    vertices[list(INNER_LOWER_LIP[1:-1]), 1] += gap / lip_gap_per_px(vertices) - opening(vertices)
    return replace(face, vertices=vertices)


def opening(vertices: np.ndarray) -> float:
    return float(vertices[LOWER_LIP, 1] - vertices[UPPER_LIP, 1])


def lip_gap_per_px(vertices: np.ndarray) -> float:
    opened = vertices.copy()
    opened[LOWER_LIP] = opened[UPPER_LIP] + np.array([0, 10, 0], np.float32)
    return lip_gap(opened) / 10


def painted(mouth: CapturedMouth, renderer: PortraitRenderer, gap: float) -> np.ndarray:
    """Mean colour in the middle of an opening."""
    face, image = posed(renderer, gap), np.full((256, 256, 3), 120, np.uint8)
    mouth.paint(image, posed(renderer, 0.0))  # closed: now it may change
    mouth.paint(image, face)
    x, y = face.vertices[list(INNER_LIPS), :2].mean(0).astype(int)
    return image[y - 1 : y + 2, x - 3 : x + 4].reshape(-1, 3).mean(0)


def test_each_opening_shows_the_frame_that_was_most_like_it(renderer: PortraitRenderer) -> None:
    mouth = CapturedMouth(renderer.mouth, renderer.to_face_units)
    for colour, gap in ((GREEN, 0.08), (BLUE, 0.22)):
        mouth.observe(np.full((256, 256, 3), colour), posed(renderer, gap).vertices)
    narrow, between, wide = (painted(mouth, renderer, gap) for gap in (0.08, 0.14, 0.22))
    assert narrow[1] > narrow[2] + 30 and wide[2] > wide[1] + 30
    assert wide[1] - wide[2] < between[1] - between[2] < narrow[1] - narrow[2]


def test_a_usual_mouth_replaces_one_that_shows_all_its_teeth(renderer: PortraitRenderer) -> None:
    mouth, face = CapturedMouth(renderer.mouth, renderer.to_face_units), posed(renderer, 0.13)
    x, y = np.round(face.vertices[list(INNER_LIPS), :2].mean(0)).astype(int)
    for level in (220, 20, 120, 115, 120, 220, 118):
        image = np.full((256, 256, 3), 100, np.uint8)
        image[y - 20 : y + 20, x - 20 : x + 20] = level
        mouth.observe(image, face.vertices)
    assert painted(mouth, renderer, 0.13).mean() == pytest.approx(119, abs=8)


def test_closed_mouths_are_not_kept(renderer: PortraitRenderer) -> None:
    mouth = CapturedMouth(renderer.mouth, renderer.to_face_units)
    plain = painted(mouth, renderer, 0.13)
    mouth.observe(np.full((256, 256, 3), GREEN), posed(renderer, 0.03).vertices)
    assert np.allclose(painted(mouth, renderer, 0.13), plain)
