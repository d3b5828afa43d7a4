"""Sound as people bring it: several tracks, cancelling channels, offsets, damage, impossible values."""

from __future__ import annotations

import struct
from pathlib import Path

import av
import numpy as np
import pytest
from media import voice, write_film, write_tracks

from pipeline.errors import AudioError
from pipeline.types import RATE
from pipeline.video import open_sound, read_sound, sound_seconds


def heard(path: Path, rate: int = RATE) -> np.ndarray:
    return np.concatenate(list(read_sound(path, rate)))


def rms(samples: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))


def wav(
    path: Path, samples: np.ndarray, *, kind: int = 3, bits: int = 32, channels: int = 1, extra: bytes = b""
) -> Path:
    """A WAV at 48 kHz of `(N,)` or `(N, channels)` samples; kind 3 holds floats, 1 integers."""
    data = samples.tobytes()
    head = struct.pack(
        "<IHHIIHH", 16, kind, channels, RATE, channels * RATE * bits // 8, channels * bits // 8, bits
    )
    body = b"WAVEfmt " + head + extra + b"data" + struct.pack("<I", len(data)) + data
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    return path


def test_clean_mono_comes_out_as_stored(tmp_path: Path) -> None:
    stored = (voice(2.0) * 32767).astype(np.int16)
    samples = heard(wav(tmp_path / "a.wav", stored, kind=1, bits=16))
    assert np.array_equal(samples, stored.astype(np.float32) / 32768)


def test_one_of_more_than_eight_channels(tmp_path: Path) -> None:
    said = voice(1.0)
    samples = np.zeros((len(said), 12), np.float32)
    samples[:, 9] = said
    path = wav(tmp_path / "mixer.wav", samples, channels=12)
    assert np.corrcoef(heard(path), said)[0, 1] > 0.999
    both = tmp_path / "both.mkv"
    with av.open(str(path)) as source, av.open(str(both), "w") as box:
        tracks = [box.add_stream_from_template(source.streams.audio[0]) for _ in range(2)]
        for packet in source.demux(audio=0):
            if packet.dts is not None:
                for track in tracks:
                    packet.stream = track
                    box.mux(packet)
    assert np.corrcoef(heard(both), said)[0, 1] > 0.999


@pytest.mark.parametrize("first", ["silence", "hum", "faint noise"])
def test_the_track_with_the_voice_is_chosen(tmp_path: Path, first: str) -> None:
    t = np.arange(4 * RATE) / RATE
    empty = {
        "silence": np.zeros_like(t),
        "hum": 0.05 * np.sin(2 * np.pi * 100 * t),
        "faint noise": np.random.default_rng(0).normal(0, 0.0005, len(t)),
    }[first]
    said = voice(4.0)
    path = write_tracks(tmp_path / "obs.mkv", np.stack([empty, empty]), said)
    assert rms(heard(path) - said) < 0.01 * rms(said)
    film = write_tracks(tmp_path / "other.mkv", said, 0.5 * said[::-1])
    assert rms(heard(film) - said) < 0.01 * rms(said)


def test_channels_that_cancel_are_subtracted(tmp_path: Path) -> None:
    said = voice(2.0)
    for scale in (-1.0, -0.7):
        path = write_tracks(tmp_path / "wide.wav", np.stack([said, scale * said]))
        assert rms(heard(path)) == pytest.approx((1 - scale) / 2 * rms(said), rel=0.02)
    surround = np.zeros((6, len(said)), np.float32)
    surround[0], surround[1] = said, -said
    assert rms(heard(write_tracks(tmp_path / "six.flac", surround, codec="flac"))) > 0.5 * rms(said)
    alone = write_tracks(tmp_path / "left.wav", np.stack([said, 0 * said]))
    assert rms(heard(alone)) > 0.45 * rms(said)
    offsets = wav(
        tmp_path / "offsets.wav", np.stack([said + 0.3, said - 0.3], 1).astype(np.float32), channels=2
    )
    assert np.corrcoef(heard(offsets), said)[0, 1] > 0.999


@pytest.mark.parametrize("rumble", [("offset", 0.1), ("offset", -0.4), ("tone", 12.0), ("tone", 25.0)])
def test_offset_and_rumble_are_removed_without_clicks(tmp_path: Path, rumble: tuple[str, float]) -> None:
    kind, value = rumble
    said, t = 0.4 * voice(3.0), np.arange(3 * RATE) / RATE
    below = np.full(len(t), value) if kind == "offset" else 0.2 * np.cos(2 * np.pi * value * t)
    samples = heard(write_tracks(tmp_path / "low.wav", said + below, codec="pcm_f32le"))
    assert abs(samples.mean()) < 0.001
    assert rms(samples - said) < 0.05 * rms(said)
    assert np.abs(samples).max() < 1.5 * np.abs(said).max()
    assert np.abs(np.diff(samples[:200])).max() < 0.02


def test_impossible_samples_are_silenced(tmp_path: Path) -> None:
    said = voice(2.0)
    for wrong in (np.nan, np.inf, -np.inf, 1e30, 5e4):
        broken = said.copy()
        broken[[5, 40_000, 40_001]] = wrong
        samples = heard(wav(tmp_path / "wrong.wav", broken))
        assert np.isfinite(samples).all() and np.abs(samples).max() <= 1.5
        assert rms(samples - said) < 0.05 * rms(said)
    loud = heard(wav(tmp_path / "loud.wav", said * 32768))
    assert np.allclose(loud, said * 32768)


def test_leaps_of_time_do_not_become_silence(tmp_path: Path) -> None:
    path, leap = tmp_path / "leap.mkv", 40_000
    with av.open(str(path), "w") as box:
        stream = box.add_stream("pcm_s16le", rate=8000, layout="mono")
        for index in range(20):
            frame = av.AudioFrame.from_ndarray(np.tile(np.int16([5000, -5000]), 400)[None], "s16", "mono")
            frame.rate, frame.pts = 8000, 800 * index + (leap * 8000 if index >= 10 else 0)
            box.mux(stream.encode(frame))
    assert len(heard(path, 8000)) == 16_000
    assert sound_seconds(path) == pytest.approx(2.0, abs=0.01)


def test_a_pause_between_time_stamps_stays(tmp_path: Path) -> None:
    path = tmp_path / "pause.mkv"
    with av.open(str(path), "w") as box:
        stream = box.add_stream("pcm_s16le", rate=8000, layout="mono")
        for index in range(20):
            frame = av.AudioFrame.from_ndarray(np.tile(np.int16([5000, -5000]), 400)[None], "s16", "mono")
            frame.rate, frame.pts = 8000, 800 * index + (16_000 if index >= 10 else 0)
            box.mux(stream.encode(frame))
    samples = heard(path, 8000)
    assert len(samples) == 32_000
    assert not samples[8_100:23_900].any()


@pytest.mark.parametrize("kind", [("libmp3lame", "mp3"), ("aac", "adts"), ("libopus", "ogg")])
def test_damage_is_skipped(tmp_path: Path, kind: tuple[str, str]) -> None:
    codec, container = kind
    path = write_tracks(tmp_path / "a.bin", voice(4.0), codec=codec, container=container)
    data = bytearray(path.read_bytes())
    middle, length = len(data) // 2, 700
    data[middle : middle + length] = np.random.default_rng(1).integers(0, 255, length, np.uint8).tobytes()
    path.write_bytes(data)
    assert 3.5 < len(heard(path)) / RATE < 4.3


@pytest.mark.parametrize(
    "kind", [("flac", "flac"), ("libmp3lame", "mp3"), ("aac", "mp4"), ("libopus", "ogg")]
)
def test_lost_seconds_are_counted(tmp_path: Path, kind: tuple[str, str]) -> None:
    codec, container = kind
    path = write_tracks(tmp_path / "a.bin", voice(8.0), codec=codec, container=container)
    assert open_sound(path).damage is None
    data = bytearray(path.read_bytes())
    third = len(data) // 3
    data[third : 2 * third] = np.random.default_rng(1).integers(0, 255, third, np.uint8).tobytes()
    path.write_bytes(data)
    sound = open_sound(path)
    assert 1.5 < sound.survey.lost < 4
    assert "damaged" in str(sound.damage)


@pytest.mark.parametrize("kind", [("libmp3lame", "mp3"), ("aac", "adts")])
def test_rate_and_channels_may_change_midway(tmp_path: Path, kind: tuple[str, str]) -> None:
    codec, container = kind
    said = voice(2.0, 24_000)
    one = write_tracks(tmp_path / "1", voice(2.0), codec=codec, container=container)
    two = write_tracks(tmp_path / "2", np.stack([said, said]), codec=codec, rate=24_000, container=container)
    path = tmp_path / "both.bin"
    for order in ((one, two), (two, one)):
        path.write_bytes(b"".join(part.read_bytes() for part in order))
        samples = heard(path)
        assert len(samples) / RATE == pytest.approx(4.1, abs=0.2)
        assert rms(samples[RATE // 2 : RATE]) > 0.02 and rms(samples[3 * RATE : 7 * RATE // 2]) > 0.02
        assert rms(samples[5 * RATE // 2 : 3 * RATE]) > 0.02


def test_lengths_are_counted_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "long.mp3"
    with av.open(str(path), "w", format="mp3") as box:
        stream = box.add_stream("libmp3lame", rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(voice(3.0)[None], "fltp", "mono")
        frame.rate, frame.pts = 48_000, 0
        pieces = av.AudioResampler("s16p", "mono", 48_000, frame_size=1152)
        for piece in [*pieces.resample(frame), *pieces.resample(None)]:
            box.mux(stream.encode(piece))
        box.mux(stream.encode(None))
    data = bytearray(path.read_bytes())
    at = max(data.find(b"Xing"), data.find(b"Info"))
    data[at + 8 : at + 12] = struct.pack(">I", 90_000)
    path.write_bytes(data)
    assert len(heard(path)) / RATE == pytest.approx(3.0, abs=0.1)
    assert sound_seconds(path) == pytest.approx(3.0, abs=0.1)


def test_tags_of_another_encoding_are_no_obstacle(tmp_path: Path) -> None:
    tag = b"INFOIART" + struct.pack("<I", 6) + b"Andr\xe9\0"
    path = wav(
        tmp_path / "a.wav",
        (voice(1.0) * 32767).astype(np.int16),
        kind=1,
        bits=16,
        extra=b"LIST" + struct.pack("<I", len(tag)) + tag,
    )
    assert len(heard(path)) == RATE


def test_a_wav_of_no_bits_gets_a_sentence(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", np.zeros(4000, np.int16), kind=1, bits=0)
    for read in (open_sound, sound_seconds):
        with pytest.raises(AudioError) as caught:
            read(path)
        assert str(path.name) in str(caught.value)


def test_a_cover_does_not_move_the_sound(tmp_path: Path) -> None:
    path = tmp_path / "cover.m4a"
    with av.open(str(path), "w", format="mp4") as box:
        sound = box.add_stream("aac", rate=48_000, layout="mono")
        cover = box.add_stream("mjpeg", rate=1)
        cover.width = cover.height = 64
        cover.pix_fmt, cover.disposition = "yuvj420p", av.stream.Disposition.attached_pic
        image = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 99, np.uint8), format="rgb24")
        image = image.reformat(format="yuvj420p")
        image.pts = 0
        box.mux([*cover.encode(image), *cover.encode(None)])
        pieces = av.AudioResampler("fltp", "mono", 48_000, frame_size=1024)
        frame = av.AudioFrame.from_ndarray(voice(2.0)[None], "fltp", "mono")
        frame.rate, frame.pts = 48_000, 0
        for piece in [*pieces.resample(frame), *pieces.resample(None)]:
            box.mux(sound.encode(piece))
        box.mux(sound.encode(None))
    assert len(heard(path)) / RATE == pytest.approx(2.0, abs=0.05)


def test_sound_of_a_film_in_any_container(tmp_path: Path) -> None:
    frames = [np.full((48, 64, 3), 90, np.uint8)] * 25
    for container in ("mov", "matroska", "mpegts", "flv"):
        path = write_film(tmp_path / "film.xyz", frames, container=container, sound=voice(1.0))
        assert rms(heard(path)) > 0.02
