"""Rims of glasses in a photo: they stay in front of lids that close behind them.

Glasses show first at the bridge, a dark bar across the root of the nose where skin has none. From there on,
each rim is the closed path around an eye along which the photo is darker than on both sides.
"""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.easing import smoothstep
from pipeline.faces.landmarks import EYE_CORNERS, EYES, LANDMARKS, LOWER_NOSE_BRIDGE, NASION, UPPER_LID
from pipeline.puppet.painting.palette import LUMA

_THICKEST = 0.14
"""Width of the thickest rim, in inter-ocular distances."""
_WIDEST_SHINE = 0.045
"""Width of the widest rim of metal that shines, in inter-ocular distances."""
_BRIDGE_REACH, _BRIDGE_ROWS = 0.13, (-0.15, 0.3)
"""Half the width that a bridge spans at least, and the heights below the eyes' line between which it lies."""
_BRIDGE_CONTRAST = 0.1
"""Share of the skin's light that it takes: on photos without glasses, at most 0.06."""
_RADII = (0.27, 0.85)
"""How far from the middle of the eye a rim lies, in inter-ocular distances; above and below, `_FLATNESS`
times nearer."""
_FLATNESS = 1.35
_ANGLES = 180
_BEND_COST = 0.04
"""What a step of one px outwards or inwards from one angle to the next costs, as a contrast."""
_LEAST_CONTRAST = 0.12
"""Contrast from which a point of the path shows the rim."""
_RIM_DEPTH = 0.4, 0.65
"""Shares of the path's own contrast between which a pixel beside it comes to count as rim."""
_LEAST_SEEN = 0.4
"""Share of the path that must show such a contrast."""
_SHORTEST = 0.12
"""Length of the shortest piece of a rim that is kept, in inter-ocular distances."""
_LASH_ZONE, _LASH_OVERHANG = 0.06, 0.25
"""Distance from a lid's edge up to which a dark line is lashes, in inter-ocular distances, and how far beyond
the outer corner, as a share of the eye's width."""
_CROSSING_REACH = 0.6
"""How far beyond the outer corner a rim is looked for, as a share of the eye's width."""
_CROSSING_LEAST, _CROSSING_MOST = 1.5 * _LASH_ZONE, 3 * _LASH_ZONE
"""How far above and below that corner a rim must reach, farther than lashes do, and up to where it is looked
for, in inter-ocular distances."""
_SEEN = 0.1
"""How surely a pixel must be a rim to count as a part of one."""
_HELD = 0.05, 0.25
"""Distances from a rim, in inter-ocular distances, up to which skin is held and from which it is free."""
_ARMS, _ARM_HEIGHTS = (0.7, 0.85), (0.2, 0.35)
"""Arms of glasses lie before the skin that is farther than this from between the eyes, sideways, and nearer
than this up or down: where that begins to be so and where it is so in full, or no longer, in inter-ocular
distances."""


def rims(image: np.ndarray, rest: np.ndarray, scale: float) -> np.ndarray | None:
    """How surely each pixel of a photo is a rim of glasses, `(H, W)` float32, 0 to 1; None without glasses.

    `image` `(H, W, 3)` uint8; `rest` `(N, 3)` px, landmarks first; `scale`: px between the eyes.
    """
    points = rest[:, :2].astype(np.float64)
    contrast = _contrast(image, scale)
    axis, down = _axes(points)
    if _bridge_contrast(contrast, points, axis, down, scale) < _BRIDGE_CONTRAST:
        return None
    contrast = np.maximum(contrast, _shine(image, scale))
    mask = np.zeros(contrast.shape, np.float32)
    for eye in EYES:
        path = _rim_path(contrast, points[list(EYE_CORNERS[eye])].mean(0), axis, down, scale)
        if (_values(contrast, path) > _LEAST_CONTRAST).mean() >= _LEAST_SEEN:
            mask = np.maximum(mask, _along(path, contrast, scale))
    crossing = np.zeros(mask.shape, bool)
    for eye in EYES:
        crossing |= _crossing(mask, points, eye, axis, down, scale)
    lashless = mask.copy()
    for eye in EYES:
        edge = points[list(UPPER_LID[eye])]
        # lashes reach on beyond the outer corner
        edge = np.vstack([edge[0] + _LASH_OVERHANG * (edge[0] - edge[-1]), edge])
        lashes = np.round(edge).astype(np.int32)
        cv2.polylines(lashless, [lashes], False, 0.0, max(round(2 * _LASH_ZONE * scale), 1))
    mask = np.where(crossing, mask, lashless)
    return cv2.GaussianBlur(_without_specks(mask, _SHORTEST * scale), (0, 0), 0.5)


def mobility(rims: np.ndarray, rest: np.ndarray, scale: float) -> np.ndarray:
    """How freely each landmark may move beside the `rims` of glasses and their arms: `(478,)`, 0 to 1.

    `rims` `(H, W)`, 0 to 1; `rest` `(N, 3)` px, landmarks first; `scale`: px between the eyes.
    """
    points = rest[:LANDMARKS, :2].astype(np.float64)
    distance = cv2.distanceTransform((rims < 0.5).astype(np.uint8), cv2.DIST_L2, 3) / np.float32(scale)
    axis, down = _axes(points)
    place = points - np.mean([points[list(EYE_CORNERS[eye])].mean(0) for eye in EYES], 0)
    across, below = (np.abs(place @ way) / scale for way in (axis, down))
    arms = smoothstep(across, *_ARMS) * (1 - smoothstep(below, *_ARM_HEIGHTS))
    return np.asarray(smoothstep(_values(distance, points), *_HELD) * (1 - arms), np.float32)


def _crossing(
    mask: np.ndarray, points: np.ndarray, eye: str, axis: np.ndarray, down: np.ndarray, scale: float
) -> np.ndarray:
    """Which pixels of `mask` `(H, W)` lie beside the outer corner of an eye and belong to what goes on above
    and below it, as a rim does and lashes do not: `(H, W)` bool."""
    corner, inner = points[[UPPER_LID[eye][0], UPPER_LID[eye][-1]]]
    y, x = np.mgrid[: mask.shape[0], : mask.shape[1]]
    outwards = axis * np.sign((corner - inner) @ axis)
    along, below = ((x - corner[0]) * way[0] + (y - corner[1]) * way[1] for way in (outwards, down))
    reach = _CROSSING_REACH * float(np.linalg.norm(corner - inner))
    beside = (mask > _SEEN) & (along > 0) & (along < reach) & (np.abs(below) < _CROSSING_MOST * scale)
    _, labels = cv2.connectedComponents(beside.astype(np.uint8))
    margin = _CROSSING_LEAST * scale
    kept = np.intersect1d(labels[beside & (below < -margin)], labels[beside & (below > margin)])
    return np.isin(labels, kept) & beside


def _without_specks(mask: np.ndarray, length: float) -> np.ndarray:
    """`mask` `(H, W)` float32 without what is shorter than `length` px both across and down."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats((mask > _SEEN).astype(np.uint8))
    sizes = stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(1)
    return np.asarray(mask * (sizes >= length)[labels])


def _along(path: np.ndarray, contrast: np.ndarray, scale: float) -> np.ndarray:
    """`(H, W)` float32: which pixels belong to the rim along `path` `(K, 2)` px: about as dark as it is."""
    depths = _values(contrast, path)
    seen = depths > _LEAST_CONTRAST
    usual = cv2.blur(np.r_[depths, depths, depths][None], (9, 1))[0, len(path) : 2 * len(path)]
    depth = np.zeros(contrast.shape, np.float32)
    for k in np.flatnonzero(seen & np.roll(seen, -1)).tolist():
        start, end = (np.round(path[j]).astype(int).tolist() for j in (k, (k + 1) % len(path)))
        cv2.line(depth, start, end, float(usual[k]), max(round(_THICKEST * scale), 1))
    near = depth > 0
    share = contrast / np.where(near, depth, 1)
    rim = (near * smoothstep(share, *_RIM_DEPTH)).astype(np.float32)
    # wrinkles and lashes beside the path are as dark, but not joined to it
    core = np.zeros(contrast.shape, np.uint8)
    for x, y in np.round(path[seen]).astype(int).tolist():
        cv2.circle(core, (x, y), 1, 1, -1)
    _, labels = cv2.connectedComponents((rim > 0.3).astype(np.uint8))
    joined = np.setdiff1d(np.unique(labels[core > 0]), [0])
    return np.asarray(rim * np.isin(labels, joined))


def _contrast(image: np.ndarray, scale: float) -> np.ndarray:
    """`(H, W)` float32: the share of the light around that thin dark structures take."""
    light = (cv2.GaussianBlur(image, (0, 0), max(0.006 * scale, 0.3)) @ LUMA).astype(np.float32)
    size = round(_THICKEST * scale) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    around = np.maximum(cv2.morphologyEx(light, cv2.MORPH_CLOSE, kernel), 1)
    return np.asarray((around - light) / around)


def _shine(image: np.ndarray, scale: float) -> np.ndarray:
    """As `_contrast`, of thin bright structures: rims of metal are both."""
    light = np.maximum(image @ LUMA, 1).astype(np.float32)
    size = max(round(_WIDEST_SHINE * scale), 1) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    return np.asarray((light - cv2.morphologyEx(light, cv2.MORPH_OPEN, kernel)) / light)


def _axes(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors along the line of the eyes, from the right to the left one, and down the face."""
    right, left = (points[list(EYE_CORNERS[eye])].mean(0) for eye in EYES)
    axis = (left - right) / max(float(np.linalg.norm(left - right)), 1e-3)
    return axis, np.array([-axis[1], axis[0]])


def _bridge_contrast(
    contrast: np.ndarray, points: np.ndarray, axis: np.ndarray, down: np.ndarray, scale: float
) -> float:
    """The contrast of the clearest bar across the root of the nose."""
    middle = (points[list(EYE_CORNERS["Right"])].mean(0) + points[list(EYE_CORNERS["Left"])].mean(0)) / 2
    nose = points[[NASION, LOWER_NOSE_BRIDGE]] - middle
    rows = np.arange(_BRIDGE_ROWS[0] * scale, _BRIDGE_ROWS[1] * scale, 0.5)
    ridge = np.interp(rows, nose @ down, nose @ axis)
    across = np.linspace(-_BRIDGE_REACH, _BRIDGE_REACH, 11) * scale
    bars = middle + rows[:, None, None] * down + (ridge[:, None] + across)[..., None] * axis
    # a bar may be curved or aslant
    slack = cv2.dilate(contrast, np.ones((max(round(0.05 * scale), 1), 1), np.uint8))
    return float(np.quantile(_values(slack, bars), 0.15, axis=1).max())


def _rim_path(
    contrast: np.ndarray, eye: np.ndarray, axis: np.ndarray, down: np.ndarray, scale: float
) -> np.ndarray:
    """The closed path `(_ANGLES, 2)` px around an eye that is darkest against its sides."""
    angles = np.linspace(0, 2 * np.pi, _ANGLES, endpoint=False)[:, None]
    directions = np.cos(angles) * axis + np.sin(angles) * down / _FLATNESS
    radii = np.arange(_RADII[0] * scale, _RADII[1] * scale)
    points = eye + 0.03 * scale * down + radii[None, :, None] * directions[:, None]
    costs = -np.clip(_values(contrast, points), 0, 0.35)
    best, steps = np.zeros(len(radii)), np.zeros(costs.shape, int)
    # twice around, so that the end meets the beginning
    for turn in range(2 * _ANGLES):
        row = turn % _ANGLES
        padded = np.pad(best, 2, constant_values=np.inf)
        from_each = np.stack([padded[k : k + len(best)] + _BEND_COST * abs(k - 2) for k in range(5)])
        steps[row] = from_each.argmin(0) - 2
        best = from_each.min(0) + costs[row]
    at = np.empty(_ANGLES, int)
    place = int(best.argmin())
    for row in range(_ANGLES - 1, -1, -1):
        at[row] = place
        place = min(max(place + int(steps[row, place]), 0), len(radii) - 1)
    return np.asarray(points[np.arange(_ANGLES), at])


def _values(field: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The values of `field` `(H, W)` float32 at `points` `(…, 2)` px, between its pixels."""
    flat = points.reshape(1, -1, 2).astype(np.float32)
    values = cv2.remap(field, flat[..., 0], flat[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(values.reshape(points.shape[:-1]))
