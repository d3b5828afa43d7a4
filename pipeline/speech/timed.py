"""Lines spoken at the times that they have in a video, as a dub needs them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from pipeline.engines import DEFAULT_VOICE
from pipeline.options import Options
from pipeline.speech.synthesize import speak
from pipeline.speech.text.pronunciation import Pronunciations
from pipeline.speech.text.srt import TimedLine
from pipeline.types import RATE, Phone, Speech, join

_SLOWEST, _FASTEST = 0.85, 1.25
"""Pace within which a line sounds natural."""
_UNHEARD = 0.03
"""Change of the pace that nobody hears."""
_LATE = 0.2
"""Seconds by which a line may end late before that is said: two frames of silence, and an inexact pace."""
_NOT_MADE_UP = 0.05
"""Seconds by which a line adds to the delay of the lines before it, from which it is itself too long."""


def speak_timed(
    lines: Sequence[TimedLine],
    *,
    voice: str = DEFAULT_VOICE,
    options: Options | None = None,
    fps: int = 25,
    seed: int = 0,
    pronunciations: Pronunciations = (),
    seconds: float = 0.0,
) -> Iterator[Speech]:
    """The lines, each begun at its time and as long as it was, one part for each.

    The pace is fitted within 0.85 and 1.25, and silence fills the rest. A line that is still too long runs
    into the silence after it; where even that is too short, the next line begins as soon as it can, or the
    video lasts longer than it did, and `late_lines` names the line.

    Args:
        lines: in order, without overlaps.
        voice, options, fps, seed, pronunciations: as for `speak`; each part is a whole number of frames.
        seconds: length of the video, which silence fills after the last line.

    Raises:
        TextError, UnknownNameError, CheckpointError: as for `speak`.
    """
    at = 0.0
    for line in lines:
        if (frames := round((line.start - at) * fps)) > 0:
            yield _silence(frames, fps)
            at += frames / fps
        # A line that begins late is hurried by as much, so that delays do not add up.
        wanted = max(line.end - max(at, line.start), 1 / fps)
        said = _trimmed(_fitted(line.text, wanted, voice, options, seed, pronunciations), fps)
        at += said.duration
        yield said
    if (frames := round((seconds - at) * fps)) > 0:
        yield _silence(frames, fps)


def late_lines(lines: Sequence[TimedLine], ends: Sequence[float], *, seconds: float = 0.0) -> list[str]:
    """A sentence for each line that ran into the time of the next one, or beyond the end, by being too long
    itself: one that fits, but began late, needs no change.

    Args:
        lines: as for `speak_timed`.
        ends: when each of them ended, in seconds.
        seconds: length of the video, as for `speak_timed`.
    """
    limits = [*(line.start for line in lines[1:]), max(seconds, lines[-1].end)]
    late, carried = [], 0.0
    for number, (line, end, limit) in enumerate(zip(lines, ends, limits, strict=False), 1):
        delay = max(end - limit, 0.0)
        own = delay - carried
        if delay > _LATE and own > _NOT_MADE_UP:
            late.append(
                f"Line {number} is {own:.1f} s too long for its time, even as fast as sounds "
                f"natural; shorten “{line.text}”."
            )
        carried = delay
    return late


def _fitted(
    text: str, wanted: float, voice: str, options: Options | None, seed: int, pronunciations: Pronunciations
) -> Speech:
    """A text within so many seconds, as far as sounds natural."""

    def said(pace: float) -> Speech:
        return join(
            speak(text, voice=voice, options=options, pace=pace, seed=seed, pronunciations=pronunciations)
        )

    natural = said(1.0)
    pace = fitting_pace(spoken_seconds(natural), wanted)
    return natural if abs(pace - 1) <= _UNHEARD else said(pace)


def fitting_pace(natural: float, wanted: float) -> float:
    """The pace at which what takes `natural` seconds at pace 1 takes those that are wanted, but no other than
    sounds natural: 0.85 to 1.25.
    """
    return float(np.clip(natural / wanted, _SLOWEST, _FASTEST))


def spoken_seconds(speech: Speech) -> float:
    """When its last sound ends."""
    return float(max((phone.end for phone in speech.phones if phone.label), default=speech.duration))


def _trimmed(speech: Speech, fps: int) -> Speech:
    """The speech without the pause at its end, in whole frames."""
    frame = RATE // fps
    end = min((round(spoken_seconds(speech) * RATE) // frame + 2) * frame, len(speech.samples))
    phones = tuple(
        Phone(phone.label, phone.start, min(phone.end, end / RATE))
        for phone in speech.phones
        if phone.start < end / RATE
    )
    return Speech(speech.samples[:end], phones, speech.words, speech.text, speech.language)


def _silence(frames: int, fps: int) -> Speech:
    samples = np.zeros(frames * (RATE // fps), np.float32)
    return Speech(samples, (Phone("", 0.0, len(samples) / RATE),))
