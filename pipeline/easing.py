"""The curves by which everything in the pipeline fades in and out."""

from __future__ import annotations

from typing import Any

import numpy as np


def smoothstep(x: np.ndarray | float, low: float, high: float) -> np.ndarray:
    """0 up to `low`, 1 from `high` on, with a smooth transition between them."""
    if isinstance(x, float):  # numpy takes ten times as long for a single number, and each frame has many
        return np.float64(hermite(min(max((x - low) / (high - low), 0.0), 1.0)))  # type: ignore[return-value]
    return hermite(np.clip((np.asarray(x) - low) / (high - low), 0, 1))


def hermite(t: Any) -> Any:
    """The cubic 3t² - 2t³ of a `t` in [0, 1], flat at both ends: `smoothstep` without its clipping.

    Plain arithmetic on a float, an array or a tensor, so that numba and torch can use it too.
    """
    return t * t * (3 - 2 * t)


def smootherstep(t: np.ndarray) -> np.ndarray:
    """The quintic 6t⁵ - 15t⁴ + 10t³ of a `t` in [0, 1], at rest and without acceleration at both ends."""
    return t * t * t * (t * (6 * t - 15) + 10)
