"""A video frame sampled along a map with cubic sharpness, where its pixels come from elsewhere.

OpenCV takes nearly twice as long, as it samples every pixel of the map's box, those without skin included.
Here each loop but the one that fetches pixels is vectorised: four fetched pixels of one row at a time, one
colour after the other, in buffers that stay in the fastest cache.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numba import njit

from pipeline.puppet.warping.rasterizer import FAR_DEPTH

_Pixel = Any
"""uint32 once compiled."""
_Scalar = Any
"""float32 once compiled."""

MARGIN = 3
"""Px that a texture goes on beyond the picture: pixels are mixed four by four, up to one beyond it."""
_A = np.float32(-0.75)
"""Keys' parameter, as in OpenCV's cubic interpolation."""
_MIN_MOTION = np.float32(0.02)
"""Px that a pixel's source must be off for the pixel to change."""


def texture_of(picture: np.ndarray) -> np.ndarray:
    """`picture` `(h, w, 3)` uint8 RGB as a texture for `draw_moved`, `(h + 2 * MARGIN, w + 2 * MARGIN)`
    uint32."""
    pixels = cv2.cvtColor(picture, cv2.COLOR_RGB2RGBA)
    padded = cv2.copyMakeBorder(pixels, MARGIN, MARGIN, MARGIN, MARGIN, cv2.BORDER_REPLICATE)
    return padded.view(np.uint32)[..., 0]


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def draw_moved(
    texture: np.ndarray, origin: tuple[int, int], map_x: np.ndarray, map_y: np.ndarray, depth: np.ndarray,
    left: int, top: int, region: np.ndarray,
) -> None:  # fmt: skip
    """Put the pixels that come from elsewhere into `region` `(h, w, 3)` uint8, in place.

    `texture`: of `texture_of`, its picture beginning at the `origin`, x and y; `map_x`, `map_y` `(h, w)`
    float32 px: where each pixel is from, clamped to the picture's border; `depth` `(h, w)`: of the skin
    there; `left`, `top`: the first pixel's own place.
    """
    columns = map_x.shape[1]
    height, width = texture.shape
    flat = texture.reshape(-1)
    ats, colours = np.empty(columns, np.uint32), np.empty((3, columns), np.uint32)
    overs, downs = np.empty(columns, np.float32), np.empty(columns, np.float32)
    weights, sums = np.empty(columns, np.float32), np.empty((3, columns), np.float32)
    fetched = np.empty((4, columns), np.uint32)
    right, bottom = np.float32(width - 3), np.float32(height - 3)
    for y in range(len(region)):
        first, last = _covered(depth[y])
        if first == last:
            continue
        x_from, y_from, count = map_x[y, first:last], map_y[y, first:last], last - first
        at, over, down, weight = ats[:count], overs[:count], downs[:count], weights[:count]
        for i in range(count):
            u = min(max(x_from[i] - np.float32(origin[0] - MARGIN), np.float32(1)), right)
            v = min(max(y_from[i] - np.float32(origin[1] - MARGIN), np.float32(1)), bottom)
            column, row = np.int32(u), np.int32(v)
            at[i] = (row - 1) * width + column - 1
            over[i], down[i] = u - np.float32(column), v - np.float32(row)
        sums[:, :count] = 0
        for k in range(4):
            _fetch(flat[k * width :], at, fetched)
            _weigh(down, k, weight)
            for c in range(3):
                _add(fetched, over, weight, np.uint32(8 * c), sums[c, :count])
        for c in range(3):
            _round(sums[c, :count], colours[c, :count])
        for i in range(count):
            x = first + i
            off = max(abs(x_from[i] - np.float32(left + x)), abs(y_from[i] - np.float32(top + y)))
            if depth[y, x] < np.float32(FAR_DEPTH) and off > _MIN_MOTION:
                for c in range(3):
                    region[y, x, c] = colours[c, i]


@njit(inline="always")
def _covered(depth: np.ndarray) -> tuple[int, int]:
    """The first column of a row with skin, and the one after the last; the same where there is none."""
    first, last = 0, len(depth)
    while first < last and depth[first] >= np.float32(FAR_DEPTH):
        first += 1
    while last > first and depth[last - 1] >= np.float32(FAR_DEPTH):
        last -= 1
    return first, last


@njit(inline="always")
def _fetch(flat: np.ndarray, at: np.ndarray, out: np.ndarray) -> None:
    """Four pixels side by side from each place on."""
    for k in range(4):
        row, beside = out[k], flat[k:]
        for i in range(len(at)):
            row[i] = beside[at[i]]


@njit(inline="always")
def _near(distance: _Scalar) -> _Scalar:
    """Weight of a pixel less than one pixel away."""
    return ((_A + np.float32(2)) * distance - (_A + np.float32(3))) * distance * distance + np.float32(1)


@njit(inline="always")
def _far(distance: _Scalar) -> _Scalar:
    """Weight of a pixel one to two pixels away."""
    return ((_A * distance - np.float32(5) * _A) * distance + np.float32(8) * _A) * distance - np.float32(
        4
    ) * _A


@njit(inline="always")
def _weigh(share: np.ndarray, k: int, out: np.ndarray) -> None:
    """Weights of the `k`-th of four pixels, where the place is `share` of the way from the second to the
    third."""
    if k == 0:
        for i in range(len(out)):
            out[i] = _far(np.float32(1) + share[i])
    elif k == 1:
        for i in range(len(out)):
            out[i] = _near(share[i])
    elif k == 2:
        for i in range(len(out)):
            out[i] = _near(np.float32(1) - share[i])
    else:
        for i in range(len(out)):
            out[i] = _far(np.float32(2) - share[i])


@njit(inline="always")
def _add(fetched: np.ndarray, over: np.ndarray, weight: np.ndarray, shift: _Pixel, out: np.ndarray) -> None:
    """Add one colour of four pixels side by side, mixed and weighed by their row's `weight`."""
    # few arrays and one of them written, or the compiler would not vectorise the loop
    a, b, c, d = fetched[0], fetched[1], fetched[2], fetched[3]
    for i in range(len(out)):
        share = over[i]
        mixed = _far(np.float32(1) + share) * _level(a[i], shift)
        mixed += _near(share) * _level(b[i], shift)
        mixed += _near(np.float32(1) - share) * _level(c[i], shift)
        mixed += _far(np.float32(2) - share) * _level(d[i], shift)
        out[i] += weight[i] * mixed


@njit(inline="always")
def _level(pixel: _Pixel, shift: _Pixel) -> _Scalar:
    return np.float32(np.int32(pixel >> shift & np.uint32(255)))


@njit(inline="always")
def _round(sums: np.ndarray, out: np.ndarray) -> None:
    for i in range(len(out)):
        out[i] = np.uint32(np.int32(min(max(sums[i] + np.float32(0.5), np.float32(0)), np.float32(255))))
