"""Words found in recordings that the test makes: speech, noise, tones, and in which language."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soxr
from sounds import write_wav

from pipeline.errors import AudioError, CheckpointError, OptionError
from pipeline.speech import listen, speak
from pipeline.speech.recognition import repetition, whisper
from pipeline.types import RATE, Speech, join

TEXT = "The weather was bright and cold, so we walked along the river until lunch."


@pytest.fixture(scope="module")
def said() -> Speech:
    return join(speak(TEXT, voice="hibari:heart"))


@pytest.fixture(scope="module")
def recording(said: Speech, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of silence, then a sentence."""
    samples = np.concatenate([np.zeros(2 * RATE, np.float32), said.samples])
    return write_wav(tmp_path_factory.mktemp("sound") / "said.wav", samples, RATE)


@pytest.fixture(scope="module")
def heard(recording: Path) -> whisper.Transcript:
    return whisper.recognize(recording)


def test_words_their_times_and_the_language_are_found(heard: whisper.Transcript, said: Speech) -> None:
    assert heard.text == TEXT
    assert heard.language == "en" and heard.probability > 0.9
    assert [word.text for word in heard.words] == TEXT.split()
    late = [abs(found.start - 2 - true.start) for found, true in zip(heard.words, said.words, strict=True)]
    assert np.median(late) < 0.1
    assert heard.words[-1].end - 2 == pytest.approx(said.words[-1].end, abs=0.12)
    assert all(a.end <= b.start for a, b in zip(heard.words, heard.words[1:], strict=False))
    assert heard.seconds == pytest.approx(said.duration + 2, abs=0.05)


def test_a_language_that_is_unsure_is_asked_for(heard: whisper.Transcript) -> None:
    assert heard.doubt == ""
    assert "perhaps en (42%); name it as language" in replace(heard, probability=0.42).doubt
    assert "perhaps in es, but" in replace(heard, others=("es",)).doubt
    assert heard.notes == ()
    both = replace(heard, probability=0.42, incomplete=True)
    assert both.notes == (whisper.INCOMPLETE, both.doubt)


def test_it_is_told_that_something_was_left_out(recording: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    turns = iter([True, True, False])  # the words repeat themselves, also when they are searched again
    monkeypatch.setattr(repetition, "repeats", lambda text: next(turns, False))
    assert join(listen(recording, recognize=True)).incomplete


def test_thai_letters_are_phrases() -> None:
    letters = [
        SimpleNamespace(word=letter, start=at * 0.1, end=at * 0.1 + 0.1)
        for at, letter in enumerate([" ส", "ว", "ั", "ส", " ", "ด", "ี"])
    ]
    text, words = whisper._written(letters, 2.0, "th")
    assert text == "\u0e2a\u0e27\u0e31\u0e2a \u0e14\u0e35"
    assert [(word.text, round(word.start, 1), round(word.end, 1)) for word in words] == [
        ("\u0e2a\u0e27\u0e31\u0e2a", 0.0, 0.4),
        ("\u0e14\u0e35", 0.5, 0.7),
    ]


def test_captions_of_a_recording_keep_the_lips(recording: Path, heard: whisper.Transcript) -> None:
    plain, captioned = list(listen(recording)), list(listen(recording, recognize=True))
    assert [part.phones for part in plain] == [part.phones for part in captioned]
    assert " ".join(part.text for part in captioned) == TEXT
    assert {part.language for part in captioned} == {"en"}
    assert join(captioned).words[-1].end <= heard.seconds
    assert not join(captioned).incomplete  # each transcription for itself: another one left something out


def _tune(seconds: int) -> np.ndarray:
    """Plucked strings, in which the network alone would hear "You"."""
    rate, notes = 24_000, np.random.default_rng(1)
    tune = np.zeros(rate * seconds)
    for number in range(4 * seconds):
        pitch, start = 220 * 2 ** (notes.integers(0, 13) / 12), number * rate // 4
        at = np.arange(min(rate * 2 // 5, len(tune) - start)) / rate
        strings = sum(np.sin(2 * np.pi * pitch * part * at) / part for part in range(1, 6))
        tune[start : start + len(at)] += strings * np.exp(-4 * at)
    return soxr.resample(tune / np.abs(tune).max() * 0.6, rate, RATE)


@pytest.mark.parametrize("kind", ["noise", "chords", "tune"])
def test_where_nobody_speaks_nothing_is_heard(kind: str, tmp_path: Path) -> None:
    at = np.arange(6 * RATE) / RATE
    chords = sum(np.sin(2 * np.pi * f * at) * np.exp(-3 * (2 * at % 1)) for f in (220, 277, 330)) * 0.1
    noise = np.random.default_rng(0).standard_normal(len(at)) * 0.1
    sound = _tune(6) if kind == "tune" else noise if kind == "noise" else chords
    path = write_wav(tmp_path / "sound.wav", sound.astype(np.float32), RATE)
    silent = whisper.recognize(path)
    assert (silent.text, silent.words, silent.language) == ("", (), "und")
    if kind != "noise":
        return  # what is made of nothing heard does not depend on the sound
    with pytest.raises(AudioError, match=r"No speech was found in sound\.wav"):
        list(listen(path, recognize=True))


def test_an_unknown_language_is_refused(recording: Path) -> None:
    with pytest.raises(OptionError, match="'tlh'") as caught:
        whisper.recognize(recording, language="tlh")
    assert caught.value.parameter == "language"


def test_without_the_package_the_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whisper, "find_spec", lambda name: None)
    whisper._model.cache_clear()
    with pytest.raises(CheckpointError, match="pip install faster-whisper"):
        whisper._model()
