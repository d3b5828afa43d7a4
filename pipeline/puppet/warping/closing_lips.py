"""Lips that a photo shows apart, when they close: which of its pixels are lip and which are teeth.

The tracked edge of an open mouth has a pixel or more of teeth or of darkness on it, which would remain as a
dotted line where the lips meet, and the corners are dark. As they close, each lip's own colours go on to its
edge and into the corners.
"""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.easing import smoothstep
from pipeline.faces.landmarks import (
    INNER_LIPS,
    INNER_LOWER_LIP,
    INNER_UPPER_LIP,
    LOWER_LIP,
    MOUTH_CORNERS,
    OUTER_LIPS,
    OUTER_LOWER_LIP,
    OUTER_UPPER_LIP,
    UPPER_LIP,
)
from pipeline.puppet.geometry.lower_face import LowerFaceWarp, lip_gap
from pipeline.puppet.geometry.mesh import Mesh
from pipeline.puppet.painting.filling import filled
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
_INSETS = np.linspace(0.15, 0.6, 10)
"""How far from its edge a lip's own colour may begin, as shares of its height."""
_BODY = 4
"""Index of the share from which a lip has its own colour, for the most part."""
_NEIGHBOURS = 2
"""Places on either side that tell the lip's own colour too: light changes along a lip."""
_MAX_DIFFERENCE = 0.16
"""Largest difference from that colour, as a share of its brightness, of what still counts as lip."""
_ROWS = (INNER_UPPER_LIP, OUTER_UPPER_LIP), (INNER_LOWER_LIP, OUTER_LOWER_LIP)
_EDGES = [*INNER_UPPER_LIP[1:-1], *INNER_LOWER_LIP[1:-1]]
_BEYOND = 0.03
"""How far the darkness in the corners of an open mouth reaches beyond them, in inter-ocular distances."""
_SURROUNDINGS = 0.1
"""How far around the lips colours are looked for to fill in, in inter-ocular distances."""
_SKIN = 0.15
"""Weight of the skin beside the lips where their colour is filled in, relative to the lips'."""
_ALIKE = 0.2
"""Difference from a lip's own colour, as a share of its brightness, at which what is within its outline
counts a third: outlines are tracked roughly, and skin that got into them would fill the lip."""
_LEAST_ALIKE = 0.02
"""What it counts at least: where nothing is alike, the light on the lip changes rather than the lip."""
_RIM = 0.012
"""How much wider than was found what is filled in is, in inter-ocular distances."""
_SOFT = 0.008
"""Blur of the edge of what is filled in, in inter-ocular distances."""
_STEP = 2.0
"""Px over which one lip's colours give way to the other's: the line between them has no steps."""
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
        self._lips = LipTexture(texture, points, (_BEYOND + _SURROUNDINGS) * scale)
        change = _closed(self._lips.rest, self._lips.points, scale) - self._lips.rest
        lightened = float(smoothstep(gap / mesh.frame.scale, *_LIGHTENED_GAPS))
        self._change = np.minimum(change, 0) + np.float32(lightened) * np.maximum(change, 0)

    def show(self, vertices: np.ndarray) -> None:
        """Put the lips into the texture as they are where the mesh's `vertices` `(N, 3)` px are."""
        if not self.gap:
            return
        gap = float(np.linalg.norm(vertices[UPPER_LIP] - vertices[LOWER_LIP]))
        self._lips.show(self._change, 1 - float(smoothstep(gap / self.gap, *_FILLED)))


def _closed(image: np.ndarray, points: np.ndarray, scale: float) -> np.ndarray:
    """`image` `(h, w, 3)` without what is between its lips, filled with each lip's own colours: float32.

    `points` `(N, 2)` px: the vertices.
    """
    first, last = points[list(MOUTH_CORNERS)]
    along = (last - first) / np.linalg.norm(last - first)
    upper, lower = np.split(points[_EDGES] + _lip_starts(image, points) * _across(points), 2)
    ends = first - _BEYOND * scale * along, last + _BEYOND * scale * along
    hole = _polygon(np.vstack([ends[0], upper, ends[1], lower[::-1]]), image.shape[:2])
    hole = np.maximum(hole, _polygon(points[list(INNER_LIPS)], image.shape[:2]))
    hole = cv2.dilate(hole, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, [2 * round(_RIM * scale) + 1] * 2))
    lips = _polygon(points[list(OUTER_LIPS)], image.shape[:2])
    trust = np.where(hole > 0, 0.0, np.where(lips > 0, 1.0, _SKIN))
    ways = np.split(_across(points), 2)
    below = _below(np.vstack([ends[0], (upper + lower) / 2, ends[1]]), along, image.shape[:2])
    soft = cv2.GaussianBlur(hole, (0, 0), _SOFT * scale)[..., None]
    colours = np.zeros(image.shape, np.float32)
    for share, (inner, _), way in zip((1 - below, below), _ROWS, ways, strict=True):
        edge = points[list(inner[1:-1]), :2]
        own = _own_colours(_lip_colours(image, edge, way))
        x = _along(along, image.shape[:2])
        local = np.stack([np.interp(x, edge @ along, channel) for channel in own.T], -1)
        known = trust * (share > 0.5) * np.where(lips > 0, _alike(image, local), 1.0)
        colours += share[..., None] * filled(image, known, scale)
    return image + soft * (colours - image)


def _alike(image: np.ndarray, own: np.ndarray) -> np.ndarray:
    """How much of the lip's `own` colour there, `(h, w, 3)`, each pixel of `image` has: `(h, w)` up to 1."""
    return np.maximum(np.exp(-((_difference(image, own) / _ALIKE) ** 2)), _LEAST_ALIKE)


def _difference(colours: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Of `colours` `(…, 3)` from a lip's `own` `(…, 3)`, as shares of its brightness: `(…)`."""
    return np.asarray(np.abs(colours - own).mean(-1) / np.maximum(own.mean(-1), 1.0))


def _polygon(points: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """`(h, w)` float32: 1 within `points` `(K, 2)` px."""
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [np.round(points * 16).astype(np.int32)], 1, cv2.LINE_8, 4)
    return mask.astype(np.float32)


def _below(line: np.ndarray, along: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """How much of each pixel, `(h, w)` float32, is below the `line` `(K, 2)` px, which runs in about the
    direction `along`."""
    down = np.array([-along[1], along[0]], np.float32)
    forward = _along(along, shape)
    depth = _along(down, shape) - np.interp(forward, line @ along, line @ down)
    return np.asarray(np.clip(depth / _STEP + 0.5, 0, 1), np.float32)


def _along(direction: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """How far each pixel `(h, w)` is from the first one in a `direction` `(2,)`, in px."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    return np.asarray(x * direction[0] + y * direction[1])


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
    colours = _lip_colours(image, edge, across)
    difference = _difference(colours, _own_colours(colours)[:, None])
    foreign = difference > _MAX_DIFFERENCE
    # skin on the far side of a thin lip is no reason to fill the lip
    beyond = np.logical_and.accumulate(foreign[:, ::-1], axis=1)[:, ::-1]
    foreign &= ~beyond | beyond.all(1, keepdims=True)
    # the last foreign pixel decides; where all of them are, the light on the lip changes rather than the lip
    last = np.where(foreign.any(1), len(_INSETS) - 1 - foreign[:, ::-1].argmax(1), -1)
    start = _INSETS[np.minimum(last + 1, len(_INSETS) - 1)]
    # neighbours agree, or the lip's edge would be ragged
    smooth = np.convolve(np.pad(start, 1, mode="edge"), np.full(3, 1 / 3), "valid")
    return np.maximum(smooth, start)


def _lip_colours(image: np.ndarray, edge: np.ndarray, across: np.ndarray) -> np.ndarray:
    """Colours `(K, 10, 3)` at `_INSETS` on the ways `across` `(K, 2)` px from the `edge` of a lip."""
    points = (edge[:, None] + _INSETS[:, None] * across[:, None]).astype(np.float32)
    return cv2.remap(
        image, points[..., 0], points[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    ).astype(np.float32)


def _own_colours(colours: np.ndarray) -> np.ndarray:
    """The lip's own colours `(K, 3)` at each of K places along it, from all `colours` `(K, 10, 3)` there."""
    padded = np.pad(colours[:, _BODY:], [(_NEIGHBOURS, _NEIGHBOURS), (0, 0), (0, 0)], mode="edge")
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * _NEIGHBOURS + 1, axis=0)
    return np.asarray(np.median(around, axis=(1, 3)), np.float32)
