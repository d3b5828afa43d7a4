"""Eyeballs: what a lid hides in the photo is completed before the eye looks elsewhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.faces import portrait
from pipeline.faces.landmarks import EYE_CONTOUR, EYES, IRIS, UPPER_LID
from pipeline.puppet.renderer import PortraitRenderer
from pipeline.types import SHAPE, Portrait

PORTRAITS = Path(__file__).parents[2] / "assets" / "portraits"
STILL = np.zeros(3), np.zeros(2)
BLUE, WHITE, LASH = (40, 80, 200), (225, 222, 220), (20, 12, 12)


@pytest.fixture(scope="module")
def painted() -> Portrait:
    """A face with blue irises in white eyes, and a band of lashes over their tops."""
    photo = portrait(PORTRAITS / "astronaut.jpg", size=384)
    image, landmarks = photo.image.copy(), photo.face.landmarks[:, :2]
    for eye in EYES:
        opening = np.zeros(image.shape[:2], np.uint8)
        cv2.fillPoly(opening, [np.round(landmarks[list(EYE_CONTOUR[eye])]).astype(np.int32)], 1)
        eyeball = np.full_like(image, WHITE)
        middle = landmarks[IRIS[eye][0]]
        radius = np.linalg.norm(landmarks[list(IRIS[eye][1:])] - middle, axis=1).mean()
        cv2.circle(eyeball, np.round(middle).astype(int).tolist(), round(radius), BLUE, -1)
        cv2.polylines(eyeball, [np.round(landmarks[list(UPPER_LID[eye])]).astype(np.int32)], False, LASH, 2)
        image[opening > 0] = eyeball[opening > 0]
    return replace(photo, image=image)


def looking(photo: Portrait, **wanted: float) -> tuple[np.ndarray, np.ndarray]:
    blendshapes = photo.face.blendshapes.copy()
    for name, value in wanted.items():
        blendshapes[SHAPE[name]] = value
    return PortraitRenderer(photo, refine_mouth=False).render_frame(blendshapes, *STILL)


def opening(image: np.ndarray, landmarks: np.ndarray, eye: str, margin: int) -> np.ndarray:
    """The pixels `(N, 3)` of an image at least `margin` px inside the lids."""
    mask = np.zeros(image.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.round(landmarks[list(EYE_CONTOUR[eye]), :2]).astype(np.int32)], 1)
    return image[cv2.erode(mask, np.ones((2 * margin + 1, 2 * margin + 1), np.uint8)) > 0].astype(int)


def test_resting_eyes_have_no_outline() -> None:
    photo = portrait(PORTRAITS / "astronaut.jpg", size=768)
    image, landmarks = looking(photo)
    outline = np.zeros(image.shape[:2], np.uint8)
    for eye in EYES:
        cv2.polylines(outline, [np.round(landmarks[list(EYE_CONTOUR[eye]), :2]).astype(np.int32)], True, 1, 3)
    assert np.percentile(np.abs(image.astype(int) - photo.image)[outline > 0], 95) < 6


def test_lashes_do_not_move_with_an_iris(painted: Portrait) -> None:
    image, landmarks = looking(painted, eyeLookDownLeft=0.7, eyeLookDownRight=0.7)
    for eye in EYES:
        assert (opening(image, landmarks, eye, 2).max(1) < 75).mean() < 0.02


def test_the_hidden_top_of_an_iris_is_iris(painted: Portrait) -> None:
    image, landmarks = looking(painted, eyeWideLeft=0.8, eyeWideRight=0.8)
    for eye in EYES:
        middle = landmarks[IRIS[eye][0], :2]
        radius = np.linalg.norm(landmarks[list(IRIS[eye][1:]), :2] - middle, axis=1).mean()
        x, y = np.round(middle - [0, 0.75 * radius]).astype(int)
        red, _, blue = image[y, x].astype(int)
        assert blue > red + 60


def test_an_eye_that_looks_aside_shows_white_where_its_iris_was(painted: Portrait) -> None:
    image, landmarks = looking(painted, eyeLookOutLeft=0.8, eyeLookInRight=0.8)
    for eye in EYES:
        white = opening(image, landmarks, eye, 3)
        skin = painted.image[tuple(np.round(landmarks[50, 1::-1]).astype(int))].astype(int)
        light = white[white.min(1) > 120]
        assert len(light) > 0.2 * len(white)
        # white, not the skin around
        assert np.ptp(np.median(light, 0)) < 0.5 * np.ptp(skin)


def test_the_light_in_an_eye_outlasts_the_shadow_of_its_lid(painted: Portrait) -> None:
    image = painted.image.copy()
    for eye in EYES:
        x, y = np.round(painted.face.landmarks[IRIS[eye][0], :2]).astype(int).tolist()
        cv2.circle(image, (x, y - 2), 1, (255, 255, 255), -1)
    shown, landmarks = looking(replace(painted, image=image), eyeLookOutLeft=0.4, eyeLookInRight=0.4)
    for eye in EYES:
        x, y = np.round(landmarks[IRIS[eye][0], :2]).astype(int)
        assert shown[y - 5 : y + 4, x - 4 : x + 5].min(2).max() > 150
