"""Lips that a photo shows apart, when they close: which of its pixels are lip and which are teeth.

The tracked edge of an open mouth has a pixel or more of teeth or of darkness on it, which would remain as a
dotted line where the lips meet, and the corners are dark. As they close, each lip's own colours go on to its
edge and into the corners (`lip_colours`).
"""

from __future__ import annotations

import numpy as np

from pipeline.easing import smoothstep
from pipeline.faces.landmarks import LOWER_LIP, UPPER_LIP
from pipeline.puppet.geometry.lower_face import LowerFaceWarp, lip_gap
from pipeline.puppet.geometry.mesh import Mesh
from pipeline.puppet.warping.lip_colours import (
    BEYOND_CORNERS,
    INNER_EDGES,
    SURROUNDINGS,
    across_lips,
    lip_starts,
    without_opening,
)
from pipeline.puppet.warping.lip_texture import LipTexture

_PARTED_GAP = 0.04
"""Gap of a photo's lips, in inter-ocular distances, from which they are apart."""
_CLOSING = 0.15, 0.7
"""Shares of that gap between which the lips of footage count as closing."""
_FILLED = 0.0, 0.35
"""The same for those of a photo: while they are apart, its own edges are nearer to real ones than any filling
(0.06 dB of a mouth re-enacted from a slightly open one)."""
_LIGHTENED_GAPS = 0.05, 0.16
"""Gaps of a photo's lips, in inter-ocular distances, between which what is dark along their edges turns from
the shade that closed lips have too into the darkness of an open mouth, which goes."""
_PERSISTENCE = 0.6
"""How much of the previous frame's finding stays where less is found: one frame of a video is noisy."""


class ClosingLips:
    """The texture of one photo's open mouth, with lips that are lips to their edges as these close."""

    def __init__(self, texture: np.ndarray, points: np.ndarray, mesh: Mesh, scale: float) -> None:
        """`texture` `(h, w, C)` uint8, whose first three channels change from now on with `show`; `points`
        `(N, 2)`: the mesh's vertices in it, `scale` px to each inter-ocular distance.
        """
        gap = float(np.linalg.norm(mesh.rest[UPPER_LIP] - mesh.rest[LOWER_LIP]))
        self.gap = gap if gap > _PARTED_GAP * mesh.frame.scale else 0.0
        """How far the photo's lips are apart in px; 0 for lips that are closed in it."""
        if not self.gap:
            return
        self._lips = LipTexture(texture, points, (BEYOND_CORNERS + SURROUNDINGS) * scale)
        change = without_opening(self._lips.rest, self._lips.points, scale) - self._lips.rest
        lightened = float(smoothstep(gap / mesh.frame.scale, *_LIGHTENED_GAPS))
        self._change = np.minimum(change, 0) + np.float32(lightened) * np.maximum(change, 0)

    def show(self, vertices: np.ndarray) -> None:
        """Put the lips into the texture as they are where the mesh's `vertices` `(N, 3)` px are."""
        if not self.gap:
            return
        gap = float(np.linalg.norm(vertices[UPPER_LIP] - vertices[LOWER_LIP]))
        self._lips.show(self._change, 1 - float(smoothstep(gap / self.gap, *_FILLED)))


class FootageLips:
    """The inner edges of a speaker's lips in the frames of a video, one after the other."""

    def __init__(self) -> None:
        self._starts: np.ndarray | None = None

    def source(self, image: np.ndarray, landmarks: np.ndarray, warp: LowerFaceWarp) -> np.ndarray:
        """`warp.source` `(N, 2)` px with edges of the lips that lie on lips, as far as these close.

        `image` `(H, W, 3)` uint8 and its `landmarks` `(478, 3)` px: the frame.
        """
        gap = lip_gap(landmarks)
        if gap < _PARTED_GAP:
            self._starts = None
            return warp.source
        found = lip_starts(image, landmarks)
        if self._starts is not None:
            found = np.maximum(found, found + _PERSISTENCE * (self._starts - found))
        self._starts = found
        inside = landmarks[INNER_EDGES, :2] + found * across_lips(landmarks)
        closing = 1 - float(smoothstep(lip_gap(warp.posed.vertices) / gap, *_CLOSING))
        source = warp.source.copy()
        source[INNER_EDGES] += np.float32(closing) * (inside - source[INNER_EDGES])
        return source
