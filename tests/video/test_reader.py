"""Reading what people bring: turned, at a varying rate, large, damaged, without picture or sound."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from pipeline.errors import AudioError, VideoError
from pipeline.types import RATE
from pipeline.video import Writer, probe, read_frames, read_sound, sound_seconds

TURNED = {0: (0x10000, 0, 0, 0x10000), 90: (0, 0x10000, -0x10000, 0), 180: (-0x10000, 0, 0, -0x10000)}
"""Upper left of the display matrix (16.16) for a picture shown turned clockwise."""


def film(path: Path, frames: int = 25, size: tuple[int, int] = (96, 64), fps: int = 25) -> Path:
    """Red upper left quarter on grey, brighter with every frame, with a tone."""
    width, height = size
    with Writer(path, size=size, fps=fps) as writer:
        for index in range(frames):
            image = np.full((height, width, 3), 40 + 150 * index // frames, np.uint8)
            image[: height // 2, : width // 2] = (220, 20, 20)
            writer.write(image)
        writer.sound((0.2 * np.sin(np.arange(frames * RATE // fps) * 0.05)).astype(np.float32))
    return path


def turn(path: Path, degrees: int) -> Path:
    """Writes a display matrix into the picture's track header, as phones do."""
    data = bytearray(path.read_bytes())
    header = data.index(b"tkhd") + 4
    matrix = header + 40
    a, b, c, d = (value & 0xFFFFFFFF for value in TURNED[degrees])
    for offset, value in ((0, a), (4, b), (12, c), (16, d)):
        data[matrix + offset : matrix + offset + 4] = value.to_bytes(4, "big")
    path.write_bytes(data)
    return path


def stuttering(path: Path, times: list[int]) -> Path:
    """A film whose frames, each brighter than the last, stand at the given milliseconds."""
    with av.open(str(path), "w") as box:
        stream = box.add_stream("libx264", rate=25, options={"bf": "0"})
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for index, at in enumerate(times):
            image = np.full((32, 32, 3), 20 + 20 * index, np.uint8)
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = at, Fraction(1, 1000)
            box.mux(stream.encode(frame))
        box.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(("degrees", "size", "corner"), [(90, (64, 96), (0, -1)), (180, (96, 64), (-1, -1))])
def test_turned_videos_come_upright(
    tmp_path: Path, degrees: int, size: tuple[int, int], corner: tuple
) -> None:
    path = turn(film(tmp_path / "film.mp4"), degrees)
    info = probe(path)
    assert (info.size, info.rotation) == (size, degrees)
    image = next(read_frames(path))
    assert image.shape == (size[1], size[0], 3)
    row, column = (3 if edge == 0 else -4 for edge in corner)
    assert image[row, column, 0] > 180 > 90 > image[row, column, 1]


def test_probe_says_what_is_there(tmp_path: Path) -> None:
    info = probe(film(tmp_path / "film.mp4", frames=30, fps=30))
    assert (info.size, info.fps, info.duration, info.frames) == ((96, 64), 30, 1, 30)
    assert (info.codec, info.rotation, info.has_sound) == ("h264", 0, True)


def test_a_varying_rate_becomes_constant(tmp_path: Path) -> None:
    times = [0, 40, 80, 300, 310, 320, 600]
    path = stuttering(tmp_path / "film.mp4", times)
    levels = [frame.mean() for frame in read_frames(path, 25)]
    middles = 0.02 + 0.04 * np.arange(len(levels))
    shown = [20 + 20 * max(i for i, at in enumerate(times) if at / 1000 <= middle) for middle in middles]
    assert np.abs(np.array(levels) - shown).max() < 6
    assert 15 <= len(levels) <= 22


@pytest.mark.parametrize(("fps", "count"), [(25, 25), (50, 50), (30, 30), (5, 5)])
def test_any_rate_keeps_the_length(tmp_path: Path, fps: int, count: int) -> None:
    assert len(list(read_frames(film(tmp_path / "film.mp4"), fps))) == count


def test_large_videos_are_scaled_down_on_the_way(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mp4", frames=3, size=(640, 360))
    assert next(read_frames(path, max_side=100)).shape == (56, 100, 3)
    assert next(read_frames(path, max_side=1000)).shape == (360, 640, 3)


def test_repeated_frames_are_arrays_of_their_own(tmp_path: Path) -> None:
    frames = list(read_frames(film(tmp_path / "film.mp4", frames=5), 50))
    frames[0][:] = 0
    assert frames[1].mean() > 10


def test_sound_is_mono_at_any_rate(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mp4")
    samples = np.concatenate(list(read_sound(path, 16_000)))
    assert samples.dtype == np.float32
    assert len(samples) == pytest.approx(16_000, abs=400)
    assert np.abs(samples[2000:14_000]).max() == pytest.approx(0.2, abs=0.03)
    assert sound_seconds(path) == pytest.approx(1.0, abs=0.001)


def test_a_cut_off_video_ends_early_and_without_fuss(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mp4", frames=100)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    assert 10 < len(list(read_frames(path))) < 100


def test_bad_files_get_a_sentence(tmp_path: Path) -> None:
    text, empty, music = tmp_path / "text.mp4", tmp_path / "empty.mp4", tmp_path / "music.wav"
    text.write_text("this is no video " * 50)
    empty.write_bytes(b"")
    with av.open(str(music), "w") as box:
        stream = box.add_stream("pcm_s16le", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.ones((1, 8000), np.int16), "s16", "mono")
        frame.rate = 8000
        box.mux([*stream.encode(frame), *stream.encode(None)])
    for path, words in (
        (text, "not a video"),
        (empty, "not a video"),
        (music, "no picture"),
        (tmp_path / "x", "no video at"),
    ):
        with pytest.raises(VideoError, match=words):
            probe(path)
        with pytest.raises(VideoError, match=words):
            next(read_frames(path))
    silent = stuttering(tmp_path / "silent.mp4", [0, 40])
    for path, words in (
        (text, "not a recording"),
        (silent, "has no sound"),
        (tmp_path / "x", "no recording at"),
    ):
        with pytest.raises(AudioError, match=words):
            next(read_sound(path, RATE))
        with pytest.raises(AudioError, match=words):
            sound_seconds(path)


def test_a_video_without_its_header_gets_a_sentence(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mp4")
    data = path.read_bytes()
    path.write_bytes(data[data.index(b"mdat") - 4 :])
    with pytest.raises(VideoError, match="damaged"):
        next(read_frames(path))


def plain(path: Path, size: tuple[int, int], *, oblong: Fraction | None = None) -> Path:
    """One green frame encoded as BT.601 or, if large, BT.709, without a tag in the file."""
    width, height = size
    with av.open(str(path), "w") as box:
        stream = box.add_stream("libx264", rate=25, options={"crf": "10"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        if oblong:
            stream.codec_context.sample_aspect_ratio = oblong
        green = np.full((height, width, 3), (20, 200, 20), np.uint8)
        matrix = 1 if height >= 720 else 5
        frame = av.VideoFrame.from_ndarray(green, format="rgb24")
        frame = frame.reformat(format="yuv420p", dst_colorspace=matrix, src_color_range=2, dst_color_range=1)
        frame.colorspace, frame.color_range, frame.pts = 2, 0, 0
        box.mux([*stream.encode(frame), *stream.encode(None)])
    return path


@pytest.mark.parametrize("size", [(320, 240), (1280, 720)])
def test_colours_without_a_tag_are_read_as_players_do(tmp_path: Path, size: tuple[int, int]) -> None:
    image = next(read_frames(plain(tmp_path / "film.mp4", size)))
    assert np.abs(image[100, 100].astype(int) - (20, 200, 20)).max() <= 4


def test_oblong_pixels_become_square(tmp_path: Path) -> None:
    path = plain(tmp_path / "film.mp4", (144, 96), oblong=Fraction(4, 3))
    assert probe(path).size == (192, 96)
    assert next(read_frames(path)).shape == (96, 192, 3)


def test_reading_may_begin_anywhere(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mp4", frames=80)
    whole = list(read_frames(path, 25))
    for start in (1, 24, 25, 26, 60):
        later = list(read_frames(path, 25, start=start))
        assert len(later) == 80 - start
        assert np.array_equal(later[0], whole[start])
