"""From a voice's symbols and their durations to phones and words in time.

Networks of the VITS family predict a duration for every input symbol: phones, blanks between them, stress
marks, spaces, punctuation. The rules below were measured on where the spectrum of the embedded voice really
changes: a phone begins where the own share of the phone before it ends (median error 3 ms, half of all
within 8 ms), so blanks, spaces and stress marks belong to the phone that they lead to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipeline.protocols import Utterance
from pipeline.speech.phonemes import LENGTH_MARKS, is_phone, merge_silences
from pipeline.speech.voices.word_spans import align_words
from pipeline.types import Phone

_PAUSES = ".,;:!?¡¿…—–。、，！？"
_PLOSIVES = frozenset("pbtdkɡq")
_CLOSURE = 0.06
"""Seconds for which the lips or tongue are closed, inaudibly, before a plosive that follows a pause."""


_QUIET = 0.01
"""A sound below this share of the phrase's loudest moment (-40 dB) is over."""
_WINDOW = 0.02
"""Seconds over which loudness is measured."""
_SHORTEST = 0.05
"""Seconds that a phone before a pause keeps, however quiet it is."""


@dataclass(frozen=True)
class PhoneSegment:
    """A phone as the network times it: its own share, without the blanks around it."""

    label: str
    start: float
    """Seconds."""
    end: float
    after_pause: bool


def utterance(
    samples: np.ndarray,
    rate: int,
    symbols: Iterable[tuple[str, float, float]],
    words: Iterable[Sequence[str]],
) -> Utterance:
    """What a voice said, with the times that its network predicted.

    Args:
        samples: `(N,)` float32 at `rate`.
        rate: samples per second.
        symbols: the network's input symbols in IPA, with start and end in seconds.
        words: the phones of each word read alone; asked for only if there are phones at all.
    """
    segments = until_quiet(phone_segments(symbols), samples, rate)
    if not segments:
        return Utterance(samples, rate)
    return Utterance(samples, rate, phones(segments, len(samples) / rate), word_times(segments, list(words)))


def until_quiet(segments: Sequence[PhoneSegment], samples: np.ndarray, rate: int) -> list[PhoneSegment]:
    """The same segments, those before a pause no longer than they can be heard.

    Some networks count the silence that follows as part of the last phone, up to 0.3 s of it: a mouth
    that closes for a "p" would stay closed long after it.

    Args:
        segments: the phones of a phrase.
        samples: `(N,)` the sound of the phrase.
        rate: samples per second.
    """
    window = round(_WINDOW * rate)
    peaks = np.abs(samples[: len(samples) // window * window]).reshape(-1, window).max(axis=1)
    loud = np.flatnonzero(peaks > _QUIET * peaks.max(initial=0.0))
    ended = list(segments)
    for index, segment in enumerate(segments):
        if index + 1 < len(segments) and not segments[index + 1].after_pause:
            continue
        heard = loud[loud * _WINDOW < segment.end]
        last = (heard[-1] + 1) * _WINDOW if len(heard) else segment.start
        shortest = min(segment.start + _SHORTEST, segment.end)
        ended[index] = replace(segment, end=min(max(last, shortest), segment.end))
    return ended


def phone_segments(symbols: Iterable[tuple[str, float, float]]) -> list[PhoneSegment]:
    """The phones among symbols with start and end in seconds; marks are merged into them."""
    segments: list[PhoneSegment] = []
    opening: float | None = None
    after_pause = True
    for symbol, start, end in symbols:
        if is_phone(symbol):
            segments.append(PhoneSegment(symbol, start if opening is None else opening, end, after_pause))
            opening, after_pause = None, False
        elif symbol in LENGTH_MARKS and segments:
            label = segments[-1].label.rstrip(LENGTH_MARKS) + "ː"
            segments[-1] = replace(segments[-1], label=label, end=end)
        elif symbol in _PAUSES:
            after_pause = True
        elif symbol != " " and opening is None:
            opening = start
    return segments


def phones(segments: Sequence[PhoneSegment], seconds: float) -> tuple[Phone, ...]:
    """The phones, and the silences between them, from 0 to `seconds`."""
    return merge_silences(_tiled(segments, seconds))


def word_times(
    segments: Sequence[PhoneSegment], words: Sequence[Sequence[str]]
) -> tuple[tuple[float, float], ...]:
    """Start and end in seconds of each word of a phrase.

    Args:
        segments: the phones of the phrase.
        words: the phones of each word read alone. A word that gets none of the segments starts and ends
            where the word before it ends.
    """
    owners = align_words([segment.label.rstrip(LENGTH_MARKS) for segment in segments], words)
    times, at = [], 0.0
    for index in range(len(words)):
        own = [n for n, owner in enumerate(owners) if owner == index]
        start, at = (_audible_start(segments, own[0]), segments[own[-1]].end) if own else (at, at)
        times.append((start, at))
    return tuple(times)


def _tiled(segments: Sequence[PhoneSegment], seconds: float) -> Iterator[Phone]:
    at = 0.0
    for index, segment in enumerate(segments):
        start = _audible_start(segments, index)
        yield Phone("", at, start)
        yield Phone(segment.label, start, segment.end)
        at = segment.end
    yield Phone("", at, seconds)


def _audible_start(segments: Sequence[PhoneSegment], index: int) -> float:
    """When a phone can first be heard or seen: at the end of the one before; after a pause, with its own
    share, and a plosive with its closure before that."""
    segment = segments[index]
    before = segments[index - 1].end if index else 0.0
    if not segment.after_pause:
        return before
    return max(before, segment.start - (_CLOSURE if segment.label in _PLOSIVES else 0.0))
