"""Recordings: decoding without moving anything in time, cutting, levelling, phones and words."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from sounds import write_wav

from pipeline.errors import AudioError, StudioError
from pipeline.speech import listen
from pipeline.speech.audio.loudness import levels
from pipeline.speech.audio.recording import decode, open_recording
from pipeline.types import RATE, Speech, join


@pytest.fixture(scope="session")
def whole(spoken: list[Speech]) -> Speech:
    return join(spoken)


@pytest.fixture(scope="session")
def heard(whole: Speech, tmp_path_factory: pytest.TempPathFactory) -> list[Speech]:
    """The embedded voice, recorded at a tenth of its level, heard with its transcript."""
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


def test_phones_are_found_without_a_transcript(whole: Speech, write) -> None:
    parts = list(listen(write("voice.flac", whole.samples, codec="flac")))
    true = [(p.start + p.end) / 2 for p in whole.phones if p.label and p.label in "pbm"]
    found = [(p.start + p.end) / 2 for p in join(parts).phones if p.label and p.label in "pbm"]
    assert np.mean([min(abs(t - f) for f in found) < 0.06 for t in true]) > 0.5
    assert all(part.language == "und" and not part.words for part in parts)
    for part in parts:
        assert part.phones[0].start == 0
        assert part.phones[-1].end == pytest.approx(part.duration)
        assert all(a.end == pytest.approx(b.start) for a, b in itertools.pairwise(part.phones))


def test_a_wrong_transcript_is_survived(whole: Speech, write) -> None:
    path = write("voice.wav", whole.samples)
    parts = list(listen(path, text="Xylophone quartz zebras " * 4))
    assert join(parts).duration == pytest.approx(whole.duration, abs=0.04)
    assert all(part.phones for part in parts)


def clicks(rate: int, seconds: float = 4.0) -> tuple[np.ndarray, list[float]]:
    """A soft tone with three bursts, and when they start."""
    at = [0.5, 1.7, 3.3]
    t = np.arange(int(rate * seconds)) / rate
    sound = 0.001 * np.sin(2 * np.pi * 200 * t)
    for start in at:
        inside = (t >= start) & (t < start + 0.05)
        sound[inside] += 0.5 * np.sin(2 * np.pi * 1000 * (t[inside] - start))
    return sound, at


@pytest.mark.parametrize(
    ("name", "codec", "rate", "layout"),
    [
        ("a.wav", "pcm_s16le", 8_000, "mono"),
        ("a.wav", "pcm_s16le", 44_100, "stereo"),
        ("a.wav", "pcm_s16le", 96_000, "stereo"),
        ("a.flac", "flac", 22_050, "mono"),
        ("a.m4a", "aac", 44_100, "stereo"),
        ("a.mp3", "libmp3lame", 44_100, "stereo"),
        ("a.ogg", "libopus", 48_000, "mono"),
    ],
)
def test_time_stays_in_every_format(write, name: str, codec: str, rate: int, layout: str) -> None:
    sound, at = clicks(rate)
    try:
        path = write(name, sound, rate=rate, codec=codec, layout=layout)
    except (ValueError, TypeError):
        pytest.skip(f"this FFmpeg cannot write {codec}")
    got = np.concatenate(list(decode(path)))
    loud = np.abs(got) > 0.2 * np.abs(got).max()
    for start in at:
        first = np.flatnonzero(loud[round((start - 0.2) * RATE) : round((start + 0.2) * RATE)])[0]
        assert abs(first / RATE - 0.2) < 0.003


def test_sound_that_starts_later_than_its_picture_stays_late(tmp_path: Path) -> None:
    import av

    path = tmp_path / "late.mkv"
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=25)
        video.width = video.height = 64
        audio = container.add_stream("pcm_s16le", rate=16_000, layout="mono")
        for number in range(50):
            image = av.VideoFrame.from_ndarray(np.full((64, 64, 3), number, np.uint8), format="rgb24")
            image.pts = number
            container.mux(video.encode(image))
        container.mux(video.encode(None))
        loud = (np.sin(np.arange(16_000) * 0.4) * 16_000).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(loud[None], format="s16", layout="mono")
        frame.rate, frame.pts = 16_000, 8_000
        container.mux(audio.encode(frame))
        container.mux(audio.encode(None))
    got = np.concatenate(list(decode(path)))
    assert np.flatnonzero(np.abs(got) > 0.1)[0] / RATE == pytest.approx(0.5, abs=0.005)


def test_long_recordings_are_cut_in_pauses(write) -> None:
    random = np.random.default_rng(0)
    rate = 16_000
    said = random.normal(0, 0.1, rate * 4)
    pause = random.normal(0, 0.0005, rate // 2)
    path = write("long.wav", np.concatenate([said, pause] * 9), rate=rate)
    recording = open_recording(path, 25)
    lengths = np.diff([0, *recording.cuts]) / RATE
    assert all(1.5 <= length <= 12.1 for length in lengths)
    for cut in recording.cuts[:-1]:
        assert cut / RATE % 4.5 >= 4.0
    assert sum(len(part) for part in recording.parts()) == recording.cuts[-1]


def test_a_drone_without_pauses_is_cut_too(write) -> None:
    path = write("drone.wav", 0.2 * np.sin(np.arange(40 * 8_000) * 0.3), rate=8_000)
    recording = open_recording(path, 30)
    assert np.diff([0, *recording.cuts]).max() <= 12.1 * RATE
    assert all(cut % (RATE // 30) == 0 for cut in recording.cuts)


def test_peaks_are_held_down_without_clipping(write) -> None:
    sound = 0.01 * np.random.default_rng(0).normal(0, 1, RATE * 3)
    sound[RATE : RATE + 40] = 0.99
    (part,) = open_recording(write("peak.wav", sound), 25).parts()
    assert np.abs(part).max() <= 0.9


@pytest.mark.parametrize(
    ("seconds", "level", "rate", "hint"),
    [
        (0.05, 0.3, 16_000, "lasts only"),
        (2.0, 0.0, 16_000, "silent"),
        (660.0, 0.1, 8_000, "longer than 10 minutes"),
    ],
)
def test_recordings_that_cannot_be_used(write, seconds: float, level: float, rate: int, hint: str) -> None:
    noise = np.random.default_rng(0).normal(0, level, int(seconds * rate))
    with pytest.raises(AudioError, match=hint):
        listen(write("bad.wav", noise, rate=rate))


def test_files_that_are_no_recordings(tmp_path: Path) -> None:
    import av

    empty, text, mute = tmp_path / "empty.wav", tmp_path / "notes.mp3", tmp_path / "mute.mp4"
    empty.write_bytes(b"")
    text.write_text("not a sound at all\n" * 50)
    with av.open(str(mute), "w") as container:
        video = container.add_stream("mpeg4", rate=25)
        video.width = video.height = 64
        container.mux(
            video.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24"))
        )
        container.mux(video.encode(None))
    for path, hint in ((empty, "cannot be read"), (text, "cannot be read"), (mute, "no sound")):
        with pytest.raises(StudioError, match=hint):
            listen(path)
    with pytest.raises(AudioError, match="no file"):
        listen(tmp_path / "missing.wav")
