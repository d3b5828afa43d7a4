"""Statistics of how people move while they talk, as measured by `training.motion_statistics`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from pipeline.assets import MODELS
from pipeline.inference.weights import loading, read_arrays

PATH = MODELS / "motion_statistics.npz"
"""The shipped statistics."""


@dataclass(frozen=True)
class Habit:
    """How much of something speakers do."""

    median: float
    spread: float
    """Standard deviation of its logarithm between speakers."""


@dataclass(frozen=True, eq=False)
class MotionStatistics:
    """Statistics of real speakers."""

    habits: dict[str, Habit]
    """Standard deviation of `yaw`, `pitch`, `roll` in degrees and of the scores of `brows`, `squint` and
    `smile` (slow changes only) within a clip, and `blinks` a minute."""
    blink_spread: float
    """Standard deviation of the logarithm of the time between blinks."""
    blink: tuple[np.ndarray, np.ndarray]
    """`(K,)` seconds from the moment the lids are shut, and `(K,)` how far they are closed, 0 to 1."""
    squint_per_blink: float
    """Score of `eyeSquint` that a full blink brings with it."""
    half_blinks: float
    """Share of the blinks that do not close the eyes."""


@cache
def load(path: Path = PATH) -> MotionStatistics:
    """Read the statistics; they stay in memory.

    Raises:
        CheckpointError: the file is missing or damaged.
    """
    arrays = read_arrays(path)
    with loading(path):
        pairs = zip(arrays["habit_medians"].tolist(), arrays["habit_spreads"].tolist(), strict=True)
        habits = (Habit(*pair) for pair in pairs)
        return MotionStatistics(
            habits=dict(zip(arrays["habits"].tolist(), habits, strict=True)),
            blink_spread=float(arrays["blink_spread"]),
            blink=(arrays["blink_times"], arrays["blink_closed"]),
            squint_per_blink=float(arrays["squint_per_blink"]),
            half_blinks=float(arrays["half_blinks"]),
        )
