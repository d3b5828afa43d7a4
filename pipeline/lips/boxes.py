"""Where the face is in every frame, held steady: what each lips engine needs before it cuts anything out.

Boxes come from the frames' own landmarks, or from the studio's tracker where the maker of the frames knew
none, so no engine brings a detector of its own.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from pipeline.types import Frame

REACH = 3
"""Frames to both sides that a box is smoothed over, and the longest gap in sight that is bridged."""

_SPREAD = 1.5
"""Standard deviation of the smoothing, in frames."""
_CHIN_ROOM = 0.05
"""Room under the chin, as a share of the box's height: an opening jaw needs it."""
_SAME_SHOT = 0.5
"""Overlap of consecutive boxes (intersection over union) below which the picture was cut."""


def located(frames: Iterable[Frame], fps: int) -> Iterator[Frame]:
    """The frames, each with the landmarks of the followed face where it is in sight.

    The maker's own landmarks are taken as they are; until the first of them, the tracker looks.
    """
    from pipeline.faces import track

    frames, images = iter(frames), deque()
    tracked = track(_arriving(images), fps)
    for frame in frames:
        if frame.landmarks is not None:
            tracked.close()
            yield frame
            yield from frames
            return
        images.append(frame.image)
        face = next(tracked)
        yield frame if face is None else replace(frame, landmarks=face.landmarks)


def _arriving(images: deque[np.ndarray]) -> Iterator[np.ndarray]:
    """What is put into `images`, for a reader that asks only when one waits."""
    while True:
        yield images.popleft()


def boxed(frames: Iterable[Frame], fps: int) -> Iterator[tuple[Frame, np.ndarray | None]]:
    """Each frame, located, with its steady box; `REACH` frames are read ahead."""
    for_frames, for_boxes = itertools.tee(located(frames, fps))
    found = (None if frame.landmarks is None else face_box(frame.landmarks) for frame in for_boxes)
    return zip(for_frames, steady(found), strict=True)


def face_box(landmarks: np.ndarray) -> np.ndarray:
    """`(4,)` left, top, right, bottom in px: tight from the forehead to below the chin, `(478, 3)` given."""
    left, top = landmarks[:, :2].min(0)
    right, bottom = landmarks[:, :2].max(0)
    return np.array([left, top, right, bottom + _CHIN_ROOM * (bottom - top)], np.float64)


def steady(boxes: Iterable[np.ndarray | None], *, reach: int = REACH) -> Iterator[np.ndarray | None]:
    """The boxes smoothed over time without lag, one for one, `reach` items late.

    Each is the mean of as many boxes before as after it, nearer ones counting more, never across a cut. Gaps
    of up to `reach` frames are bridged in a straight line; in longer ones there is no box.
    """
    edge: list[np.ndarray | None] = [None] * reach
    window: deque[np.ndarray | None] = deque(edge, maxlen=2 * reach + 1)
    for count, box in enumerate(itertools.chain(boxes, edge)):
        window.append(box)
        if count >= reach:
            yield _smoothed(list(window), reach)


def _smoothed(window: list[np.ndarray | None], middle: int) -> np.ndarray | None:
    if window[middle] is None:
        return _bridged(window, middle)
    whole, weight = window[middle].copy(), 1.0
    for step in range(1, middle + 1):
        before, after = window[middle - step], window[middle + step]
        if before is None or after is None:
            break
        if (
            min(_overlap(before, window[middle - step + 1]), _overlap(after, window[middle + step - 1]))
            < _SAME_SHOT
        ):
            break
        share = float(np.exp(-0.5 * (step / _SPREAD) ** 2))
        whole += share * (before + after)
        weight += 2 * share
    return whole / weight


def _bridged(window: list[np.ndarray | None], middle: int) -> np.ndarray | None:
    """A box between the last seen and the next, if both are near and of one shot."""
    before = next((at for at in range(middle - 1, -1, -1) if window[at] is not None), None)
    after = next((at for at in range(middle + 1, len(window)) if window[at] is not None), None)
    if before is None or after is None or after - before > middle + 1:
        return None
    if _overlap(window[before], window[after]) < _SAME_SHOT:
        return None
    share = (middle - before) / (after - before)
    return (1 - share) * window[before] + share * window[after]


def _overlap(one: np.ndarray, other: np.ndarray) -> float:
    """Intersection over union."""
    low, high = np.maximum(one[:2], other[:2]), np.minimum(one[2:], other[2:])
    shared = float(np.prod(np.maximum(high - low, 0)))
    both = float(np.prod(one[2:] - one[:2]) + np.prod(other[2:] - other[:2]))
    return shared / (both - shared)
