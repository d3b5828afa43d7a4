"""Landmarks for every frame: those that the head gives, or else those of the studio's own tracker."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace

import numpy as np

from pipeline.types import Clip, Frame

GAP = 3
"""Longest run of frames without landmarks that is interpolated: motion blur, a hand passing."""

_NEAR = 0.3
"""Distance in face heights that a face may move over such a gap."""


def with_landmarks(clip: Clip) -> Iterator[Frame]:
    """The clip's frames, `GAP` frames late, each with the face's landmarks where it is in sight.

    Landmarks that the frames bring along are used as they are; until the first of them, the tracker runs,
    starting from `clip.face`. Short gaps are interpolated linearly.
    """
    return _interpolated(_tracked(clip))


def _tracked(clip: Clip) -> Iterator[Frame]:
    from pipeline.faces import track

    near = None if clip.face is None else clip.face[:, :2].mean(0)
    images: deque[np.ndarray] = deque()
    with closing(track(_arriving(images), clip.fps, near=near)) as tracked:
        for frame in clip.frames:
            if frame.landmarks is not None:
                yield frame
                break
            images.append(frame.image)
            face = next(tracked)
            yield frame if face is None else replace(frame, landmarks=face.landmarks)
    yield from clip.frames


def _arriving(images: deque[np.ndarray]) -> Iterator[np.ndarray]:
    """What is put into `images`, for a reader that only asks when an image is there."""
    while True:
        yield images.popleft()


def _interpolated(frames: Iterable[Frame]) -> Iterator[Frame]:
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
    """The frames of a gap with landmarks between those before it and those after it."""
    if before is None or not _near(before, after):
        yield from missing
        return
    for step, frame in enumerate(missing, start=1):
        share = np.float32(step / (len(missing) + 1))
        yield replace(frame, landmarks=before + share * (after - before))


def _near(one: np.ndarray, other: np.ndarray) -> bool:
    from pipeline.faces.landmarks import CHIN, FOREHEAD

    height = np.linalg.norm(one[FOREHEAD, :2] - one[CHIN, :2])
    return bool(np.linalg.norm(one[:, :2].mean(0) - other[:, :2].mean(0)) < _NEAR * height)
