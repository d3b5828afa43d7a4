"""The skin of a video frame moved to another mouth; pixels that stay in place are left untouched."""

from __future__ import annotations

import cv2
import numpy as np
from numba import njit

from pipeline.faces.landmarks import OUTER_LIPS
from pipeline.puppet.geometry.lower_face import LowerFace, LowerFaceWarp
from pipeline.puppet.warping.rasterizer import FAR_DEPTH, draw_solid, far

_MIN_MOTION = 0.02
"""Px that a pixel's source must be off for the pixel to change."""
_REACH = 3
"""Px around the lips in which the skin beside a gap is looked for."""
_MIN_SKIN_SHARE = 0.05
"""Share of skin in a gap pixel's neighbourhood from which its colour is extrapolated."""


def warp_skin(source: np.ndarray, image: np.ndarray, warp: LowerFaceWarp, face: LowerFace) -> None:
    """Draw the moved skin of `source` `(H, W, 3)` uint8 over `image`, a copy of it, in place."""
    height, width = source.shape[:2]
    corners = warp.target[face.skin_vertices, :2]
    left, top = np.maximum(np.floor(corners.min(0)).astype(int), 0)
    right, bottom = np.minimum(np.ceil(corners.max(0)).astype(int) + 1, (width, height))
    if right - left < 2 or bottom - top < 2:
        return
    shape = bottom - top, right - left
    map_x, map_y, depth = np.zeros(shape, np.float32), np.zeros(shape, np.float32), far(shape)
    draw_solid(warp.target, warp.source, face.skin_triangles, left, top, map_x, map_y, depth)
    warped = cv2.remap(source, map_x, map_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    region = image[top:bottom, left:right]
    _replace_moved(region, warped, map_x, map_y, depth, left, top)
    lips = warp.target[list(OUTER_LIPS), :2] - np.array([left, top], np.float32)
    first = np.maximum(np.floor(lips.min(0)).astype(int) - _REACH, 0)
    last = np.ceil(lips.max(0)).astype(int) + _REACH + 1
    around = np.s_[first[1] : last[1], first[0] : last[0]]
    _close_gaps(region[around], depth[around] >= FAR_DEPTH, lips - first)


@njit(cache=True, nogil=True)
def _replace_moved(
    region: np.ndarray, warped: np.ndarray, map_x: np.ndarray, map_y: np.ndarray, depth: np.ndarray,
    left: int, top: int,
) -> None:  # fmt: skip
    """Put the pixels of `warped` `(h, w, 3)` uint8 that come from elsewhere into `region`, in place.

    `map_x`, `map_y` `(h, w)` float32 px: where each is from; `depth` `(h, w)`: of the skin there; `left`,
    `top`: the first pixel's own place.
    """
    for y in range(region.shape[0]):
        for x in range(region.shape[1]):
            if depth[y, x] >= np.float32(FAR_DEPTH):
                continue
            across = abs(map_x[y, x] - np.float32(left + x))
            down = abs(map_y[y, x] - np.float32(top + y))
            if across > np.float32(_MIN_MOTION) or down > np.float32(_MIN_MOTION):
                for c in range(3):
                    region[y, x, c] = warped[y, x, c]


def _close_gaps(region: np.ndarray, bare: np.ndarray, lips: np.ndarray) -> None:
    """Extrapolate the lips into the pixels between them that no skin covers but that show the old mouth.

    `region` `(h, w, 3)` uint8, changed in place; `bare` `(h, w)` bool: pixels without skin; `lips` `(K, 2)`
    px: their outer contour.
    """
    if not bare.any():
        return
    inside = np.zeros(bare.shape, np.uint8)
    cv2.fillPoly(inside, [np.round(lips).astype(np.int32)], 1)
    gap = bare & (inside > 0)
    if not gap.any():
        return
    skin = (~bare).astype(np.float32)
    share = cv2.blur(skin, (5, 5))
    mean = cv2.blur(region * skin[..., None], (5, 5)) / np.maximum(share, 1e-3)[..., None]
    near = gap & (share > _MIN_SKIN_SHARE)
    region[near] = mean[near].astype(np.uint8)
