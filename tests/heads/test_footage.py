"""The footage head: a video's own motion for as long as the speech lasts, without a jump."""

from __future__ import annotations

import itertools
from pathlib import Path

import cv2
import numpy as np
import pytest
from heads.films import film

from pipeline import engines
from pipeline.errors import VideoError
from pipeline.faces import open_footage, portrait
from pipeline.faces.footage import TrackedFootage
from pipeline.heads import footage as footage_head
from pipeline.types import RATE, Frame, Speech, Style

HOPPER = Path(__file__).parents[2] / "assets" / "portraits" / "hopper.jpg"
COUNT = 20


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> TrackedFootage:
    """Twenty frames in which the face drifts to the right, 3 px a frame."""
    photo = portrait(HOPPER, size=256).image
    moves = (np.array([[1, 0, 3.0 * step], [0, 1, 0]]) for step in range(COUNT))
    images = [cv2.warpAffine(photo, move, (320, 256), borderMode=cv2.BORDER_REPLICATE) for move in moves]
    return open_footage(film(tmp_path_factory.mktemp("footage") / "drift.mp4", images))


def played(footage: TrackedFootage, *seconds: float) -> list[Frame]:
    speech = [Speech(np.zeros(round(RATE * part), np.float32)) for part in seconds]
    clip = engines.load("head", "footage").animate(footage, speech, Style(fps=25), speaking=False)
    assert (clip.size, clip.fps) == (footage.size, 25)
    return list(clip.frames)


def places(frames: list[Frame]) -> np.ndarray:
    return np.array([frame.landmarks[:, 0].mean() for frame in frames])


def test_its_card_takes_videos_only() -> None:
    card = engines.card("head", "footage")
    assert card.subjects == ("video",) and card.commercial and not card.checkpoints


def test_each_part_of_speech_gets_its_frames(footage: TrackedFootage) -> None:
    assert len(played(footage, 0.4, 0.2)) == 15
    assert len(played(footage, 2.0, 1.0)) == 75


def test_it_loops_back_and_forth_without_a_jump(footage: TrackedFootage) -> None:
    frames = played(footage, 4.0)
    steps = np.abs(np.diff(places(frames)))
    assert steps.max() < 5 and places(frames).max() - places(frames).min() > 40
    turns = np.flatnonzero(np.diff(np.sign(np.diff(places(frames)))))
    assert len(turns) >= 4
    assert all(frame.landmarks is not None for frame in frames)


def test_playing_backwards_needs_bounded_memory(
    footage: TrackedFootage, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = played(footage, 3.0)
    monkeypatch.setattr(footage_head, "SEGMENT_BYTES", 3 * 320 * 256 * 3)
    held: list[int] = []
    read = footage.read
    monkeypatch.setattr(
        footage, "read", lambda start, stop: held.append(stop - start) or read(start, stop), raising=False
    )
    pieces = played(footage, 3.0)
    assert any(length == 3 for length in held)
    for one, other in itertools.zip_longest(whole, pieces):
        assert np.array_equal(one.image, other.image) and np.array_equal(one.landmarks, other.landmarks)


def test_a_video_of_one_frame_is_decoded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    still = open_footage(film(tmp_path / "still.mp4", [portrait(HOPPER, size=256).image]))
    reads: list[tuple[int, int]] = []
    read = still.read
    monkeypatch.setattr(
        still, "read", lambda start, stop: reads.append((start, stop)) or read(start, stop), raising=False
    )
    frames = played(still, 2.0)
    assert len(frames) == 50 and len(reads) <= 2
    assert all(np.array_equal(frame.image, frames[0].image) for frame in frames)
    assert frames[10].image is not frames[20].image


def test_photos_and_other_rates_are_refused(footage: TrackedFootage) -> None:
    head = engines.load("head", "footage")
    speech = [Speech(np.zeros(RATE, np.float32))]
    with pytest.raises(VideoError, match="give a video"):
        head.animate(portrait(HOPPER, size=256), speech, Style(), speaking=False)
    with pytest.raises(VideoError, match="25 frames per second"):
        head.animate(footage, speech, Style(fps=30), speaking=False)
