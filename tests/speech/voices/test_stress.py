"""An emphasised word stands out of its sentence, in each family by what its network lets a voice shape."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline import engines
from pipeline.protocols import Utterance
from pipeline.speech import speak
from pipeline.speech.text.normalize import normalize
from pipeline.speech.voices.piper.voice import PiperVoice
from pipeline.speech.voices.stress import stressed
from pipeline.types import Speech, join
from tests.speech.voices.tinyvoice import write_voice


def _length(said: Utterance, word: int) -> float:
    assert said.words is not None
    start, end = said.words[word]
    return end - start


def _pitch(said: Utterance, word: int) -> float:
    """Hz of the highest voiced stretch of 40 ms within a word, by autocorrelation."""
    assert said.words is not None
    start, end = (round(time * said.rate) for time in said.words[word])
    size, lags = said.rate // 25, slice(said.rate // 400, said.rate // 80)
    found = []
    for at in range(start, end - size, size // 4):
        part = said.samples[at : at + size] - said.samples[at : at + size].mean()
        power = np.correlate(part, part, "full")[size - 1 :]
        lag = lags.start + int(power[lags].argmax())
        if power[lag] > 0.6 * power[0] > 0.001:
            found.append(said.rate / lag)
    return float(np.percentile(found, 75))


@pytest.mark.parametrize("name", ["hibari:heart", "kokoro:am_michael"])
def test_it_is_longer_and_higher(name: str) -> None:
    voice = engines.load_voice(name)
    plain, marked = (
        voice.say(normalize(f"We always {word} you."), pace=1, seed=0) for word in ("need", "*need*")
    )
    assert _length(marked, 2) > 1.15 * _length(plain, 2)
    assert _length(marked, 1) == pytest.approx(_length(plain, 1), rel=0.15)
    assert _pitch(marked, 2) > 1.03 * _pitch(plain, 2)
    assert marked.phones is not None
    assert marked.phones[-1].end == pytest.approx(len(marked.samples) / marked.rate)


def test_it_is_longer_where_a_network_tells_only_durations(tmp_path: Path) -> None:
    voice = PiperVoice(engines.voice("en_US-tiny-low"), *write_voice(tmp_path))
    plain, marked = (
        voice.say(normalize(f"Hello {word} world."), pace=1, seed=0) for word in ("big", "*big*")
    )
    assert _length(marked, 1) > 1.3 * _length(plain, 1)
    assert _length(marked, 0) == pytest.approx(_length(plain, 0))


def test_it_is_louder_than_the_words_around_it() -> None:
    def rise(speech: Speech) -> float:
        word = speech.words[2]
        start, end = (round(time * speech.rate) for time in (word.start, word.end))
        around = np.r_[speech.samples[:start], speech.samples[end:]]
        level = [
            10 * np.log10(np.mean(part[np.abs(part) > 0.003] ** 2))
            for part in (speech.samples[start:end], around)
        ]
        return float(level[0] - level[1])

    marked = join(speak("I have *never* been there."))
    assert rise(marked) > rise(join(speak("I have never been there."))) + 1
    assert [word.text for word in marked.words] == ["I", "have", "never", "been", "there."]


def test_a_word_without_stress_gets_one() -> None:
    alone = [["h", "i"], ["ɪ", "z"]]
    symbols, weights = stressed(
        "hˌi ɪz",
        lambda symbol: [symbol] if symbol.isalpha() and symbol not in "ˈˌ" else [],
        alone,
        [False, True],
    )
    assert "".join(symbols) == "hˌi ˈɪz"
    assert weights.tolist() == [0, 0, 0, 0, 0.5, 1, 0.5]
