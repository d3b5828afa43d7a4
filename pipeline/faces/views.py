"""Cut-outs of a photo, turned and scaled, for the landmarker to look at, and the way back from them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.faces.landmarker import angles
from pipeline.types import Face

CLOSE_PX = 512
"""Side in px of a square look."""

_LONGEST = 1280
"""Longest side in px of the whole photo given to the landmarker: beyond it, only time is lost."""


@dataclass(frozen=True)
class View:
    """A turned and scaled cut-out of the photo."""

    matrix: np.ndarray
    """`(2, 3)` photo px to look px; a similarity."""
    size: tuple[int, int]

    @property
    def scale(self) -> float:
        return float(np.hypot(*self.matrix[:, 0]))

    @property
    def turn(self) -> float:
        """Degrees by which the photo was turned clockwise."""
        return float(np.degrees(np.arctan2(self.matrix[1, 0], self.matrix[0, 0])))


def whole(width: int, height: int, turn: float = 0, *, longest: int = _LONGEST) -> View:
    """The whole photo, turned clockwise."""
    scale = min(1.0, longest / max(width, height))
    if turn == 0:
        matrix = np.array([[scale, 0, 0], [0, scale, 0]], np.float64)
        return View(matrix, (round(width * scale), round(height * scale)))
    return similarity((width / 2, height / 2), turn, scale, round(max(width, height) * scale))


def tiles(width: int, height: int, parts: int, turn: float = 0) -> list[View]:
    """Squares of the longer side / `parts`, half overlapping, each shown at 512 px."""
    side = max(width, height) / parts
    scale = CLOSE_PX / side
    return [
        similarity((x, y), turn, scale, CLOSE_PX)
        for y in corners(height, side) + side / 2
        for x in corners(width, side) + side / 2
    ]


def corners(length: int, side: float) -> np.ndarray:
    """Where pieces of `side` begin that cover `length`, half overlapping; a single 0 where one is enough."""
    return np.linspace(0, max(0.0, length - side), max(1, int(np.ceil(2 * (length - side) / side)) + 1))


def similarity(centre: tuple[float, float], turn: float, scale: float, size: int) -> View:
    """A square look of `size` px whose middle is `centre`, the photo turned clockwise and scaled."""
    cos, sin = scale * np.cos(np.radians(turn)), scale * np.sin(np.radians(turn))
    linear = np.array([[cos, -sin], [sin, cos]])
    return View(np.column_stack([linear, size / 2 - linear @ np.array(centre)]), (size, size))


def cut(image: np.ndarray, look: View) -> np.ndarray:
    """The picture of a look."""
    shrink = min(1.0, 1.5 * look.scale)
    matrix = look.matrix
    if shrink < 0.75:
        # A warp only samples: shrink by areas first, or fine hair turns to noise.
        image = cv2.resize(image, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        matrix = matrix * np.array([1 / shrink, 1 / shrink, 1])
    if np.array_equal(matrix, np.eye(2, 3)):
        return image
    return cv2.warpAffine(image, matrix, look.size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)


def back(face: Face, look: View) -> Face:
    """A face seen in a look, in the photo's px and turn."""
    inverse = cv2.invertAffineTransform(look.matrix)
    points = face.landmarks.copy()
    points[:, :2] = points[:, :2] @ inverse[:, :2].T + inverse[:, 2]
    points[:, 2] /= look.scale
    lean = np.radians(look.turn)
    unturn = np.eye(4)
    # MediaPipe's camera has y up, so turning the picture back by -turn is a turn by +turn here.
    unturn[:2, :2] = [[np.cos(lean), -np.sin(lean)], [np.sin(lean), np.cos(lean)]]
    matrix = (unturn @ face.matrix).astype(np.float32)
    return Face(
        landmarks=points.astype(np.float32),
        blendshapes=face.blendshapes,
        pose=angles(matrix),
        matrix=matrix,
    )
