"""The photo's review: a good portrait passes, and each defect is named."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.faces import find, portrait, read_image
from pipeline.faces.landmarks import EYE_CORNERS, JAW, NOSE_TIP
from pipeline.findings import Finding
from pipeline.puppet.renderer import PortraitRenderer
from pipeline.review import review_photo
from pipeline.types import SHAPE, Face

PORTRAITS = Path(__file__).parents[2] / "assets" / "portraits"


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    return read_image(PORTRAITS / "hopper.jpg")


@pytest.fixture(scope="module")
def face(photo: np.ndarray) -> Face:
    return find(photo)[0]


def judged(image: np.ndarray, face: Face | list[Face]) -> dict[str, Finding]:
    return {finding.topic: finding for finding in review_photo(image, face)}


def test_a_good_portrait_is_good_in_everything(photo: np.ndarray, face: Face) -> None:
    findings = judged(photo, face)
    assert {finding.verdict for finding in findings.values()} == {"good"}
    assert set(findings) == {
        "whole face", "face size", "sharpness", "facing camera", "light", "even light", "nothing in the way",
        "mouth", "eyes",
    }  # fmt: skip


def test_an_open_smile_is_noticed(face: Face) -> None:
    smiling = read_image(PORTRAITS / "astronaut.jpg")
    findings = judged(smiling, find(smiling)[0])
    assert findings["mouth"].verdict == "fair" and findings["face size"].verdict == "fair"


def test_blur(photo: np.ndarray, face: Face) -> None:
    soft = [judged(cv2.GaussianBlur(photo, (0, 0), sigma), face)["sharpness"] for sigma in (0.1, 2.0, 5.0)]
    assert [finding.verdict for finding in soft] == ["good", "fair", "poor"]


def test_light(photo: np.ndarray, face: Face) -> None:
    assert judged((photo * 0.2).astype(np.uint8), face)["light"].verdict == "poor"
    assert "overexposed" in judged(np.clip(photo * 2.2 + 20, 0, 255).astype(np.uint8), face)["light"].sentence
    hazy = (photo * 0.12 + 150).astype(np.uint8)
    assert "hazy" in judged(hazy, face)["light"].sentence


def test_light_from_one_side(photo: np.ndarray, face: Face) -> None:
    middle = face.landmarks[NOSE_TIP, 0]
    fall = 0.12 + 0.88 / (1 + np.exp(-(np.arange(photo.shape[1]) - middle) / 20))
    assert judged((photo * fall[None, :, None]).astype(np.uint8), face)["even light"].verdict == "poor"


def test_a_covered_mouth_and_hidden_eyes(photo: np.ndarray, face: Face) -> None:
    points = np.round(face.landmarks[:, :2]).astype(np.int32)
    masked = photo.copy()
    jaw = points[[*JAW, NOSE_TIP]]
    cv2.fillPoly(masked, [jaw], (205, 215, 228), cv2.LINE_AA)
    assert "cover the mouth" in judged(masked, face)["nothing in the way"].sentence
    shaded = photo.copy()
    for outer, inner in EYE_CORNERS.values():
        middle = tuple(int(v) for v in (points[outer] + points[inner]) // 2)
        radius = int(1.1 * np.linalg.norm(points[outer] - points[inner]))
        cv2.circle(shaded, middle, radius, (22, 20, 20), -1)
    assert "sunglasses" in judged(shaded, face)["nothing in the way"].sentence


def test_direction_and_several_faces(photo: np.ndarray, face: Face) -> None:
    turned = Face(face.landmarks, face.blendshapes, np.array([40.0, 8.0, 0.0], np.float32), face.matrix)
    findings = judged(photo, [turned, face])
    assert (
        findings["facing camera"].verdict == "poor"
        and "40° to the side" in findings["facing camera"].sentence
    )
    assert findings["faces"].value == 2


def test_shut_eyes(face: Face) -> None:
    drawn = portrait(PORTRAITS / "astronaut.jpg", size=384)
    scores = drawn.face.blendshapes.copy()
    scores[[SHAPE["eyeBlinkLeft"], SHAPE["eyeBlinkRight"]]] = 1.0
    shut, _ = PortraitRenderer(drawn).render_frame(scores, np.zeros(3), np.zeros(2))
    finding = judged(shut, find(shut)[0])["eyes"]
    assert finding.verdict == "poor" and "use a photo with open eyes" in finding.sentence
    half = face.blendshapes.copy()
    half[[SHAPE["eyeBlinkLeft"], SHAPE["eyeBlinkRight"]]] = 0.35
    narrowed = Face(face.landmarks, half, face.pose, face.matrix)
    assert judged(read_image(PORTRAITS / "hopper.jpg"), narrowed)["eyes"].verdict == "fair"
    one = face.blendshapes.copy()
    one[SHAPE["eyeBlinkLeft"]] = 0.9
    winking = Face(face.landmarks, one, face.pose, face.matrix)
    assert judged(read_image(PORTRAITS / "hopper.jpg"), winking)["eyes"].verdict == "good"
