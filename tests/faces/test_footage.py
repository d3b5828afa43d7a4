"""Faces in videos: followed without lag, through cuts and absences; footage read lazily and looped."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.errors import NoFaceError, VideoError
from pipeline.faces import find, open_footage, read_image, track
from pipeline.types import Face
from pipeline.video import Writer

PORTRAITS = Path(__file__).parents[2] / "assets" / "portraits"
SIZE = (320, 240)


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    return read_image(PORTRAITS / "hopper.jpg")


@pytest.fixture(scope="module")
def face(photo: np.ndarray) -> Face:
    return find(photo)[0]


def placed(step: float) -> np.ndarray:
    """`(2, 3)` photo px to frame px: the photo drifts and turns a little."""
    matrix = cv2.getRotationMatrix2D((256, 240), 3 * np.sin(step / 6), 0.42)
    matrix[:, 2] += (160 - 256 + 25 * np.sin(step / 8), 110 - 240)
    return matrix


def shot(photo: np.ndarray, step: float) -> np.ndarray:
    return cv2.warpAffine(photo, placed(step), SIZE, borderValue=(90, 100, 110))


def error(found: Face, face: Face, step: float) -> float:
    expected = face.landmarks[:, :2] @ placed(step)[:, :2].T + placed(step)[:, 2]
    return float(np.linalg.norm(found.landmarks[:, :2] - expected, axis=1).mean())


def write(path: Path, frames: Iterator[np.ndarray], size: tuple[int, int], fps: int = 25) -> Path:
    with Writer(path, size=size, fps=fps, metadata={}) as writer:
        for frame in frames:
            writer.write(frame)
            writer.sound(np.zeros(48_000 // fps, np.float32))
    return path


def test_tracking_has_no_lag(photo: np.ndarray, face: Face) -> None:
    found = list(track((shot(photo, step) for step in range(24)), 25))
    now = np.mean([error(one, face, step) for step, one in enumerate(found)])
    before = np.mean([error(one, face, step - 1) for step, one in enumerate(found) if step])
    assert now < 1.2 and now < before


def test_a_face_that_leaves_comes_back(photo: np.ndarray) -> None:
    empty = np.full((240, 320, 3), 100, np.uint8)
    frames = [shot(photo, 0)] * 3 + [empty] * 6 + [shot(photo, 0)] * 8
    found = [one is not None for one in track(frames, 25)]
    assert found[:3] == [True] * 3 and not any(found[3:9]) and all(found[-3:])


def test_the_chosen_face_is_kept_beside_a_larger_one(photo: np.ndarray) -> None:
    other = read_image(PORTRAITS / "astronaut.jpg")
    frame = np.full((360, 640, 3), 100, np.uint8)
    frame[:300, :256] = cv2.resize(photo, (256, 300))
    frame[20:340, 300:620] = cv2.resize(other, (320, 320))
    by_choice = [[one.box[0] for one in track([frame] * 4, 25, face=number)] for number in (1, 2)]
    assert all(left < 256 for left in by_choice[0]) and all(left > 300 for left in by_choice[1])


def test_a_bystander_is_not_taken_for_a_face_that_left(photo: np.ndarray) -> None:
    def frames() -> Iterator[np.ndarray]:
        for step in range(20):
            frame = np.full((300, 640, 3), 100, np.uint8)
            frame[40:280, 400:605] = cv2.resize(photo, (205, 240))
            shown = max(0, 256 - 25 * step)
            frame[:, :shown] = cv2.resize(photo, (256, 300))[:, 256 - shown :]
            yield frame

    found = list(track(frames(), 25))
    assert None not in found[:4] and all(one is None for one in found[12:])
    assert all(one.box[0] < 256 for one in found if one is not None)


def test_a_cut_is_followed_at_once(photo: np.ndarray) -> None:
    near = cv2.resize(photo[60:360, 60:460], (480, 360))
    far = np.full((360, 480, 3), 40, np.uint8)
    far[20:340, 200:473] = cv2.resize(photo, (273, 320))
    found = list(track([near] * 4 + [far] * 4, 25))
    assert None not in found
    assert [one.box[0] > 240 for one in found] == [False] * 4 + [True] * 4


def test_a_small_face_is_followed_in_a_large_frame(photo: np.ndarray) -> None:
    small = cv2.resize(photo, (205, 240), interpolation=cv2.INTER_AREA)

    def frames() -> Iterator[np.ndarray]:
        for step in range(12):
            frame = np.full((720, 1280, 3), 100, np.uint8)
            frame[300:540, 100 + 14 * step : 305 + 14 * step] = small
            yield frame

    lefts = [one.box[0] for one in track(frames(), 25)]
    assert np.allclose(np.diff(lefts), 14, atol=2)


def test_footage_is_read_lazily_and_the_same_twice(photo: np.ndarray, tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4", (shot(photo, step) for step in range(30)), SIZE)
    footage = open_footage(path)
    assert (footage.fps, footage.size, footage.count) == (25, SIZE, 30)
    first, second = list(footage.frames()), list(footage.frames())
    assert len(first) == len(second) == 30
    for one, other in zip(first, second, strict=True):
        assert np.array_equal(one.image, other.image) and np.array_equal(one.landmarks, other.landmarks)
    middle = list(footage.read(11, 14))
    assert all(np.array_equal(a.image, b.image) for a, b in zip(middle, first[11:14], strict=True))


def test_footage_conforms_its_rate(photo: np.ndarray, tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4", (shot(photo, step) for step in range(15)), SIZE, fps=30)
    assert open_footage(path).fps == 30
    slower = open_footage(path, fps=24)
    assert slower.count == len(list(slower.frames())) == 12
    with pytest.raises(VideoError, match="23 frames per second") as refused:
        open_footage(path, fps=23)
    assert refused.value.parameter == "fps"


def test_footage_without_anyone(tmp_path: Path) -> None:
    grey = np.full((240, 320, 3), 127, np.uint8)
    with pytest.raises(NoFaceError, match=r"No face was found in empty\.mp4"):
        open_footage(write(tmp_path / "empty.mp4", itertools.repeat(grey, 3), SIZE))


def test_bad_videos(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("no video")
    for path in (tmp_path / "text.mp4", tmp_path / "missing.mp4"):
        with pytest.raises(VideoError):
            open_footage(path)


def test_tracking_may_start_from_a_place(photo: np.ndarray) -> None:
    other = read_image(PORTRAITS / "astronaut.jpg")
    frame = np.full((360, 640, 3), 100, np.uint8)
    frame[:300, :256] = cv2.resize(photo, (256, 300))
    frame[20:340, 300:620] = cv2.resize(other, (320, 320))
    for centre, side in (((450.0, 180.0), False), ((130.0, 150.0), True)):
        found = list(track([frame] * 2, 25, near=np.array(centre)))
        assert all(one is not None and (one.box[0] < 256) == side for one in found)
