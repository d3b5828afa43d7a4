"""Values of 2-D fields at points: signed distances to a contour, nearest pixels of an array."""

from __future__ import annotations

import cv2
import numpy as np


def depth_inside(points: np.ndarray, contour: np.ndarray) -> np.ndarray:
    """How far in px `points` `(N, 2)` lie inside a closed `contour` `(K, 2 or more)`; negative outside."""
    polygon = contour[:, :2].astype(np.float32)
    return np.array([cv2.pointPolygonTest(polygon, tuple(point), True) for point in points.tolist()])


def nearest_pixels(field: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The values of `field` `(H, W)` at the pixels nearest to `points` `(…, 2)`, x and y."""
    x, y = (np.clip(np.round(points[..., k]), 0, field.shape[1 - k] - 1).astype(int) for k in (0, 1))
    return field[y, x]
