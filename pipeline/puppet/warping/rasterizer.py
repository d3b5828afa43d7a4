"""Triangles to pixels: a depth-buffered rasterizer that fills sampling maps for `cv2.remap`.

Written with numba because numpy cannot express loops over triangles and pixels; the compiled loops release
the interpreter lock and are cached on disk between runs.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

_Scalar = Any
"""float32 once compiled."""

FAR_DEPTH = 1e9
"""Depth of a pixel that no triangle covers."""
_OUTSIDE = -9.0
"""Map coordinate, outside every source, of a pixel that no triangle covers."""
NO_TRIANGLES = np.empty((0, 3), np.int32)
_FOLD_DISTANCE = 7.0
"""Distance between the map coordinates of two neighbours, in px of the enlarged photo, from which a fold of
the mesh lies between them."""


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def rasterize(
    vertices: np.ndarray, outer_texture: np.ndarray, face_texture: np.ndarray,
    face_triangles: np.ndarray, outer_triangles: np.ndarray, left: int, top: int,
    map_x: np.ndarray, map_y: np.ndarray, depth: np.ndarray,
) -> None:  # fmt: skip
    """Fill `map_x`, `map_y` and `depth`, each `(h, w)` float32, for the rectangle at `left`, `top` px.

    `vertices` `(N, 3)` float32: image x and y in px and depth (smaller is nearer). `outer_texture` and
    `face_texture` `(N, 2)` float32: where each vertex is in the source, for the outer triangles and for the
    face. `face_triangles` `(K, 3)` are depth-tested; `outer_triangles` `(M, 3)` lie behind the face, the
    farther ones first, and are drawn over one another. Pixels without a triangle get `_OUTSIDE`, and pixels
    off the face the depth `FAR_DEPTH`.
    """
    map_x[:] = _OUTSIDE
    map_y[:] = _OUTSIDE
    depth[:] = FAR_DEPTH
    height, width = depth.shape
    passes = (False, outer_triangles, outer_texture), (True, face_triangles, face_texture)
    for tested, triangles, texture in passes:
        for t in range(triangles.shape[0]):
            a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
            ay, by, cy = vertices[a, 1] - top, vertices[b, 1] - top, vertices[c, 1] - top
            y0 = max(int(np.ceil(min(ay, by, cy))), 0)
            y1 = min(int(np.floor(max(ay, by, cy))), height - 1)
            if y0 > y1:
                continue
            ax, bx, cx = vertices[a, 0] - left, vertices[b, 0] - left, vertices[c, 0] - left
            area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
            if abs(area) < 1e-5:
                continue
            x0 = max(np.ceil(min(ax, bx, cx)), np.float32(0))
            x1 = min(np.floor(max(ax, bx, cx)), np.float32(width - 1))
            # everything that a vertex carries is linear over the image: steps per pixel, right and down
            b_x, b_y = (cy - ay) / area, -(cx - ax) / area
            c_x, c_y = -(by - ay) / area, (bx - ax) / area
            u_x, u_y = _slopes(texture[a, 0], texture[b, 0], texture[c, 0], b_x, b_y, c_x, c_y)
            v_x, v_y = _slopes(texture[a, 1], texture[b, 1], texture[c, 1], b_x, b_y, c_x, c_y)
            z_x, z_y = _slopes(vertices[a, 2], vertices[b, 2], vertices[c, 2], b_x, b_y, c_x, c_y)
            from_b, from_c, from_a = _inverse(b_x), _inverse(c_x), _inverse(-b_x - c_x)
            for y in range(y0, y1 + 1):
                down = np.float32(y) - ay
                weight_b, weight_c = down * b_y - ax * b_x, down * c_y - ax * c_x
                low, high = _span(weight_b, from_b, x0, x1)
                low, high = _span(weight_c, from_c, low, high)
                low, high = _span(np.float32(1) - weight_b - weight_c, from_a, low, high)
                first = int(np.ceil(low))
                count = int(np.floor(high)) + 1 - first
                if count <= 0:
                    continue
                right = np.float32(first) - ax
                u = texture[a, 0] + right * u_x + down * u_y
                v = texture[a, 1] + right * v_x + down * v_y
                row_x, row_y = map_x[y, first : first + count], map_y[y, first : first + count]
                if tested:
                    z = vertices[a, 2] + right * z_x + down * z_y
                    _draw_tested(row_x, row_y, depth[y, first : first + count], u, v, z, u_x, v_x, z_x)
                else:
                    _draw_untested(row_x, row_y, u, v, u_x, v_x)


@njit(cache=True, nogil=True, fastmath=True, inline="always")
def _draw_tested(
    row_x: np.ndarray, row_y: np.ndarray, nearest: np.ndarray, u: _Scalar, v: _Scalar, z: _Scalar,
    u_x: _Scalar, v_x: _Scalar, z_x: _Scalar,
) -> None:  # fmt: skip
    """Draw a row where it is nearest: texture `u`, `v` and depth `z` at its first pixel, and their steps."""
    for k in range(len(row_x)):
        here = z + np.float32(k) * z_x
        if here < nearest[k]:
            nearest[k] = here
            row_x[k] = u + np.float32(k) * u_x
            row_y[k] = v + np.float32(k) * v_x


@njit(cache=True, nogil=True, fastmath=True, inline="always")
def _draw_untested(
    row_x: np.ndarray, row_y: np.ndarray, u: _Scalar, v: _Scalar, u_x: _Scalar, v_x: _Scalar
) -> None:
    """Draw a row without a depth test: free of branches, so that eight pixels at a time are vectorised."""
    for k in range(len(row_x)):
        row_x[k] = u + np.float32(k) * u_x
        row_y[k] = v + np.float32(k) * v_x


@njit(cache=True, nogil=True, fastmath=True, inline="always")
def _slopes(
    at_a: _Scalar, at_b: _Scalar, at_c: _Scalar, b_x: _Scalar, b_y: _Scalar, c_x: _Scalar, c_y: _Scalar
) -> tuple[_Scalar, _Scalar]:
    """Steps right and down of a value given at the corners, from those of the weights of `b` and `c`."""
    b, c = at_b - at_a, at_c - at_a
    return b * b_x + c * c_x, b * b_y + c * c_y


@njit(cache=True, nogil=True, fastmath=True, inline="always", error_model="numpy")
def _inverse(step: _Scalar) -> _Scalar:
    return np.float32(1) / step if abs(step) > 1e-9 else np.float32(0)


@njit(cache=True, nogil=True, fastmath=True, inline="always")
def _span(start: _Scalar, inverse: _Scalar, low: _Scalar, high: _Scalar) -> tuple[_Scalar, _Scalar]:
    """The part of `low` … `high` in which `start + x / inverse` is not negative, with a small tolerance.

    An `inverse` of 0 stands for a value that does not change along the row.
    """
    if inverse > 0:
        return max(low, -start * inverse - np.float32(1e-3)), high
    if inverse < 0:
        return low, min(high, -start * inverse + np.float32(1e-3))
    return (low, high) if start >= -1e-4 else (low, low - np.float32(1))


@njit(cache=True, nogil=True, fastmath=True)
def soften_folds(map_x: np.ndarray, map_y: np.ndarray, layer: np.ndarray) -> None:
    """Mix neighbours across the folds of `layer` `(h, w, 4)`: beside a cheek's edge lies what is far off."""
    height, width = map_x.shape
    for y in range(height - 1):
        for x in range(width - 1):
            here_x, here_y = map_x[y, x], map_y[y, x]
            if here_x == _OUTSIDE:
                continue
            if _across_fold(here_x, here_y, map_x[y, x + 1], map_y[y, x + 1]):
                _mix_pixels(layer, y, x, y, x + 1)
            if _across_fold(here_x, here_y, map_x[y + 1, x], map_y[y + 1, x]):
                _mix_pixels(layer, y, x, y + 1, x)


@njit(cache=True, nogil=True, inline="always")
def _across_fold(here_x: _Scalar, here_y: _Scalar, there_x: _Scalar, there_y: _Scalar) -> bool:
    return there_x != _OUTSIDE and abs(there_x - here_x) + abs(there_y - here_y) > _FOLD_DISTANCE


@njit(cache=True, nogil=True, inline="always")
def _mix_pixels(layer: np.ndarray, y: int, x: int, other_y: int, other_x: int) -> None:
    """Halve the difference between two pixels of a `layer`."""
    for c in range(4):
        here, there = np.int32(layer[y, x, c]), np.int32(layer[other_y, other_x, c])
        quarter = (there - here) // 4
        layer[y, x, c] = here + quarter
        layer[other_y, other_x, c] = there - quarter


@njit(cache=True, nogil=True, fastmath=True)
def composite(layer: np.ndarray, left: int, top: int, image: np.ndarray) -> None:
    """Draw `layer` `(h, w, 4)` uint8, whose last channel is alpha, over `image` `(H, W, 3)` uint8."""
    height, width = layer.shape[:2]
    for y in range(height):
        row = image[top + y]
        for x in range(width):
            alpha = np.int32(layer[y, x, 3])
            if alpha == 255:
                for c in range(3):
                    row[left + x, c] = layer[y, x, c]
            elif alpha > 0:
                for c in range(3):
                    behind = np.int32(row[left + x, c])
                    row[left + x, c] = (behind * 255 + (layer[y, x, c] - behind) * alpha + 127) // 255


@njit(cache=True, nogil=True, fastmath=True)
def composite_plane(plane: np.ndarray, opacity: np.ndarray, behind: np.ndarray) -> None:
    """Draw `plane` `(h, w)` uint8 over the first rows of `behind` `(H, w)` uint8, by `opacity`, in place."""
    height, width = plane.shape
    for y in range(height):
        for x in range(width):
            alpha, below = np.int32(opacity[y, x]), np.int32(behind[y, x])
            behind[y, x] = (below * 255 + (plane[y, x] - below) * alpha + 127) // 255
