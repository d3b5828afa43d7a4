"""How a lid is lit once it has come down, where the photo shows it in the shadow of its fold or not at all.

Below the eye the photo shows the same skin in the same light. Lids may differ from it, as make-up does, within
bounds, and the two lids of a face by half as much as in the photo.
"""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.easing import smoothstep
from pipeline.faces.landmarks import EYES
from pipeline.puppet.painting.lid_chart import SHARES, skin_below
from pipeline.puppet.painting.lid_sheet import LidSheet
from pipeline.puppet.painting.palette import LUMA

_USUAL, _KEPT = 0.84, 0.55
"""A lid's usual brightness as a share of the skin's below the eye; how much of its deviation from it stays."""
_LEAST, _MOST = 0.64, 1.0
"""Bounds of that share."""
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
    shares = {eye: _smooth(lids[eye] @ LUMA) / _smooth(below[eye] @ LUMA) for eye in EYES}
    usual = [float(np.median(shares[eye])) for eye in EYES]
    common = float(np.sqrt(usual[0] * usual[1]))
    gains = {}
    for eye, own in zip(EYES, usual, strict=True):
        alike = shares[eye] * np.sqrt(common / own)
        lit = np.clip(_USUAL + _KEPT * (alike - _USUAL), _LEAST, _MOST) / shares[eye]
        # shadow deepens colour: what is lifted far takes the tint of the lit skin
        pale = 0.7 * smoothstep(lit, 1.0, 1.6)[:, None]
        own_tint, lit_tint = (part / (part @ LUMA)[:, None] for part in (lids[eye], below[eye]))
        gains[eye] = lit[:, None] * (1 + pale * (lit_tint / own_tint - 1))
    return gains


def _low_skin(sheet: LidSheet, scale: float) -> np.ndarray:
    """Mean colour of the skin just above the lashes at each of `SHARES`, `(K, 3)`."""
    heights = sheet.chart.heights / scale
    low = sheet.skin[(heights >= _LOW[0]) & (heights <= _LOW[1])].mean(0)
    return np.maximum(np.stack([np.interp(SHARES, sheet.chart.shares, part) for part in low.T], 1), 1)


def _smooth(light: np.ndarray) -> np.ndarray:
    """A curve along the eye without its details; beyond the corners as at them."""
    inside = light[np.clip(np.arange(len(light)), *np.searchsorted(SHARES, (0.05, 0.95)))]
    return cv2.GaussianBlur(inside[None], (0, 0), 0.1 * len(light), borderType=cv2.BORDER_REPLICATE)[0]
