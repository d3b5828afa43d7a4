"""Triangles to pixels: a rasterizer, with and without a depth buffer, of sampling maps for `cv2.remap`.

Written with numba because numpy cannot express loops over triangles and pixels; the compiled loops release
the interpreter lock and are cached on disk between runs.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from pipeline.puppet.warping.sampling import COARSE

_Scalar = Any
"""float32 once compiled."""

FAR_DEPTH = 1e9
"""Depth of a pixel that no triangle covers."""
_RUN = 32
"""Pixels asked at once whether there is a fold: most of a face has none."""


def far(shape: tuple[int, int]) -> np.ndarray:
    """An empty depth buffer for `draw_solid`."""
    return np.full(shape, FAR_DEPTH, np.float32)


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def draw_flat(
    vertices: np.ndarray, texture: np.ndarray, triangles: np.ndarray, left: float, top: float, step: float,
    map_x: np.ndarray, map_y: np.ndarray,
) -> None:  # fmt: skip
    """Draw `triangles` `(M, 3)` into `map_x` and `map_y` `(h, w)` float32, later ones over earlier ones.

    `vertices` `(N, 3)` float32: image x and y in px and depth; `texture` `(N, 2)` float32: where each vertex
    is in the source. The first sample of the maps lies at `left`, `top` px, and the next ones `step` px
    farther. Samples without a triangle stay as they are. Triangles run clockwise in the image; one that is
    turned over lies in a fold, and others cover what is there.
    """
    height, width = map_x.shape
    share = np.float32(1) / np.float32(step)
    for t in range(triangles.shape[0]):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ay, by, cy = (
            (vertices[a, 1] - np.float32(top)) * share,
            (vertices[b, 1] - np.float32(top)) * share,
            (vertices[c, 1] - np.float32(top)) * share,
        )
        y0 = max(int(np.ceil(min(ay, by, cy))), 0)
        y1 = min(int(np.floor(max(ay, by, cy))), height - 1)
        if y0 > y1:
            continue
        ax, bx, cx = (
            (vertices[a, 0] - np.float32(left)) * share,
            (vertices[b, 0] - np.float32(left)) * share,
            (vertices[c, 0] - np.float32(left)) * share,
        )
        area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
        if area < 1e-5:
            continue
        x0 = max(np.ceil(min(ax, bx, cx)), np.float32(0))
        x1 = min(np.floor(max(ax, bx, cx)), np.float32(width - 1))
        # everything that a vertex carries is linear over the image: steps per sample, right and down
        b_x, b_y = (cy - ay) / area, -(cx - ax) / area
        c_x, c_y = -(by - ay) / area, (bx - ax) / area
        u_x, u_y = _slopes(texture[a, 0], texture[b, 0], texture[c, 0], b_x, b_y, c_x, c_y)
        v_x, v_y = _slopes(texture[a, 1], texture[b, 1], texture[c, 1], b_x, b_y, c_x, c_y)
        from_b, from_c, from_a = _inverse(b_x), _inverse(c_x), _inverse(-b_x - c_x)
        for y in range(y0, y1 + 1):
            down = np.float32(y) - ay
            first, last = _row(down, ax, b_x, b_y, c_x, c_y, from_a, from_b, from_c, x0, x1)
            u = texture[a, 0] + down * u_y - ax * u_x
            v = texture[a, 1] + down * v_y - ax * v_x
            for x in range(first, last + 1):
                map_x[y, x] = u + np.float32(x) * u_x
                map_y[y, x] = v + np.float32(x) * v_x


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def draw_solid(
    vertices: np.ndarray, texture: np.ndarray, triangles: np.ndarray, left: int, top: int,
    map_x: np.ndarray, map_y: np.ndarray, depth: np.ndarray,
) -> None:  # fmt: skip
    """As `draw_flat`, pixel by pixel and only where a triangle is nearer than `depth` `(h, w)` float32, which
    it then updates."""
    height, width = depth.shape
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
        b_x, b_y = (cy - ay) / area, -(cx - ax) / area
        c_x, c_y = -(by - ay) / area, (bx - ax) / area
        u_x, u_y = _slopes(texture[a, 0], texture[b, 0], texture[c, 0], b_x, b_y, c_x, c_y)
        v_x, v_y = _slopes(texture[a, 1], texture[b, 1], texture[c, 1], b_x, b_y, c_x, c_y)
        z_x, z_y = _slopes(vertices[a, 2], vertices[b, 2], vertices[c, 2], b_x, b_y, c_x, c_y)
        from_b, from_c, from_a = _inverse(b_x), _inverse(c_x), _inverse(-b_x - c_x)
        for y in range(y0, y1 + 1):
            down = np.float32(y) - ay
            first, last = _row(down, ax, b_x, b_y, c_x, c_y, from_a, from_b, from_c, x0, x1)
            if last < first:
                continue
            u = texture[a, 0] + down * u_y - ax * u_x
            v = texture[a, 1] + down * v_y - ax * v_x
            z = vertices[a, 2] + down * z_y - ax * z_x
            nearest, from_x, from_y = depth[y], map_x[y], map_y[y]
            # never negative, which numba then need not ask of every pixel
            for x in range(np.uint32(first), np.uint32(last + 1)):
                here = z + np.float32(x) * z_x
                if here < nearest[x]:
                    nearest[x] = here
                    from_x[x] = u + np.float32(x) * u_x
                    from_y[x] = v + np.float32(x) * v_x


@njit(cache=True, nogil=True, fastmath=True, inline="always")
def _row(
    down: _Scalar, ax: _Scalar, b_x: _Scalar, b_y: _Scalar, c_x: _Scalar, c_y: _Scalar,
    from_a: _Scalar, from_b: _Scalar, from_c: _Scalar, x0: _Scalar, x1: _Scalar,
) -> tuple[int, int]:  # fmt: skip
    """First and last column of a triangle in the row that is `down` below its first corner."""
    weight_b, weight_c = down * b_y - ax * b_x, down * c_y - ax * c_x
    low, high = _span(weight_b, from_b, x0, x1)
    low, high = _span(weight_c, from_c, low, high)
    low, high = _span(np.float32(1) - weight_b - weight_c, from_a, low, high)
    return int(np.ceil(low)), int(np.floor(high))


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
def enlarge(coarse: np.ndarray, top: int, left: int, fine: np.ndarray) -> None:
    """Fill `fine` `(h, w)` float32 linearly between the samples of `coarse`, one every `COARSE` px.

    `fine` begins `top`, `left` px from the first sample, both multiples of `COARSE`.
    """
    height, width = fine.shape
    first, steps = left // COARSE, width // COARSE
    row = np.empty(steps + 2, np.float32)
    for y in range(height):
        above, share = (top + y) // COARSE, np.float32(y % COARSE) / np.float32(COARSE)
        upper, lower, out = coarse[above], coarse[above + 1], fine[y]
        for k in range(len(row)):
            row[k] = upper[first + k] + share * (lower[first + k] - upper[first + k])
        for k in range(steps):
            # written out, so that whole steps are vectorised
            here, rise, x = row[k], row[k + 1] - row[k], COARSE * k
            out[x] = here
            out[x + 1] = here + np.float32(0.25) * rise
            out[x + 2] = here + np.float32(0.5) * rise
            out[x + 3] = here + np.float32(0.75) * rise
        for x in range(COARSE * steps, width):
            rest = np.float32(0.25 * (x - COARSE * steps))
            out[x] = row[steps] + rest * (row[steps + 1] - row[steps])


@njit(cache=True, nogil=True, fastmath=True)
def soften_folds(depth: np.ndarray, step: float, layer: np.ndarray) -> None:
    """Mix neighbours where one part of the face hides another, in `layer` `(h, w, 4)` uint8.

    `depth` `(h, w)` float32 from `draw_solid`; `step`: the difference of depth that parts them.
    """
    height, width = depth.shape
    apart = np.float32(step)
    for y in range(height - 1):
        for start in range(0, width - 1, _RUN):
            stop = min(start + _RUN, width - 1)
            if _folded(depth[y], depth[y + 1], start, stop, apart):
                for x in range(start, stop):
                    here, right, below = depth[y, x], depth[y, x + 1], depth[y + 1, x]
                    if _parted(here, right, apart):
                        _mix_pixels(layer, y, x, y, x + 1)
                    if _parted(here, below, apart):
                        _mix_pixels(layer, y, x, y + 1, x)


@njit(cache=True, nogil=True, fastmath=True, inline="always")
def _folded(row: np.ndarray, below: np.ndarray, start: int, stop: int, step: _Scalar) -> bool:
    """Whether a fold is in a run of pixels; without a branch in the loop, which is vectorised."""
    found = np.uint32(0)
    # never negative, which numba then need not ask of every pixel
    for x in range(np.uint32(start), np.uint32(stop)):
        found |= np.uint32(_parted(row[x], row[x + np.uint32(1)], step))
        found |= np.uint32(_parted(row[x], below[x], step))
    return found != 0


@njit(cache=True, nogil=True, fastmath=True, inline="always")
def _parted(here: _Scalar, there: _Scalar, step: _Scalar) -> bool:
    covered = (here < np.float32(FAR_DEPTH)) & (there < np.float32(FAR_DEPTH))
    return covered & (abs(there - here) > step)


@njit(cache=True, nogil=True, inline="always")
def _mix_pixels(layer: np.ndarray, y: int, x: int, other_y: int, other_x: int) -> None:
    """Halve the difference between two pixels of a `layer`."""
    for c in range(4):
        here, there = np.int32(layer[y, x, c]), np.int32(layer[other_y, other_x, c])
        quarter = (there - here) // 4
        layer[y, x, c] = here + quarter
        layer[other_y, other_x, c] = there - quarter


@njit(cache=True, nogil=True, fastmath=True)
def composite_plane(plane: np.ndarray, opacity: np.ndarray, behind: np.ndarray) -> None:
    """Draw `plane` `(h, w)` uint8 over the first rows of `behind` `(H, w)` uint8, by `opacity`, in place."""
    height, width = plane.shape
    for y in range(height):
        for x in range(width):
            alpha, below = np.int32(opacity[y, x]), np.int32(behind[y, x])
            behind[y, x] = (below * 255 + (plane[y, x] - below) * alpha + 127) // 255
