"""Frames that take many seconds each: how far they are is told step by step, and a step is all that is still
made of them when nobody wants them any more.

A head that works so gives its clip `Steps` and tells them after each of its steps; `attended` waits for its
frames in the caller's thread while another makes them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.types import Clip, Frame

_POLL = 0.1
"""Seconds between two looks at the steps."""
_PULSE = 1.0
"""Seconds after which it is told that the work still goes on, whether it came further or not."""
_PATIENCE = 10.0
"""Seconds to wait for a step to end once the frames are given up."""


class GivenUpError(Exception):
    """Nobody wants these frames any more; raised where they are made."""


class Steps:
    """How far the making of a clip is. One thread works and tells, another looks."""

    def __init__(self) -> None:
        self.seconds = 0.0
        """Of the clip that are as good as made."""
        self._given_up = threading.Event()

    def reach(self, seconds: float) -> None:
        """A step is done; `seconds` of the clip are as good as made.

        Raises:
            GivenUpError: the frames are given up, so that no further step should begin.
        """
        if self._given_up.is_set():
            raise GivenUpError
        self.seconds = max(self.seconds, seconds)

    def give_up(self) -> None:
        """Let the work end with its present step."""
        self._given_up.set()


def attended(clip: Clip, count: int) -> Iterator[Frame | float]:
    """The next `count` frames of a clip. While one with `Steps` is being made, how many seconds are as good
    as made: after each step, and at least once a second.

    Closed early, it gives the clip up: the step that is being made ends, and no other begins.
    """
    if clip.steps is None:
        yield from islice(clip.frames, count)
        return
    pool = ThreadPoolExecutor(1, thread_name_prefix="frames")
    job: Future[Frame | None] | None = None
    try:
        for _ in range(count):
            job = pool.submit(next, clip.frames, None)
            yield from _waited(job, clip.steps)
            if (frame := job.result()) is None:
                return
            yield frame
    finally:
        pool.shutdown(wait=False)
        if job is not None and not job.done():
            clip.steps.give_up()
            wait([job], timeout=_PATIENCE)


def _waited(job: Future[Frame | None], steps: Steps) -> Iterator[float]:
    told, at = steps.seconds, time.monotonic()
    while not job.done():
        wait([job], timeout=_POLL)
        if steps.seconds != told or time.monotonic() >= at + _PULSE:
            told, at = steps.seconds, time.monotonic()
            yield told
