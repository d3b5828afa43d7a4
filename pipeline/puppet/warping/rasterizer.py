"""Triangles to pixels: a depth-buffered raster, and the sampling of the photo where the raster points.

numba, because the loops over triangles and pixels are what numpy cannot express; they run without the
interpreter's lock and their compiled code is kept on disk between runs.
"""

from __future__ import annotations

import cv2
import numpy as np
from numba import njit

from pipeline.easing import smoothstep
from pipeline.faces.landmarks import (
    FACE_OVAL,
    INNER_LOWER_LIP,
    INNER_UPPER_LIP,
    OUTER_LOWER_LIP,
    OUTER_UPPER_LIP,
)
from pipeline.puppet.geometry.mesh import Mesh
from pipeline.puppet.warping.occlusion import Unseen

FAR = 1e9
"""Depth of a pixel that no triangle covers."""
NOWHERE = -9.0
"""A place outside every source."""
NO_TRIANGLES = np.empty((0, 3), np.int32)
BAND = 1 << 16
"""Pixels worked on at once: as many as stay in a core's own memory."""
FOLD = 7.0
"""Pixels of the enlarged photo between the sources of two neighbours, from which a fold lies between them."""
APART = 0.04
"""Gap of a photo's lips, in inter-ocular distances, from which they are apart."""
CLOSING = 0.15, 0.7
"""Shares of that gap between which lips count as closing."""
INTO = 0.2
"""How far from its edge a lip's own colour is taken, as a share of its height."""
FINE = 2
"""The photo is sampled from an enlarged copy: linear between its pixels is then as sharp as a cubic."""


class WarpedLayer:
    """The part of a photo that can move: pixels on a mesh, laid over a picture wherever its vertices go."""

    def __init__(self, image: np.ndarray, cover: np.ndarray, mesh: Mesh, unseen: Unseen) -> None:
        """`image` `(H, W, 3)` uint8; `cover` `(H, W)` uint8: how far each pixel hides what is behind it."""
        self._roi = left, top, right, bottom = mesh.roi
        region = np.s_[top:bottom, left:right]
        self._source = _enlarged(np.dstack([image[region], cover[region]]))
        self._places = (mesh.rest[:, :2] - np.float32([left, top])) * FINE
        self._unseen = unseen
        self._edges, self._into, self._apart = _lip_edges(mesh)
        self._folded = tuple(mesh.rim) != FACE_OVAL
        self._face, self._around = mesh.face, mesh.around
        width = right - left
        self._rows = max(BAND // width, 1)
        self._map_x, self._map_y, self._depth = (np.empty((self._rows, width), np.float32) for _ in range(3))
        self._layer = np.empty((self._rows, width, 4), np.uint8)

    def lay(self, points: np.ndarray, turn: np.ndarray, image: np.ndarray) -> None:
        """Lay the sheet over `image` `(H, W, 3)` uint8, its vertices at `points` `(N, 3)`.

        `turn` `(3, 3)`: the head's, which row vectors are multiplied by.
        """
        skin = self._places.copy()
        skin[self._unseen.vertices] += FINE * self._unseen.shift(turn)
        if self._apart:
            closing = 1 - smoothstep(float(np.linalg.norm(points[13] - points[14])) / self._apart, *CLOSING)
            skin[self._edges] += FINE * closing * self._into
        left, top, _, bottom = self._roi
        for start in range(top, bottom, self._rows):
            band = slice(0, bottom - start)
            map_x, map_y, layer = self._map_x[band], self._map_y[band], self._layer[band]
            raster(
                points, self._places, skin, self._face, self._around,
                left, start, map_x, map_y, self._depth[band],
            )  # fmt: skip
            cv2.remap(self._source, map_x, map_y, cv2.INTER_LINEAR, layer, cv2.BORDER_CONSTANT, 0)
            if self._folded:
                _soften(map_x, map_y, layer)
            _lay(layer, left, start, image)


def _lip_edges(mesh: Mesh) -> tuple[list[int], np.ndarray, float]:
    """The lips' inner edges, how far `(22, 2)` px they give way as the lips close, and their gap in px.

    The edges of lips that are apart in the photo have a pixel of teeth or of darkness on them, which would be
    left as a dotted line where they meet: the lips' own colour takes its place. A gap of 0 stands for lips
    that are closed in the photo.
    """
    inner, outer = [*INNER_UPPER_LIP, *INNER_LOWER_LIP], [*OUTER_UPPER_LIP, *OUTER_LOWER_LIP]
    gap = float(np.linalg.norm(mesh.rest[13] - mesh.rest[14]))
    into = INTO * (mesh.rest[outer, :2] - mesh.rest[inner, :2])
    return inner, into, gap if gap > APART * mesh.frame.scale else 0.0


def _enlarged(image: np.ndarray) -> np.ndarray:
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


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def raster(
    points: np.ndarray,
    places: np.ndarray,
    skin: np.ndarray,
    face: np.ndarray,
    around: np.ndarray,
    left: int,
    top: int,
    map_x: np.ndarray,
    map_y: np.ndarray,
    depth: np.ndarray,
) -> None:
    """Fill `map_x`, `map_y` and `depth` `(h, w)` float32 of the rectangle at `left`, `top`.

    `points` `(N, 3)` float32: image x and y in px and depth (smaller is nearer); `places` and `skin` `(N, 2)`
    float32: where each vertex is in the source, for the triangles around the face and for its own. The `face`
    `(K, 3)` is depth-tested; the triangles `around` it `(M, 3)` lie behind it, the farther ones first, and
    are just drawn over one another. Pixels that no triangle covers point outside the source.
    """
    height, width = depth.shape
    map_x[:] = NOWHERE
    map_y[:] = NOWHERE
    depth[:] = FAR
    for tested, triangles, texture in ((False, around, places), (True, face, skin)):
        for t in range(triangles.shape[0]):
            a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
            ay, by, cy = points[a, 1] - top, points[b, 1] - top, points[c, 1] - top
            y0 = max(int(np.ceil(min(ay, by, cy))), 0)
            y1 = min(int(np.floor(max(ay, by, cy))), height - 1)
            if y0 > y1:
                continue
            ax, bx, cx = points[a, 0] - left, points[b, 0] - left, points[c, 0] - left
            area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
            if abs(area) < 1e-5:
                continue
            x0 = max(np.ceil(min(ax, bx, cx)), np.float32(0))
            x1 = min(np.floor(max(ax, bx, cx)), np.float32(width - 1))
            # all that a vertex carries is linear over the picture: steps per pixel, right and down
            b_x, b_y = (cy - ay) / area, -(cx - ax) / area
            c_x, c_y = -(by - ay) / area, (bx - ax) / area
            u_x, u_y = _slopes(texture[a, 0], texture[b, 0], texture[c, 0], b_x, b_y, c_x, c_y)
            v_x, v_y = _slopes(texture[a, 1], texture[b, 1], texture[c, 1], b_x, b_y, c_x, c_y)
            z_x, z_y = _slopes(points[a, 2], points[b, 2], points[c, 2], b_x, b_y, c_x, c_y)
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
                    z = points[a, 2] + right * z_x + down * z_y
                    nearest = depth[y, first : first + count]
                    for k in range(count):
                        here = z + np.float32(k) * z_x
                        if here < nearest[k]:
                            nearest[k] = here
                            row_x[k] = u + np.float32(k) * u_x
                            row_y[k] = v + np.float32(k) * v_x
                else:
                    # nothing to decide, so the compiler takes eight pixels at a time
                    for k in range(count):
                        row_x[k] = u + np.float32(k) * u_x
                        row_y[k] = v + np.float32(k) * v_x


@njit(cache=True, nogil=True, fastmath=True, inline="always")
def _slopes(
    at_a: float, at_b: float, at_c: float, b_x: float, b_y: float, c_x: float, c_y: float
) -> tuple[float, float]:
    """Steps right and down of a value given at the corners, from those of the weights of `b` and `c`."""
    b, c = at_b - at_a, at_c - at_a
    return b * b_x + c * c_x, b * b_y + c * c_y


@njit(cache=True, nogil=True, fastmath=True, inline="always", error_model="numpy")
def _inverse(step: float) -> float:
    return np.float32(1) / step if abs(step) > 1e-9 else np.float32(0)


@njit(cache=True, nogil=True, fastmath=True, inline="always")
def _span(start: float, inverse: float, low: float, high: float) -> tuple[float, float]:
    """The part of `low` … `high` in which `start + x / inverse` is not negative, with a hair's tolerance.

    An `inverse` of 0 stands for a value that does not change along the row.
    """
    if inverse > 0:
        return max(low, -start * inverse - np.float32(1e-3)), high
    if inverse < 0:
        return low, min(high, -start * inverse + np.float32(1e-3))
    return (low, high) if start >= -1e-4 else (low, low - np.float32(1))


@njit(cache=True, nogil=True, fastmath=True)
def _soften(map_x: np.ndarray, map_y: np.ndarray, layer: np.ndarray) -> None:
    """Mix neighbours across the folds of `layer` `(h, w, 4)`: beside a cheek's edge lies what is far off."""
    height, width = map_x.shape
    for y in range(height - 1):
        for x in range(width - 1):
            here_x, here_y = map_x[y, x], map_y[y, x]
            if here_x == NOWHERE:
                continue
            if _far(here_x, here_y, map_x[y, x + 1], map_y[y, x + 1]):
                _mix(layer, y, x, y, x + 1)
            if _far(here_x, here_y, map_x[y + 1, x], map_y[y + 1, x]):
                _mix(layer, y, x, y + 1, x)


@njit(cache=True, nogil=True, inline="always")
def _far(here_x: float, here_y: float, there_x: float, there_y: float) -> bool:
    return there_x != NOWHERE and abs(there_x - here_x) + abs(there_y - here_y) > FOLD


@njit(cache=True, nogil=True, inline="always")
def _mix(layer: np.ndarray, y: int, x: int, other_y: int, other_x: int) -> None:
    """Bring two pixels of a `layer` half as far from each other as they are."""
    for c in range(4):
        here, there = np.int32(layer[y, x, c]), np.int32(layer[other_y, other_x, c])
        quarter = (there - here) // 4
        layer[y, x, c] = here + quarter
        layer[other_y, other_x, c] = there - quarter


@njit(cache=True, nogil=True, fastmath=True)
def _lay(layer: np.ndarray, left: int, top: int, image: np.ndarray) -> None:
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
