"""Speech found in recordings: parts, levels, phones and words."""

import itertools
import sys
from collections.abc import Sequence

import numpy as np
import pytest
from sounds import write_wav
from speech.conftest import SoundWriter

from pipeline.protocols import SpokenWord
from pipeline.speech import listen
from pipeline.speech.audio.loudness import levels
from pipeline.speech.recognition.aligner import Aligner, make_aligner
from pipeline.types import RATE, Speech, join


@pytest.fixture(scope="session")
def whole(parts: list[Speech]) -> Speech:
    return join(parts)


@pytest.fixture(scope="session")
def heard(whole: Speech, tmp_path_factory: pytest.TempPathFactory) -> list[Speech]:
    """The embedded voice, recorded at a tenth of its level, with its transcript."""
    path = write_wav(tmp_path_factory.mktemp("sound") / "voice.wav", whole.samples * 0.1, RATE)
    return list(listen(path, text=whole.text))


def test_parts_are_whole_frames_and_nothing_is_lost(heard: list[Speech], whole: Speech) -> None:
    assert all(len(part.samples) % (RATE // 25) == 0 for part in heard)
    assert join(heard).duration == pytest.approx(whole.duration, abs=0.04)
    assert all(part.duration <= 12.1 for part in heard)


def test_only_the_level_changes(heard: list[Speech], whole: Speech) -> None:
    got = join(heard).samples[: len(whole.samples)]
    alike = np.corrcoef(got, whole.samples[: len(got)])[0, 1]
    assert alike > 0.98


def test_levelled_and_never_clipped(heard: list[Speech]) -> None:
    sound = join(heard).samples
    assert abs(levels(sound).loudness() + 16) < 1.5
    assert np.abs(sound).max() <= 0.9


def test_words_stand_where_they_were_spoken(heard: list[Speech], whole: Speech) -> None:
    found, true = join(heard).words, whole.words
    assert [word.text for word in found] == [word.text for word in true]
    errors = [abs(a.start - b.start) for a, b in zip(found, true, strict=True)]
    assert np.median(errors) < 0.03
    assert np.percentile(errors, 90) < 0.12


@pytest.mark.parametrize("labels", ["pbm", "fv"])
def test_lips_close_where_they_did(heard: list[Speech], whole: Speech, labels: str) -> None:
    true = [(p.start + p.end) / 2 for p in whole.phones if p.label and p.label in labels]
    found = [(p.start + p.end) / 2 for p in join(heard).phones if p.label and p.label in labels]
    hits = [min(abs(t - f) for f in found) < 0.05 for t in true]
    assert np.mean(hits) > 0.85


def test_phones_are_found_without_a_transcript(whole: Speech, write_sound: SoundWriter) -> None:
    parts = list(listen(write_sound("voice.flac", whole.samples, codec="flac")))
    true = [(p.start + p.end) / 2 for p in whole.phones if p.label and p.label in "pbm"]
    found = [(p.start + p.end) / 2 for p in join(parts).phones if p.label and p.label in "pbm"]
    assert np.mean([min(abs(t - f) for f in found) < 0.06 for t in true]) > 0.5
    assert all(part.language == "und" and not part.words for part in parts)
    for part in parts:
        assert part.phones[0].start == 0
        assert part.phones[-1].end == pytest.approx(part.duration)
        assert all(a.end == pytest.approx(b.start) for a, b in itertools.pairwise(part.phones))


def test_a_transcript_is_read_in_its_own_language(
    whole: Speech, write_sound: SoundWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[object] = []

    def noted(words: Sequence[SpokenWord], *, seconds: float, language: str) -> Aligner:
        read.extend((language, *(word.spoken for word in words)))
        return make_aligner(words, seconds=seconds, language=language)

    monkeypatch.setattr("pipeline.speech.transcribe.make_aligner", noted)
    list(listen(write_sound("voice.wav", whole.samples), text="El curso empieza el 25 y dura tres semanas."))
    assert read[0] == "es" and "veinticinco" in read


def test_a_wrong_transcript_does_no_harm(whole: Speech, write_sound: SoundWriter) -> None:
    path = write_sound("voice.wav", whole.samples)
    parts = list(listen(path, text="Xylophone quartz zebras " * 4))
    assert join(parts).duration == pytest.approx(whole.duration, abs=0.04)
    assert all(part.phones for part in parts)


def test_without_the_recogniser_words_are_spread_and_phones_left_out(
    whole: Speech, write_sound: SoundWriter, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "pocketsphinx", None)
    parts = list(listen(write_sound("voice.wav", whole.samples), text=whole.text))
    assert "pocketsphinx" in caplog.text
    assert not any(part.phones for part in parts)
    assert [word.text for part in parts for word in part.words] == whole.text.split()
    for part in parts:
        assert all(0 <= word.start < word.end <= part.duration for word in part.words)
        assert part.language == "en"


def test_without_the_recogniser_and_a_transcript_the_lips_still_move(
    whole: Speech, write_sound: SoundWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline.motion import perform
    from pipeline.types import SHAPE, Style

    monkeypatch.setitem(sys.modules, "pocketsphinx", None)
    motions = list(perform(listen(write_sound("voice.wav", whole.samples)), Style()))
    jaw = np.concatenate([motion.blendshapes[:, SHAPE["jawOpen"]] for motion in motions])
    assert jaw.std() > 0.02
