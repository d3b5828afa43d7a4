"""Phones in recorded speech: recognised, or aligned where the words are known.

pocketsphinx does both with an English acoustic model that it carries, in a tenth of real time on one core,
without a download. It hears other languages as their nearest English sounds, which is what lips need.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from functools import cache
from itertools import groupby
from pathlib import Path

import numpy as np

from pipeline.speech import espeak
from pipeline.speech.phonemes import ARPABET, merge_silences, to_arpabet
from pipeline.speech.text import Said
from pipeline.types import RATE, Phone, Word

_LOG = logging.getLogger(__name__)
_RATE = 16_000
_STEP = 0.01
_LATE = 0.0078
"""Seconds from a step's nominal time to the border that its analysis window (25.6 ms) really sees."""
_WORDS_PER_SECOND = 7
_SPARE_WORDS = 20


class Listener:
    """Finds phones, part by part; follows a transcript where there is one."""

    def __init__(self, said: Sequence[Said] = (), language: str = "en") -> None:
        self._said = said
        self._spoken = [
            (index, _name(word, language))
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

        sound = soxr.resample(samples, RATE, _RATE)
        data = (np.clip(sound, -1, 1) * 32767).astype(np.int16).tobytes()
        seconds = len(samples) / RATE
        found = self._follow(data, seconds, last) if self._at < len(self._spoken) else None
        return found or (_recognise(data, seconds), ())

    def _follow(
        self, data: bytes, seconds: float, last: bool
    ) -> tuple[tuple[Phone, ...], tuple[Word, ...]] | None:
        reach = round(seconds * _WORDS_PER_SECOND) + _SPARE_WORDS
        window = self._spoken[self._at : self._at + reach]
        names = [word for _, word in window]
        last = last and len(window) == len(self._spoken) - self._at and not self._lost
        words = _align(data, names, to_end=True) if last else None
        words = words or _align(data, names, anywhere=self._lost)
        if words is None:
            self._lost = True
            _LOG.warning("The transcript does not fit the recording from %r on.", window[0][1])
            return None
        first, heard = words
        self._lost = False
        spans = [(window[first + n][0], span) for n, span in enumerate(w for w in heard if w.name)]
        self._at += first + len(spans) if spans else 0
        phones = [phone for word in heard for phone in word.phones]
        return _tile(phones, seconds), self._written(spans)

    def _written(self, spans: list[tuple[int, _Heard]]) -> tuple[Word, ...]:
        words = []
        for index, group in groupby(spans, key=lambda span: span[0]):
            heard = [word for _, word in group]
            words.append(Word(self._said[index].written, heard[0].start + _LATE, heard[-1].end + _LATE))
        return tuple(words)


class _Heard:
    """A word as the recogniser found it; its name is empty for silence and noise."""

    def __init__(self, name: str, phones: list[tuple[str, float, float]]) -> None:
        self.name = name
        self.phones = phones
        self.start, self.end = phones[0][1], phones[-1][2]


def _align(
    data: bytes, words: list[str], *, anywhere: bool = False, to_end: bool = False
) -> tuple[int, list[_Heard]] | None:
    """Where the leading `words` sound in `data`: index of the first one heard, and all in order.

    `anywhere` lets it start at any word; `to_end` asks for all of them.
    """
    decoder = _aligner()
    for word in set(words):
        _teach(decoder, word)
    last = len(words) + 1
    arcs: list[tuple] = [(n, n + 1, 1.0, word) for n, word in enumerate(words)]
    arcs += [(n, last, 1.0) for n in range(len(words) if to_end else 0, len(words) + 1)]
    if anywhere:
        arcs = [(last + 1, n, 1.0) for n in range(len(words))] + arcs
    start = last + 1 if anywhere else 0
    decoder.add_fsg("transcript", decoder.create_fsg("transcript", start, last, arcs))
    decoder.activate_search("transcript")
    _run(decoder, data)
    names = [_plain(segment.word) for segment in decoder.seg()] if decoder.hyp() else []
    names = [name for name in names if name]
    if not names:
        return (0, [_Heard("", [("SIL", 0.0, _STEP)])]) if decoder.hyp() else None
    first = next(n for n in range(len(words)) if words[n : n + len(names)] == names)
    decoder.set_align_text(" ".join(names))
    _run(decoder, data)
    decoder.set_alignment()
    _run(decoder, data)
    return first, [_heard(word) for word in decoder.get_alignment()]


def _heard(word) -> _Heard:
    phones = [(p.name, p.start * _STEP, (p.start + p.duration) * _STEP) for p in word]
    return _Heard(_plain(word.name), phones)


def _plain(name: str) -> str:
    """A word without the number of its variant; "" for silence, noise and the grammar's own marks."""
    return "" if name[0] in "<[(" else re.sub(r"\(\d+\)$", "", name)


def _recognise(data: bytes, seconds: float) -> tuple[Phone, ...]:
    decoder = _recogniser()
    _run(decoder, data)
    found = [(s.word, s.start_frame * _STEP, (s.end_frame + 1) * _STEP) for s in decoder.seg()]
    return _tile(found, seconds)


def _tile(found: list[tuple[str, float, float]], seconds: float) -> tuple[Phone, ...]:
    """IPA phones that fill `seconds` without a gap, silence where nothing was found."""
    phones: list[Phone] = []
    at = 0.0
    for name, _, end in found:
        end = min(end + _LATE, seconds)
        labels = ARPABET.get(name, ("",))
        borders = np.linspace(at, end, len(labels) + 1).tolist()
        phones += [Phone(*part) for part in zip(labels, borders, borders[1:], strict=False)]
        at = end
    if at < seconds:
        phones.append(Phone("", at, seconds))
    return merge_silences(phones)


def _run(decoder, data: bytes) -> None:
    decoder.start_utt()
    decoder.process_raw(data, full_utt=True)
    decoder.end_utt()


def _name(word: str, language: str) -> str:
    """What the recogniser calls a word: itself in English, with its language in others."""
    return word if language.startswith("en") else f"{word}~{language}"


def _teach(decoder, name: str) -> None:
    """Adds a word that the dictionary lacks, said as espeak would say it."""
    if decoder.lookup_word(name) is None:
        word, _, language = name.partition("~")
        phones = to_arpabet(espeak.phonemize(word, language or "en-us"))
        decoder.add_word(name, " ".join(phones or ["AH"]), update=True)


def _spoken_words(spoken: str) -> list[str]:
    return re.findall(r"[^\W_]+(?:['’][^\W_]+)*", spoken.lower().replace("’", "'"))


@cache
def _recogniser():
    from pocketsphinx import Decoder

    return Decoder(
        lm=None, dict=None, allphone=str(_models() / "en-us-phone.lm.bin"),
        lw=2.0, beam=1e-20, pbeam=1e-20, loglevel="FATAL",
    )  # fmt: skip


@cache
def _aligner():
    from pocketsphinx import Decoder

    return Decoder(lm=None, bestpath=False, loglevel="FATAL")


def _models() -> Path:
    from pocketsphinx import get_model_path

    return Path(get_model_path()) / "en-us"
