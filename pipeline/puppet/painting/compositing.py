"""Small soft-edged pictures laid into a frame: the openings of the eyes and the mouth."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np

from pipeline.puppet.painting import kernels as loops

Box = tuple[int, int, int, int]


def box_of(polygon: np.ndarray, size: tuple[int, int], margin: int) -> Box:
    """Left, top, right, bottom around a polygon `(K, 2)`, cut off at a picture of `size` (width, height)."""
    # never empty, so that a face half outside its picture needs no special case
    (left, top), (right, bottom) = polygon.min(0).tolist(), polygon.max(0).tolist()
    width, height = size
    left = min(max(math.floor(left) - margin, 0), width - 1)
    top = min(max(math.floor(top) - margin, 0), height - 1)
    right = min(max(math.ceil(right) + margin + 1, left + 1), width)
    bottom = min(max(math.ceil(bottom) + margin + 1, top + 1), height)
    return left, top, right, bottom


def coverage(polygon: np.ndarray, box: Box, softness: float) -> np.ndarray:
    """How much of each pixel in `box` lies inside the polygon, `(h, w)` float32, edges `softness` px wide."""
    mask = np.zeros((box[3] - box[1], box[2] - box[0]), np.uint8)
    corners = np.round((polygon - box[:2]) * 16).astype(np.int32)
    cv2.fillPoly(mask, [corners], 255, lineType=cv2.LINE_AA, shift=4)
    soft = mask.astype(np.float32) / 255
    return cv2.GaussianBlur(soft, (0, 0), softness) if softness > 0.2 else soft


class Anchor:
    """Points of the photo that tell, wherever the skull carried them, which pixel came from where."""

    def __init__(self, rest: np.ndarray) -> None:
        """`rest` `(K, 2)`: the points in the photo."""
        self._solve = np.linalg.pinv(np.column_stack([rest, np.ones(len(rest))]))

    def back(self, now: np.ndarray) -> np.ndarray:
        """Affine `(2, 3)` from the picture in which the points lie at `now` `(K, 2)` to the photo."""
        (a, c), (b, d), (x, y) = (self._solve @ now).tolist()
        a, b, c, d = (part / (a * d - b * c) for part in (d, -b, -c, a))
        return np.array([[a, b, -a * x - b * y], [c, d, -c * x - d * y]])


def pixels(box: Box, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each pixel of `box`, x and y after the affine `matrix`, as two `(h, w)` float32."""
    x = np.arange(box[0], box[2], dtype=np.float32)[None, :]
    y = np.arange(box[1], box[3], dtype=np.float32)[:, None]
    m = matrix.astype(np.float32)
    return m[0, 0] * x + m[0, 1] * y + m[0, 2], m[1, 0] * x + m[1, 1] * y + m[1, 2]


def blend(image: np.ndarray, box: Box, picture: np.ndarray, cover: np.ndarray) -> None:
    """Lay `picture` `(h, w, 3)` float32 over `image` in `box` by `cover` `(h, w)`."""
    loops.blend(cut(image, box), picture, cover)


def cut(image: np.ndarray, box: Box) -> np.ndarray:
    """The pixels of `image` in `box`, to be changed in place."""
    return image[box[1] : box[3], box[0] : box[2]]


def shifted(matrix: np.ndarray, box: Box, by: Sequence[float]) -> np.ndarray:
    """An affine `(2, 3)` of the picture's px as one of the px of `box`, with `by`, x and y, taken away."""
    (a, b, x), (c, d, y) = matrix.tolist()
    left, top = box[:2]
    return np.array([[a, b, x + a * left + b * top - by[0]], [c, d, y + c * left + d * top - by[1]]])
