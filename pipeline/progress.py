"""Events of a render on the way to the finished video, and estimates of the time left."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from pipeline.findings import Finding
from pipeline.types import Phone, Speech

Ended = TypeVar("Ended")

Stage = Literal["waiting", "download", "subject", "speech", "animation", "saving"]
"""The steps in order: waiting for other jobs (on a server only), pulling an engine's weights (its first time
only), reading the photo or video, the first words, making frames, closing the file."""

SPEECH_RATE = 15.0
"""Characters of text in a second of speech: the first guess at a text's length, until parts are heard."""


@dataclass(frozen=True)
class Progress:
    """How far the job is."""

    stage: Stage
    fraction: float
    """Share of the whole job that is done, 0 to 1; for "download", of the download, which goes before it."""
    seconds_left: float | None = None
    findings: tuple[Finding, ...] = ()
    """What the review of the photo had to say, once, before the first frame."""
    ahead: int = 0
    """How many jobs come before this one while it waits, including the one that runs."""


@dataclass(frozen=True)
class Chunk:
    """About one finished second as an MPEG-TS file, to be watched while the rest renders."""

    path: Path


@dataclass(frozen=True)
class Result:
    """The finished files, and what made them."""

    video: Path
    duration: float
    """Seconds."""
    head: str
    """The head engine that ran."""
    lips: str
    """The lips engine that ran; the head's own name where its own mouth spoke."""
    seed: int = 0
    """Of everything random; the same seed gives the same performance."""
    captions: Path | None = None
    motion: Path | None = None
    """None also where the engines work from something else than blendshapes and have no motion to save."""
    findings: tuple[Finding, ...] = ()
    """What the review of the photo had to say."""
    phones: tuple[Phone, ...] = ()
    """What is said in it, timed from its start, where the studio spoke the words itself."""
    notes: tuple[str, ...] = ()
    """What was left out or done differently, a sentence each: words that the voice cannot speak."""
    faceless: int = 0
    """Frames in which the lips engine found no usable face; they are as the head made them."""
    face: int = 1
    """Which face speaks, 1 being the largest."""


Event = Progress | Chunk | Result


def run_to_end(
    events: Generator[Any, None, None], kind: type[Ended], told: Callable[[Any], object] | None = None
) -> Ended:
    """Work through the events of a job and return its last one, of this kind; they are closed then.

    Args:
        events: of a render, a film or any other job that ends in one event of its own kind.
        kind: of the last event.
        told: called with each event before it; an error that it raises cancels the job.

    Raises:
        StudioError: whatever the events raise.
    """
    with closing(events):
        for event in events:
            if isinstance(event, kind):
                return event
            if told is not None:
                told(event)
    raise AssertionError(f"a job that raises nothing ends in a {kind.__name__}")


class Clock:
    """Share done and time left, from the seconds of video made so far and the length expected in all."""

    def __init__(self, *, seconds: float | None, text: str | None = None) -> None:
        """`seconds`: the length where it is known; else it is guessed from `text`."""
        self._started = time.monotonic()
        self._spoken = 0
        self._length = None if seconds is not None else len(text or "")
        self._expected = seconds if seconds is not None else len(text or "") / SPEECH_RATE

    def heard(self, part: Speech, seconds: float) -> None:
        """Correct the expected length: `part`, which starts at `seconds`, is known now."""
        if self._length:
            self._spoken = min(self._spoken + len(part.text) + 1, self._length)
            self._expected = (seconds + part.duration) * self._length / max(self._spoken, 1)

    def at(self, seconds: float) -> Progress:
        """The progress when so many seconds of video are made."""
        share = min(seconds / max(self._expected, seconds, 1e-3), 1.0)
        left = (time.monotonic() - self._started) * (1 - share) / max(share, 1e-3)
        return Progress("animation", 0.02 + 0.97 * share, left)
