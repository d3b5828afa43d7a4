"""Speech cut or padded to the length of something else, such as a motion file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from pipeline.types import RATE, Speech

_SILENT_PART = 10
"""Seconds of silence in a part."""


def fit_length(parts: Iterator[Speech], frames: int, fps: int) -> Iterator[Speech]:
    """`parts` cut off after `frames` frames, or followed by silence up to there."""
    left = frames
    for part in parts:
        if left <= 0:
            return
        count = min(part.frames(fps), left)
        left -= count
        yield replace(part, samples=part.samples[: count * RATE // fps])
    while left > 0:
        count = min(left, _SILENT_PART * fps)
        left -= count
        yield Speech(np.zeros(count * RATE // fps, np.float32))
