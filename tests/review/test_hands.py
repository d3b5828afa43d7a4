"""Hands near the chin are said; the same hands lower down are not.

`hands.jpg` is cut from a photograph of a painting in the public domain: the hands of Leonardo's Mona Lisa.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.faces import find, read_image
from pipeline.faces.hands import find_hands
from pipeline.faces.landmarks import CHIN
from pipeline.review import review_photo
from pipeline.review.hands import hand_distance
from pipeline.types import Face

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    return read_image(HERE.parents[1] / "assets" / "portraits" / "hopper.jpg")


@pytest.fixture(scope="module")
def face(photo: np.ndarray) -> Face:
    return find(photo)[0]


def with_hands(photo: np.ndarray, face: Face, below: float, *, mirrored: bool = False) -> np.ndarray:
    """The photo with hands as wide as the face, `below` face heights under the chin."""
    hands = read_image(HERE / "hands.jpg")[:, :: -1 if mirrored else 1]
    size = np.ptp(face.landmarks[:, :2], axis=0)
    wide = round(float(size[0]) * 0.9)
    hands = cv2.resize(hands, (wide, wide * hands.shape[0] // hands.shape[1]), interpolation=cv2.INTER_AREA)
    high = hands.shape[0]
    mask = np.zeros((high, wide), np.float32)
    cv2.ellipse(mask, (wide // 2, high // 2), (wide * 23 // 50, high * 23 // 50), 0, 0, 360, 1, -1)
    mask = cv2.GaussianBlur(mask, (0, 0), 3)[:, :, None]
    x, y = face.landmarks[CHIN, :2] + [-wide / 2, below * size[1] - high * 0.25]
    place = np.s_[round(y) : round(y) + high, round(x) : round(x) + wide]
    picture = photo.copy()
    picture[place] = hands * mask + picture[place] * (1 - mask)
    return picture


@pytest.mark.parametrize("mirrored", [False, True])
def test_hands_at_the_chin_are_said(photo: np.ndarray, face: Face, mirrored: bool) -> None:
    findings = review_photo(with_hands(photo, face, 0.1, mirrored=mirrored), face)
    said = next(finding for finding in findings if finding.topic == "nothing in the way")
    assert said.verdict in ("fair", "poor")
    assert "hand" in said.sentence


def test_hands_lower_down_are_fine(photo: np.ndarray, face: Face) -> None:
    assert hand_distance(with_hands(photo, face, 0.6), face) is None


def test_a_hand_is_where_it_was_put(photo: np.ndarray, face: Face) -> None:
    picture = with_hands(photo, face, 0.4)
    hands = find_hands(picture)
    assert len(hands) == 1
    changed = np.abs(picture.astype(int) - photo).max(2) > 20
    x, y = np.round(hands[0].mean(0)).astype(int)
    assert changed[y, x]


def test_no_hands_in_a_photo_without(photo: np.ndarray) -> None:
    assert find_hands(photo) == []
