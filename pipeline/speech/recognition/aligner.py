"""Phones in recorded speech: recognised, or aligned where the words are known."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Sequence
from itertools import groupby

import numpy as np

from pipeline.speech.phonemes import ARPABET, merge_silences
from pipeline.speech.recognition import sphinx
from pipeline.speech.text.normalize import NormalizedWord
from pipeline.types import RATE, Phone, Word

_LOG = logging.getLogger(__name__)
_WORDS_PER_SECOND = 7
_SPARE_WORDS = 20
_ONE_AT_A_TIME = threading.Lock()
"""The recogniser's decoders are shared and keep state while they hear."""


class PhoneAligner:
    """Finds phones, part by part; follows a transcript where there is one."""

    def __init__(self, said: Sequence[NormalizedWord] = (), language: str = "en") -> None:
        self._said = said
        self._spoken = [
            (index, sphinx.name_of(word, language))
            for index, item in enumerate(self._said)
            for word in _spoken_words(item.spoken)
        ]
        self._at = 0
        self._lost = False

    def hear(self, samples: np.ndarray, *, last: bool = False) -> tuple[tuple[Phone, ...], tuple[Word, ...]]:
        """Phones, and words where a transcript is followed, in a part: `(N,)` float32 at `RATE`.

        The transcript has to end in the `last` part.
        """
        import soxr

        sound = soxr.resample(samples, RATE, sphinx.RATE)
        data = (np.clip(sound, -1, 1) * 32767).astype(np.int16).tobytes()
        seconds = len(samples) / RATE
        with _ONE_AT_A_TIME:
            found = self._follow(data, seconds, last) if self._at < len(self._spoken) else None
            if found is None:
                return _tile(sphinx.recognise(data), seconds), ()
        phones = [phone for _, word in found for phone in word.phones]
        return _tile(phones, seconds), self._written([(n, word) for n, word in found if word.name])

    def _follow(self, data: bytes, seconds: float, last: bool) -> list[tuple[int, sphinx.AlignedWord]] | None:
        """What is heard of the transcript's next words, each with the index of its `Said`."""
        reach = round(seconds * _WORDS_PER_SECOND) + _SPARE_WORDS
        window = self._spoken[self._at : self._at + reach]
        names = [name for _, name in window]
        ending = last and len(window) == len(self._spoken) - self._at and not self._lost
        found = sphinx.align_transcript(data, names, anywhere=False, to_end=True) if ending else None
        found = found or sphinx.align_transcript(data, names, anywhere=self._lost, to_end=False)
        self._lost = found is None
        if found is None:
            _LOG.warning("The transcript does not fit the recording from %r on.", names[0])
            return None
        at, heard = found
        spans = []
        for word in heard:
            spans.append((window[min(at, len(window) - 1)][0], word))
            at += bool(word.name)
        self._at += at
        return spans

    def _written(self, spans: Sequence[tuple[int, sphinx.AlignedWord]]) -> tuple[Word, ...]:
        words = []
        for index, group in groupby(spans, key=lambda span: span[0]):
            heard = [word for _, word in group]
            words.append(Word(self._said[index].written, heard[0].start, heard[-1].end))
        return tuple(words)


def _tile(found: Sequence[tuple[str, float, float]], seconds: float) -> tuple[Phone, ...]:
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


def _spoken_words(spoken: str) -> list[str]:
    return re.findall(r"[^\W_]+(?:['’][^\W_]+)*", spoken.lower().replace("’", "'"))
