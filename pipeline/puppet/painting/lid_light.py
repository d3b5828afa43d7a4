"""How a lid is lit once it has come down, where the photo shows it in the shadow of its fold or not at all.

Below the eye the photo shows the same skin in the same light. Lids may differ from it, as make-up does,
within bounds, and the two lids of a face by half as much as in the photo.
"""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.easing import smoothstep
from pipeline.faces.landmarks import EYES
from pipeline.puppet.painting.lid_chart import SHARES, skin_below
from pipeline.puppet.painting.lid_sheet import LidSheet
from pipeline.puppet.painting.palette import LUMA

_USUAL, _SHADE_KEPT, _MAKE_UP_KEPT = 0.88, 0.35, 0.4
"""A lid's usual brightness as a share of the skin's below the eye; how much of its deviation from that stays
where the lid has the hue of shadow, and where it has that of make-up."""
_LEAST, _MOST = 0.7, 1.0
"""Bounds of that share."""
_HIDDEN = 0.08
"""By how much a larger share of one lid hair or rims hide, for the other to tell its colour."""
_GAINS = 0.5, 3.0
"""Bounds of the factors."""
_LOW = 0.0, 0.035
"""Heights of the skin that unrolls, in inter-ocular distances."""
_ABOVE, _HUE_ABOVE = (0.02, 0.06), 0.1
"""Heights above the crease of the skin below the brow, in inter-ocular distances, and the share of its hue in
that of a lid in the light."""
_DETAIL = 0.02
"""Size of what is no shadow but the lid's own, in inter-ocular distances."""
_SHADOW = 0.05, 0.25
"""Darkness beyond that of the skin that unrolls, as a logarithm, between which a pixel comes to count as
shadow."""
_FOLD_LIFT, _FOLD_REACH = 0.6, 0.06
"""How much of the shadow of the fold is gone once the lid is shut, and how far above the crease it ends, in
inter-ocular distances."""
_MAKE_UP_HUE = 0.1, 0.3
"""Differences of hue from shade, in logarithms, between which dark skin comes to count as made up."""


def unrolled_light(
    image: np.ndarray, rest: np.ndarray, sheets: dict[str, LidSheet], scale: float
) -> dict[str, np.ndarray]:
    """For each eye, by what to multiply the RGB of its sheet once the lid is shut: `(h, w, 3)` float32.

    `image` `(H, W, 3)` uint8; `rest` `(N, 3)` px, landmarks first; `scale`: px between the eyes.
    """
    lids = {eye: _mean_skin(sheets[eye], 0 * sheets[eye].chart.crease, _LOW, scale) for eye in EYES}
    skin = {eye: _lit_skin(image, rest, eye, sheets[eye], scale) for eye in EYES}
    tints = {eye: _smooth(lids[eye]) / skin[eye] for eye in EYES}
    hidden = {eye: _hidden(sheets[eye], scale) for eye in EYES}
    usual = {eye: float(np.median(tints[eye] @ LUMA)) for eye in EYES}
    gains = {}
    for eye, other in (EYES, EYES[::-1]):
        tint = tints[eye] * np.sqrt(usual[other] / usual[eye])
        tint += min(max((hidden[eye] - hidden[other]) / _HIDDEN, 0.0), 1.0) * (tints[other] - tint)
        share = tint @ LUMA
        kept = _SHADE_KEPT + (_MAKE_UP_KEPT - _SHADE_KEPT) * _made_up(np.log(tint))
        lit = np.clip(_USUAL + kept * (share - _USUAL), _LEAST, _MOST)
        # shadow deepens colour: what is lifted far takes the tint of the lit skin
        pale = 0.7 * smoothstep(lit / share, 1.0, 1.6)[:, None]
        target = lit[:, None] * (tint / share[:, None] * (1 - pale) + pale)
        gain = np.clip(target / tints[eye], *_GAINS)
        gains[eye] = _over_chart(sheets[eye], gain, target * skin[eye], scale)
    return gains


def _over_chart(sheet: LidSheet, gain: np.ndarray, lit: np.ndarray, scale: float) -> np.ndarray:
    """By what to multiply each pixel of a chart, `(h, w, 3)` float32.

    `gain` `(K, 3)` at each of `SHARES` is the factor of the skin just above the lashes, which makes it `lit`
    `(K, 3)`. The rest of the lid has the same factor, and more where the shadow of its fold lies on it.
    """
    chart = sheet.chart
    gain, lit = (
        np.stack([np.interp(chart.shares, SHARES, part) for part in row.T], 1) for row in (gain, lit)
    )
    broad = cv2.GaussianBlur(sheet.skin, (0, 0), max(_DETAIL * scale, 0.6), borderType=cv2.BORDER_REPLICATE)
    missing = np.log(lit / np.maximum(broad * gain, 1))
    darkness = missing @ LUMA
    shadow = _FOLD_LIFT * smoothstep(darkness, *_SHADOW) * (1 - _made_up(-missing))
    above = (chart.heights[:, None] - chart.crease) / scale
    on_lid = 1 - smoothstep(above, 0.0, _FOLD_REACH)
    factors = np.exp((np.log(gain) + shadow[..., None] * missing) * on_lid[..., None])
    return np.clip(factors, *_GAINS).astype(np.float32)


def _made_up(relative: np.ndarray) -> np.ndarray:
    """How surely the hue of skin is that of make-up rather than of shade, 0 to 1: `(…,)`.

    `relative` `(…, 3)`: logarithms of its RGB as shares of those of the same skin in the light. Shade takes
    more blue than green and more green than red; make-up may be cool, greenish or purple.
    """
    red, green, blue = np.moveaxis(relative, -1, 0)
    return np.asarray(
        smoothstep(np.hypot(np.minimum(red - blue, 0), green - (red + blue) / 2), *_MAKE_UP_HUE)
    )


def _lit_skin(image: np.ndarray, rest: np.ndarray, eye: str, sheet: LidSheet, scale: float) -> np.ndarray:
    """Colour of the skin around one eye at each of `SHARES`, `(K, 3)`: as bright as below it, and of a hue
    between those below and above it."""
    below = _smooth(skin_below(image, rest, eye, scale))
    above = _smooth(_mean_skin(sheet, sheet.chart.crease, _ABOVE, scale))
    relative = above / below
    hue = (relative / (relative @ LUMA)[:, None]) ** _HUE_ABOVE
    return below * hue * (below @ LUMA / ((below * hue) @ LUMA))[:, None]


def _hidden(sheet: LidSheet, scale: float) -> float:
    """Share of the lid's skin, up to some way above the crease, before which something lies."""
    chart = sheet.chart
    rows = (chart.heights[:, None] > 0) & (chart.heights[:, None] < chart.crease + 0.04 * scale)
    inside = (chart.shares > 0.1) & (chart.shares < 0.9)
    return float(sheet.front[rows & inside].mean())


def _mean_skin(sheet: LidSheet, start: np.ndarray, ends: tuple[float, float], scale: float) -> np.ndarray:
    """Mean colour at each of `SHARES`, `(K, 3)`, of the skin between the `ends`, in inter-ocular distances
    above the heights `start` `(w,)` px."""
    chart = sheet.chart
    # a high crease leaves little of the chart above it
    low = np.minimum(start + ends[0] * scale, chart.heights[-1] - 1)
    high = np.maximum(start + ends[1] * scale, low + 1)
    inside = (chart.heights[:, None] >= low) & (chart.heights[:, None] <= high)
    mean = (sheet.skin * inside[..., None]).sum(0) / inside.sum(0)[:, None]
    return np.maximum(np.stack([np.interp(SHARES, chart.shares, part) for part in mean.T], 1), 1)


def _smooth(colours: np.ndarray) -> np.ndarray:
    """Colours `(K, 3)` along the eye without details; beyond the corners as at them."""
    inside = colours[np.clip(np.arange(len(colours)), *np.searchsorted(SHARES, (0.05, 0.95)))]
    return cv2.GaussianBlur(
        inside, (0, 0), sigmaX=0.1, sigmaY=0.1 * len(colours), borderType=cv2.BORDER_REPLICATE
    )
