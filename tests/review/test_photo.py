"""The photo's review: a good portrait passes, each way of spoiling it is named."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.faces import find, read_image
from pipeline.review import review_photo
from pipeline.types import Face, Finding

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
        "face size", "sharpness", "direction", "light", "evenness", "cover", "mouth", "eyes",
    }  # fmt: skip


def test_an_open_smile_is_told_apart(face: Face) -> None:
    smiling = read_image(PORTRAITS / "astronaut.jpg")
    findings = judged(smiling, find(smiling)[0])
    assert findings["mouth"].verdict == "fair" and findings["face size"].verdict == "fair"


def test_blur(photo: np.ndarray, face: Face) -> None:
    soft = [judged(cv2.GaussianBlur(photo, (0, 0), sigma), face)["sharpness"] for sigma in (0.1, 2.0, 5.0)]
    assert [finding.verdict for finding in soft] == ["good", "fair", "poor"]


def test_light(photo: np.ndarray, face: Face) -> None:
    assert judged((photo * 0.2).astype(np.uint8), face)["light"].verdict == "poor"
    assert "burnt out" in judged(np.clip(photo * 2.2 + 20, 0, 255).astype(np.uint8), face)["light"].sentence
    hazy = (photo * 0.12 + 150).astype(np.uint8)
    assert "hazy" in judged(hazy, face)["light"].sentence


def test_light_from_one_side(photo: np.ndarray, face: Face) -> None:
    middle = face.landmarks[4, 0]
    fall = 0.12 + 0.88 / (1 + np.exp(-(np.arange(photo.shape[1]) - middle) / 20))
    assert judged((photo * fall[None, :, None]).astype(np.uint8), face)["evenness"].verdict == "poor"


def test_a_covered_mouth_and_hidden_eyes(photo: np.ndarray, face: Face) -> None:
    points = np.round(face.landmarks[:, :2]).astype(np.int32)
    masked = photo.copy()
    jaw = points[
        [234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 454, 4]
    ]
    cv2.fillPoly(masked, [jaw], (205, 215, 228), cv2.LINE_AA)
    assert "cover the mouth" in judged(masked, face)["cover"].sentence
    shaded = photo.copy()
    for one, other in ((226, 190), (414, 446)):
        middle = tuple(int(v) for v in (points[one] + points[other]) // 2)
        cv2.circle(shaded, middle, int(0.9 * np.linalg.norm(points[one] - points[other])), (22, 20, 20), -1)
    assert "sunglasses" in judged(shaded, face)["cover"].sentence


def test_direction_and_company(photo: np.ndarray, face: Face) -> None:
    turned = Face(face.landmarks, face.blendshapes, np.array([40.0, 8.0, 0.0], np.float32), face.matrix)
    findings = judged(photo, [turned, face])
    assert findings["direction"].verdict == "poor" and "40° to the side" in findings["direction"].sentence
    assert findings["faces"].value == 2
