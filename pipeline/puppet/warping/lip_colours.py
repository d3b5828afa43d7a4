"""Lips as they are without what is between them: each lip's own colours, up to its edge and into the corners.

The tracked edge of a lip has teeth, darkness or the line between closed lips on it.
"""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.faces.landmarks import (
    INNER_LIPS,
    INNER_LOWER_LIP,
    INNER_UPPER_LIP,
    MOUTH_CORNERS,
    OUTER_LIPS,
    OUTER_LOWER_LIP,
    OUTER_UPPER_LIP,
)
from pipeline.puppet.painting.filling import smoothly_filled

_INSETS = np.linspace(0.15, 0.6, 10)
"""How far from its edge a lip's own colour may begin, as shares of its height."""
_BODY = 4
"""Index of the share from which a lip has its own colour, for the most part."""
_NEIGHBOURS = 2
"""Places on either side that tell the lip's own colour too: light changes along a lip."""
_MAX_DIFFERENCE = 0.16
"""Largest difference from that colour, as a share of its brightness, of what still counts as lip."""
_ROWS = (INNER_UPPER_LIP, OUTER_UPPER_LIP), (INNER_LOWER_LIP, OUTER_LOWER_LIP)
INNER_EDGES = [*INNER_UPPER_LIP[1:-1], *INNER_LOWER_LIP[1:-1]]
"""The edges at which the lips meet, but for the corners."""
BEYOND_CORNERS = 0.03
"""How far the darkness in the corners of an open mouth reaches beyond them, in inter-ocular distances."""
SURROUNDINGS = 0.1
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


def without_opening(image: np.ndarray, points: np.ndarray, scale: float) -> np.ndarray:
    """`image` `(h, w, 3)` without what is between its lips, filled with each lip's own colours: float32.

    `points` `(N, 2)` px: the vertices.
    """
    first, last = points[list(MOUTH_CORNERS)]
    along = (last - first) / np.linalg.norm(last - first)
    upper, lower = np.split(points[INNER_EDGES] + lip_starts(image, points) * across_lips(points), 2)
    ends = first - BEYOND_CORNERS * scale * along, last + BEYOND_CORNERS * scale * along
    hole = polygon(np.vstack([ends[0], upper, ends[1], lower[::-1]]), image.shape[:2])
    hole = np.maximum(hole, polygon(points[list(INNER_LIPS)], image.shape[:2]))
    hole = cv2.dilate(hole, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, [2 * round(_RIM * scale) + 1] * 2))
    lips = polygon(points[list(OUTER_LIPS)], image.shape[:2])
    trust = np.where(hole > 0, 0.0, np.where(lips > 0, 1.0, _SKIN))
    below = _below(np.vstack([ends[0], (upper + lower) / 2, ends[1]]), along, image.shape[:2])
    soft = cv2.GaussianBlur(hole, (0, 0), _SOFT * scale)[..., None]
    colours = np.zeros(image.shape, np.float32)
    for share, local in zip((1 - below, below), colours_along(image, points), strict=True):
        known = trust * (share > 0.5) * np.where(lips > 0, _alike(image, local), 1.0)
        colours += share[..., None] * smoothly_filled(image, known, scale)
    return image + soft * (colours - image)


def colours_along(
    image: np.ndarray, points: np.ndarray, places: slice = slice(None)
) -> tuple[np.ndarray, np.ndarray]:
    """The upper and the lower lip's own colours at each pixel's place along them, both `(h, w, 3)`.

    Read from `image` `(h, w, 3)` at those `places` of the lips at `points` `(N, 2)` px, which count from the
    first after a corner to the last before the other one; beyond them as at the nearest.
    """
    first, last = points[list(MOUTH_CORNERS)]
    along = (last - first) / np.linalg.norm(last - first)
    x = distance_along(along, image.shape[:2])
    found = []
    for (inner, _), way in zip(_ROWS, np.split(across_lips(points), 2), strict=True):
        edge = points[list(inner[1:-1]), :2][places]
        own = _own_colours(_lip_colours(image, edge, way[places]))
        found.append(np.stack([np.interp(x, edge @ along, channel) for channel in own.T], -1))
    return found[0], found[1]


def across_lips(points: np.ndarray) -> np.ndarray:
    """From the inner edges of lips to the outer ones, `(18, 2)` px: all but the corners."""
    parts = [points[list(outer[1:-1]), :2] - points[list(inner[1:-1]), :2] for inner, outer in _ROWS]
    return np.concatenate(parts).astype(np.float32)


def lip_starts(image: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Where the colour of the lips at `points` `(N, 2 or more)` px begins, as shares of the way
    `across_lips`: `(18, 1)` float32."""
    way = np.split(across_lips(points), 2)
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


def _alike(image: np.ndarray, own: np.ndarray) -> np.ndarray:
    """How much of the lip's `own` colour there, `(h, w, 3)`, each pixel of `image` has: `(h, w)` up to 1."""
    return np.maximum(np.exp(-((_difference(image, own) / _ALIKE) ** 2)), _LEAST_ALIKE)


def _difference(colours: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Of `colours` `(…, 3)` from a lip's `own` `(…, 3)`, as shares of its brightness: `(…)`."""
    return np.asarray(np.abs(colours - own).mean(-1) / np.maximum(own.mean(-1), 1.0))


def polygon(points: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """`(h, w)` float32: 1 within `points` `(K, 2)` px."""
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [np.round(points * 16).astype(np.int32)], 1, cv2.LINE_8, 4)
    return mask.astype(np.float32)


def _below(line: np.ndarray, along: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """How much of each pixel, `(h, w)` float32, is below the `line` `(K, 2)` px, which runs in about the
    direction `along`."""
    return np.asarray(np.clip(depth_below(line, along, shape) / _STEP + 0.5, 0, 1), np.float32)


def depth_below(line: np.ndarray, along: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """How far each pixel `(h, w)` is below the `line` `(K, 2)` px, which runs in about the direction `along`,
    in px."""
    down = np.array([-along[1], along[0]])
    return np.asarray(
        distance_along(down, shape) - np.interp(distance_along(along, shape), line @ along, line @ down)
    )


def distance_along(direction: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """How far each pixel `(h, w)` is from the first one in a `direction` `(2,)`, in px."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    return np.asarray(x * direction[0] + y * direction[1])
