"""A lid of a photo taken apart: its skin without lashes, its lashes, and what lies in front of it.

They move differently in a blink. The skin unrolls from the crease; the lashes, rooted in the lid's edge, turn
from pointing up to pointing down; hair and rims of glasses stay. Together, at rest, they are the photo.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.easing import smoothstep
from pipeline.faces.landmarks import EYES
from pipeline.puppet.painting.filling import filled
from pipeline.puppet.painting.lid_chart import SHARES, LidChart, chart_of, skin_below
from pipeline.puppet.painting.palette import LUMA

LASH_REACH = 0.2
"""Height above the lid's edge that lashes can reach, in inter-ocular distances."""
_CHART = -0.02, 0.3
"""Heights between which a chart lies, in inter-ocular distances."""
_PLAIN = 0.025, 0.045
"""The lid's plain skin lies from the first height above the edge to the second above the crease."""
_PLAIN_RANK = 0.7
"""Rank of its brightness among those pixels: lashes are the darker ones."""
_DARKEST = 0.62
"""Least brightness of plain skin as a share of the lids' usual, both relative to the skin below the eye:
where there is less, something hides it."""
_BRIGHTEST = 1.1
"""Greatest brightness of plain skin behind glasses as a share of that of the skin below the eye."""
_LASH_CONTRAST = 0.05, 0.16
"""Shares of light taken from the plain skin between which a pixel comes to count as a lash."""
_HAIR_CONTRAST = 0.4, 0.55
"""The same for hair in front of the lid, which is no lash because lighter skin parts it from the edge."""
_GLARE = 0.25, 0.45
"""Shares of light beyond the plain skin's between which a pixel comes to count as a reflection on glasses."""
_FOLD_CONTRAST = 0.06, 0.16
"""The same for lines that are darker than the skin above and below them: folds, which a lid unrolls."""
_ROOT = 0.02
"""Height of the line of the lashes' roots, in inter-ocular distances."""
_HIGHEST_BRIM = 0.06
"""Greatest height above the tracked edge at which a lid's skin may begin, in inter-ocular distances."""
_SLANT = 0.035
"""How far lashes lean sideways within one place of the chart, as a share of the eye's width."""


@dataclass(frozen=True)
class LidSheet:
    """One lid in the rows and columns of its chart."""

    chart: LidChart
    skin: np.ndarray
    """`(h, w, 3)` float32: without lashes and what lies in front."""
    lashes: np.ndarray
    """`(h, w)` float32: the share of light that passes, 1 where there is no lash."""
    front: np.ndarray
    """`(h, w)` float32: how surely something lies in front of the lid, 0 to 1."""


def read_sheets(
    image: np.ndarray, rest: np.ndarray, scale: float, rims: np.ndarray | None
) -> dict[str, LidSheet]:
    """The sheets of both lids of a photo, by eye.

    Args:
        image: `(H, W, 3)` uint8.
        rest: `(N, 3)` px, landmarks first.
        scale: px between the eyes.
        rims: `(H, W)` float32: where rims of glasses are, 0 to 1.
    """
    low, high = _CHART
    charts = {eye: chart_of(rest, eye, low * scale, high * scale) for eye in EYES}
    pixels = {eye: charts[eye].unroll(image) for eye in EYES}
    front = {eye: np.zeros(pixels[eye].shape[:2], np.float32) for eye in EYES}
    if rims is not None:
        front = {eye: np.clip(charts[eye].unroll(rims), 0, 1) for eye in EYES}
    plain = _plain_light(image, rest, charts, pixels, front, scale)
    return {eye: _taken_apart(charts[eye], pixels[eye], front[eye], plain[eye], scale) for eye in EYES}


def _taken_apart(
    chart: LidChart, pixels: np.ndarray, rims: np.ndarray, plain: np.ndarray, scale: float
) -> LidSheet:
    light = np.maximum(pixels @ LUMA, 1)
    contrast = 1 - light / plain
    lashes = _lash_presence(chart, contrast, _brim(chart, light, scale), scale) * (1 - rims)
    front = np.maximum(rims, _hair(chart, contrast, lashes, scale))
    if rims.any():
        front = np.maximum(front, _glare(-contrast, scale))
    around = cv2.dilate(front, np.ones((3, 3), np.uint8))
    blanks = np.max([lashes, around, _folds(chart, light, scale), _shade(chart, contrast, scale)], 0)
    skin = filled(pixels, 1 - blanks, scale)
    passing = np.clip(light / np.maximum(skin @ LUMA, 1), 0, 1)
    return LidSheet(chart, skin, 1 - _joined(chart, lashes * (1 - passing)), front)


def _plain_light(
    image: np.ndarray, rest: np.ndarray, charts: dict[str, LidChart], pixels: dict[str, np.ndarray],
    front: dict[str, np.ndarray], scale: float,
) -> dict[str, np.ndarray]:  # fmt: skip
    """`(w,)` by eye: the brightness of the lid's plain skin in each column."""
    low, margin = (share * scale for share in _PLAIN)
    plain, below = {}, {}
    for eye, chart in charts.items():
        heights = chart.heights[:, None]
        usable = (heights >= low) & (heights <= chart.crease + margin) & (front[eye] < 0.2)
        light = np.where(usable, pixels[eye] @ LUMA, np.nan)
        seen = usable.sum(0) >= 2
        below[eye] = np.interp(chart.shares, SHARES, skin_below(image, rest, eye, scale) @ LUMA)
        plain[eye] = below[eye].copy()
        if seen.any():
            ranked = np.nanquantile(light[:, seen], _PLAIN_RANK, axis=0)
            plain[eye] = np.interp(chart.shares, chart.shares[seen], ranked)
        if front[eye].any():
            # a reflection on glasses may cover the lid from edge to crease
            plain[eye] = np.minimum(plain[eye], _BRIGHTEST * below[eye])
    # hair over one lid leaves the other to tell how bright a lid of this face is
    usual = max(float(np.median(plain[eye] / below[eye])) for eye in charts)
    return {eye: _blurred(np.maximum(plain[eye], _DARKEST * usual * below[eye])) for eye in charts}


def _blurred(row: np.ndarray) -> np.ndarray:
    row = row.astype(np.float32)[None]
    return cv2.GaussianBlur(row, (0, 0), 0.05 * row.shape[1], borderType=cv2.BORDER_REPLICATE)[0]


def _brim(chart: LidChart, light: np.ndarray, scale: float) -> float:
    """Height in px at which the lid's skin begins: on some faces, the eye reaches above its tracked edge."""
    step = max(round(0.012 * scale), 1)
    rows = (chart.heights >= 0) & (chart.heights <= _HIGHEST_BRIM * scale)
    middle = (chart.shares > 0.25) & (chart.shares < 0.75)
    smooth = cv2.GaussianBlur(light, (0, 0), 0.7 * step)
    rise = (np.roll(smooth, -step, 0) - np.roll(smooth, step, 0))[rows][:, middle]
    first = (rise > 0.6 * rise.max(0)).argmax(0)
    return float(np.median(chart.heights[rows][first]))


def _lash_presence(chart: LidChart, contrast: np.ndarray, brim: float, scale: float) -> np.ndarray:
    """How surely each pixel is a lash, `(h, w)`, 0 to 1: dark, and joined to the edge by dark pixels.

    `brim`: height in px at which the lid's skin begins.
    """
    dark = smoothstep(contrast, *_LASH_CONTRAST).astype(np.float32)
    across = max(round(_SLANT * len(chart.shares)), 1) | 1
    joined = cv2.dilate(dark, np.ones((1, across), np.uint8))
    joined[chart.heights < brim + _ROOT * scale] = 1
    joined = np.minimum.accumulate(joined, 0)
    within = 1 - smoothstep(chart.heights / scale, 0.8 * LASH_REACH, LASH_REACH)
    presence = np.minimum(dark, joined) * within[:, None]
    presence[chart.heights < brim + 0.6 * _ROOT * scale] = 1
    return cv2.GaussianBlur(cv2.dilate(presence.astype(np.float32), np.ones((3, 3), np.uint8)), (0, 0), 0.6)


def _joined(chart: LidChart, darkness: np.ndarray) -> np.ndarray:
    """The `darkness` `(h, w)` that is not parted from the edge by lighter pixels: a fold that lashes reach is
    not one of them."""
    across = max(round(_SLANT * len(chart.shares)), 1) | 1
    near = cv2.dilate(darkness.astype(np.float32), np.ones((3, across), np.uint8))
    near[chart.heights < 1] = 1
    return np.minimum(darkness, np.minimum.accumulate(near, 0)).astype(np.float32)


def _hair(chart: LidChart, contrast: np.ndarray, lashes: np.ndarray, scale: float) -> np.ndarray:
    """How surely each pixel is hair that hangs before the lid, `(h, w)`, 0 to 1."""
    height = chart.heights[:, None]
    on_lid = smoothstep(height / scale, 0.03, 0.05) * (
        1 - smoothstep((height - chart.crease) / scale, 0.03, 0.06)
    )
    hair = smoothstep(contrast, *_HAIR_CONTRAST) * on_lid * (1 - lashes)
    size = max(round(0.04 * scale), 2)
    return cv2.morphologyEx(hair.astype(np.float32), cv2.MORPH_OPEN, np.ones((size, size), np.uint8))


def _shade(chart: LidChart, contrast: np.ndarray, scale: float) -> np.ndarray:
    """How surely each pixel up to the crease is too dark to be skin, `(h, w)`, 0 to 1: hair or its shadow."""
    below = 1 - smoothstep((chart.heights[:, None] - chart.crease) / scale, 0.0, 0.04)
    return np.asarray(smoothstep(contrast, *_HAIR_CONTRAST) * below, np.float32)


def _glare(excess: np.ndarray, scale: float) -> np.ndarray:
    """How surely each pixel is a reflection on glasses, `(h, w)`, 0 to 1; `excess`: what it is brighter than
    skin."""
    size = max(round(0.03 * scale), 2)
    glare = smoothstep(excess, *_GLARE).astype(np.float32)
    return cv2.morphologyEx(glare, cv2.MORPH_OPEN, np.ones((size, size), np.uint8))


def _folds(chart: LidChart, light: np.ndarray, scale: float) -> np.ndarray:
    """How surely each pixel below the crease is a fold of the lid, `(h, w)`, 0 to 1."""
    size = max(round(0.06 * scale), 1) | 1
    around = cv2.morphologyEx(light, cv2.MORPH_CLOSE, np.ones((size, 1), np.uint8))
    below = 1 - smoothstep((chart.heights[:, None] - chart.crease) / scale, -0.01, 0.03)
    return np.asarray(0.8 * smoothstep(1 - light / around, *_FOLD_CONTRAST) * below, np.float32)
