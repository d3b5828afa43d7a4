"""Lips that a photo shows apart, when they close: which of its pixels are lip and which are teeth.

The tracked edge of an open mouth has a pixel or more of teeth or of darkness on it, which would remain as a
dotted line where the lips meet. As they close, each edge takes its colours from where the lip's own begin.
"""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.easing import smoothstep
from pipeline.faces.landmarks import (
    INNER_LOWER_LIP,
    INNER_UPPER_LIP,
    LOWER_LIP,
    OUTER_LOWER_LIP,
    OUTER_UPPER_LIP,
    UPPER_LIP,
)
from pipeline.puppet.geometry.lower_face import LowerFaceWarp, lip_gap
from pipeline.puppet.geometry.mesh import Mesh

_PARTED_GAP = 0.04
"""Gap of a photo's lips, in inter-ocular distances, from which they are apart."""
_CLOSING = 0.15, 0.7
"""Shares of that gap between which lips count as closing."""
_INSETS = np.linspace(0.3, 0.7, 9)
"""How far from its edge a lip's own colour may begin, as shares of its height."""
_BODY = 0.7
"""Share of its height at which a lip surely has its own colour."""
_MAX_DIFFERENCE = 0.16
"""Largest difference from that colour, as a share of its brightness, of what still counts as lip."""
_ROWS = (INNER_UPPER_LIP, OUTER_UPPER_LIP), (INNER_LOWER_LIP, OUTER_LOWER_LIP)
_EDGES = [*INNER_UPPER_LIP[1:-1], *INNER_LOWER_LIP[1:-1]]
_PERSISTENCE = 0.6
"""How much of the previous frame's finding stays where less is found: one frame of a video is noisy."""


class ClosingLips:
    """The inner edges of one photo's lips."""

    def __init__(self, image: np.ndarray, mesh: Mesh) -> None:
        """`image` `(H, W, 3)` uint8."""
        self.vertices = _EDGES
        gap = float(np.linalg.norm(mesh.rest[UPPER_LIP] - mesh.rest[LOWER_LIP]))
        self.gap = gap if gap > _PARTED_GAP * mesh.frame.scale else 0.0
        """How far the photo's lips are apart in px; 0 for lips that are closed in it."""
        if self.gap:
            self._offsets = _lip_starts(image, mesh.rest) * _across(mesh.rest)

    def texture_offset(self, vertices: np.ndarray) -> np.ndarray:
        """How far in px from their own places `self.vertices` take their colours, `(18, 2)`.

        `vertices` `(N, 3)` px: where the mesh is now.
        """
        gap = float(np.linalg.norm(vertices[UPPER_LIP] - vertices[LOWER_LIP]))
        return np.float32(1 - smoothstep(gap / self.gap, *_CLOSING)) * self._offsets


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
        found = _lip_starts(image, landmarks)
        if self._starts is not None:
            found = np.maximum(found, found + _PERSISTENCE * (self._starts - found))
        self._starts = found
        inside = landmarks[_EDGES, :2] + found * _across(landmarks)
        closing = 1 - float(smoothstep(lip_gap(warp.posed.vertices) / gap, *_CLOSING))
        source = warp.source.copy()
        source[_EDGES] += np.float32(closing) * (inside - source[_EDGES])
        return source


def _across(points: np.ndarray) -> np.ndarray:
    """From the inner edges of lips to the outer ones, `(18, 2)` px: all but the corners."""
    parts = [points[list(outer[1:-1]), :2] - points[list(inner[1:-1]), :2] for inner, outer in _ROWS]
    return np.concatenate(parts).astype(np.float32)


def _lip_starts(image: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Where the colour of the lips at `points` `(N, 2 or more)` px begins, as shares of the way `_across`:
    `(18, 1)` float32."""
    way = np.split(_across(points), 2)
    starts = [
        _lip_start(image, points[list(inner[1:-1]), :2], across)
        for (inner, _), across in zip(_ROWS, way, strict=True)
    ]
    return np.concatenate(starts)[:, None].astype(np.float32)


def _lip_start(image: np.ndarray, edge: np.ndarray, across: np.ndarray) -> np.ndarray:
    """Where a lip's own colour begins: `(K,)` shares of the way `across` `(K, 2)` px from its `edge`."""
    shares = np.append(_INSETS, _BODY)
    points = (edge[:, None] + shares[:, None] * across[:, None]).astype(np.float32)
    colours = cv2.remap(
        image, points[..., 0], points[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    ).astype(np.float32)
    body = np.median(colours[:, -1], 0)
    difference = np.abs(colours[:, :-1] - body).mean(2) / max(float(body.mean()), 1.0)
    foreign = difference > _MAX_DIFFERENCE
    # the last foreign pixel decides; where all of them are, the light on the lip changes rather than the lip
    last = np.where(foreign.any(1), len(_INSETS) - 1 - foreign[:, ::-1].argmax(1), -1)
    start = _INSETS[np.minimum(last + 1, len(_INSETS) - 1)]
    # neighbours agree, or the lip's edge would be ragged
    smooth = np.convolve(np.pad(start, 1, mode="edge"), np.full(3, 1 / 3), "valid")
    return np.maximum(smooth, start)
