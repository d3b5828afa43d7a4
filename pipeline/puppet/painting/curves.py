"""Smooth curves through a few points, such as the edges of lids."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def tabulate(points: np.ndarray, shares: np.ndarray, out: np.ndarray) -> None:
    """The height at each of `shares` `(N,)` of a smooth curve through `points` `(K, 2)`, x and height, into
    `out` `(N,)`; level beyond its ends.

    Cubic between two points, its slope at each that of the line between its neighbours (Catmull-Rom).
    """
    last, k = len(points) - 1, 0
    for n in range(len(shares)):
        x = shares[n]
        if x <= points[0, 0] or x >= points[last, 0]:
            out[n] = points[0, 1] if x <= points[0, 0] else points[last, 1]
            continue
        while x > points[k + 1, 0]:
            k += 1
        before, after = max(k - 1, 0), min(k + 2, last)
        width = points[k + 1, 0] - points[k, 0]
        slope = width * (points[k + 1, 1] - points[before, 1]) / (points[k + 1, 0] - points[before, 0])
        next_slope = width * (points[after, 1] - points[k, 1]) / (points[after, 0] - points[k, 0])
        t, rise = (x - points[k, 0]) / width, points[k + 1, 1] - points[k, 1]
        bend = (1 - t) * (slope - rise) + t * (rise - next_slope)
        out[n] = points[k, 1] + t * rise + t * (1 - t) * bend
