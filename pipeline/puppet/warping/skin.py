"""The skin of a video frame moved to another mouth; pixels that stay in place are left untouched."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.faces.landmarks import OUTER_LIPS
from pipeline.puppet.geometry.lower_face import LowerFace, LowerFaceWarp
from pipeline.puppet.warping.cubic import MARGIN, draw_moved, texture_of
from pipeline.puppet.warping.rasterizer import FAR_DEPTH, draw_solid, far

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
    region = image[top:bottom, left:right]
    texture, origin = _texture(source, warp.source[face.skin_vertices])
    draw_moved(texture, origin, map_x, map_y, depth, left, top, region)
    lips = warp.target[list(OUTER_LIPS), :2] - np.array([left, top], np.float32)
    first = np.maximum(np.floor(lips.min(0)).astype(int) - _REACH, 0)
    last = np.ceil(lips.max(0)).astype(int) + _REACH + 1
    around = np.s_[first[1] : last[1], first[0] : last[0]]
    _close_gaps(region[around], depth[around] >= FAR_DEPTH, lips - first)


def _texture(source: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, tuple[int, int]]:
    """The part of a frame in which the `places` `(N, 2)` px lie, as a texture; its first column and row."""
    height, width = source.shape[:2]
    first, last = np.floor(places.min(0)).astype(int) - MARGIN, np.ceil(places.max(0)).astype(int) + MARGIN
    left, top = np.clip(first, 0, (width - 1, height - 1)).tolist()
    right, bottom = np.clip(last + 1, (left + 1, top + 1), (width, height)).tolist()
    return texture_of(source[top:bottom, left:right]), (left, top)


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
