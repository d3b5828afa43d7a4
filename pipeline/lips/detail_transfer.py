"""The frame's own fine detail given back to what a network painted at its small size.

A network that paints 96 px leaves pores, wrinkles and stubble behind wherever it painted, also where it
changed nothing. What it did not change is known: there the frame's own detail still fits.
"""

from __future__ import annotations

import cv2
import numpy as np

_CHANGED = 10.0
"""Levels of change at which most of the old detail no longer fits."""
_MARGIN = 0.05
"""How far around a change the detail is dropped too, as a share of the painted side."""


def detailed(painted: np.ndarray, seen: np.ndarray, original: np.ndarray) -> np.ndarray:
    """`painted` at the size of `original`, with the original's fine detail where the paint changed nothing.

    Args:
        painted: `(s, s, 3)` uint8, what the network made.
        seen: `(s, s, 3)` uint8, what it was made from.
        original: `(H, W, 3)` uint8, the same at the frame's resolution.

    Returns:
        `(H, W, 3)` uint8.
    """
    size = original.shape[1::-1]
    large, soft = (cv2.resize(small, size, interpolation=cv2.INTER_CUBIC) for small in (painted, seen))
    kept = cv2.resize(_unchanged(painted, seen), size, interpolation=cv2.INTER_LINEAR)[:, :, None]
    detail = original.astype(np.float32) - soft
    return np.clip(large + kept * detail + 0.5, 0, 255).astype(np.uint8)


def _unchanged(painted: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """`(s, s)` float32 in [0, 1]: 1 where the paint shows what was there, apart from one tint all over."""
    change = painted.astype(np.float32) - seen
    change = np.abs(change - np.median(change, (0, 1))).max(-1)
    margin = max(1, round(_MARGIN * len(painted)))
    change = cv2.dilate(change, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * margin + 1,) * 2))
    change = cv2.GaussianBlur(change, (0, 0), margin / 2)
    return np.exp(-((change / _CHANGED) ** 2))
