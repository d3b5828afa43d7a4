"""Phones and words on the time line, with and without the recogniser."""

import sys

import numpy as np
import pytest

from pipeline.speech.recognition.aligner import EvenAligner, PhoneAligner, make_aligner
from pipeline.speech.text.normalize import normalize
from pipeline.types import RATE, Speech


def silence(seconds: float) -> np.ndarray:
    """Samples at `RATE`."""
    return np.zeros(round(seconds * RATE), np.float32)


def test_words_read_as_several_are_one_word_in_time(parts: list[Speech]) -> None:
    part = parts[2]
    _, words = PhoneAligner(normalize(part.text)).align(part.samples, last=True)
    assert [word.text for word in words] == part.text.split()


def test_words_of_another_language_are_aligned_by_their_pronunciation(parts: list[Speech]) -> None:
    """A transcript in a dictionary that the recogniser lacks: "Bob" and "papa" are written as in German."""
    part = parts[0]
    phones, _ = PhoneAligner(normalize("Bob putt e bigg", "de"), "de").align(part.samples)
    assert phones[0].start == 0
    assert phones[-1].end == pytest.approx(part.duration)


def test_the_recogniser_is_used_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(make_aligner((), seconds=1.0), PhoneAligner)
    monkeypatch.setitem(sys.modules, "pocketsphinx", None)
    assert isinstance(make_aligner((), seconds=1.0), EvenAligner)


def test_words_are_spread_by_their_letters() -> None:
    aligner = EvenAligner(normalize("a considerable week"), 10.0)
    phones, words = aligner.align(silence(10.0), last=True)
    assert phones == ()
    assert [word.text for word in words] == ["a", "considerable", "week"]
    assert words[0].start == 0
    assert words[-1].end == pytest.approx(10.0)
    assert words[1].end - words[1].start > 5 * (words[0].end - words[0].start)


def test_spread_words_are_timed_from_the_start_of_their_part() -> None:
    aligner = EvenAligner(normalize("one two three four"), 4.0)
    found = [aligner.align(silence(1.5))[1], aligner.align(silence(2.5), last=True)[1]]
    assert [word.text for words in found for word in words] == ["one", "two", "three", "four"]
    for words, seconds in zip(found, (1.5, 2.5), strict=True):
        assert all(0 <= word.start < word.end <= seconds for word in words)


def test_nothing_to_spread() -> None:
    assert EvenAligner((), 3.0).align(silence(3.0), last=True) == ((), ())
