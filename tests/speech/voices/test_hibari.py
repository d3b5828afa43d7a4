"""Hibari's voice: exact times, and noise that follows the seed."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from pipeline import engines
from pipeline.protocols import Utterance, Voice
from pipeline.speech.audio.loudness import target_gain
from pipeline.speech.text.normalize import NormalizedWord, normalize

TEXT = "Bob put a big paper map up in my room, and went home."


@pytest.fixture(scope="module")
def heart() -> Voice:
    return engines.load_voice("hibari:heart")


@pytest.fixture(scope="module")
def said(heart: Voice) -> Utterance:
    return heart.say(normalize(TEXT), pace=1.0, seed=0)


def test_words_and_phones_fill_the_sound(said: Utterance) -> None:
    assert said.phones is not None and said.words is not None
    assert len(said.words) == 13
    assert said.phones[-1].end == pytest.approx(len(said.samples) / said.rate)
    for before, after in itertools.pairwise(said.phones):
        assert before.end == pytest.approx(after.start)
    pause = [phone for phone in said.phones[1:-1] if not phone.label]
    assert len(pause) == 1 and said.words[9][1] <= pause[0].start < said.words[10][0]


def test_plosives_are_where_the_sound_breaks_off_and_a_last_one_does_not_last(heart: Voice) -> None:
    said = heart.say(normalize("A paper copy of a map."), pace=1.0, seed=0)
    assert said.phones is not None
    step = said.rate // 200
    loud = np.abs(said.samples[: len(said.samples) // step * step]).reshape(-1, step).max(axis=1)
    for before, plosive in itertools.pairwise(said.phones):
        if plosive.label in ("p", "k") and before.label:
            vowel = loud[int(before.start * 200) : int(before.end * 200)].max()
            closed = loud[int(plosive.start * 200) : int(plosive.end * 200)].min()
            assert closed < 0.25 * vowel, plosive
    assert said.phones[-2].label == "p"
    assert said.phones[-2].end - said.phones[-2].start < 0.22


def test_a_seed_gives_the_same_bytes_and_another_one_others(heart: Voice, said: Utterance) -> None:
    again, other = (heart.say(normalize(TEXT), pace=1.0, seed=seed) for seed in (0, 1))
    assert again.samples.tobytes() == said.samples.tobytes() != other.samples.tobytes()
    assert other.words == said.words
    assert np.corrcoef(other.samples, said.samples)[0, 1] > 0.8


def test_the_gain_levels_it(heart: Voice, said: Utterance) -> None:
    assert heart.gain == pytest.approx(target_gain(said.samples, said.rate), rel=0.2)


def test_nothing_readable_is_silence(heart: Voice) -> None:
    nothing = heart.say([NormalizedWord("☂", "☂")], pace=1.0, seed=0)
    assert len(nothing.samples) > 0 and not nothing.samples.any()
