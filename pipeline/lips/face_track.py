"""The face in every frame, for the lips engines: the maker's landmarks, or the studio's own tracker's."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace

import numpy as np

from pipeline.types import Frame

GAP = 3
"""Frames without landmarks that are bridged when the face is back at once: a blur, a hand passing."""

_NEAR = 0.3
"""Face heights that the face may have moved over a gap."""


def located(frames: Iterable[Frame], fps: int) -> Iterator[Frame]:
    """The frames, each with the landmarks of the followed face where it is in sight, `GAP` frames late.

    The maker's own landmarks are taken as they are; until the first of them, the tracker looks. Short gaps
    are bridged in a straight line.
    """
    return _bridged(_tracked(frames, fps))


def _tracked(frames: Iterable[Frame], fps: int) -> Iterator[Frame]:
    from pipeline.faces import track

    frames, images = iter(frames), deque()
    with closing(track(_arriving(images), fps)) as tracked:
        for frame in frames:
            if frame.landmarks is not None:
                yield frame
                break
            images.append(frame.image)
            face = next(tracked)
            yield frame if face is None else replace(frame, landmarks=face.landmarks)
    yield from frames


def _arriving(images: deque[np.ndarray]) -> Iterator[np.ndarray]:
    """What is put into `images`, for a reader that asks only when one waits."""
    while True:
        yield images.popleft()


def _bridged(frames: Iterable[Frame]) -> Iterator[Frame]:
    missing: list[Frame] = []
    last: np.ndarray | None = None
    for frame in frames:
        if frame.landmarks is None:
            missing.append(frame)
            if len(missing) > GAP:
                last = None
                yield missing.pop(0)
            continue
        yield from _filled(missing, last, frame.landmarks)
        missing, last = [], frame.landmarks
        yield frame
    yield from missing


def _filled(missing: list[Frame], before: np.ndarray | None, after: np.ndarray) -> Iterator[Frame]:
    """The frames of a gap, with landmarks on the way from those before it to those after it."""
    if before is None or not _near(before, after):
        yield from missing
        return
    for step, frame in enumerate(missing, start=1):
        share = np.float32(step / (len(missing) + 1))
        yield replace(frame, landmarks=before + share * (after - before))


def _near(one: np.ndarray, other: np.ndarray) -> bool:
    height = np.linalg.norm(one[10, :2] - one[152, :2])
    return bool(np.linalg.norm(one[:, :2].mean(0) - other[:, :2].mean(0)) < _NEAR * height)
