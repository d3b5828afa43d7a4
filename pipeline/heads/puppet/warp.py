"""Triangles to pixels: a depth-buffered raster, and the sampling of the photo where the raster points.

numba, because the loops over triangles and pixels are what numpy cannot express; they run without the
interpreter's lock and their compiled code is kept on disk between runs.
"""

from __future__ import annotations

import cv2
import numpy as np
from numba import njit

FAR = 1e9
"""Depth of a pixel that no triangle covers."""
NOWHERE = -9.0
"""A place outside every source."""
BAND = 1 << 16
"""Pixels that OpenCV remaps in one stretch without calling its threads."""
FINE = 2
"""The photo is sampled from an enlarged copy: linear between its pixels is then as sharp as a cubic."""


def enlarge(image: np.ndarray) -> np.ndarray:
    """The picture `(h, w, C)` uint8 twice as large, its own pixels unchanged at the even places.

    Between them a cubic's values half-way, (-1, 9, 9, -1) / 16.
    """
    half = np.float32([[-1, 9, 9, -1]]) / 16
    wide = np.empty((image.shape[0], FINE * image.shape[1], image.shape[2]), np.uint8)
    wide[:, ::2] = image
    wide[:, 1::2] = cv2.filter2D(image, -1, half, anchor=(1, 0), borderType=cv2.BORDER_REPLICATE)
    whole = np.empty((FINE * image.shape[0], *wide.shape[1:]), np.uint8)
    whole[::2] = wide
    whole[1::2] = cv2.filter2D(wide, -1, half.T, anchor=(0, 1), borderType=cv2.BORDER_REPLICATE)
    return whole


@njit(cache=True, nogil=True, fastmath=True)
def raster(
    points: np.ndarray,
    texture: np.ndarray,
    triangles: np.ndarray,
    left: int,
    top: int,
    map_x: np.ndarray,
    map_y: np.ndarray,
    depth: np.ndarray,
) -> None:
    """Fill `map_x`, `map_y` and `depth` `(h, w)` float32 of the rectangle at `left`, `top`.

    `points` `(N, 3)` float32: image x and y in px and depth (smaller is nearer); `texture` `(N, 2)` float32:
    where each vertex is in the source. Pixels that no triangle covers point outside the source.
    """
    height, width = depth.shape
    depth[:] = FAR
    for t in range(triangles.shape[0]):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay = points[a, 0] - left, points[a, 1] - top
        bx, by = points[b, 0] - left, points[b, 1] - top
        cx, cy = points[c, 0] - left, points[c, 1] - top
        area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
        if abs(area) < 1e-5:
            continue
        y0 = max(int(np.ceil(min(ay, by, cy))), 0)
        y1 = min(int(np.floor(max(ay, by, cy))), height - 1)
        x0 = max(np.ceil(min(ax, bx, cx)), np.float32(0))
        x1 = min(np.floor(max(ax, bx, cx)), np.float32(width - 1))
        # barycentric weights are linear over the picture: their steps per pixel
        ub_x, ub_y = (cy - ay) / area, -(cx - ax) / area
        uc_x, uc_y = -(by - ay) / area, (bx - ax) / area
        az, zb, zc = points[a, 2], points[b, 2] - points[a, 2], points[c, 2] - points[a, 2]
        tx, sb, sc = texture[a, 0], texture[b, 0] - texture[a, 0], texture[c, 0] - texture[a, 0]
        ty, rb, rc = texture[a, 1], texture[b, 1] - texture[a, 1], texture[c, 1] - texture[a, 1]
        for y in range(y0, y1 + 1):
            wb0 = (y - ay) * ub_y - ax * ub_x
            wc0 = (y - ay) * uc_y - ax * uc_x
            low, high = _span(wb0, ub_x, x0, x1)
            low, high = _span(wc0, uc_x, low, high)
            low, high = _span(1 - wb0 - wc0, -ub_x - uc_x, low, high)
            for x in range(int(np.ceil(low)), int(np.floor(high)) + 1):
                wb, wc = wb0 + x * ub_x, wc0 + x * uc_x
                z = az + wb * zb + wc * zc
                if z < depth[y, x]:
                    depth[y, x] = z
                    map_x[y, x] = tx + wb * sb + wc * sc
                    map_y[y, x] = ty + wb * rb + wc * rc
    for y in range(height):
        for x in range(width):
            if depth[y, x] >= FAR:
                map_x[y, x] = NOWHERE
                map_y[y, x] = NOWHERE


@njit(cache=True, nogil=True, fastmath=True, inline="always")
def _span(start: float, step: float, low: float, high: float) -> tuple[float, float]:
    """The part of `low` … `high` in which `start + step · x` is not negative, with a hair's tolerance."""
    if abs(step) < 1e-9:
        return (low, high) if start >= -1e-4 else (low, low - 1)
    bound = -start / step
    if step > 0:
        return max(low, bound - 1e-3), high
    return low, min(high, bound + 1e-3)


def sample(source: np.ndarray, map_x: np.ndarray, map_y: np.ndarray, layer: np.ndarray) -> None:
    """Fill `layer` `(h, w, 4)` with `source` `(h', w', 4)`, both uint8, at the map's places; 0 outside it.

    In bands small enough for OpenCV to stay on this thread: its own threads would wait for cores that the
    voice and the encoder are using.
    """
    rows = max(BAND // layer.shape[1], 1)
    for top in range(0, len(layer), rows):
        band = slice(top, top + rows)
        cv2.remap(source, map_x[band], map_y[band], cv2.INTER_LINEAR, layer[band], cv2.BORDER_CONSTANT, 0)


@njit(cache=True, nogil=True, fastmath=True)
def lay(layer: np.ndarray, left: int, top: int, image: np.ndarray) -> None:
    """Lay `layer` `(h, w, 4)` uint8, whose last channel is its coverage, over `image` `(H, W, 3)` uint8."""
    height, width = layer.shape[:2]
    for y in range(height):
        row = image[top + y]
        for x in range(width):
            cover = np.int32(layer[y, x, 3])
            if cover == 255:
                for c in range(3):
                    row[left + x, c] = layer[y, x, c]
            elif cover > 0:
                for c in range(3):
                    behind = np.int32(row[left + x, c])
                    row[left + x, c] = (behind * 255 + (layer[y, x, c] - behind) * cover + 127) // 255
