"""Fine skin texture for what a network painted at low resolution, taken from the frame itself.

A network that paints at 96 px loses pores, wrinkles and stubble wherever it painted, even where it changed
nothing. There the frame's own detail still fits.
"""

from __future__ import annotations

import cv2
import numpy as np

_CHANGED = 10.0
"""Change in grey levels at which most of the original detail no longer fits."""
_SIDE = 128
"""Px at which changes are looked for at most."""
_MARGIN = 0.05
"""Width around a change in which detail is dropped too, as a share of the painted side."""


def transfer_detail(painted: np.ndarray, source: np.ndarray, original: np.ndarray) -> np.ndarray:
    """`painted` at the size of `original`, with the original's high frequencies where nothing was changed.

    Args:
        painted: `(s, s, 3)` uint8, the network's output.
        source: `(s, s, 3)` uint8, the network's input.
        original: `(H, W, 3)` uint8, the same picture as `source` at the frame's resolution.

    Returns:
        `(H, W, 3)` uint8.
    """
    height, width = original.shape[:2]
    size = (width, height)
    large, low = (cv2.resize(small, size, interpolation=cv2.INTER_CUBIC) for small in (painted, source))
    kept = cv2.resize(_unchanged(painted, source), size, interpolation=cv2.INTER_LINEAR)
    detail = cv2.subtract(original, low, dtype=cv2.CV_32F)
    detail = cv2.multiply(detail, cv2.merge([kept, kept, kept]), dst=detail)
    return cv2.add(large, detail, dtype=cv2.CV_8U)


def _unchanged(painted: np.ndarray, source: np.ndarray) -> np.ndarray:
    """`(s, s)` float32 in [0, 1]: 1 where both pictures agree, apart from a uniform tint.

    Beyond `_SIDE`, where s is that: what is returned is soft.
    """
    if len(painted) > _SIDE:
        painted, source = (
            cv2.resize(one, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA) for one in (painted, source)
        )
    change = painted.astype(np.float32) - source
    # A tint is the same everywhere: a quarter of the px tell it as well as all.
    red, green, blue = cv2.split(np.abs(change - np.median(change[::2, ::2], (0, 1))))
    change = cv2.max(red, cv2.max(green, blue))
    margin = max(1, round(_MARGIN * len(painted)))
    change = cv2.dilate(change, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * margin + 1,) * 2))
    change = cv2.GaussianBlur(change, (0, 0), margin / 2)
    return np.exp(-((change / _CHANGED) ** 2))
