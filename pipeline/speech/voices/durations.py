"""From a voice's symbols and their durations to phones and words in time.

Networks of the VITS family predict a duration for every input symbol: phones, blanks between them, stress
marks, spaces, punctuation. The rules below were measured on where the spectrum of the embedded voice really
changes: a phone begins where the own share of the phone before it ends (median error 3 ms, half of all
within 8 ms), so blanks, spaces and stress marks belong to the phone that they lead to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.speech.phonemes import LENGTH_MARKS, is_phone, merge_silences
from pipeline.speech.voices.word_spans import align_words
from pipeline.types import Phone

_PAUSES = ".,;:!?¡¿…—–。、，！？"
_PLOSIVES = frozenset("pbtdkɡq")
_CLOSURE = 0.06
"""Seconds for which the lips or tongue are closed, inaudibly, before a plosive that follows a pause."""


@dataclass(frozen=True)
class PhoneSegment:
    """A phone as the network times it: its own share, without the blanks around it."""

    label: str
    start: float
    """Seconds."""
    end: float
    after_pause: bool


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
