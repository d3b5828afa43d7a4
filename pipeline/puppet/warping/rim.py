"""The rim of a face: where its surroundings end, which hides behind a cheek that turns towards them.

As one skin with the face, hair and neck would be squeezed in front of that cheek. They pass
beneath it instead.
"""

from __future__ import annotations

import numpy as np

from pipeline.puppet.geometry.mesh import Mesh


class Rim:
    """Where the surroundings of one face end."""

    def __init__(self, mesh: Mesh) -> None:
        self._rest = mesh.rest[:, :2]
        self._silhouette, self._grid = mesh.silhouette, mesh.grid
        outline = mesh.rest[mesh.silhouette, :2]
        along = np.roll(outline, -1, 0) - np.roll(outline, 1, 0)
        out = np.column_stack([along[:, 1], -along[:, 0]])
        if (out * (outline - outline.mean(0))).sum() < 0:
            out = -out
        self._outward = out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-6)
        self._beside = _beside(mesh)

    def tucked(self, vertices: np.ndarray) -> np.ndarray:
        """`vertices` `(N, 3)` px, with the silhouette where the surroundings end: at the face or beneath."""
        moved = vertices[self._silhouette, :2] - self._rest[self._silhouette]
        around = self._beside @ (vertices[self._grid, :2] - self._rest[self._grid])
        ahead = np.maximum(((moved - around) * self._outward).sum(1, keepdims=True), 0)
        tucked = vertices.copy()
        tucked[self._silhouette, :2] -= ahead * self._outward
        return tucked


def _beside(mesh: Mesh) -> np.ndarray:
    """`(K, E)` float32: the shares of the grid's vertices in what is beside each vertex of the silhouette."""
    first = mesh.grid.start
    beside = np.zeros((len(mesh.silhouette), len(mesh.rest) - first), np.float32)
    for row, vertex in zip(beside, mesh.silhouette.tolist(), strict=True):
        corners = np.unique(mesh.outer_triangles[(mesh.outer_triangles == vertex).any(1)])
        row[corners[corners >= first] - first] = 1
    # a vertex of the silhouette without neighbours of its own takes those of its neighbours
    lone = beside.sum(1) == 0
    beside[lone] = (np.roll(beside, 1, 0) + np.roll(beside, -1, 0))[lone]
    return beside / np.maximum(beside.sum(1, keepdims=True), 1)
