"""The edge of the subject at the photo's resolution: how much of each pixel is hair, and of which colour.

Closed-form matting (`stage.closed_form`) in a band around the segmented edge, widened by a hair's breadth.
What in the photo is not explained by the wall belongs to the subject, so that none of it stays behind.
"""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.easing import smoothstep
from pipeline.puppet.warping.completion import continued
from pipeline.stage.closed_form import solve_alpha

_INWARDS, OUTWARDS = 0.10, 0.20
"""How far the band in which alpha is sought reaches to either side of the segmented edge, in inter-ocular
distances."""
_RESOLUTION = 56
"""Pixels per inter-ocular distance of the copy in which it is sought, in some tenths of a second; a larger
photo's alpha is brought to its size along its edges."""
_BLACK, _WHITE = 0.05, 0.93
"""Alpha that counts as none and as all: matting leaves a haze where colours are alike."""
_BLACK_OUTSIDE = 0.2
"""Alpha that counts as none at the outer end of the band, where only a strand can be so far from the head."""
_GUIDED = 2, 1e-5
"""Radius in px, and regularisation for colours in [0, 1], of the filter that follows edges."""
_HALO = 0.02
"""How far around the subject its colour bleeds into a compressed photo, in inter-ocular distances."""
_PURE = 0.95
"""Alpha from which a pixel's colour is the subject's alone."""
_LEAST = 0.05
"""Alpha below which less of what the wall does not explain is taken to be the subject's."""


def soft_alpha(image: np.ndarray, distance: np.ndarray, scale: float) -> np.ndarray:
    """How much of each pixel is the subject, `(h, w)` float32 in [0, 1].

    `image` `(h, w, 3)` uint8; `distance` `(h, w)`: inter-ocular distances of `scale` px outside the segmented
    subject, negative in it.
    """
    height, width = distance.shape
    ratio = min(_RESOLUTION / scale, 1.0)
    size = max(round(width * ratio), 4), max(round(height * ratio), 4)
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    outside = cv2.resize(distance, size, interpolation=cv2.INTER_AREA)
    trimap = np.where(outside < -_INWARDS, 1, np.where(outside > OUTWARDS, 0, 0.5))
    guess = 1 - smoothstep(outside, -_INWARDS, OUTWARDS).astype(np.float32)
    solved = solve_alpha(small, trimap, guess)
    black = _BLACK + (_BLACK_OUTSIDE - _BLACK) * smoothstep(outside, 0, OUTWARDS).astype(np.float32)
    alpha = np.clip((solved - black) / (_WHITE - black), 0, 1)
    if ratio < 1:
        large = cv2.resize(alpha, (width, height), interpolation=cv2.INTER_CUBIC)
        radius, regularisation = _GUIDED
        followed = cv2.ximgproc.guidedFilter(image, large, radius, regularisation * 255**2)
        sure = (distance < -_INWARDS) | (distance > OUTWARDS)
        alpha = np.where(sure, distance < 0, np.clip(followed, 0, 1)).astype(np.float32)
    side = 2 * max(round(_HALO * scale), 1) + 1
    wide = cv2.dilate(alpha, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    return np.asarray(cv2.blur(wide, (side, side)))


def own_colours(image: np.ndarray, alpha: np.ndarray, background: np.ndarray, scale: float) -> np.ndarray:
    """The colours `(h, w, 3)` uint8 of the subject, which over the background give the `image`.

    `image` and `background` `(h, w, 3)` uint8; `alpha` `(h, w)` float32; `scale`: px between the eyes.
    """
    mixed = np.flatnonzero((alpha > 0) & (alpha < 1))
    pure = smoothstep(alpha, _PURE, 1.0).astype(np.float32)
    beside = continued(image, pure, min(_RESOLUTION / scale, 1.0))
    weight = alpha.reshape(-1)[mixed, None]
    here, front, wall = (
        part.reshape(-1, 3)[mixed].astype(np.float32) for part in (image, beside, background)
    )
    unexplained = here - weight * front - (1 - weight) * wall
    colours = np.where((alpha > 0)[..., None], image, beside)
    colours.reshape(-1, 3)[mixed] = np.clip(front + unexplained / np.maximum(weight, _LEAST) + 0.5, 0, 255)
    return colours
