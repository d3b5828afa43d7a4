"""Where Wav2Lip looks for the face, and how the published program smooths that place over time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

import numpy as np

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in px."""

_CHIN = 0.09
"""Room under the chin, as a share of the face's height: an opening jaw needs it."""
_WINDOW = 5
"""Frames over which the published program averages its boxes."""


def face_box(landmarks: np.ndarray) -> tuple[float, float, float, float]:
    """Left, top, right, bottom in px of the crop that Wav2Lip was trained on: tight, forehead to chin."""
    left, top = (float(edge) for edge in landmarks[:, :2].min(0))
    right, bottom = (float(edge) for edge in landmarks[:, :2].max(0))
    return left, top, right, bottom + _CHIN * (bottom - top)


def moving_average(boxes: Iterable[Box]) -> Iterator[Box]:
    """Boxes smoothed as by the published program: each becomes the mean of itself and the next four.

    At the end, where four are missing, the last five count, as smoothed so far; with three or four boxes in
    all, the published arithmetic takes the last two and the last one.
    """
    window: deque[Box] = deque(maxlen=_WINDOW)
    for box in boxes:
        window.append(box)
        if len(window) == _WINDOW:
            window[0] = _mean(window)
            yield window[0]
    rows, done = list(window), len(window) == _WINDOW
    for row in range(done, len(rows)):
        rows[row] = _mean(rows[len(rows) - _WINDOW :])
        yield rows[row]


def whole(box: tuple[float, float, float, float]) -> Box:
    """The box in whole px, truncated as by the published program."""
    left, top, right, bottom = box
    return int(left), int(top), int(right), int(bottom)


def _mean(boxes: Iterable[Box]) -> Box:
    left, top, right, bottom = (sum(column) / len(column) for column in zip(*boxes, strict=True))
    return whole((left, top, right, bottom))
