"""The head engine for videos: the video's own motion, looped to the length of the speech.

A video shorter than the speech dissolves into an earlier moment that is much like its end. Where there is
none it loops back and forth, reversing where the head is nearly still. Reversed stretches are decoded in
short segments, so memory stays bounded whatever the length or the resolution.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pipeline.cards import Card
from pipeline.errors import VideoError
from pipeline.prefetch import Prefetcher
from pipeline.types import Clip, Footage, Frame, Portrait, Speech, Style

if TYPE_CHECKING:
    from pipeline.faces.footage import TrackedFootage
    from pipeline.heads.loops import Joint

CARD = Card(
    name="footage",
    layer="head",
    title="The video's own motion",
    summary="Keeps the person's real head, eyes and body from a video; a lips engine gives it new words.",
    speed="faster than real time on two CPU cores",
    code_licence="Apache-2.0",
    weights_licence="none needed",
    commercial=True,
    memory_gb=0.3,
    subjects=("video",),
)

SEGMENT_BYTES = 192_000_000
"""Bytes of frames held while playing backwards: 31 frames at 1080p, 244 at 512 × 512."""

_AHEAD = 4
"""Frames that are read before they are needed."""
_TURN_SECONDS = 0.6
"""Distance from either end within which a still moment to reverse at is searched for."""


def load() -> FootageHead:
    """The engine; it has nothing to load."""
    return FootageHead()


class FootageHead:
    """See `protocols.Head`. Takes only footage, and leaves the mouth as it is, whether `speaking` or not."""

    def animate(
        self, subject: Portrait | Footage, speech: Iterable[Speech], style: Style, *, speaking: bool
    ) -> Clip:
        """The video's own frames with landmarks, `part.frames(style.fps)` for each part of `speech`.

        Raises:
            VideoError: the subject is a photo, or runs at another rate than `style.fps`.
        """
        from pipeline.faces.footage import TrackedFootage

        if not isinstance(subject, TrackedFootage):
            raise VideoError("The head 'footage' plays a video's own motion; give a video, not a photo.")
        if subject.fps != style.fps:
            raise VideoError(
                f"The video was opened at {subject.fps} frames per second but is rendered at {style.fps}; "
                "open it at the output's frame rate."
            )
        return Clip(subject.size, style.fps, _as_long_as(speech, subject))


def _as_long_as(speech: Iterable[Speech], footage: TrackedFootage) -> Iterator[Frame]:
    # decoded and tracked while the last frames are still being spoken
    with closing(Prefetcher(endless(footage), _AHEAD)) as frames:
        for part in speech:
            yield from itertools.islice(frames, part.frames(footage.fps))


def endless(footage: TrackedFootage) -> Iterator[Frame]:
    """The video's frames, and then more of them without end."""
    from pipeline.heads.loops import dissolve, fade_frames, find_joint

    fade = fade_frames(footage.fps)
    held: deque[Frame] = deque()
    for frame in footage.frames():
        held.append(frame)
        if len(held) > fade:
            yield held.popleft()
    joint = find_joint(footage.tracks(), footage.fps, at_end=True)
    if joint:
        yield from dissolve(iter(held), footage.read(joint.enter, joint.enter + fade), fade)
        yield from _forwards(footage, joint)
    yield from held
    yield from _back_and_forth(footage)


def _forwards(footage: TrackedFootage, first: Joint) -> Iterator[Frame]:
    """What follows the joint at the end: always forwards, going back where it is seen least."""
    from pipeline.heads.loops import dissolve, find_joint

    at = first.enter + first.frames
    best = find_joint(footage.tracks(), footage.fps, at_end=False)
    joint = best if best and best.leave >= at else first
    while True:
        yield from footage.read(at, joint.leave)
        leaving, entering = (
            footage.read(start, start + joint.frames) for start in (joint.leave, joint.enter)
        )
        yield from dissolve(leaving, entering, joint.frames)
        at = joint.enter + joint.frames


def _back_and_forth(footage: TrackedFootage) -> Iterator[Frame]:
    """What follows the whole video: backwards, forwards and so on without end."""
    first, last = _turning_points(footage)
    if last - first < 1:
        with closing(footage.read(first, first + 1)) as frames:
            still = next(frames)
        while True:  # copies, since a lips engine may draw into what it is given
            yield replace(still, image=still.image.copy())
    at = footage.count - 1
    while True:
        yield from _backwards(footage, first, at)
        yield from footage.read(first + 1, last + 1)
        at = last


def _backwards(footage: TrackedFootage, start: int, stop: int) -> Iterator[Frame]:
    """Frames from `stop` - 1 down to `start`."""
    width, height = footage.size
    length = max(1, SEGMENT_BYTES // (width * height * 3))
    for end in range(stop, start, -length):
        segment = list(footage.read(max(start, end - length), end))
        while segment:
            yield segment.pop()


def _turning_points(footage: TrackedFootage) -> tuple[int, int]:
    """The frames near either end at which the face moves least, to play between."""
    speeds = _speeds(footage.tracks())
    reach = max(1, min(round(_TURN_SECONDS * footage.fps), footage.count // 4))
    first = int(np.argmin(speeds[:reach]))
    last = footage.count - 1 - int(np.argmin(speeds[::-1][:reach]))
    return first, max(first, last)


def _speeds(tracks: list[np.ndarray | None]) -> np.ndarray:
    """`(T,)` mean landmark movement around each frame in px; infinite where no face is seen."""
    steps = np.array(
        [
            np.abs(now[:, :2].astype(np.int32) - before[:, :2]).mean()
            if now is not None and before is not None
            else np.inf
            for before, now in itertools.pairwise(tracks)
        ]
    )
    return (
        np.maximum(np.append(steps, steps[-1:]), np.append(steps[:1], steps)) if len(steps) else np.zeros(1)
    )
