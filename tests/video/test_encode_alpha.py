"""Transparent videos: what was transparent is so again when the file is read."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from pipeline.errors import OutputError
from pipeline.video import Writer, read_frames, read_sound
from pipeline.video.encode_alpha import alpha_kind

SIZE, COUNT = (160, 120), 6


def picture() -> np.ndarray:
    image = np.zeros((120, 160, 4), np.uint8)
    image[..., :3] = (200, 60, 40)
    image[:, 40:80, 3] = 128
    image[:, 80:, 3] = 255
    return image


@pytest.fixture(scope="module", params=[".webm", ".mov"])
def film(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("alpha") / f"film{request.param}"
    tone = np.sin(np.arange(COUNT * 1920) / 20).astype(np.float32) / 2
    with Writer(path, size=SIZE, fps=25, alpha=alpha_kind(path), language="de") as writer:
        writer.sound(tone)
        for _ in range(COUNT):
            writer.write(picture())
    return path


def test_frames_come_back_over_the_backdrop_of_the_reader(film: Path) -> None:
    frames = list(read_frames(film))
    assert len(frames) == COUNT
    shown = frames[-1].astype(int)
    assert np.abs(shown[60, 120] - (200, 60, 40)).max() < 12  # opaque
    backdrop = shown[60, 10]
    half = (backdrop + np.array([200, 60, 40])) / 2
    assert np.abs(shown[60, 60] - half).max() < 14


def test_codecs_and_sound_are_those_of_the_kind(film: Path) -> None:
    with av.open(str(film)) as box:
        codec = box.streams.video[0].codec_context.name
        assert codec == {".webm": "vp9", ".mov": "prores"}[film.suffix]
        language = box.streams.audio[0].metadata["language"]
        assert language == {".webm": "deu", ".mov": "ger"}[film.suffix]
    assert np.abs(np.concatenate(list(read_sound(film, 48_000)))).max() > 0.4


def test_an_mp4_cannot_be_transparent() -> None:
    with pytest.raises(OutputError, match=r"not film\.mp4; call it film\.webm or film\.mov\."):
        alpha_kind(Path("film.mp4"))
