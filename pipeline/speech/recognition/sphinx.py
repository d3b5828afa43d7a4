"""pocketsphinx: words and phones in 16 kHz sound, with the English acoustic model that it bundles.

It needs no download and takes about a fifth of real time on one core. Other languages are transcribed as
their nearest English phones, which is what lip motion needs. Times are seconds from the start of the sound.
pocketsphinx is imported only where it is used, so that everything else works without it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.speech.phonemes import to_arpabet
from pipeline.speech.text import espeak

if TYPE_CHECKING:
    from pocketsphinx import Decoder

RATE = 16_000
"""Samples per second of the sound that is decoded here: mono int16, as bytes."""

_STEP = 0.01
"""Seconds per frame of the decoder."""
_WINDOW_DELAY = 0.0078
"""Seconds from a frame's nominal time to the boundary that its analysis window (25.6 ms) sees."""


@dataclass(frozen=True)
class AlignedWord:
    """A word with its phones in time; its name is empty for silence and noise."""

    name: str
    phones: tuple[tuple[str, float, float], ...]
    """ARPABET name, start and end in seconds of each phone."""

    @property
    def start(self) -> float:
        """Seconds."""
        return self.phones[0][1]

    @property
    def end(self) -> float:
        """Seconds."""
        return self.phones[-1][2]


def available() -> bool:
    """Whether pocketsphinx is installed."""
    return find_spec("pocketsphinx") is not None


def dictionary_name(word: str, language: str) -> str:
    """A word's key in the dictionary: the word itself in English, else the word with its language."""
    return word if language.startswith("en") else f"{word}~{language}"


def align_transcript(
    data: bytes, names: Sequence[str], *, anywhere: bool, to_end: bool
) -> tuple[int, list[AlignedWord]] | None:
    """Align the leading words of a transcript with a sound.

    Args:
        data: mono int16 at `RATE`.
        names: dictionary names of the words that may follow.
        anywhere: the sound may start at any of the words.
        to_end: the sound contains all of the words.

    Returns:
        Index of the first word found and all words found, in order; None where none fits.
    """
    decoder = _alignment_decoder()
    for name in set(names):
        _add_pronunciation(decoder, name)
    last = len(names) + 1
    arcs: list[tuple[Any, ...]] = [(n, n + 1, 1.0, name) for n, name in enumerate(names)]
    arcs += [(n, last, 1.0) for n in range(len(names) if to_end else 0, len(names) + 1)]
    if anywhere:
        arcs = [(last + 1, n, 1.0) for n in range(len(names))] + arcs
    grammar = decoder.create_fsg("transcript", last + 1 if anywhere else 0, last, arcs)
    decoder.add_fsg("transcript", grammar)
    decoder.activate_search("transcript")
    found = _decoded_words(decoder, data)
    if not found:
        return None if found is None else (0, [])
    first = next(n for n in range(len(names)) if list(names[n : n + len(found)]) == found)
    aligned = _force_align(data, found)
    return None if aligned is None else (first, aligned)


def recognize_phones(data: bytes) -> list[tuple[str, float, float]]:
    """The phones in speech whose words are unknown: ARPABET name, start and end in seconds.

    English words are recognised first and then aligned, because a language model supplies what the sound
    alone leaves open: against the aligned transcripts of six speakers this finds two of three lip closures,
    where a phone recogniser finds one of two, with half as many false ones. Where no words fit, phones are
    recognised directly.
    """
    aligned = _force_align(data, _decoded_words(_word_decoder(), data) or [])
    if aligned:
        return [phone for word in aligned for phone in word.phones]
    decoder = _phone_decoder()
    _decode(decoder, data)
    return [_timed(s.word, s.start_frame, s.end_frame + 1) for s in decoder.seg()]


def _decoded_words(decoder: Decoder, data: bytes) -> list[str] | None:
    """The words that a decoder recognises; None where its grammar does not fit at all."""
    try:
        _decode(decoder, data)
    except RuntimeError:
        return None
    if decoder.hyp() is None:
        return None
    return [name for segment in decoder.seg() if (name := _base_name(segment.word))]


def _force_align(data: bytes, names: Sequence[str]) -> list[AlignedWord] | None:
    """The phones of words that are known to follow in this order; None where they do not fit."""
    if not names:
        return None
    decoder = _alignment_decoder()
    try:
        decoder.set_align_text(" ".join(names))
        _decode(decoder, data)
        decoder.set_alignment()
        _decode(decoder, data)
    except RuntimeError:
        return None
    return [_aligned_word(word) for word in decoder.get_alignment()]


def _aligned_word(word: Any) -> AlignedWord:
    phones = tuple(_timed(phone.name, phone.start, phone.start + phone.duration) for phone in word)
    return AlignedWord(_base_name(word.name), phones)


def _timed(name: str, start: int, end: int) -> tuple[str, float, float]:
    return name, start * _STEP + (_WINDOW_DELAY if start else 0.0), end * _STEP + _WINDOW_DELAY


def _base_name(name: str) -> str:
    """A word without the number of its pronunciation variant; "" for silence, noise and grammar markers."""
    return "" if name[0] in "<[(" else re.sub(r"\(\d+\)$", "", name)


def _decode(decoder: Decoder, data: bytes) -> None:
    decoder.start_utt()
    decoder.process_raw(data, full_utt=True)
    decoder.end_utt()


def _add_pronunciation(decoder: Decoder, name: str) -> None:
    """Add a word that the dictionary lacks, pronounced as espeak reads it."""
    if decoder.lookup_word(name) is None:
        word, _, language = name.partition("~")
        phones = to_arpabet(espeak.phonemize(word, language or "en-us"))
        decoder.add_word(name, " ".join(phones or ["AH"]), update=True)


@cache
def _alignment_decoder() -> Decoder:
    from pocketsphinx import Decoder

    return Decoder(lm=None, bestpath=False, loglevel="FATAL")


@cache
def _word_decoder() -> Decoder:
    from pocketsphinx import Decoder

    return Decoder(bestpath=False, fwdflat=False, maxhmmpf=1500, maxwpf=5, loglevel="FATAL")


@cache
def _phone_decoder() -> Decoder:
    from pocketsphinx import Decoder, get_model_path

    model = Path(get_model_path()) / "en-us" / "en-us-phone.lm.bin"
    return Decoder(lm=None, dict=None, allphone=str(model), lw=2.0, beam=1e-20, pbeam=1e-20, loglevel="FATAL")
