"""From a voice's symbols and how long each lasts to phones and words with their times.

Networks of the VITS family predict a length for every symbol of their input: sounds, blanks between them,
stress marks, spaces, punctuation. What follows was measured on where the spectrum of the embedded voice
really changes: a sound begins where the one before it ends its own share (3 ms off in the median, half of
all within 8 ms), so blanks, spaces and stress marks belong to the sound that they lead to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.speech.phonemes import LENGTH_MARKS, is_sound, merge_silences
from pipeline.speech.voices.word_spans import align_words
from pipeline.types import Phone

_PAUSES = ".,;:!?¡¿…—–。、，！？"
_PLOSIVES = frozenset("pbtdkɡq")
_CLOSURE = 0.06
"""Seconds that the lips or the tongue are closed before a plosive that ends a pause; it cannot be heard."""


@dataclass(frozen=True)
class Sound:
    """A sound as the network lays it out: its own share, without the blanks around it."""

    label: str
    start: float
    """Seconds."""
    end: float
    paused: bool
    """Whether there is a pause before it."""


def sounds_among(symbols: Iterable[tuple[str, float, float]]) -> list[Sound]:
    """The sounds among symbols with their start and end in seconds, the marks joined to them."""
    sounds: list[Sound] = []
    opening: float | None = None
    paused = True
    for symbol, start, end in symbols:
        if is_sound(symbol):
            sounds.append(Sound(symbol, start if opening is None else opening, end, paused))
            opening, paused = None, False
        elif symbol in LENGTH_MARKS and sounds:
            sounds[-1] = replace(sounds[-1], label=sounds[-1].label.rstrip(LENGTH_MARKS) + "ː", end=end)
        elif symbol in _PAUSES:
            paused = True
        elif symbol != " " and opening is None:
            opening = start
    return sounds


def phones(sounds: Sequence[Sound], length: float) -> tuple[Phone, ...]:
    """The sounds, and the silences between them, from 0 to `length` seconds."""
    return merge_silences(_tiled(sounds, length))


def words(sounds: Sequence[Sound], alone: Sequence[Sequence[str]]) -> tuple[tuple[float, float], ...]:
    """Start and end in seconds of each word of a line; `alone` are the sounds of each said alone.

    A word without a sound of its own starts and ends where the one before it ends.
    """
    owners = align_words([sound.label.rstrip(LENGTH_MARKS) for sound in sounds], alone)
    spans, at = [], 0.0
    for index in range(len(alone)):
        own = [n for n, owner in enumerate(owners) if owner == index]
        start, at = (_start(sounds, own[0]), sounds[own[-1]].end) if own else (at, at)
        spans.append((start, at))
    return tuple(spans)


def _tiled(sounds: Sequence[Sound], length: float) -> Iterator[Phone]:
    at = 0.0
    for index, sound in enumerate(sounds):
        start = _start(sounds, index)
        yield Phone("", at, start)
        yield Phone(sound.label, start, sound.end)
        at = sound.end
    yield Phone("", at, length)


def _start(sounds: Sequence[Sound], index: int) -> float:
    """When a sound starts to be heard and seen; after a pause with its own share, a plosive closed before."""
    sound = sounds[index]
    before = sounds[index - 1].end if index else 0.0
    if not sound.paused:
        return before
    return max(before, sound.start - (_CLOSURE if sound.label in _PLOSIVES else 0.0))
