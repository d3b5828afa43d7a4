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
from pipeline.puppet.painting.filling import smoothly_filled
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
_SHEEN_CONTRAST, _SHEEN_SIZE = (0.05, 0.12), 0.07
"""The same for spots that are brighter than the skin around them, and their size in inter-ocular
distances."""
_ROOT = 0.02
"""Height of the line of the lashes' roots, in inter-ocular distances."""
_TINT_HEIGHT = 0.05
"""Height up to which the colour of lashes and of their roots is read, in inter-ocular distances."""
_USUAL_TINT, _USUAL_TRUST = (0.94, 1.02, 1.1), 2.0
"""What their tint mostly is, and how many wholly dark pixels weigh as much."""
_BLACK = 4.0
"""Grey levels added before colours are compared."""
_TINTS = (0.75, 0.9, 0.92), (1.1, 1.25, 1.5)
"""Bounds of a tint."""
_HIGHEST_BRIM = 0.06
"""Greatest height above the tracked edge at which a lid's skin may begin, in inter-ocular distances."""
_WHITE_WARMTH, _LEAST_WARMTH = 0.45, 0.15
"""Share of the skin's warmth, the logarithm of red over blue, up to which a pixel is the white of the eye,
and the skin's warmth from which it tells the two apart."""
_WHITE_LIGHT = 0.45
"""Brightness of the white of the eye as a share of the skin's below it, at least."""
_BLURRED = 0.01
"""How far lashes, hair and rims darken what is beside them in a photo, in inter-ocular distances."""
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
    tint: np.ndarray
    """`(3,)`: the powers of that light that reach the eye in red, green and blue: shade on skin is warm."""


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
    below = {eye: _skin_below(image, rest, eye, charts[eye], scale) for eye in EYES}
    whites = {eye: _eye_white(charts[eye], pixels[eye], below[eye], scale) for eye in EYES}
    hidden = {eye: np.maximum(front[eye], charts[eye].heights[:, None] < whites[eye]) for eye in EYES}
    plain = _plain_light(charts, pixels, hidden, below, scale)
    return {
        eye: _taken_apart(charts[eye], pixels[eye], front[eye], whites[eye], plain[eye], scale)
        for eye in EYES
    }


def _taken_apart(
    chart: LidChart, pixels: np.ndarray, rims: np.ndarray, white: np.ndarray, plain: np.ndarray, scale: float
) -> LidSheet:
    light = np.maximum(pixels @ LUMA, 1)
    contrast = 1 - light / plain
    brim = np.maximum(_brim(chart, light, scale), white)
    lashes = _lash_presence(chart, contrast, brim, scale) * (1 - rims)
    front = np.maximum(rims, _hair(chart, contrast, lashes, scale))
    if rims.any():
        on_lid = chart.heights[:, None] > brim + _ROOT * scale
        front = np.maximum(front, _glare(-contrast, on_lid, scale))
    around = _grown(front, scale)
    folds, sheen, shade = _folds(chart, light, scale), _sheen(chart, light, scale), _shade(contrast)
    blanks = np.max([lashes, around, folds, sheen, shade * _below_crease(chart, 0.0, 0.04, scale)], 0)
    # brows and hair stay where they are, but are no skin to fill a lid from
    skin = smoothly_filled(pixels, 1 - np.maximum(blanks, shade), scale)
    skin += (1 - blanks)[..., None] * (pixels - skin)
    passing = np.clip(light / np.maximum(skin @ LUMA, 1), 0, 1)
    dark = _lowered(_joined(chart, lashes * (1 - passing)), white)
    return LidSheet(chart, skin, 1 - dark, front, _tint(chart, pixels, skin, dark, scale))


def _tint(
    chart: LidChart, pixels: np.ndarray, skin: np.ndarray, dark: np.ndarray, scale: float
) -> np.ndarray:
    """`(3,)`: by which powers of the light that lashes let through the photo darkens red, green and blue.

    `dark` `(h, w)`: what they take, 0 to 1.
    """
    height = chart.heights[:, None]
    near = (height >= 0) & (height <= _TINT_HEIGHT * scale) & (chart.shares > 0) & (chart.shares < 1)
    weight = dark[near]
    front, behind = (np.maximum(colours[near], 0) + _BLACK for colours in (pixels, skin))
    depth = np.log((front @ LUMA) / (behind @ LUMA))
    slope = (weight * depth) @ np.log(front / behind) + _USUAL_TRUST * np.array(_USUAL_TINT)
    return np.clip(slope / ((weight * depth) @ depth + _USUAL_TRUST), *_TINTS)


def _skin_below(image: np.ndarray, rest: np.ndarray, eye: str, chart: LidChart, scale: float) -> np.ndarray:
    """The colour of the skin below an eye in each column of its lid's chart, `(w, 3)`."""
    colours = skin_below(image, rest, eye, scale)
    return np.stack([np.interp(chart.shares, SHARES, part) for part in colours.T], 1)


def _eye_white(chart: LidChart, pixels: np.ndarray, below: np.ndarray, scale: float) -> np.ndarray:
    """How many px above the tracked edge the white of the eye reaches, as it does on painted faces: `(w,)`.

    It is greyer than the skin `below` `(w, 3)`, not as dark as lashes, and goes on to the edge.
    """
    warmth, usual = (
        np.log((part[..., 0] + _BLACK) / (part[..., 2] + _BLACK)) for part in (np.maximum(pixels, 0), below)
    )
    above = (chart.heights >= 0) & (chart.heights < _HIGHEST_BRIM * scale)
    white = (warmth < _WHITE_WARMTH * usual) & (pixels @ LUMA > _WHITE_LIGHT * (below @ LUMA))
    white &= (usual > _LEAST_WARMTH) & (chart.shares > 0) & (chart.shares < 1)
    reach = np.logical_and.accumulate(white[above], 0).sum(0).astype(np.float32)
    return cv2.medianBlur(reach[None], 3)[0]


def _plain_light(
    charts: dict[str, LidChart], pixels: dict[str, np.ndarray], front: dict[str, np.ndarray],
    skin: dict[str, np.ndarray], scale: float,
) -> dict[str, np.ndarray]:  # fmt: skip
    """`(w,)` by eye: the brightness of the lid's plain skin in each column."""
    low, margin = (share * scale for share in _PLAIN)
    plain, below = {}, {}
    for eye, chart in charts.items():
        heights = chart.heights[:, None]
        usable = (heights >= low) & (heights <= chart.crease + margin) & (front[eye] < 0.2)
        light = np.where(usable, pixels[eye] @ LUMA, np.nan)
        seen = usable.sum(0) >= 2
        below[eye] = skin[eye] @ LUMA
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


def _lash_presence(chart: LidChart, contrast: np.ndarray, brim: np.ndarray, scale: float) -> np.ndarray:
    """How surely each pixel is a lash, `(h, w)`, 0 to 1: dark, and joined to the edge by dark pixels.

    `brim`: `(w,)` height in px at which the lid's skin begins.
    """
    dark = smoothstep(contrast, *_LASH_CONTRAST).astype(np.float32)
    across = max(round(_SLANT * len(chart.shares)), 1) | 1
    joined = cv2.dilate(dark, np.ones((1, across), np.uint8))
    joined[chart.heights[:, None] < brim + _ROOT * scale] = 1
    joined = np.minimum.accumulate(joined, 0)
    within = 1 - smoothstep(chart.heights / scale, 0.8 * LASH_REACH, LASH_REACH)
    presence = np.minimum(dark, joined) * within[:, None]
    presence[chart.heights[:, None] < brim + 0.6 * _ROOT * scale] = 1
    return cv2.GaussianBlur(_grown(presence.astype(np.float32), scale), (0, 0), max(0.005 * scale, 0.6))


def _grown(mask: np.ndarray, scale: float) -> np.ndarray:
    """`mask` `(h, w)` float32 with the blurred pixels around what it covers."""
    side = 2 * max(round(_BLURRED * scale), 1) + 1
    return cv2.dilate(mask, np.ones((side, side), np.uint8))


def _lowered(lashes: np.ndarray, height: np.ndarray) -> np.ndarray:
    """`lashes` `(h, w)` that begin `height` `(w,)` px above the edge, brought down to it."""
    row = np.arange(len(lashes))[:, None] + np.rint(height).astype(int)
    inside = row < len(lashes)
    return np.where(inside, np.take_along_axis(lashes, np.where(inside, row, 0), 0), 0).astype(np.float32)


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


def _shade(contrast: np.ndarray) -> np.ndarray:
    """How surely each pixel is too dark to be skin, `(h, w)`, 0 to 1: hair or its shadow."""
    return smoothstep(contrast, *_HAIR_CONTRAST).astype(np.float32)


def _below_crease(chart: LidChart, low: float, high: float, scale: float) -> np.ndarray:
    """1 up to `low` above the crease, 0 from `high` on, in inter-ocular distances: `(h, w)`."""
    above = (chart.heights[:, None] - chart.crease) / scale
    return np.asarray(1 - smoothstep(above, low, high), np.float32)


def _glare(excess: np.ndarray, on_lid: np.ndarray, scale: float) -> np.ndarray:
    """How surely each pixel is a reflection on glasses, `(h, w)`, 0 to 1; `excess`: what it is brighter than
    skin.

    What lies `on_lid` `(h, w)` bool tells it from the white of the eye.
    """
    size = max(round(0.03 * scale), 2)
    glare = smoothstep(excess, *_GLARE).astype(np.float32)
    broad = cv2.morphologyEx(glare, cv2.MORPH_OPEN, np.ones((size, size), np.uint8)) > 0.5
    _, labels = cv2.connectedComponents((glare > 0.3).astype(np.uint8))
    reflections = np.setdiff1d(np.unique(labels[broad & on_lid]), [0])
    return np.asarray(glare * np.isin(labels, reflections), np.float32)


def _folds(chart: LidChart, light: np.ndarray, scale: float) -> np.ndarray:
    """How surely each pixel below the crease is a fold of the lid, `(h, w)`, 0 to 1."""
    size = max(round(0.06 * scale), 1) | 1
    around = cv2.morphologyEx(light, cv2.MORPH_CLOSE, np.ones((size, 1), np.uint8))
    below = _below_crease(chart, -0.01, 0.03, scale)
    return np.asarray(0.8 * smoothstep(1 - light / around, *_FOLD_CONTRAST) * below, np.float32)


def _sheen(chart: LidChart, light: np.ndarray, scale: float) -> np.ndarray:
    """How surely each pixel below the crease is a highlight on the moist rim of the lid, which is not drawn
    out as the lid unrolls: `(h, w)`, 0 to 1."""
    size = max(round(_SHEEN_SIZE * scale), 1) | 1
    around = cv2.morphologyEx(light, cv2.MORPH_OPEN, np.ones((size, size), np.uint8))
    below = _below_crease(chart, -0.01, 0.03, scale)
    return np.asarray(smoothstep(1 - around / light, *_SHEEN_CONTRAST) * below, np.float32)
