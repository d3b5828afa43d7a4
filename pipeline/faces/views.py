"""Views: rotated and scaled cut-outs of a photo for the landmarker, and the mapping back to the photo."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.faces.landmarker import angles
from pipeline.types import Face

VIEW_SIDE = 512
"""Side in px of a square view."""

_LONGEST = 1280
"""Longest side in px of the whole photo as the landmarker sees it; more only takes longer."""


@dataclass(frozen=True)
class View:
    """A rotated and scaled cut-out of a photo."""

    matrix: np.ndarray
    """`(2, 3)` photo px to view px; a similarity transform."""
    size: tuple[int, int]
    """Width and height in px."""

    @property
    def scale(self) -> float:
        """View px per photo px."""
        return float(np.hypot(*self.matrix[:, 0]))

    @property
    def turn(self) -> float:
        """Degrees by which the photo was rotated clockwise."""
        return float(np.degrees(np.arctan2(self.matrix[1, 0], self.matrix[0, 0])))

    def cut(self, image: np.ndarray, copies: dict[float, np.ndarray] | None = None) -> np.ndarray:
        """The view as a picture.

        Args:
            image: the photo.
            copies: smaller copies of it by scale, which views of the same photo share: scaling a large photo
                takes far longer than cutting a view.
        """
        shrink = min(1.0, 1.5 * self.scale)
        matrix = self.matrix
        if shrink < 0.75:
            # A warp only samples points: average areas first, or fine hair turns to noise.
            copies = {} if copies is None else copies
            if shrink not in copies:
                copies[shrink] = cv2.resize(image, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
            image = copies[shrink]
            matrix = matrix * np.array([1 / shrink, 1 / shrink, 1])
        if np.array_equal(matrix, np.eye(2, 3)):
            return image
        return cv2.warpAffine(
            image, matrix, self.size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT
        )

    def map_back(self, face: Face) -> Face:
        """A face found in this view, in the photo's px and orientation."""
        inverse = cv2.invertAffineTransform(self.matrix)
        points = face.landmarks.copy()
        points[:, :2] = points[:, :2] @ inverse[:, :2].T + inverse[:, 2]
        points[:, 2] /= self.scale
        roll = np.radians(self.turn)
        unturn = np.eye(4)
        # MediaPipe's camera has y up, so rotating the picture back by -turn is a rotation by +turn here.
        unturn[:2, :2] = [[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]]
        matrix = (unturn @ face.matrix).astype(np.float32)
        return Face(
            landmarks=points.astype(np.float32),
            blendshapes=face.blendshapes,
            pose=angles(matrix),
            matrix=matrix,
        )


def whole(width: int, height: int, turn: float = 0, *, longest: int = _LONGEST) -> View:
    """The whole photo, rotated clockwise by `turn` degrees and scaled down to `longest` px."""
    scale = min(1.0, longest / max(width, height))
    if turn == 0:
        matrix = np.array([[scale, 0, 0], [0, scale, 0]], np.float64)
        return View(matrix, (round(width * scale), round(height * scale)))
    return square_view((width / 2, height / 2), turn, scale, round(max(width, height) * scale))


def tiles(width: int, height: int, parts: int, turn: float = 0) -> list[View]:
    """Half overlapping squares, each `1 / parts` of the longer side, scaled to `VIEW_SIDE`."""
    side = max(width, height) / parts
    scale = VIEW_SIDE / side
    return [
        square_view((x, y), turn, scale, VIEW_SIDE)
        for y in tile_starts(height, side) + side / 2
        for x in tile_starts(width, side) + side / 2
    ]


def tile_starts(length: int, side: float) -> np.ndarray:
    """Where half overlapping tiles of `side` px begin that cover `length` px."""
    return np.linspace(0, max(0.0, length - side), max(1, int(np.ceil(2 * (length - side) / side)) + 1))


def square_view(centre: tuple[float, float], turn: float, scale: float, size: int) -> View:
    """A square view of `size` px around `centre`, the photo rotated clockwise and scaled."""
    cos, sin = scale * np.cos(np.radians(turn)), scale * np.sin(np.radians(turn))
    linear = np.array([[cos, -sin], [sin, cos]])
    return View(np.column_stack([linear, size / 2 - linear @ np.array(centre)]), (size, size))
