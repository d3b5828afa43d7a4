"""The side of a face that the photo does not show: which skin to show instead when the head turns.

The far cheek of a turned face lies edge-on or behind the face's own rim; between its vertices the photo has a
few pixels of rim and background, which a turn would stretch over the cheek. As such a vertex comes into view,
its texture coordinates move to the skin beside the rim.
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
from pipeline.puppet.geometry.mesh import Mesh
from pipeline.puppet.geometry.sampling import depth_inside, nearest_pixels

_OCCLUDED_COSINE, _VISIBLE_COSINE = -0.2, -0.02
"""Cosines between a vertex normal and the view up to which the photo does not show the skin at all, and from
which it does."""
_WELL_VISIBLE_COSINE = 0.3
"""Cosine from which the photo shows the skin well enough to lend it."""
_GRAZING_COSINE, _EDGE_MARGIN = 0.5, 0.06
"""Up to this cosine a vertex also counts as occluded where it lies off the person, or as near to the person's
edge, in inter-ocular distances, as landmarks may be wrong."""
_FADE_IN = 0.12
"""Growth of the cosine over which the skin from beside takes over."""
_SIDE_DISTANCE, _SILHOUETTE_DISTANCE = 0.3, 0.1
"""How near the face's oval, or its silhouette in the photo, its sides lie, in inter-ocular distances: nose,
eyes and lips do not."""
_ANISOTROPY = np.array([1, 3, 1])
"""Skin is rather borrowed from the same height than from nearby, so that level bands continue."""
_FEATURES = [*BROWS, *OUTER_UPPER_LIP, *OUTER_LOWER_LIP, *INNER_LIPS]
_FEATURES += [vertex for eye in EYES for vertex in (*UPPER_LID[eye], *LOWER_LID[eye])]
"""Vertices whose colours do not continue beside them."""
_NEIGHBOURS = 3
"""Vertices whose skin each occluded one borrows."""


class OccludedSkin:
    """Where the photo is sampled for the occluded vertices of a face as the head turns."""

    def __init__(self, mesh: Mesh, subject_distance: np.ndarray) -> None:
        """`subject_distance` `(H, W)`: inter-ocular distances outside the subject, negative in it."""
        rest = mesh.rest.astype(np.float64)
        upright, used = mesh.frame.to_upright(rest), np.unique(mesh.face_triangles)
        normals = _vertex_normals(rest, mesh.face_triangles)
        cosine, inside = -normals[:, 2], -nearest_pixels(subject_distance, rest[:, :2])
        occluded = 1 - smoothstep(cosine, _OCCLUDED_COSINE, _VISIBLE_COSINE)
        at_edge = (cosine < _GRAZING_COSINE) * (1 - smoothstep(inside, 0.0, _EDGE_MARGIN))
        occluded = np.maximum(occluded, at_edge)
        to_oval = np.linalg.norm(upright[used, None] - upright[list(FACE_OVAL)], axis=2).min(1)
        depth = depth_inside(rest[used, :2], rest[mesh.silhouette])
        sides = (to_oval < _SIDE_DISTANCE) | (depth < _SILHOUETTE_DISTANCE * mesh.frame.scale)
        self.vertices = np.setdiff1d(used[(occluded[used] > 0) & sides], _FEATURES)
        """`(U,)`: the vertices that borrow their skin."""
        well_visible = (cosine[used] > _WELL_VISIBLE_COSINE) & (inside[used] > _EDGE_MARGIN)
        donors = np.setdiff1d(used[well_visible], _FEATURES)
        distance = np.linalg.norm((upright[self.vertices, None] - upright[donors]) * _ANISOTROPY, axis=2)
        nearest = np.argsort(distance, 1)[:, :_NEIGHBOURS]
        weights = 1 / np.maximum(np.take_along_axis(distance, nearest, 1), 1e-3) ** 2
        weights /= weights.sum(1, keepdims=True)
        borrowed = (weights[..., None] * rest[donors[nearest], :2]).sum(1) - rest[self.vertices, :2]
        self._full_offset = (occluded[self.vertices, None] * borrowed).astype(np.float32)
        self._normals = normals[self.vertices].astype(np.float32)

    def texture_offset(self, rotation: np.ndarray) -> np.ndarray:
        """How far in px from their own places `vertices` take their colours, `(U, 2)`.

        `rotation` `(3, 3)`: the head's, applied to row vectors from the right.
        """
        growth = self._normals[:, 2] - self._normals @ rotation[:, 2]
        return smoothstep(growth, 0.0, _FADE_IN)[:, None] * self._full_offset


def _vertex_normals(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Unit normals `(N, 3)` pointing out of the face; 0 for vertices without a triangle."""
    a, b, c = points[triangles].swapaxes(0, 1)
    faces = np.cross(b - a, c - a)
    normals = np.zeros_like(points)
    for corner in triangles.T:
        np.add.at(normals, corner, faces)
    return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
