"""Lips that a photo shows closed, when they part: the dark line between them goes.

The line is shade that the lips cast on each other. Cut along it, each lip keeps half of it as an edge, which
the mesh stretches into dark streaks towards the corners as the mouth opens. In its place come the lip's own
colour, also in the corners, where the lips are too thin to show it (skin there is a pale ring around an open
mouth), and skin beyond them.
"""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.easing import smoothstep
from pipeline.faces.landmarks import (
    INNER_LOWER_LIP,
    INNER_UPPER_LIP,
    LOWER_LIP,
    MOUTH_CORNERS,
    OUTER_LIPS,
    UPPER_LIP,
)
from pipeline.puppet.geometry.lip_line import lips_closed
from pipeline.puppet.geometry.mesh import Mesh
from pipeline.puppet.painting.filling import smoothly_filled
from pipeline.puppet.warping.lip_colours import colours_along, depth_below, distance_along
from pipeline.puppet.warping.lip_texture import LipTexture

_PARTING = 0.015, 0.09
"""Gap of the lips, in inter-ocular distances, between which the line goes."""
_WIDTH = 0.045
"""How far from the line its shade reaches at most, in inter-ocular distances; half of that is all shade."""
_BEYOND = 0.05
"""How far the line goes on beyond the corners of the mouth, in inter-ocular distances, as it fades out."""
_SOFT = 0.01
"""Blur of the lips' outline, beyond which the line gives way to skin, in inter-ocular distances."""
_MIXED = 0.03
"""Height around the line over which one lip's colour gives way to the other's, in inter-ocular distances:
both lips are cut from one texture, and a sharp step there would be specks along their edges."""
_BODIES = slice(2, -2)
"""The places along the lips at which they are thick enough to have a colour without the line."""
_TURNED = 0.9
"""Light on the edges of the lips, which turn inwards, as a share of that beside them."""
_SHADED = 0.08, 0.35
"""Shares of the light that are missing where a line begins to count as shade, and surely is."""


class PartingLips:
    """The texture of one photo's lips, with as much of the line between them as still shows."""

    def __init__(self, texture: np.ndarray, points: np.ndarray, mesh: Mesh, scale: float) -> None:
        """`texture` `(h, w, C)` uint8, whose first three channels change from now on with `show`; `points`
        `(N, 2)`: the mesh's vertices in it, `scale` px to each inter-ocular distance.
        """
        self._gap_scale = mesh.frame.scale
        self._lips: LipTexture | None = None
        if not lips_closed(mesh.rest, mesh.frame.scale):
            return
        self._lips = LipTexture(texture, points, (_BEYOND + 2 * _WIDTH) * scale)
        self._light = _missing_light(self._lips.rest, self._lips.points, scale)

    def show(self, vertices: np.ndarray) -> None:
        """Put the lips into the texture as they are where the mesh's `vertices` `(N, 3)` px are."""
        if self._lips is None:
            return
        gap = float(np.linalg.norm(vertices[UPPER_LIP] - vertices[LOWER_LIP])) / self._gap_scale
        self._lips.show(self._light, float(smoothstep(gap, *_PARTING)))


def _missing_light(image: np.ndarray, points: np.ndarray, scale: float) -> np.ndarray:
    """What the line takes off the lips in `image` `(h, w, 3)`, and nothing elsewhere: `(h, w, 3)` float32.

    `points` `(N, 2)` px: the vertices.
    """
    line = (points[list(INNER_UPPER_LIP)] + points[list(INNER_LOWER_LIP)]) / 2
    first, last = points[list(MOUTH_CORNERS)]
    along = (last - first) / np.linalg.norm(last - first)
    line = np.vstack([first - _BEYOND * scale * along, first, line, last, last + _BEYOND * scale * along])
    distance, depth, end = _from_line(line, image.shape[:2], along)
    below = np.clip(depth / (_MIXED * scale) + 0.5, 0, 1)
    near = 1 - smoothstep(distance / (_WIDTH * scale), 0.5, 1.0)
    near *= 1 - smoothstep(end / (_BEYOND * scale), 0.0, 1.0)
    lips = np.zeros(image.shape[:2], np.uint8)
    cv2.fillPoly(lips, [np.round(points[list(OUTER_LIPS)]).astype(np.int32)], 1)
    inside = cv2.GaussianBlur(lips.astype(np.float32), (0, 0), _SOFT * scale)[..., None]
    trust = np.where((distance > _WIDTH * scale) & (lips == 0), 1.0, 0.0)
    light = np.zeros(image.shape, np.float32)
    for side, own in zip((1 - below, below), colours_along(image, points, _BODIES), strict=True):
        skin = smoothly_filled(image, trust * side, scale)
        # it only ever takes light: highlights on the lips stay
        missing = np.maximum(skin + inside * (_TURNED * own - skin) - image, 0)
        shaded = smoothstep(_widest(missing.max(-1) / np.maximum(own.max(-1), 1.0), scale), *_SHADED)
        light += (side * shaded)[..., None] * missing
    return np.asarray(near[..., None] * light, np.float32)


def _widest(shares: np.ndarray, scale: float) -> np.ndarray:
    """The largest of `shares` `(h, w)` around each pixel, smoothed: a line goes with its edges."""
    size = 2 * round(_WIDTH * scale / 2) + 1
    largest = cv2.dilate(shares.astype(np.float32), np.ones((size, size), np.uint8))
    return cv2.blur(largest, (size, size))


def _from_line(
    line: np.ndarray, shape: tuple[int, int], along: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each pixel: its distance from `line` `(K, 2)` px, how far it is below, and how far it is beyond the
    second point or the last but one, in the direction `along`; all `(h, w)`."""
    away = np.full(shape, 255, np.uint8)
    cv2.polylines(away, [np.round(line * 16).astype(np.int32)], False, 0, 1, cv2.LINE_8, 4)
    distance = cv2.distanceTransform(away, cv2.DIST_L2, 5)
    forward = distance_along(along, shape)
    beyond = np.maximum(line[1] @ along - forward, forward - line[-2] @ along)
    return distance, depth_below(line, along, shape), beyond
