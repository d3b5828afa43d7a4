"""pocketsphinx: words and phones in 16 kHz sound, with an English acoustic model that it carries.

It needs no download and some fifth of real time on one core. Other languages are heard as their nearest
English sounds, which is what lips need. Times are seconds from the start of the sound.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipeline.speech.phonemes import to_arpabet
from pipeline.speech.text import espeak

RATE = 16_000
"""Samples per second of the sound that everything here hears: mono int16, as bytes."""

_STEP = 0.01
_LATE = 0.0078
"""Seconds from a step's nominal time to the border that its analysis window (25.6 ms) really sees."""


@dataclass(frozen=True)
class AlignedWord:
    """A word with its phones; its name is empty for silence and noise."""

    name: str
    phones: tuple[tuple[str, float, float], ...]
    """CMU's phone name, start and end of each."""

    @property
    def start(self) -> float:
        """Seconds."""
        return self.phones[0][1]

    @property
    def end(self) -> float:
        """Seconds."""
        return self.phones[-1][2]


def name_of(word: str, language: str) -> str:
    """What the dictionary calls a word: itself in English, with its language in others."""
    return word if language.startswith("en") else f"{word}~{language}"


def align_transcript(
    data: bytes, names: Sequence[str], *, anywhere: bool, to_end: bool
) -> tuple[int, list[AlignedWord]] | None:
    """Where the leading `names` sound: index of the first one heard, and all in order; None if nowhere.

    `anywhere` lets it start at any word; `to_end` asks for all of them.
    """
    decoder = _aligner()
    for name in set(names):
        _teach(decoder, name)
    last = len(names) + 1
    arcs: list[tuple] = [(n, n + 1, 1.0, name) for n, name in enumerate(names)]
    arcs += [(n, last, 1.0) for n in range(len(names) if to_end else 0, len(names) + 1)]
    if anywhere:
        arcs = [(last + 1, n, 1.0) for n in range(len(names))] + arcs
    grammar = decoder.create_fsg("transcript", last + 1 if anywhere else 0, last, arcs)
    decoder.add_fsg("transcript", grammar)
    decoder.activate_search("transcript")
    found = _words(decoder, data)
    if not found:
        return None if found is None else (0, [])
    first = next(n for n in range(len(names)) if list(names[n : n + len(found)]) == found)
    heard = _align(data, found)
    return None if heard is None else (first, heard)


def recognise(data: bytes) -> list[tuple[str, float, float]]:
    """The phones in speech of unknown words: CMU's name, start and end of each.

    English words are guessed first and then aligned, for a language model knows what a microphone does not
    tell: against the aligned transcripts of six speakers, it finds two lip closures of three where a phone
    recogniser finds one of two, with half as many false ones. Where no words fit, the phones
    are recognised by themselves.
    """
    heard = _align(data, _words(_word_guesser(), data) or [])
    if heard:
        return [phone for word in heard for phone in word.phones]
    decoder = _phone_guesser()
    _run(decoder, data)
    return [_timed(s.word, s.start_frame, s.end_frame + 1) for s in decoder.seg()]


def _words(decoder, data: bytes) -> list[str] | None:
    """The words that a decoder hears; None where its grammar does not fit at all."""
    try:
        _run(decoder, data)
    except RuntimeError:
        return None
    if decoder.hyp() is None:
        return None
    return [name for segment in decoder.seg() if (name := _plain(segment.word))]


def _align(data: bytes, names: Sequence[str]) -> list[AlignedWord] | None:
    """The phones of words that are heard in this order; None where they do not fit."""
    if not names:
        return None
    decoder = _aligner()
    try:
        decoder.set_align_text(" ".join(names))
        _run(decoder, data)
        decoder.set_alignment()
        _run(decoder, data)
    except RuntimeError:
        return None
    return [_heard(word) for word in decoder.get_alignment()]


def _heard(word) -> AlignedWord:
    return AlignedWord(_plain(word.name), tuple(_timed(p.name, p.start, p.start + p.duration) for p in word))


def _timed(name: str, start: int, end: int) -> tuple[str, float, float]:
    return name, start * _STEP + (_LATE if start else 0.0), end * _STEP + _LATE


def _plain(name: str) -> str:
    """A word without the number of its variant; "" for silence, noise and the grammar's own marks."""
    return "" if name[0] in "<[(" else re.sub(r"\(\d+\)$", "", name)


def _run(decoder, data: bytes) -> None:
    decoder.start_utt()
    decoder.process_raw(data, full_utt=True)
    decoder.end_utt()


def _teach(decoder, name: str) -> None:
    """Adds a word that the dictionary lacks, said as espeak would say it."""
    if decoder.lookup_word(name) is None:
        word, _, language = name.partition("~")
        phones = to_arpabet(espeak.phonemize(word, language or "en-us"))
        decoder.add_word(name, " ".join(phones or ["AH"]), update=True)


@cache
def _aligner():
    from pocketsphinx import Decoder

    return Decoder(lm=None, bestpath=False, loglevel="FATAL")


@cache
def _word_guesser():
    from pocketsphinx import Decoder

    return Decoder(bestpath=False, fwdflat=False, maxhmmpf=1500, maxwpf=5, loglevel="FATAL")


@cache
def _phone_guesser():
    from pocketsphinx import Decoder, get_model_path

    model = Path(get_model_path()) / "en-us" / "en-us-phone.lm.bin"
    return Decoder(lm=None, dict=None, allphone=str(model), lw=2.0, beam=1e-20, pbeam=1e-20, loglevel="FATAL")
