"""Alpha for the frames of a video: segmented one by one, steady in time, soft along the edges of the picture.

Made for footage and for the frames of networks, which bring no alpha of their own: quick rather than exact, a
guided filter (He, Sun and Tang, 2010) by OpenCV.
"""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.faces.segmentation import person
from pipeline.stage.foreground import own_colours
from pipeline.stage.framing import FaceBox

_WORKING = 640
"""Longest side in px of the copy on which alpha is refined."""
_STEADY, _MOVING = 0.25, 0.9
"""Weight of the new frame where the picture stands still, and where it moves."""
_MOTION = 4.0, 20.0
"""Change of a pixel, in levels of its blurred surroundings, between standing still and moving."""
_RADIUS = 0.008
"""Of the guided filter, as a share of the copy's longer side."""
_EPSILON = 2e-4
"""Its regularisation: differences below some 3 levels of 255 are no edges."""
_SIDEWAYS, _UP, _DOWN = 3.2, 1.6, 6.0
"""How far around the face's centre the person is looked for, in heights of the face."""
_BLACK, _WHITE = 0.12, 0.88
"""Alpha that counts as none and as all."""


class FrameMatte:
    """Cuts out the person of consecutive frames of one video."""

    def __init__(self, face: FaceBox | None = None) -> None:
        """`face`: of the first frame; only what is about it is looked at, and more closely."""
        self._face = face
        self._confidence = np.zeros(0, np.float32)
        self._before: np.ndarray | None = None

    def cut(self, image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The next frame `(H, W, 3)` uint8 with the person's own colours, and alpha `(H, W)` float32."""
        height, width = image.shape[:2]
        part = _about(self._face, width, height)
        colours, alpha = image.copy(), np.zeros((height, width), np.float32)
        colours[part], alpha[part] = self._cut(image[part])
        return colours, alpha

    def _cut(self, image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        height, width = image.shape[:2]
        scale = min(1.0, _WORKING / max(height, width))
        small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        confidence = self._steadied(small, person(small))
        radius = max(2, round(_RADIUS * max(small.shape)))
        guide = small.astype(np.float32) / 255
        soft = cv2.ximgproc.guidedFilter(guide, confidence, radius, _EPSILON)
        alpha = np.clip((soft - _BLACK) / (_WHITE - _BLACK), 0, 1)
        whole = cv2.resize(alpha, (width, height), interpolation=cv2.INTER_LINEAR)
        return own_colours(image, whole), whole

    def _steadied(self, small: np.ndarray, confidence: np.ndarray) -> np.ndarray:
        """The confidences, averaged over time where the picture does not change."""
        surroundings = cv2.blur(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), (9, 9)).astype(np.float32)
        if self._before is not None:
            change = np.abs(surroundings - self._before)
            moving = np.clip((change - _MOTION[0]) / (_MOTION[1] - _MOTION[0]), 0, 1)
            weight = _STEADY + (_MOVING - _STEADY) * moving
            confidence = self._confidence + weight * (confidence - self._confidence)
        self._confidence, self._before = confidence, surroundings
        return confidence


def _about(face: FaceBox | None, width: int, height: int) -> tuple[slice, slice]:
    """The rows and columns of a frame in which the person with this face can be."""
    if face is None:
        return slice(0, height), slice(0, width)
    left, top, right, bottom = face
    x, y, tall = (left + right) / 2, (top + bottom) / 2, bottom - top
    rows = max(int(y - _UP * tall), 0), min(int(y + _DOWN * tall), height)
    columns = max(int(x - _SIDEWAYS * tall), 0), min(int(x + _SIDEWAYS * tall), width)
    return slice(*rows), slice(*columns)
