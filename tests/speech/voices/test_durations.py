"""Phones and words from a network's durations."""

import itertools

import numpy as np
import pytest

from pipeline.speech.voices.durations import phone_segments, phones, until_quiet, utterance, word_times
from pipeline.speech.voices.word_spans import align_words


def timed(symbols: str, each: float = 0.1) -> list[tuple[str, float, float]]:
    """Symbols that each last equally long, with a blank of the same length before each."""
    return [(symbol, (2 * n + 1) * each, (2 * n + 2) * each) for n, symbol in enumerate(symbols)]


def test_stress_marks_lengthen_the_phone_that_follows() -> None:
    (segment,) = phone_segments(timed("ˈa"))
    assert (segment.label, segment.start, segment.end) == ("a", pytest.approx(0.1), pytest.approx(0.4))


def test_length_marks_join_the_phone_before() -> None:
    (segment,) = phone_segments(timed("aː"))
    assert segment.label == "aː"
    assert segment.end == pytest.approx(0.4)


def test_phones_tile_the_whole_duration() -> None:
    row = phones(phone_segments(timed("mæp, hi")), 2.0)
    assert row[0].start == 0
    assert row[-1].end == 2.0
    assert all(one.end == other.start for one, other in itertools.pairwise(row))
    assert "".join(phone.label or "_" for phone in row) == "_mæp_hi_"


def test_a_phone_before_a_pause_ends_with_its_sound() -> None:
    rate, segments = 1000, phone_segments(timed("mæp, hi"))
    sound = np.ones(1400, np.float32)
    sound[550:900] = 1e-3  # "p" is predicted from 0.4 to 0.6 s, "h" after the comma from 1.1
    ended = until_quiet(segments, sound, rate)
    assert [each.end for each in ended[:2]] == [each.end for each in segments[:2]]
    assert ended[2].end == pytest.approx(0.56)
    assert ended[-1].end == segments[-1].end


def test_a_silent_phone_before_a_pause_keeps_a_moment() -> None:
    said = utterance(np.zeros(1000, np.float32), 1000, timed("ap"), [["a", "p"]])
    assert said.phones is not None
    p = said.phones[-2]
    assert p.label == "p" and p.end - p.start == pytest.approx(0.15)  # its blank, and 0.05 s


def test_a_plosive_closes_before_it_is_heard_after_a_pause() -> None:
    loud, soft = (phones(phone_segments(timed(f"a, {letter}")), 2.0) for letter in "ps")
    assert loud[-2].start == pytest.approx(soft[-2].start - 0.06)


def test_words_take_the_phones_that_they_have_alone() -> None:
    segments = phone_segments(timed("ðə mæp"))
    (the, map_) = word_times(segments, [["ð", "ə"], ["m", "æ", "p"]])
    assert the[1] == map_[0] == segments[1].end
    assert map_[1] == segments[-1].end


def test_a_word_without_phones_has_no_duration() -> None:
    times = word_times(phone_segments(timed("mæp")), [["m", "æ", "p"], []])
    assert times[1][0] == times[1][1] == times[0][1]


@pytest.mark.parametrize(
    ("phrase", "words", "owners"),
    [
        ("əvðə", ["əv", "ðə"], [0, 0, 1, 1]),
        ("ʌvðə", ["ɒv", "ðiː"], [0, 0, 1, 1]),
        ("ab", ["a", "x", "b"], [0, 2]),
        ("aab", ["a", "b"], [0, 0, 1]),
        ("ab", [], [0, 0]),
    ],
)
def test_phones_belong_to_the_word_that_fits_best(phrase: str, words: list[str], owners: list[int]) -> None:
    assert align_words(phrase, words) == owners
