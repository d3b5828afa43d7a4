"""Small soft-edged images drawn into a frame: the openings of the eyes and the mouth."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np

from pipeline.puppet.painting import kernels

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in px."""


def bounding_box(polygon: np.ndarray, size: tuple[int, int], margin: int) -> Box:
    """The box around a polygon `(K, 2)` px, clipped to an image of `size` (width, height)."""
    # never empty, so that a face half outside its image needs no special case
    (left, top), (right, bottom) = polygon.min(0).tolist(), polygon.max(0).tolist()
    width, height = size
    left = min(max(math.floor(left) - margin, 0), width - 1)
    top = min(max(math.floor(top) - margin, 0), height - 1)
    right = min(max(math.ceil(right) + margin + 1, left + 1), width)
    bottom = min(max(math.ceil(bottom) + margin + 1, top + 1), height)
    return left, top, right, bottom


def polygon_mask(polygon: np.ndarray, box: Box, softness: float) -> np.ndarray:
    """How much of each pixel of `box` lies inside the polygon, `(h, w)` float32, edges `softness` px wide."""
    mask = np.zeros((box[3] - box[1], box[2] - box[0]), np.uint8)
    corners = np.round((polygon - box[:2]) * 16).astype(np.int32)
    cv2.fillPoly(mask, [corners], 255, lineType=cv2.LINE_AA, shift=4)
    soft = mask.astype(np.float32) / 255
    return cv2.GaussianBlur(soft, (0, 0), softness) if softness > 0.2 else soft


class AffineFit:
    """Points of the photo from which, wherever the skull carried them, the way back to it is fitted."""

    def __init__(self, rest: np.ndarray) -> None:
        """`rest` `(K, 2)`: the points in the photo."""
        self._solve = np.linalg.pinv(np.column_stack([rest, np.ones(len(rest))]))

    def to_photo(self, points: np.ndarray) -> np.ndarray:
        """The affine `(2, 3)` from the frame in which the points are at `points` `(K, 2)` to the photo."""
        (a, c), (b, d), (x, y) = (self._solve @ points).tolist()
        a, b, c, d = (part / (a * d - b * c) for part in (d, -b, -c, a))
        return np.array([[a, b, -a * x - b * y], [c, d, -c * x - d * y]])


def transform_pixels(box: Box, affine: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where `affine` `(2, 3)` maps each pixel of `box`: x and y, two `(h, w)` float32."""
    x = np.arange(box[0], box[2], dtype=np.float32)[None, :]
    y = np.arange(box[1], box[3], dtype=np.float32)[:, None]
    m = affine.astype(np.float32)
    return m[0, 0] * x + m[0, 1] * y + m[0, 2], m[1, 0] * x + m[1, 1] * y + m[1, 2]


def blend(image: np.ndarray, box: Box, patch: np.ndarray, alpha: np.ndarray) -> None:
    """Blend `patch` `(h, w, 3)` float32 over `image` in `box` by `alpha` `(h, w)`, in place."""
    kernels.blend(crop(image, box), patch, alpha)


def crop(image: np.ndarray, box: Box) -> np.ndarray:
    """The pixels of `image` in `box`: a view, through which they can be changed."""
    return image[box[1] : box[3], box[0] : box[2]]


def rebased(affine: np.ndarray, box: Box, origin: Sequence[float] | np.ndarray) -> np.ndarray:
    """An affine `(2, 3)` of image px as one of the px of `box`, its results relative to `origin`, x and y."""
    (a, b, x), (c, d, y) = affine.tolist()
    left, top = box[:2]
    return np.array([[a, b, x + a * left + b * top - origin[0]], [c, d, y + c * left + d * top - origin[1]]])
