"""The side of a face that the photo does not show: what is to be seen of it when the head turns.

The far cheek of a turned face lies edge-on, or behind the face's own rim; between its vertices the photo has
a few pixels of rim and background, which a turn would spread over the cheek. As such a vertex comes into
view, the photo's skin beside the rim takes their place.
"""

from __future__ import annotations

import numpy as np

from pipeline.easing import smoothstep
from pipeline.faces.landmarks import (
    BROWS,
    EYES,
    FACE_OVAL,
    INNER_LIPS,
    LOWER_LID,
    OUTER_LOWER_LIP,
    OUTER_UPPER_LIP,
    UPPER_LID,
)
from pipeline.puppet.geometry.mesh import Mesh, at_pixels, within

HIDDEN, EDGE, SEEN = -0.2, -0.02, 0.3
"""Cosines between a surface and the view up to which the photo does not show it at all, from which it does,
and from which it does well."""
STEEP, MARGIN = 0.5, 0.06
"""Up to this cosine a vertex also counts as hidden where it lies off the person, or as near to the person's
edge, in inter-ocular distances, as landmarks may be wrong."""
RISE = 0.12
"""How much such a cosine grows while the skin from beside takes over."""
SIDE, OUTER = 0.3, 0.1
"""How near the outline of the face, or that of its picture, its sides lie, in inter-ocular distances: nose,
eyes and lips do not."""
LEVEL = np.array([1, 3, 1])
"""Skin is rather taken from the same height than from nearby: bands then go on level."""
FEATURES = [*BROWS, *OUTER_UPPER_LIP, *OUTER_LOWER_LIP, *INNER_LIPS]
FEATURES += [vertex for eye in EYES for vertex in (*UPPER_LID[eye], *LOWER_LID[eye])]
"""Vertices whose colours do not go on beside them."""
BESIDE = 3
"""Vertices from which that skin is taken."""


class Unseen:
    """Where the photo is sampled for each vertex of the face, as the head turns."""

    def __init__(self, mesh: Mesh, outside: np.ndarray) -> None:
        """`outside` `(H, W)`: how far each pixel of the photo lies outside the subject."""
        rest = mesh.rest.astype(np.float64)
        upright, used = mesh.frame.upright(rest), np.unique(mesh.face)
        normals = _normals(rest, mesh.face)
        facing, inside = -normals[:, 2], -at_pixels(outside, rest[:, :2])
        lost = 1 - smoothstep(facing, HIDDEN, EDGE)
        lost = np.maximum(lost, (facing < STEEP) * (1 - smoothstep(inside, 0.0, MARGIN)))
        outer = np.linalg.norm(upright[used, None] - upright[list(FACE_OVAL)], axis=2).min(1) < SIDE
        outer |= within(rest[used, :2], rest[mesh.rim]) < OUTER * mesh.frame.scale
        self.vertices = np.setdiff1d(used[(lost[used] > 0) & outer], FEATURES)
        seen = np.setdiff1d(used[(facing[used] > SEEN) & (inside[used] > MARGIN)], FEATURES)
        apart = np.linalg.norm((upright[self.vertices, None] - upright[seen]) * LEVEL, axis=2)
        near = np.argsort(apart, 1)[:, :BESIDE]
        weights = 1 / np.maximum(np.take_along_axis(apart, near, 1), 1e-3) ** 2
        weights /= weights.sum(1, keepdims=True)
        beside = (weights[..., None] * rest[seen[near], :2]).sum(1) - rest[self.vertices, :2]
        self._aside = (lost[self.vertices, None] * beside).astype(np.float32)
        self._normals = normals[self.vertices].astype(np.float32)

    def shift(self, turn: np.ndarray) -> np.ndarray:
        """How far in px from their own places `vertices` take their colours, `(U, 2)`.

        `turn` `(3, 3)`: the head's, which row vectors are multiplied by.
        """
        rise = self._normals[:, 2] - self._normals @ turn[:, 2]
        return smoothstep(rise, 0.0, RISE)[:, None] * self._aside


def _normals(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Unit normals `(N, 3)` out of the face; 0 where no triangle is."""
    a, b, c = points[triangles].swapaxes(0, 1)
    faces = np.cross(b - a, c - a)
    normals = np.zeros_like(points)
    for corner in triangles.T:
        np.add.at(normals, corner, faces)
    return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
