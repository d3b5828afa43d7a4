"""Landmarks smoothed over time, for placing crops that do not tremble."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

import numba
import numpy as np

from pipeline.faces.landmarks import CHIN, FOREHEAD
from pipeline.types import Frame

_JUMP = 0.35
"""Movement between two frames, in face heights, above which there must be a cut."""

_Seen = tuple[Frame, bool]
"""A frame, and whether its landmarks can be of the same face as those of the frame before it."""


def steady(
    frames: Iterable[Frame], fps: int, *, seconds: float = 0.12
) -> Iterator[tuple[Frame, np.ndarray | None]]:
    """Each frame with its landmarks smoothed over time for placing a crop; None where there is no face.

    The Gaussian window of ± `seconds` is centred on each frame, so that nothing lags; frames are read that
    far ahead. It never reaches across a cut or a frame without a face.

    Yields:
        The frame, unchanged, and `(478, 3)` float32 px or None.
    """
    reach = max(1, round(seconds * fps))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / (0.5 * reach)) ** 2)
    window: deque[_Seen | None] = deque([None] * (2 * reach + 1), maxlen=2 * reach + 1)
    before: np.ndarray | None = None
    for frame in frames:
        known = frame.landmarks
        follows = before is not None and known is not None and _follows(before, known)
        before = known
        window.append((frame, follows))
        if (middle := window[reach]) is not None:
            yield middle[0], _smoothed(window, weights)
    for _ in range(reach):
        window.append(None)
        if (middle := window[reach]) is not None:
            yield middle[0], _smoothed(window, weights)


def _smoothed(window: deque[_Seen | None], weights: np.ndarray) -> np.ndarray | None:
    middle = len(window) // 2
    seen = window[middle]
    if seen is None or seen[0].landmarks is None:
        return None
    # The same number on both sides, or the mean would lag or lead while the head moves.
    reach = 0
    while reach < middle:
        after, first = window[middle + reach + 1], window[middle - reach]
        if after is None or first is None or not (after[1] and first[1]):
            break
        reach += 1
    total = np.zeros(seen[0].landmarks.shape)
    for at in range(middle - reach, middle + reach + 1):
        used = window[at]
        assert used is not None and used[0].landmarks is not None, "followed frames have a face"
        _add(total, used[0].landmarks, weights[at])  # type: ignore[call-arg]  # not typed by numba
    return (total / weights[middle - reach : middle + reach + 1].sum()).astype(np.float32)


# Both keep Python's lock: they take a few microseconds, and handing it on takes longer.


@numba.njit(cache=True)
def _add(total: np.ndarray, landmarks: np.ndarray, weight: float) -> None:
    for point in range(landmarks.shape[0]):
        for axis in range(landmarks.shape[1]):
            total[point, axis] += weight * landmarks[point, axis]


@numba.njit(cache=True)
def _follows(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two frames' landmarks can be of one face without a cut between them."""
    moved_x = moved_y = 0.0
    for point in range(len(one)):
        moved_x += other[point, 0] - one[point, 0]
        moved_y += other[point, 1] - one[point, 1]
    height = np.hypot(one[FOREHEAD, 0] - one[CHIN, 0], one[FOREHEAD, 1] - one[CHIN, 1])
    return bool(np.hypot(moved_x, moved_y) / len(one) < _JUMP * height)
