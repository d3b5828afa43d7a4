"""Triangles to pixels: a depth-buffered raster that says for each pixel where in the photo it comes from.

numba, because the loop over triangles and pixels is the one part of a frame that numpy cannot express; it
runs without the interpreter's lock and its compiled code is kept on disk between runs.
"""

from __future__ import annotations

import numpy as np
from numba import njit

FAR = 1e9
"""Depth of a pixel that no triangle covers."""


@njit(cache=True, nogil=True)
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

    `points` `(N, 3)` float32: image x and y in px and depth (smaller is nearer); `texture` `(N, 2)`: where
    each vertex is in the photo. Pixels that no triangle covers keep what the arrays held.
    """
    height, width = depth.shape
    for t in range(triangles.shape[0]):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay = points[a, 0] - left, points[a, 1] - top
        bx, by = points[b, 0] - left, points[b, 1] - top
        cx, cy = points[c, 0] - left, points[c, 1] - top
        area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
        if abs(area) < 1e-6:
            continue
        y0 = max(int(np.ceil(min(ay, by, cy))), 0)
        y1 = min(int(np.floor(max(ay, by, cy))), height - 1)
        x0 = max(int(np.ceil(min(ax, bx, cx))), 0)
        x1 = min(int(np.floor(max(ax, bx, cx))), width - 1)
        if y0 > y1 or x0 > x1:
            continue
        # barycentric weights are linear over the picture: value at the corner and step per pixel
        ub_x, ub_y = (cy - ay) / area, -(cx - ax) / area
        uc_x, uc_y = -(by - ay) / area, (bx - ax) / area
        zb, zc = points[b, 2] - points[a, 2], points[c, 2] - points[a, 2]
        sb, sc = texture[b, 0] - texture[a, 0], texture[c, 0] - texture[a, 0]
        rb, rc = texture[b, 1] - texture[a, 1], texture[c, 1] - texture[a, 1]
        for y in range(y0, y1 + 1):
            wb = (x0 - ax) * ub_x + (y - ay) * ub_y
            wc = (x0 - ax) * uc_x + (y - ay) * uc_y
            for x in range(x0, x1 + 1):
                if wb >= -1e-5 and wc >= -1e-5 and wb + wc <= 1.00001:
                    z = points[a, 2] + wb * zb + wc * zc
                    if z < depth[y, x]:
                        depth[y, x] = z
                        map_x[y, x] = texture[a, 0] + wb * sb + wc * sc
                        map_y[y, x] = texture[a, 1] + wb * rb + wc * rc
                wb += ub_x
                wc += uc_x
