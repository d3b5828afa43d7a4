"""Estimates: the length of a video before it is made, how long it renders, and how long a job has to wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from pipeline.plan import Plan
from pipeline.progress import SPEECH_RATE, Event, Progress
from pipeline.script import FilmProgress

FilmStep = TypeVar("FilmStep")

_USUAL_JOB = 15.0
"""Seconds that a job takes, assumed until the first one has ended."""
_USUAL_COST = 1.5
"""Seconds of work for a second of video, likewise."""
_WEIGHT = 0.3
"""Weight of the latest job in the running averages, 0 to 1."""
_SETTLED = 0.06
"""Share of a job, 0 to 1, after which its pace tells how long the rest takes."""


def video_seconds(plan: Plan) -> float:
    """Expected length of a plan's video in seconds; 0 where nothing tells it."""
    scene = plan.scene
    if scene.audio is not None:
        return _declared_seconds(scene.audio)
    if scene.text is None:
        return 0.0 if plan.motion is None else len(plan.motion) / plan.motion.fps
    return len(scene.text) / SPEECH_RATE / scene.pace


class Estimates:
    """Learns from the jobs of this process what jobs take, and knows when the running one should be done."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._average = _USUAL_JOB
        self._cost = _USUAL_COST
        self._free_at = 0.0
        """When the running job should be done, on the monotonic clock; in the past where none runs."""

    def watch(self, events: Generator[Event, None, None], seconds: float) -> Generator[Event, None, None]:
        """The `events` of a job as it runs, with a time left that does not count how long loading took.

        While the job waits in the queue, the time left is the time until it begins.

        Args:
            seconds: expected length of the video.
        """
        began: float | None = None
        pace = _Pace()
        try:
            for event in events:
                if isinstance(event, Progress) and event.stage == "waiting":
                    yield replace(event, seconds_left=self.waiting_seconds(event.ahead))
                    continue
                if began is None:
                    began = time.monotonic()
                    self._running_until(began + self.render_seconds(seconds))
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

    def watch_film(self, events: Generator[FilmStep, None, None]) -> Generator[FilmStep, None, None]:
        """The `events` of a film as it is made, which tell themselves how long it still takes."""
        self._running_until(time.monotonic() + self._average)
        try:
            with closing(events):
                for event in events:
                    if isinstance(event, FilmProgress) and event.seconds_left is not None:
                        self._running_until(time.monotonic() + event.seconds_left)
                    yield event
        finally:
            self._running_until(0.0)

    def render_seconds(self, seconds: float) -> float:
        """Seconds that a video of so many seconds takes to make."""
        with self._lock:
            return max(seconds * self._cost, 1.0)

    def waiting_seconds(self, ahead: int) -> float:
        """Seconds until a job begins that has `ahead` others before it, including the running one."""
        with self._lock:
            running = max(self._free_at - time.monotonic(), 1.0)
            return running + max(ahead - 1, 0) * self._average if ahead else 0.0

    def _running_until(self, moment: float) -> None:
        with self._lock:
            self._free_at = moment

    def _learn(self, took: float, seconds: float) -> None:
        with self._lock:
            self._average += _WEIGHT * (took - self._average)
            if seconds > 1:
                self._cost += _WEIGHT * (took / seconds - self._cost)


def _declared_seconds(recording: Path) -> float:
    """The length in the file's header, in seconds; 0 if there is none. Good enough for an estimate."""
    import av

    try:
        with av.open(str(recording), metadata_errors="replace") as box:
            return max(box.duration or 0, 0) / av.time_base
    except (OSError, ValueError):
        return 0.0


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


ESTIMATES = Estimates()
"""Those of this process, whose jobs run one after the other."""
