"""The triangles of a face and where each is sampled: in the photo, or in the texture of a far side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.puppet.warping.far_sides import LEVELS, FarSide


@dataclass(frozen=True)
class FaceMap:
    """One frame's face: which pixels it covers and where each is from. Valid until the next one is drawn."""

    left: int
    """Px of the image at which the arrays begin."""
    top: int
    map_x: np.ndarray
    """`(h, w)` float32 px of the texture."""
    map_y: np.ndarray
    depth: np.ndarray
    """`(h, w)` float32 px."""
    cover: np.ndarray
    """`(h, w)` uint8: how opaque the face is."""


class FaceSheet:
    """The face cut open along its far sides, so that a vertex there may be sampled in two places."""

    def __init__(
        self, coordinates: np.ndarray, triangles: np.ndarray, sides: list[FarSide], first_row: int
    ) -> None:
        """`coordinates` `(N, 2)` and `triangles` `(K, 3)`: those of the mesh in the photo's texture.

        `first_row`: where in the texture `sides_texture` is put, in px from the top.
        """
        self._sides = sides
        self._rows = [slice(0, 0)] * len(sides)
        """The copied vertices of each side among all."""
        self._places: list[np.ndarray] = []
        """Where the copied vertices of each side are in the first level of its texture, px."""
        self._copied = [triangles.copy() for _ in range(2 ** len(sides))]
        """The triangles while none, one or both of the sides are sampled from their textures."""
        count, left = len(coordinates), 0
        sources = [np.arange(count)]
        for index, side in enumerate(sides):
            vertices, corners = np.unique(triangles[side.triangles], return_inverse=True)
            self._rows[index] = slice(count, count + len(vertices))
            for mask, copied in enumerate(self._copied):
                if mask >> index & 1:
                    copied[side.triangles] = count + corners.reshape(-1, 3)
            self._places.append(side.points[vertices] + np.array([left, first_row], np.float32))
            sources.append(vertices)
            count, left = count + len(vertices), left + side.textures.shape[2]
        self._source = np.concatenate(sources)

    @property
    def sides_texture(self) -> np.ndarray:
        """The textures of all sides, `(h, w, 5)` uint8: sides beside, levels below each other."""
        height = LEVELS * max(side.textures.shape[1] for side in self._sides)
        columns = [
            np.pad(flat, ((0, height - len(flat)), (0, 0), (0, 0)))
            for flat in (side.textures.reshape(-1, *side.textures.shape[2:]) for side in self._sides)
        ]
        return np.concatenate(columns, 1)

    def spread(self, vertices: np.ndarray) -> np.ndarray:
        """`vertices` `(N, 3)` and the copies of some of them."""
        return vertices[self._source]

    def at(self, rotation: np.ndarray, coordinates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The triangles `(K, 3)`, and where in the texture the vertices of `spread` are, `(M, 2)` px.

        `rotation` `(3, 3)`: the head's; `coordinates` `(N, 2)` px: where in the photo's texture the mesh's
        vertices are now.
        """
        places, used = coordinates[self._source], 0
        for index, side in enumerate(self._sides):
            level = side.level(rotation)
            if level:
                used |= 1 << index
                below = np.array([0, (level - 1) * side.textures.shape[1]], np.float32)
                places[self._rows[index]] = self._places[index] + below
        return self._copied[used], places
