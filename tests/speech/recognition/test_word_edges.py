"""The edges of words beside a pause, in sounds of known length."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.speech.recognition.word_edges import at_their_sound
from pipeline.types import Word

RATE = 16_000


def _sound(*spans: tuple[float, float], noise: float = 0.0) -> np.ndarray:
    """Four seconds with a tone in each span."""
    at = np.arange(4 * RATE) / RATE
    tone = 0.3 * np.sin(2 * np.pi * 200 * at)
    heard = np.any([(at >= start) & (at < end) for start, end in spans], axis=0)
    return tone * heard + noise * np.random.default_rng(0).standard_normal(len(at))


def _edges(sound: np.ndarray, *words: tuple[float, float]) -> list[float]:
    found = at_their_sound([Word("a", *times) for times in words], sound, RATE)
    return [edge for word in found for edge in (word.start, word.end)]


@pytest.mark.parametrize("noise", [0.0, 0.02])
def test_words_beside_a_pause_end_with_their_sound(noise: float) -> None:
    sound = _sound((0.5, 1.5), (1.56, 1.6), (2.0, 2.5), noise=noise)
    edges = _edges(sound, (0.4, 0.8), (0.85, 1.3), (2.0, 2.3))
    assert edges == pytest.approx([0.5, 0.8, 0.85, 1.6, 2.0, 2.5], abs=0.02)


def test_edges_stay_where_the_sound_does_not_end() -> None:
    steady = _sound((0.0, 4.0))
    assert _edges(steady, (0.5, 1.0), (1.3, 1.4), (2.0, 3.8)) == pytest.approx([0.5, 1, 1.3, 1.4, 2, 4])
    assert _edges(np.zeros(4 * RATE), (0.5, 1.0)) == [0.5, 1.0]
    assert at_their_sound([], steady, RATE) == ()
    assert _edges(np.zeros(0), (0.0, 0.0)) == [0.0, 0.0]


@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.02])
def test_a_word_of_next_to_no_length_stays(seconds: float) -> None:
    word = Word("a", 1.0, 1.0 + seconds)
    (found,) = at_their_sound([word], np.zeros(2 * RATE, np.float32), RATE)
    assert (found.text, found.start) == ("a", 1.0)
