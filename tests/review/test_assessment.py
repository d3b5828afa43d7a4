"""One call for photos, recordings and videos: the content decides, not the name."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sounds import write_wav

import pipeline
from pipeline.errors import NoFaceError, PhotoError, StudioError
from pipeline.faces import portrait
from pipeline.review import Assessment, assess
from pipeline.speech import speak
from pipeline.types import RATE, join
from pipeline.video import Writer

PORTRAITS = Path(__file__).parents[2] / "assets" / "portraits"


@pytest.fixture(scope="module")
def samples() -> np.ndarray:
    return join(speak("The morning train was late again, so we walked along the river.")).samples


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory, samples: np.ndarray) -> Path:
    """A still face with the sound of a voice."""
    path = tmp_path_factory.mktemp("assess") / "still.mp4"
    image = portrait(PORTRAITS / "hopper.jpg", size=256).image
    with Writer(path, size=(256, 256), fps=25) as writer:
        writer.sound(samples)
        for _ in range(len(samples) * 25 // RATE):
            writer.write(image)
    return path


def topics(found: Assessment) -> set[str]:
    return {finding.topic for finding in found.findings}


def test_a_photo_is_judged_by_its_largest_face(tmp_path: Path) -> None:
    found = assess(PORTRAITS / "hopper.jpg")
    assert found.kind == "photo" and found.sentence == "This photo looks great."
    assert found.lips is found.head is None and "facing camera" in topics(found)
    smiling = assess(str(PORTRAITS / "astronaut.jpg"))
    assert "pixels high" in smiling.sentence


def test_a_recording_is_judged_by_its_sound(tmp_path: Path, samples: np.ndarray) -> None:
    found = assess(write_wav(tmp_path / "talk.wav", samples, RATE))
    assert (found.kind, found.sentence) == ("recording", "This recording sounds good.")
    assert found.lips is found.head is None and {"voice", "level"} <= topics(found)
    quiet = assess(write_wav(tmp_path / "quiet.wav", samples * 0.05, RATE))
    assert "very quiet" in quiet.sentence


def test_a_video_is_scored(video: Path) -> None:
    found = assess(video)
    assert found.kind == "video"
    assert found.lips is not None and found.head is not None
    assert found.lips < 50 and found.head < 50
    assert found.sentence in {finding.sentence for finding in found.findings}


def test_the_content_decides_not_the_name(tmp_path: Path, video: Path, samples: np.ndarray) -> None:
    photo = shutil.copy(PORTRAITS / "hopper.jpg", tmp_path / "photo.mp4")
    sound = write_wav(tmp_path / "sound.jpg", samples, RATE)
    film = shutil.copy(video, tmp_path / "film.wav")
    assert [assess(path).kind for path in (photo, sound, film)] == ["photo", "recording", "video"]


def test_it_is_exported_by_the_package() -> None:
    assert pipeline.assess is assess and pipeline.Assessment is Assessment


def test_what_is_none_of_these_gets_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("Neither photo nor sound.\n" * 50)
    (tmp_path / "notes.mp4").write_text("Neither photo nor sound.\n" * 50)
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "noise.bin").write_bytes(np.random.default_rng(0).bytes(5000))
    for name in ("notes.txt", "notes.mp4", "empty.jpg", "noise.bin"):
        with pytest.raises(StudioError, match="is not a photo, a recording or a video"):
            assess(tmp_path / name)
    for path in (tmp_path / "missing.jpg", tmp_path):
        with pytest.raises(StudioError, match="There is no file at"):
            assess(path)


def test_what_cannot_be_judged_says_why(tmp_path: Path) -> None:
    grey = io.BytesIO()
    Image.new("RGB", (400, 400), (127, 127, 127)).save(grey, "PNG")
    (tmp_path / "grey.png").write_bytes(grey.getvalue())
    with pytest.raises(NoFaceError):
        assess(tmp_path / "grey.png")
    photo = (PORTRAITS / "hopper.jpg").read_bytes()
    (tmp_path / "half.jpg").write_bytes(photo[: len(photo) // 2])
    with pytest.raises(PhotoError, match="damaged"):
        assess(tmp_path / "half.jpg")
    with Writer(tmp_path / "empty.mp4", size=(128, 128), fps=25) as writer:
        for _ in range(25):
            writer.write(np.full((128, 128, 3), 90, np.uint8))
    with pytest.raises(NoFaceError):
        assess(tmp_path / "empty.mp4")
