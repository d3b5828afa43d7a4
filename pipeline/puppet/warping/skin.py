"""The skin of a video frame moved to another mouth; pixels that stay in place are left untouched."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.faces.landmarks import OUTER_LIPS
from pipeline.puppet.geometry.lower_face import LowerFace, LowerFaceWarp
from pipeline.puppet.warping.rasterizer import FAR_DEPTH, draw_solid, far

_MIN_MOTION = 0.02
"""Px that a pixel's source must be off for the pixel to change."""
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
    x, y = np.arange(left, right, dtype=np.float32), np.arange(top, bottom, dtype=np.float32)[:, None]
    moved = (np.abs(map_x - x) > _MIN_MOTION) | (np.abs(map_y - y) > _MIN_MOTION)
    changed = (depth < FAR_DEPTH) & moved
    region = image[top:bottom, left:right]
    region[changed] = warped[changed]
    lips = warp.target[list(OUTER_LIPS), :2] - np.array([left, top], np.float32)
    _close_gaps(region, depth >= FAR_DEPTH, lips)


def _close_gaps(region: np.ndarray, bare: np.ndarray, lips: np.ndarray) -> None:
    """Extrapolate the lips into the pixels between them that no skin covers but that show the old mouth.

    `region` `(h, w, 3)` uint8, changed in place; `bare` `(h, w)` bool: pixels without skin; `lips` `(K, 2)`
    px: their outer contour.
    """
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
