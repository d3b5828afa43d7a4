"""Alpha for the frames of a video, one by one and steady in time.

Made for footage and for the frames of networks, which bring no alpha of their own.
"""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.protocols import Matting
from pipeline.stage.foreground import own_colours
from pipeline.stage.framing import FaceBox
from pipeline.stage.mattes.segmented import EmbeddedMatting

_STEADY, _MOVING = 0.25, 0.9
"""Weight of the new frame where the picture stands still, and where it moves."""
_MOTION = 4.0, 20.0
"""Change of a pixel, in levels of its blurred surroundings, between standing still and moving."""
_SIDEWAYS, _UP, _DOWN = 3.2, 1.6, 6.0
"""How far around the face's centre the person is looked for, in heights of the face."""


class FrameMatte:
    """Cuts out the person of consecutive frames of one video."""

    def __init__(self, face: FaceBox | None = None, matting: Matting | None = None) -> None:
        """`face`: of the first frame; only what is about it is looked at, and more closely. `matting`: the
        embedded one if left out.
        """
        self._face = face
        self._matting = matting or EmbeddedMatting()
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
        scale = min(1.0, self._matting.longest / max(image.shape))
        small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        steadied = self._steadied(small, self._matting.frame(small))
        alpha = self._matting.finished(steadied, small, image)
        return own_colours(image, alpha), alpha

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
