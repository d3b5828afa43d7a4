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

_USUAL, _KEPT = 0.88, 0.4
"""A lid's usual brightness as a share of the skin's below the eye; how much of its deviation from that stays:
the rest is shadow."""
_LEAST, _MOST = 0.7, 1.0
"""Bounds of that share."""
_HIDDEN = 0.08
"""By how much a larger share of one lid hair or rims hide, for the other to tell its colour."""
_GAINS = 0.5, 3.0
"""Bounds of the factors."""
_LOW = 0.0, 0.035
"""Heights of the skin that unrolls, in inter-ocular distances."""


def unrolled_light(
    image: np.ndarray, rest: np.ndarray, sheets: dict[str, LidSheet], scale: float
) -> dict[str, np.ndarray]:
    """For each eye, by what to multiply the RGB of the skin that unrolls, at each of `SHARES`: `(K, 3)`.

    `image` `(H, W, 3)` uint8; `rest` `(N, 3)` px, landmarks first; `scale`: px between the eyes.
    """
    lids = {eye: _low_skin(sheets[eye], scale) for eye in EYES}
    below = {eye: skin_below(image, rest, eye, scale) for eye in EYES}
    tints = {eye: _smooth(lids[eye]) / _smooth(below[eye]) for eye in EYES}
    hidden = {eye: _hidden(sheets[eye], scale) for eye in EYES}
    usual = {eye: float(np.median(tints[eye] @ LUMA)) for eye in EYES}
    gains = {}
    for eye, other in (EYES, EYES[::-1]):
        tint = tints[eye] * np.sqrt(usual[other] / usual[eye])
        tint += min(max((hidden[eye] - hidden[other]) / _HIDDEN, 0.0), 1.0) * (tints[other] - tint)
        share = tint @ LUMA
        lit = np.clip(_USUAL + _KEPT * (share - _USUAL), _LEAST, _MOST)
        # shadow deepens colour: what is lifted far takes the tint of the lit skin
        pale = 0.7 * smoothstep(lit / share, 1.0, 1.6)[:, None]
        target = lit[:, None] * (tint / share[:, None] * (1 - pale) + pale)
        gains[eye] = np.clip(target / tints[eye], *_GAINS)
    return gains


def _hidden(sheet: LidSheet, scale: float) -> float:
    """Share of the lid's skin, up to some way above the crease, before which something lies."""
    chart = sheet.chart
    rows = (chart.heights[:, None] > 0) & (chart.heights[:, None] < chart.crease + 0.04 * scale)
    inside = (chart.shares > 0.1) & (chart.shares < 0.9)
    return float(sheet.front[rows & inside].mean())


def _low_skin(sheet: LidSheet, scale: float) -> np.ndarray:
    """Mean colour of the skin just above the lashes at each of `SHARES`, `(K, 3)`."""
    heights = sheet.chart.heights / scale
    low = sheet.skin[(heights >= _LOW[0]) & (heights <= _LOW[1])].mean(0)
    return np.maximum(np.stack([np.interp(SHARES, sheet.chart.shares, part) for part in low.T], 1), 1)


def _smooth(colours: np.ndarray) -> np.ndarray:
    """Colours `(K, 3)` along the eye without details; beyond the corners as at them."""
    inside = colours[np.clip(np.arange(len(colours)), *np.searchsorted(SHARES, (0.05, 0.95)))]
    return cv2.GaussianBlur(
        inside, (0, 0), sigmaX=0.1, sigmaY=0.1 * len(colours), borderType=cv2.BORDER_REPLICATE
    )
