"""Statistics of how people move while they talk, as measured by `training.motion_statistics`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from pipeline.assets import MODELS
from pipeline.weights import loading, read_arrays

PATH = MODELS / "motion_statistics.npz"
"""The shipped statistics."""


@dataclass(frozen=True, eq=False)
class MotionStatistics:
    """Statistics of real speakers."""

    hertz: np.ndarray
    """`(B,)` centres of the frequency bands."""
    pose: np.ndarray
    """`(3, B)` variance of yaw, pitch and roll in each band, in square degrees."""
    brows: dict[str, np.ndarray]
    """`(B,)` variance of each brow blendshape in each band, without what follows the head."""
    brows_per_degree: dict[str, np.ndarray]
    """`(3,)` blendshape score per degree of yaw, pitch and roll."""
    blinks_per_minute: float
    blink_spread: float
    """Standard deviation of the logarithm of the time between blinks."""
    blink: tuple[np.ndarray, np.ndarray]
    """`(K,)` seconds from the moment the lids are shut, and `(K,)` how far they are closed, 0 to 1."""


@cache
def load(path: Path = PATH) -> MotionStatistics:
    """Read the statistics; they stay in memory.

    Raises:
        CheckpointError: the file is missing or damaged.
    """
    arrays = read_arrays(path)
    with loading(path):
        names = [str(name) for name in arrays["brow_names"]]
        return MotionStatistics(
            hertz=arrays["hertz"],
            pose=arrays["pose"],
            brows=dict(zip(names, arrays["brows"], strict=True)),
            brows_per_degree=dict(zip(names, arrays["brows_per_degree"], strict=True)),
            blinks_per_minute=float(arrays["blinks_per_minute"]),
            blink_spread=float(arrays["blink_spread"]),
            blink=(arrays["blink_times"], arrays["blink_closed"]),
        )
