"""The database of real motion that speech is matched with, as made by `training.motion_clips`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from pipeline.assets import MODELS
from pipeline.inference.weights import loading, read_arrays

PATH = MODELS / "motion_clips.npz"
"""The shipped database."""
RATE = 12.5
"""Samples per second."""
SOFTEST = -8.0
"""Nepers below loud speech from which all sound counts as silence."""
CHANNELS = (
    "yaw", "pitch", "roll", "browInnerUp", "browOuterUp", "browDown", "eyeSquint", "mouthSmile", "loudness",
)  # fmt: skip
"""Meaning of the columns: pose and brows in units of the clip's own deviation, brows, squint and smile above
the clip's usual score, and the loudness of the speech in nepers."""


@dataclass(frozen=True, eq=False)
class MotionClips:
    """Curves of many speakers, one clip after the other."""

    curves: np.ndarray
    """`(N, len(CHANNELS) - 1)` float32: all channels but loudness, each with a standard deviation of 1."""
    loudness: np.ndarray
    """`(N,)` float32, 0 to `SOFTEST`."""
    clip: np.ndarray
    """`(N,)`: the number of the clip that each sample belongs to."""
    left: np.ndarray
    """`(N,)`: how many samples of its clip follow each sample."""


@cache
def load(path: Path = PATH) -> MotionClips:
    """Read the database; it stays in memory.

    Raises:
        CheckpointError: the file is missing or damaged.
    """
    stored = read_arrays(path)
    with loading(path):
        curves, starts = stored["curves"].astype(np.float32), stored["starts"]
    ends = np.append(starts[1:], len(curves))
    clip = np.repeat(np.arange(len(starts)), ends - starts)
    curves[:, :-1] /= curves[:, :-1].std(0)
    return MotionClips(curves[:, :-1], curves[:, -1], clip, ends[clip] - 1 - np.arange(len(curves)))
