"""Rims of glasses are found, and stay in front of closing lids."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.faces import portrait
from pipeline.faces.landmarks import EYE_CORNERS, EYES, LID_CREASE, UPPER_BROW, UPPER_LID
from pipeline.puppet.painting.glasses import rims
from pipeline.puppet.renderer import PortraitRenderer
from pipeline.types import SHAPE, Portrait

PORTRAITS = Path(__file__).parents[2] / "assets" / "portraits"
STILL = np.zeros(3), np.zeros(2)


@pytest.fixture(scope="module")
def plain() -> Portrait:
    """A face without glasses."""
    return portrait(PORTRAITS / "astronaut.jpg", size=384)


@pytest.fixture(scope="module")
def glasses(plain: Portrait) -> np.ndarray:
    """`(H, W)` bool: two round rims and a bridge over the eyes of that face."""
    drawn, unit = np.zeros(plain.image.shape[:2], np.uint8), plain.face.interocular
    middles = [plain.face.landmarks[list(EYE_CORNERS[eye]), :2].mean(0) for eye in EYES]
    width = max(round(0.05 * unit), 2)
    for x, y in middles:
        cv2.ellipse(drawn, (round(x), round(y)), (round(0.4 * unit), round(0.2 * unit)), 0, 0, 360, 1, width)
    reach = np.array([0.4 * unit, 0])
    ends = (np.round(end).astype(int).tolist() for end in (middles[0] + reach, middles[1] - reach))
    cv2.line(drawn, *ends, 1, width)
    return drawn > 0


@pytest.fixture(scope="module")
def bespectacled(plain: Portrait, glasses: np.ndarray) -> Portrait:
    image = plain.image.copy()
    image[glasses] = (35, 25, 22)
    return replace(plain, image=image)


def test_a_face_without_glasses_has_no_rims(plain: Portrait) -> None:
    assert rims(plain.image, plain.face.landmarks, plain.face.interocular) is None


def test_rims_are_found_where_they_are(bespectacled: Portrait, glasses: np.ndarray) -> None:
    found = rims(bespectacled.image, bespectacled.face.landmarks, bespectacled.face.interocular)
    assert found is not None
    around = cv2.dilate(glasses.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    assert found[~around].sum() < 0.1 * found.sum()
    for eye in EYES:
        # the upper half of the rim, which lids move behind
        x, y = np.round(bespectacled.face.landmarks[LID_CREASE[eye][3], :2]).astype(int)
        unit = round(0.15 * bespectacled.face.interocular)
        region = np.s_[y - unit : y + unit // 3, x - unit : x + unit]
        assert (found[region] > 0.5)[glasses[region]].mean() > 0.7
        # beside the outer corner, where lashes would reach
        corner, inner = (bespectacled.face.landmarks[k, :2] for k in (UPPER_LID[eye][0], UPPER_LID[eye][-1]))
        x, y = np.round(corner + 0.2 * (corner - inner)).astype(int)
        region = np.s_[y - unit // 2 : y + unit // 2, x - unit : x + unit]
        assert (found[region] > 0.5)[glasses[region]].mean() > 0.7


def test_rims_stay_in_front_of_shut_lids(bespectacled: Portrait, glasses: np.ndarray) -> None:
    blendshapes = bespectacled.face.blendshapes.copy()
    blendshapes[[SHAPE[f"eyeBlink{eye}"] for eye in EYES]] = 0.7
    renderer = PortraitRenderer(bespectacled, refine_mouth=False)
    shut, landmarks = renderer.render_frame(blendshapes, *STILL)
    moved = np.abs(
        landmarks[list(LID_CREASE["Left"]), :2] - bespectacled.face.landmarks[list(LID_CREASE["Left"]), :2]
    )
    assert moved.max() < 1
    core = cv2.erode(glasses.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    assert np.percentile(np.abs(shut[core].astype(int) - bespectacled.image[core]), 95) < 20


def test_rims_do_not_bend_with_the_skin_behind_them(bespectacled: Portrait, glasses: np.ndarray) -> None:
    blendshapes = bespectacled.face.blendshapes.copy()
    for name in ("browInnerUp", *(f"{part}{eye}" for part in ("browOuterUp", "cheekSquint") for eye in EYES)):
        blendshapes[SHAPE[name]] = 1
    raised, landmarks = PortraitRenderer(bespectacled, refine_mouth=False).render_frame(blendshapes, *STILL)
    core = cv2.erode(glasses.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    assert np.percentile(np.abs(raised[core].astype(int) - bespectacled.image[core]), 95) < 20
    brow = list(UPPER_BROW["Left"])
    risen = bespectacled.face.landmarks[brow, 1] - landmarks[brow, 1]
    assert risen.max() > 0.05 * bespectacled.face.interocular
