"""The finished file: colours, lengths, sync, order of its parts, and what is left when things go wrong."""

from __future__ import annotations

import errno
import multiprocessing
import signal
from pathlib import Path

import av
import numpy as np
import pytest

from pipeline.errors import OutputError
from pipeline.types import RATE
from pipeline.video import Writer, probe, read_frames, read_sound
from pipeline.video.track_language import track_language

BARS = [
    (255, 255, 255),
    (235, 235, 20),
    (20, 230, 230),
    (20, 200, 20),
    (220, 30, 220),
    (210, 20, 20),
    (0, 0, 0),
]


def bars(width: int = 280, height: int = 96) -> np.ndarray:
    image = np.repeat(np.array(BARS, np.uint8)[None], height, 0)
    return np.repeat(image, width // len(BARS), 1)


def noise(seconds: float, channels: int = 1) -> np.ndarray:
    """A sound that fits itself at one lag only: noise with its high notes taken out."""
    rough = np.random.default_rng(1).standard_normal((int(seconds * RATE), channels))
    smooth = np.apply_along_axis(lambda column: np.convolve(column, np.ones(6) / 6, "same"), 0, rough)
    return (0.2 * smooth).astype(np.float32).squeeze()


def film(path: Path, *, frames: int = 50, fps: int = 25, size: tuple[int, int] = (64, 48), **options) -> Path:
    """A moving picture with noise, its sound handed over in pieces that fit no frame."""
    sound = noise(frames / fps, options.get("channels", 1))
    width, height = size
    with Writer(path, size=size, fps=fps, **options) as writer:
        for number, piece in enumerate(np.array_split(sound, 7)):
            writer.sound(piece)
            for index in range(number * frames // 7, (number + 1) * frames // 7):
                image = np.full((height, width, 3), 40, np.uint8)
                image[:, index % width :] = (200, 120, 60)
                writer.write(image)
    return path


def heard(path: Path) -> np.ndarray:
    return np.concatenate(list(read_sound(path, RATE)))


def lag(sound: np.ndarray, original: np.ndarray) -> int:
    count = min(len(sound), len(original))
    spectrum = np.fft.rfft(sound[:count], 2 * count) * np.conj(np.fft.rfft(original[:count], 2 * count))
    best = int(np.fft.irfft(spectrum).argmax())
    return best if best < count else best - 2 * count


def test_colours_come_back_as_bt709(tmp_path: Path) -> None:
    path = tmp_path / "bars.mp4"
    with Writer(path, size=(280, 96), fps=25) as writer:
        for _ in range(5):
            writer.write(bars())
    with av.open(str(path)) as box:
        frame = next(box.decode(video=0))
        assert (frame.color_range, frame.colorspace, frame.color_primaries, frame.color_trc) == (1, 1, 1, 1)
        luma = frame.to_ndarray(format="yuv420p")[:96]
    for number, colour in enumerate(BARS):
        red, green, blue = np.array(colour) / 255
        expected = 16 + 219 * (0.2126 * red + 0.7152 * green + 0.0722 * blue)
        assert abs(luma[48, number * 40 + 20] - expected) < 2
    shown = next(read_frames(path))
    for number, colour in enumerate(BARS):
        assert np.abs(shown[48, number * 40 + 20].astype(int) - colour).max() <= 4


@pytest.mark.parametrize(("fps", "channels"), [(25, 1), (30, 2), (60, 1), (24, 1)])
def test_sound_and_picture_start_and_end_together(tmp_path: Path, fps: int, channels: int) -> None:
    path = film(tmp_path / "film.mp4", frames=2 * fps + 3, fps=fps, channels=channels)
    with av.open(str(path)) as box:
        picture, sound = box.streams.video[0], box.streams.audio[0]
        assert picture.start_time == sound.start_time == 0
        lengths = [float(stream.duration * stream.time_base) for stream in (picture, sound)]
    assert lengths[0] == pytest.approx((2 * fps + 3) / fps)
    assert abs(lengths[0] - lengths[1]) < 1 / fps
    original = noise((2 * fps + 3) / fps, channels)
    original = original.mean(1) if channels == 2 else original
    assert abs(lag(heard(path), original)) <= 0.005 * RATE


def test_missing_sound_is_silence_and_surplus_is_cut(tmp_path: Path) -> None:
    image = np.zeros((32, 32, 3), np.uint8)
    for name, seconds in (("short", 0.3), ("long", 3.0)):
        with Writer(tmp_path / f"{name}.mp4", size=(32, 32), fps=25) as writer:
            writer.sound(noise(seconds))
            for _ in range(25):
                writer.write(image)
        with av.open(str(tmp_path / f"{name}.mp4")) as box:
            stream = box.streams.audio[0]
            assert float(stream.duration * stream.time_base) == pytest.approx(1.0, abs=0.001)
    quiet = heard(tmp_path / "short.mp4")
    assert np.abs(quiet[int(0.4 * RATE) :]).max() < 1e-3 < np.abs(quiet[: int(0.3 * RATE)]).max()


def test_the_index_comes_first_and_metadata_is_kept(tmp_path: Path) -> None:
    given = {"title": "Ein Bild spricht – é", "comment": "AI-generated", "consent": "me"}
    path = film(tmp_path / "film.mp4", metadata=given, language="pt-BR")
    data = path.read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")
    with av.open(str(path)) as box:
        assert given.items() <= box.metadata.items()
        assert box.streams.audio[0].metadata["language"] == "por"


@pytest.mark.parametrize(
    ("tag", "code"), [("de", "deu"), ("zh-CN", "zho"), ("hau", "hau"), ("xx", "und"), ("", "und")]
)
def test_a_tracks_language_has_three_letters(tag: str, code: str) -> None:
    assert track_language(tag) == code


def test_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = (film(tmp_path / f"{name}.mp4").read_bytes() for name in "ab")
    assert first == second


def test_odd_sizes_lose_their_last_row_and_column(tmp_path: Path) -> None:
    assert probe(film(tmp_path / "odd.mp4", size=(65, 49))).size == (64, 48)


def test_an_array_may_be_reused_after_write(tmp_path: Path) -> None:
    image = np.zeros((32, 32, 3), np.uint8)
    with Writer(tmp_path / "film.mp4", size=(32, 32), fps=25) as writer:
        for level in range(0, 250, 10):
            image[:] = level
            writer.write(image)
    levels = [frame.mean() for frame in read_frames(tmp_path / "film.mp4")]
    assert np.abs(np.array(levels) - np.arange(0, 250, 10)).max() < 3


def test_an_exception_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), Writer(tmp_path / "film.mp4", size=(32, 32), fps=25) as writer:
        writer.write(np.zeros((32, 32, 3), np.uint8))
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_survives_a_failed_overwrite(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mp4")
    before = path.read_bytes()
    with pytest.raises(RuntimeError), Writer(path, size=(32, 32), fps=25, overwrite=True) as writer:
        writer.write(np.zeros((32, 32, 3), np.uint8))
        raise RuntimeError
    assert path.read_bytes() == before


def test_output_is_refused_before_any_work(tmp_path: Path) -> None:
    there = tmp_path / "there.mp4"
    there.write_bytes(b"")
    (tmp_path / "file").write_bytes(b"")
    for path, word in (
        (there, "allow it to be overwritten"),
        (tmp_path / "no" / "film.mp4", "does not exist"),
        (tmp_path, "is a folder"),
        (tmp_path / "file" / "film.mp4", "does not exist"),
        (tmp_path / ("x" * 300), "cannot be written"),
    ):
        with pytest.raises(OutputError, match=word):
            Writer(path, size=(32, 32), fps=25)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "there.mp4"]


def test_finalizers_see_the_whole_file_before_it_has_its_name(tmp_path: Path) -> None:
    seen: list[int] = []

    def finalize(video: Path) -> None:
        assert not (tmp_path / "film.mp4").exists()
        seen.append(sum(1 for _ in read_frames(video)))

    film(tmp_path / "film.mp4", finalizers=[finalize, finalize])
    assert seen == [50, 50]


def test_a_finalizer_that_fails_leaves_no_file(tmp_path: Path) -> None:
    def full(video: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OutputError, match="no space left"):
        film(tmp_path / "film.mp4", finalizers=[full])
    assert list(tmp_path.iterdir()) == []


def test_no_frames_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no frame"), Writer(tmp_path / "film.mp4", size=(32, 32), fps=25):
        pass
    assert list(tmp_path.iterdir()) == []


def test_wrong_shapes_are_refused_at_once(tmp_path: Path) -> None:
    with (
        pytest.raises(ValueError, match="expected"),
        Writer(tmp_path / "a.mp4", size=(32, 24), fps=25) as writer,
    ):
        writer.write(np.zeros((32, 24, 3), np.uint8))
    with (
        pytest.raises(ValueError, match="channel"),
        Writer(tmp_path / "b.mp4", size=(32, 24), fps=25) as writer,
    ):
        writer.sound(np.zeros((100, 2), np.float32))


def _fill_the_disk(path: Path, answer: multiprocessing.Queue) -> None:
    """Runs in a process of its own, where a file may not grow beyond 100 kB."""
    import resource

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    rng = np.random.default_rng(0)
    try:
        with Writer(path, size=(256, 256), fps=25) as writer:
            for _ in range(60):
                writer.write(rng.integers(0, 255, (256, 256, 3), np.uint8))
    except OutputError as error:
        answer.put(str(error))


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="needs fork and setrlimit")
def test_a_full_disk_gets_a_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    answer = context.Queue()
    process = context.Process(target=_fill_the_disk, args=(tmp_path / "film.mp4", answer))
    process.start()
    assert "no space left" in answer.get(timeout=120)
    process.join()
    assert list(tmp_path.iterdir()) == []
