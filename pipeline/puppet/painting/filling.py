"""Blanks in small pictures filled from around them: smoothly, without the streaks of an inpainting."""

from __future__ import annotations

import cv2
import numpy as np

_RADII = 0.012, 0.025, 0.05, 0.1, 0.2
"""Radii of the surroundings from which blanks are filled, in inter-ocular distances."""
_ENOUGH = 0.25
"""Share of known pixels in the surroundings from which they tell a blank's colour alone."""


def smoothly_filled(pixels: np.ndarray, trust: np.ndarray, scale: float) -> np.ndarray:
    """`pixels` `(h, w, 3)` where `trust` `(h, w)` is 1, elsewhere mixed with colours from around, the nearest
    first: `(h, w, 3)` float32.

    `scale`: px between the eyes.
    """
    trust, pixels = trust.astype(np.float32), pixels.astype(np.float32)
    result, missing = trust[..., None] * pixels, 1 - trust
    for radius in _RADII:
        weight, colours = (
            cv2.GaussianBlur(part, (0, 0), max(radius * scale, 0.3))
            for part in (trust, pixels * trust[..., None])
        )
        share = missing * np.clip(weight / _ENOUGH, 0, 1)
        result += share[..., None] * colours / np.maximum(weight, 1e-4)[..., None]
        missing = missing - share
    known = trust if trust.sum() > 1 else np.ones_like(trust)
    usual = (pixels * known[..., None]).sum((0, 1)) / known.sum()
    return np.asarray(result + missing[..., None] * usual, np.float32)
