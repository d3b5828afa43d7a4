"""How long there is to wait: for the jobs that come first, and for the one that runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator

from pipeline.progress import Event, Progress

_FIRST_GUESS = 15.0
"""Seconds that a job takes, until some have been seen."""
_MEMORY = 0.3
"""Weight of the latest job in the average."""
_SETTLED = 0.06
"""Share of a job from which its pace tells how long the rest takes."""
_SLOWNESS = 1.5
"""Seconds that a second of video takes, until jobs have shown it."""


class Timetable:
    """What the jobs of one page have taken so far, and when the running one should be done."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._average = _FIRST_GUESS
        self._slowness = _SLOWNESS
        self._free_at = 0.0
        """When the running job should be done, on the monotonic clock; in the past where none runs."""

    def watch(self, events: Generator[Event, None, None], seconds: float) -> Generator[Event, None, None]:
        """The `events` of a job as it runs, with a time left that leaves out how long loading took.

        While the job waits for its turn, the time left is that until it begins.

        Args:
            seconds: length of the video, as far as it can be guessed.
        """
        began: float | None = None
        pace = _Pace()
        try:
            for event in events:
                if isinstance(event, Progress) and event.stage == "waiting":
                    yield Progress("waiting", 0.0, self.wait(1))
                    continue
                if began is None:
                    began = time.monotonic()
                    self._running_until(began + self.estimate(seconds))
                timed = pace.timed(event) if isinstance(event, Progress) else event
                if isinstance(timed, Progress) and timed.seconds_left is not None:
                    self._running_until(time.monotonic() + timed.seconds_left)
                yield timed
            if began is not None:
                self._learn(time.monotonic() - began, seconds)
        finally:
            events.close()
            if began is not None:
                self._running_until(0.0)

    def estimate(self, seconds: float) -> float:
        """Seconds that a video of so many seconds takes to make."""
        with self._lock:
            return max(seconds * self._slowness, 1.0)

    def wait(self, ahead: int) -> float:
        """Seconds until a job begins that `ahead` others come before, the running one included."""
        with self._lock:
            running = max(self._free_at - time.monotonic(), 1.0)
            return running + max(ahead - 1, 0) * self._average if ahead else 0.0

    def _running_until(self, moment: float) -> None:
        with self._lock:
            self._free_at = moment

    def _learn(self, took: float, seconds: float) -> None:
        with self._lock:
            self._average += _MEMORY * (took - self._average)
            if seconds > 1:
                self._slowness += _MEMORY * (took / seconds - self._slowness)


class _Pace:
    """The time left of one job, from its pace since the first frames."""

    def __init__(self) -> None:
        self._start: tuple[float, float] | None = None
        """When the first frames came, and what share of the job was done then."""

    def timed(self, progress: Progress) -> Progress:
        if progress.stage != "animation":
            return progress
        now = time.monotonic()
        if self._start is None:
            self._start = now, progress.fraction
        then, done = self._start
        gained = progress.fraction - done
        left = (now - then) * (1 - progress.fraction) / gained if gained >= _SETTLED else None
        return Progress(progress.stage, progress.fraction, left)


TIMETABLE = Timetable()
"""That of this process, whose jobs run one after the other."""
