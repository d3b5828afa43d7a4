"""Measures of the head: how far and how smoothly it moves, and how often the eyes blink.

What is natural was measured on 95 real speakers (ranges of 1 to 14 degrees, jitter under 2.1); people blink
10 to 30 times a minute while they talk, and a few of them hardly ever or twice as often.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.review.sampling import Stretch

_WINDOW = 4.0
"""Seconds over which the range is measured, so that it does not grow with the length of the video."""
_SHUT, _CLOSING = 0.4, 0.2
"""Blink score that closed eyes reach at least, and by how much it exceeds the usual score."""
_JUMP = 0.3
"""Inter-ocular distances between two frames that only a cut makes: the 99th percentile is 0.1."""


@dataclass(frozen=True)
class HeadMeasures:
    """How the head moves."""

    range: float
    """RMS deviation from the mean pose within 4 s, in degrees; real speakers 1 to 14."""
    jitter: float
    """Median change of the pose's speed between two frames, in degrees per frame; real speakers under 2.1."""
    jumps: int
    """How often the face is elsewhere from one frame to the next."""
    blinks: float
    """Blinks per minute."""
    seconds: float
    """Time with the face in view."""


def measure_head(stretches: Sequence[Stretch]) -> HeadMeasures | None:
    """Measure the head's motion; None where it is in view for less than a second."""
    stretches = [stretch for stretch in stretches if len(stretch.time) > stretch.fps]
    if not stretches:
        return None
    seconds = sum(len(stretch.time) / stretch.fps for stretch in stretches)
    return HeadMeasures(
        range=float(np.median([value for stretch in stretches for value in _ranges(stretch)])),
        jitter=float(np.median(np.concatenate([_accelerations(stretch) for stretch in stretches]))),
        jumps=sum(map(_jumps, stretches)),
        blinks=60 * sum(map(_blinks, stretches)) / seconds,
        seconds=seconds,
    )


def _ranges(stretch: Stretch) -> list[float]:
    length = min(round(_WINDOW * stretch.fps), len(stretch.pose))
    windows = [stretch.pose[at : at + length] for at in range(0, len(stretch.pose) - length + 1, length)]
    return [float(np.sqrt(((part - part.mean(0)) ** 2).sum(1).mean())) for part in windows]


def _accelerations(stretch: Stretch) -> np.ndarray:
    return np.linalg.norm(np.diff(stretch.pose, 2, axis=0), axis=1)


def _jumps(stretch: Stretch) -> int:
    consecutive = np.diff(stretch.time) < 1.5 / stretch.fps
    return int((consecutive & (np.linalg.norm(np.diff(stretch.position, axis=0), axis=1) > _JUMP)).sum())


def _blinks(stretch: Stretch) -> int:
    closed = stretch.blink > max(_SHUT, float(np.median(stretch.blink)) + _CLOSING)
    return int((np.diff(closed.astype(int)) == 1).sum())
