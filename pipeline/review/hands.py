"""Whether a hand is near the chin: what touches the face bends with it when the head moves."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.faces.crops import square_crop
from pipeline.faces.hands import find_hands
from pipeline.faces.landmarks import FACE_OVAL
from pipeline.types import Face

_SIDE = 384
"""Side in px of the view that hands are looked for in."""
_VIEWS = (2.0, 2.6)
"""Sides of the views over the face's: a hand is found where it fills about a third of one."""
_NEAR = 0.2
"""Distance from the outline, over the face's height, within which the moving face bends what is there."""


def hand_distance(image: np.ndarray, face: Face) -> float | None:
    """How near the nearest hand comes to a face.

    Args:
        image: `(H, W, 3)` uint8 RGB.
        face: one found in it.

    Returns:
        The distance from the hand's nearest landmark to the face's outline over the face's height, 0 where it
        lies on the face; None where no hand is near.

    Raises:
        CheckpointError: a model file is missing or damaged.
    """
    for scale in _VIEWS:
        crop = square_crop(face.landmarks, size=_SIDE, scale=scale)
        outline = crop.place(face.landmarks[list(FACE_OVAL)]).astype(np.float32)
        distances = [_distance(hand, outline) for hand in find_hands(crop.cut(image))]
        near = [distance for distance in distances if distance <= _NEAR]
        if near:
            return min(near)
    return None


def _distance(hand: np.ndarray, outline: np.ndarray) -> float:
    inside = [cv2.pointPolygonTest(outline, (float(x), float(y)), True) for x, y in hand]
    return max(0.0, -max(inside)) / max(float(np.ptp(outline[:, 1])), 1e-6)
