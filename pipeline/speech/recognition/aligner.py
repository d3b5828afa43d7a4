"""Phones and words of speech in time: aligned with a transcript, recognised, or spread without either."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Sequence
from itertools import groupby
from typing import Protocol

import numpy as np

from pipeline.protocols import SpokenWord
from pipeline.speech.phonemes import ARPABET, merge_silences
from pipeline.speech.recognition import sphinx
from pipeline.types import RATE, Phone, Word

_LOG = logging.getLogger(__name__)
_WORDS_PER_SECOND = 7
"""Upper limit of the speaking rate, for how far ahead the transcript is searched."""
_SPARE_WORDS = 20
"""Words searched beyond that."""
_DECODER_LOCK = threading.Lock()
"""The decoders are shared and keep state during an utterance."""


class Aligner(Protocol):
    """Puts phones and words on the time line of a sound that arrives in parts."""

    def align(self, samples: np.ndarray, *, last: bool = False) -> tuple[tuple[Phone, ...], tuple[Word, ...]]:
        """Phones and words of the next part, timed from its start.

        Args:
            samples: `(N,)` float32 at `types.RATE`.
            last: whether the part is the last one, in which the transcript must end.
        """
        ...


def make_aligner(words: Sequence[SpokenWord], *, seconds: float, language: str = "en") -> Aligner:
    """An aligner for a sound and its transcript.

    Args:
        words: the transcript, as far as it is known.
        seconds: duration of the whole sound.
        language: BCP 47 tag of the transcript.
    """
    if sphinx.available():
        return PhoneAligner(words, language)
    _LOG.warning(
        "pocketsphinx is not installed: the lips follow the sound alone, and the words of a recording are "
        "spread evenly over it. Install pocketsphinx for exact times."
    )
    return EvenAligner(words, seconds)


class PhoneAligner:
    """Finds phones and words with pocketsphinx, part by part, along a transcript where there is one."""

    def __init__(self, words: Sequence[SpokenWord] = (), language: str = "en") -> None:
        self._words = words
        self._names = [
            (index, sphinx.dictionary_name(name, language))
            for index, word in enumerate(self._words)
            for name in _dictionary_words(word.spoken)
        ]
        self._at = 0
        self._lost = False

    def align(self, samples: np.ndarray, *, last: bool = False) -> tuple[tuple[Phone, ...], tuple[Word, ...]]:
        """See `Aligner.align`; words are found only along a transcript."""
        import soxr

        sound = soxr.resample(samples, RATE, sphinx.RATE)
        data = (np.clip(sound, -1, 1) * 32767).astype(np.int16).tobytes()
        seconds = len(samples) / RATE
        with _DECODER_LOCK:
            found = self._follow(data, seconds, last) if self._at < len(self._names) else None
            if found is None:
                return _tiled(sphinx.recognize_phones(data), seconds), ()
        phones = [phone for _, word in found for phone in word.phones]
        return _tiled(phones, seconds), self._merged([(n, word) for n, word in found if word.name])

    def _follow(self, data: bytes, seconds: float, last: bool) -> list[tuple[int, sphinx.AlignedWord]] | None:
        """The next words of the transcript as found in the sound, each with its index in `words`."""
        reach = round(seconds * _WORDS_PER_SECOND) + _SPARE_WORDS
        window = self._names[self._at : self._at + reach]
        names = [name for _, name in window]
        ending = last and len(window) == len(self._names) - self._at and not self._lost
        found = sphinx.align_transcript(data, names, anywhere=False, to_end=True) if ending else None
        found = found or sphinx.align_transcript(data, names, anywhere=self._lost, to_end=False)
        self._lost = found is None
        if found is None:
            _LOG.warning("The transcript does not match the recording from %r on.", names[0])
            return None
        at, aligned = found
        indexed = []
        for word in aligned:
            indexed.append((window[min(at, len(window) - 1)][0], word))
            at += bool(word.name)
        self._at += at
        return indexed

    def _merged(self, indexed: Sequence[tuple[int, sphinx.AlignedWord]]) -> tuple[Word, ...]:
        """One word in time for each written word, which may be read as several ("25")."""
        words = []
        for index, group in groupby(indexed, key=lambda pair: pair[0]):
            parts = [word for _, word in group]
            words.append(Word(self._words[index].written, parts[0].start, parts[-1].end))
        return tuple(words)


class EvenAligner:
    """Without a recogniser: no phones, and the words spread over the sound in proportion to their letters."""

    def __init__(self, words: Sequence[SpokenWord], seconds: float) -> None:
        lengths = np.cumsum([0, *(len(word.spoken) + 1 for word in words)])
        borders = (lengths / max(int(lengths[-1]), 1) * seconds).tolist()
        spans = zip(words, borders, borders[1:], strict=False)
        self._words = [Word(word.written, start, end) for word, start, end in spans]
        self._at = 0.0

    def align(self, samples: np.ndarray, *, last: bool = False) -> tuple[tuple[Phone, ...], tuple[Word, ...]]:
        """See `Aligner.align`; a word belongs to the part that it starts in and ends there at the latest."""
        start = self._at
        self._at = end = start + len(samples) / RATE
        words = [word for word in self._words if start <= word.start < end]
        return (), tuple(Word(word.text, word.start - start, min(word.end, end) - start) for word in words)


def _tiled(found: Sequence[tuple[str, float, float]], seconds: float) -> tuple[Phone, ...]:
    """IPA phones that fill `seconds` without a gap, silence where nothing was found."""
    phones: list[Phone] = []
    at = 0.0
    for name, _, end in found:
        end = min(end, seconds)
        labels = ARPABET.get(name, ("",))
        borders = np.linspace(at, end, len(labels) + 1).tolist()
        phones += [Phone(*part) for part in zip(labels, borders, borders[1:], strict=False)]
        at = end
    return merge_silences([*phones, Phone("", at, seconds)])


def _dictionary_words(spoken: str) -> list[str]:
    """The words of a spoken form as the pronunciation dictionary spells them."""
    return re.findall(r"[^\W_]+(?:['’][^\W_]+)*", spoken.lower().replace("’", "'"))
