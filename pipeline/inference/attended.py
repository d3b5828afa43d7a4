"""Reading a clip whose frames take many seconds each: its progress while a frame is made, and a quick end.

The frames are made in another thread, so that the caller hears of each of the clip's `Steps` meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from itertools import islice

from pipeline.steps import Steps
from pipeline.types import Clip, Frame

_POLL = 0.1
"""Seconds between two checks of the steps."""
_PULSE = 1.0
"""Longest time in seconds without a sign of life, whether the work came further or not."""
_PATIENCE = 10.0
"""Seconds to wait for a step to end once the frames are given up."""


def attended(clip: Clip, count: int) -> Iterator[Frame | float]:
    """Yield the next `count` frames of a clip.

    While a frame of a clip with `Steps` is being made, also yield the seconds of the clip that are as good as
    made: after each step, and at least once a second. Closed early, it gives the clip up: the current step
    ends, and no other begins.
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
