"""Recordings: decoding that moves nothing in time, cutting at pauses, levelling."""

from pathlib import Path

import numpy as np
import pytest
from speech.conftest import SoundWriter

from pipeline.errors import AudioError
from pipeline.speech import read_recording
from pipeline.speech.audio import recording as recordings
from pipeline.speech.audio.loudness import TARGET_LUFS, levels
from pipeline.speech.audio.recording import open_recording
from pipeline.types import RATE, Speech, join
from pipeline.video import read_sound


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
def test_time_stays_in_every_format(
    write_sound: SoundWriter, name: str, codec: str, rate: int, layout: str
) -> None:
    sound, at = clicks(rate)
    try:
        path = write_sound(name, sound, rate=rate, codec=codec, layout=layout)
    except (ValueError, TypeError):
        pytest.skip(f"this FFmpeg cannot write {codec}")
    got = np.concatenate(list(read_sound(path, RATE)))
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
    got = np.concatenate(list(read_sound(path, RATE)))
    assert np.flatnonzero(np.abs(got) > 0.1)[0] / RATE == pytest.approx(0.5, abs=0.005)


def test_long_recordings_are_cut_in_pauses(write_sound: SoundWriter) -> None:
    random = np.random.default_rng(0)
    rate = 16_000
    said = random.normal(0, 0.1, rate * 4)
    pause = random.normal(0, 0.0005, rate // 2)
    path = write_sound("long.wav", np.concatenate([said, pause] * 9), rate=rate)
    recording = open_recording(path, 25)
    lengths = np.diff([0, *recording.cuts]) / RATE
    assert all(1.5 <= length <= 12.1 for length in lengths)
    for cut in recording.cuts[:-1]:
        assert cut / RATE % 4.5 >= 4.0
    assert sum(len(part) for part in recording.parts()) == recording.cuts[-1]


def test_a_drone_without_pauses_is_cut_too(write_sound: SoundWriter) -> None:
    path = write_sound("drone.wav", 0.2 * np.sin(np.arange(40 * 8_000) * 0.3), rate=8_000)
    recording = open_recording(path, 30)
    assert np.diff([0, *recording.cuts]).max() <= 12.1 * RATE
    assert all(cut % (RATE // 30) == 0 for cut in recording.cuts)


def test_peaks_are_held_down_without_clipping(write_sound: SoundWriter) -> None:
    sound = 0.01 * np.random.default_rng(0).normal(0, 1, RATE * 3)
    sound[RATE : RATE + 40] = 0.99
    (part,) = open_recording(write_sound("peak.wav", sound), 25).parts()
    assert np.abs(part).max() <= 0.9


def test_a_whole_recording_is_read_levelled(parts: list[Speech], write_sound: SoundWriter) -> None:
    whole = join(parts).samples
    path = write_sound("voice.wav", 0.1 * whole[::3], rate=RATE // 3)
    samples = read_recording(str(path))
    assert samples.dtype == np.float32
    assert samples.ndim == 1
    assert len(samples) == pytest.approx(len(whole), abs=RATE // 100)
    assert levels(samples).loudness() == pytest.approx(TARGET_LUFS, abs=1.5)
    assert np.abs(samples).max() <= 0.9
    in_parts = np.concatenate(list(open_recording(path, 25).parts()))
    assert np.array_equal(samples, in_parts[: len(samples)])


@pytest.mark.parametrize(
    ("seconds", "level", "rate", "hint"),
    [
        (0.05, 0.3, 16_000, "lasts only"),
        (2.0, 0.0, 16_000, "silent"),
        (66.0, 0.1, 8_000, "longer than 1 minutes"),
    ],
)
def test_recordings_that_cannot_be_used(
    write_sound: SoundWriter,
    monkeypatch: pytest.MonkeyPatch,
    seconds: float,
    level: float,
    rate: int,
    hint: str,
) -> None:
    monkeypatch.setattr(recordings, "_LONGEST", 60.0)  # the limit itself is tested through the shell
    noise = np.random.default_rng(0).normal(0, level, int(seconds * rate))
    with pytest.raises(AudioError, match=hint) as caught:
        open_recording(write_sound("bad.wav", noise, rate=rate), 25)
    assert caught.value.parameter == "audio"


def test_files_without_sound(tmp_path: Path) -> None:
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
    for path, hint in ((empty, "not a recording"), (text, "not a recording"), (mute, "no sound")):
        with pytest.raises(AudioError, match=hint):
            open_recording(path, 25)
    with pytest.raises(AudioError, match="no recording at"):
        open_recording(tmp_path / "missing.wav", 25)


@pytest.mark.parametrize("noise", [0.0, 1e-4], ids=["clean", "noisy"])
def test_what_is_said_very_softly_is_heard(write_sound: SoundWriter, noise: float) -> None:
    rng = np.random.default_rng(7)
    at = np.arange(64_000)
    said = 0.002 * np.sin(2 * np.pi * 300 / 16_000 * at) * (at // 8_000 % 2)
    read = read_recording(write_sound("soft.wav", said + noise * rng.standard_normal(64_000), rate=16_000))
    assert levels(read).loudness() > TARGET_LUFS - 20
    with pytest.raises(AudioError, match="too quiet to be heard"):
        read_recording(write_sound("hiss.wav", 2e-4 * rng.standard_normal(64_000), rate=16_000))
