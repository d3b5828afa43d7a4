"""Joining videos: encoded pictures stay as they are, the sound goes on without a gap."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from pipeline.errors import OutputError, VideoError
from pipeline.types import RATE
from pipeline.video import Writer
from pipeline.video.join import Chapter, join

FPS = 24


def piece(path: Path, frames: int, level: int, *, size: tuple[int, int] = (96, 64)) -> Path:
    random = np.random.default_rng(level)
    with Writer(path, size=size, fps=FPS, lossless=True) as writer:
        for index in range(frames):
            image = np.full((size[1], size[0], 3), level, np.uint8)
            image[: index + 1] += random.integers(0, 40, image[: index + 1].shape, np.uint8)
            writer.write(image)
            writer.sound(np.full(RATE // FPS, 0.1, np.float32))
    return path


def packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as box:
        return [bytes(packet) for packet in box.demux(video=0) if packet.size]


def tone(seconds: float) -> np.ndarray:
    return (0.3 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)[
        :, None
    ]


@pytest.fixture(scope="module")
def pieces(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("pieces")
    return [piece(folder / f"{index}.mp4", count, 60 * index) for index, count in enumerate((30, 7, 25))]


@pytest.fixture(scope="module")
def film(pieces: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    sound = tone(62 / FPS)
    blocks = iter([sound[:1000], sound[1000:90_000], sound[90_000:]])
    chapters = [Chapter("Öne", 0.0, 30 / FPS), Chapter("Two", 30 / FPS, 62 / FPS)]
    join(path, pieces, blocks, fps=FPS, metadata={"consent": "me"}, chapters=chapters)
    return path


def test_pictures_are_copied_bit_by_bit(pieces: list[Path], film: Path) -> None:
    assert packets(film) == [packet for path in pieces for packet in packets(path)]
    with av.open(str(film)) as box:
        times = [frame.pts * frame.time_base for frame in box.decode(video=0)]
        assert times == [index / box.streams.video[0].average_rate for index in range(62)]


def test_sound_goes_on_over_the_joins_and_ends_with_the_picture(film: Path) -> None:
    with av.open(str(film)) as box:
        sound = np.concatenate([frame.to_ndarray() for frame in box.decode(audio=0)], 1)[0]
        assert box.streams.audio[0].duration * box.streams.audio[0].time_base == pytest.approx(
            62 / FPS, abs=0.001
        )
    wanted = tone(62 / FPS)[:, 0]
    error = sound[: len(wanted)] - wanted[: len(sound)]
    inside = error[2000:-3000]
    assert 20 * np.log10(np.abs(inside).max() / 0.3) < -30  # no gap, no click, no shift


def test_chapters_and_metadata_are_written(film: Path) -> None:
    with av.open(str(film)) as box:
        found = box.chapters()
        assert [chapter["metadata"]["title"] for chapter in found] == ["Öne", "Two"]
        assert float(found[1]["start"] * found[1]["time_base"]) == pytest.approx(30 / FPS, abs=0.001)
        assert box.metadata["consent"] == "me"


def test_missing_sound_is_silence_and_stereo_stays_stereo(pieces: list[Path], tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    join(film, pieces[:2], iter([np.repeat(tone(0.5), 2, 1)]), fps=FPS, channels=2)
    with av.open(str(film)) as box:
        sound = np.concatenate([frame.to_ndarray() for frame in box.decode(audio=0)], 1)
    assert sound.shape[0] == 2
    assert np.abs(sound[:, 30_000:]).max() < 1e-3


def test_pieces_that_do_not_fit_leave_nothing_behind(pieces: list[Path], tmp_path: Path) -> None:
    other = piece(tmp_path / "other.mp4", 5, 9, size=(64, 64))
    film = tmp_path / "film.mp4"
    with pytest.raises(VideoError, match="encoded otherwise"):
        join(film, [pieces[0], other], iter(()), fps=FPS)
    with pytest.raises(VideoError, match="cannot be read"):
        join(film, [tmp_path / "none.mp4"], iter(()), fps=FPS)
    film.write_bytes(b"mine")
    with pytest.raises(OutputError, match="already exists"):
        join(film, pieces, iter(()), fps=FPS)
    assert film.read_bytes() == b"mine"
    assert {path.name for path in tmp_path.iterdir()} == {"other.mp4", "film.mp4"}


def test_lossless_sound_comes_back_as_it_was(tmp_path: Path) -> None:
    samples = np.random.default_rng(1).uniform(-0.9, 0.9, RATE // FPS * 3).astype(np.float32)
    with Writer(tmp_path / "a.mp4", size=(32, 32), fps=FPS, lossless=True) as writer:
        for _ in range(3):
            writer.write(np.zeros((32, 32, 3), np.uint8))
        writer.sound(samples)
    with av.open(str(tmp_path / "a.mp4")) as box:
        found = np.concatenate([frame.to_ndarray() for frame in box.decode(audio=0)], 1)[0] / 2**31
    assert len(found) == len(samples)
    assert np.abs(found - samples).max() < 2**-22


@pytest.mark.parametrize("pause", [0.2, 0.0])
def test_long_sound_is_encoded_in_stretches_of_which_nothing_is_heard(
    pieces: list[Path], tmp_path: Path, pause: float
) -> None:
    sound = tone(40)
    for second in range(4, 40, 4):
        sound[round(second * RATE) : round((second + pause) * RATE)] = 0
    for name in ("one.mp4", "two.mp4"):
        join(
            tmp_path / name,
            pieces[:1] * 32,
            (sound[at : at + RATE] for at in range(0, len(sound), RATE)),
            fps=FPS,
        )
    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "two.mp4").read_bytes()
    with av.open(str(tmp_path / "one.mp4")) as box:
        heard = np.concatenate([frame.to_ndarray() for frame in box.decode(audio=0)], 1)[0]
    assert len(heard) == len(sound)
    error = (heard - sound[:, 0]).reshape(-1, RATE // 100) ** 2
    assert error.max() < 1e-3  # an edge of a pause; a seam out of place would be as loud as the tone, 0.045
    assert np.abs(heard - sound[:, 0]).mean() < 2e-3
