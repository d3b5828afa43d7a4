"""The running preview: segments that play on their own and follow on each other."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import av
import numpy as np
import pytest

from pipeline.types import RATE
from pipeline.video import Writer


def segments(path: Path, frames: int, fps: int = 25) -> list[Path]:
    """The segments of a film of noise, in the order in which they came."""
    got: list[Path] = []
    rng = np.random.default_rng(0)
    with Writer(path, size=(64, 64), fps=fps, chunks=got.append) as writer:
        for _ in range(frames):
            writer.write(np.full((64, 64, 3), rng.integers(0, 255), np.uint8))
            writer.sound(rng.uniform(-0.1, 0.1, RATE // fps).astype(np.float32))
    return got


def test_segments_hold_every_packet_once_in_continuous_time(tmp_path: Path) -> None:
    got = segments(tmp_path / "film.mp4", 88)
    pictures, sounds = [], []
    for number, segment in enumerate(got):
        assert segment.suffix == ".ts"
        with av.open(str(segment)) as box:
            times = [float(frame.time) for frame in box.decode(video=0)]
        with av.open(str(segment)) as box:
            assert next(box.decode(audio=0)).sample_rate == RATE
        with av.open(str(segment)) as box:
            sounds += [float(packet.pts * packet.time_base) for packet in box.demux(audio=0) if packet.pts]
        assert times[0] == pytest.approx(1.0 + number, abs=1e-3)
        pictures += times
        segment.unlink()
    assert np.allclose(np.diff(pictures), 0.04, atol=1e-3)
    assert len(pictures) == 88
    assert len(got) == 4
    assert np.allclose(np.diff(sounds), 1024 / RATE, atol=1e-3)


def test_segments_are_one_transport_stream(tmp_path: Path) -> None:
    got = segments(tmp_path / "film.mp4", 60)
    data = b"".join(segment.read_bytes() for segment in got)
    counters: dict[int, int] = {}
    for packet in (data[at : at + 188] for at in range(0, len(data), 188)):
        channel, counter = int.from_bytes(packet[1:3], "big") & 0x1FFF, packet[3] & 0x0F
        assert packet[0] == 0x47
        assert (counters.get(channel, counter - 1) + 1) % 16 == counter
        counters[channel] = counter
    for segment in got:
        segment.unlink()


def test_a_preview_does_not_change_the_file(tmp_path: Path) -> None:
    for segment in segments(tmp_path / "with.mp4", 60):
        segment.unlink()
    rng = np.random.default_rng(0)
    with Writer(tmp_path / "without.mp4", size=(64, 64), fps=25) as writer:
        for _ in range(60):
            writer.write(np.full((64, 64, 3), rng.integers(0, 255), np.uint8))
            writer.sound(rng.uniform(-0.1, 0.1, RATE // 25).astype(np.float32))
    assert (tmp_path / "with.mp4").read_bytes() == (tmp_path / "without.mp4").read_bytes()


def test_the_first_second_comes_while_the_next_is_drawn(tmp_path: Path) -> None:
    got: list[Path] = []
    writer = Writer(tmp_path / "film.mp4", size=(64, 64), fps=25, chunks=got.append)
    for _ in range(32):
        writer.write(np.zeros((64, 64, 3), np.uint8))
        writer.sound(np.zeros(RATE // 25, np.float32))
    until = time.monotonic() + 60
    while not got and time.monotonic() < until:
        time.sleep(0.01)
    writer.abort()
    assert len(got) == 1
    got[0].unlink()


@pytest.mark.parametrize("fail", [False, True])
def test_only_the_segments_handed_over_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fail: bool
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    got: list[Path] = []

    def receive(segment: Path) -> None:
        got.append(segment)
        if fail:
            raise RuntimeError("the receiver is gone")

    with (
        contextlib.suppress(RuntimeError),
        Writer(tmp_path / "film.mp4", size=(64, 64), fps=25, chunks=receive) as w,
    ):
        for _ in range(60):
            w.write(np.zeros((64, 64, 3), np.uint8))
            w.sound(np.zeros(RATE // 25, np.float32))
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {segment.name for segment in got} | (set() if fail else {"film.mp4"})


def test_a_transparent_film_is_previewed_over_a_checkerboard(tmp_path: Path) -> None:
    got: list[Path] = []
    image = np.zeros((400, 1000, 4), np.uint8)
    image[:, 500:] = (200, 60, 40, 255)
    with Writer(tmp_path / "film.webm", size=(1000, 400), fps=25, alpha="webm", chunks=got.append) as writer:
        for _ in range(30):
            writer.write(image)
            writer.sound(np.zeros(RATE // 25, np.float32))
    assert len(got) == 2
    pictures = []
    for segment in got:
        with av.open(str(segment)) as box:
            pictures += [frame.to_ndarray(format="rgb24").astype(int) for frame in box.decode(video=0)]
        with av.open(str(segment)) as box:
            assert next(box.decode(audio=0)).sample_rate == RATE
        segment.unlink()
    assert len(pictures) == 30
    shown = pictures[-1]
    assert shown.shape == (256, 640, 3)
    assert np.abs(shown[100, 480] - (200, 60, 40)).max() < 12
    row = shown[13, 13:300:26]  # a place in every tile
    assert np.abs(np.abs(np.diff(row[:, 0])) - 51).max() < 8
    assert np.abs(row - row[:, :1]).max() < 6
