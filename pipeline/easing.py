"""The curves by which everything fades in and out."""

from __future__ import annotations

import numpy as np


def smoothstep(x: np.ndarray | float, low: float, high: float) -> np.ndarray:
    """0 up to `low`, 1 from `high` on, and a smooth step between."""
    t = np.clip((np.asarray(x) - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def smootherstep(t: np.ndarray) -> np.ndarray:
    """The same from 0 to 1 for `t` in [0, 1], at rest and without acceleration at both ends."""
    return t * t * t * (t * (6 * t - 15) + 10)
