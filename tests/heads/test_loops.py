"""Going on after a video's end: it dissolves into an earlier moment that is much like it."""

from __future__ import annotations

import itertools
from pathlib import Path

import cv2
import numpy as np
import pytest
from heads.films import film

from pipeline.faces import open_footage, portrait
from pipeline.faces.footage import TrackedFootage
from pipeline.heads.footage import endless
from pipeline.heads.loops import dissolve, fade_frames, find_joint
from pipeline.types import Frame

HOPPER = Path(__file__).parents[2] / "assets" / "portraits" / "hopper.jpg"
COUNT, PERIOD, REACH = 64, 24, 20.0


def place(step: int) -> float:
    """Px to the right of its middle at which the head is at a frame: it swings."""
    return REACH * float(np.sin(2 * np.pi * step / PERIOD))


@pytest.fixture(scope="module")
def swinging(tmp_path_factory: pytest.TempPathFactory) -> TrackedFootage:
    """Some swings of a head to the right and to the left."""
    photo = portrait(HOPPER, size=256).image
    moves = (np.array([[1, 0, 32 + place(step)], [0, 1, 0]]) for step in range(COUNT))
    images = [cv2.warpAffine(photo, move, (320, 256), borderMode=cv2.BORDER_REPLICATE) for move in moves]
    return open_footage(film(tmp_path_factory.mktemp("loops") / "swing.mp4", images))


def moving_track(*places: float) -> list[np.ndarray | None]:
    """Faces beside each other, all alike."""
    face = np.random.default_rng(0).uniform(0, 100, (478, 3)).astype(np.float32)
    return [face + np.array([at, 0, 0], np.float32) for at in places]


def test_a_swinging_head_goes_on_swinging(swinging: TrackedFootage) -> None:
    frames = list(itertools.islice(endless(swinging), 2 * COUNT + 40))
    at = np.array([frame.landmarks[:, 0].mean() for frame in frames])
    steps = np.abs(np.diff(at))
    assert steps.max() < 1.6 * steps[: COUNT - 10].max()  # no jump
    turns = np.flatnonzero(np.diff(np.sign(np.diff(at[4:]))) != 0)
    # played backwards somewhere between its turns, it would turn there
    assert (np.abs(at[4:][turns + 1] - at.mean()) > 0.6 * REACH).all()


def test_the_joint_leads_to_the_most_similar_earlier_moment() -> None:
    places = [*np.linspace(0, 300, 60), *np.linspace(0, 300, 60)]
    joint = find_joint(moving_track(*places), 25, at_end=True)
    assert joint is not None
    assert joint.leave + joint.frames == len(places) and joint.leave - joint.enter == 60


def test_no_joint_where_nothing_is_alike_or_no_face_is_seen() -> None:
    assert find_joint(moving_track(*np.linspace(0, 3000, 100)), 25, at_end=True) is None
    assert find_joint([None] * 100, 25, at_end=False) is None
    assert find_joint(moving_track(0.0, 0.0), 25, at_end=True) is None


def test_a_dissolve_shows_one_head_on_its_way(swinging: TrackedFootage) -> None:
    fade = fade_frames(swinging.fps)
    leaving, entering = (list(swinging.read(start, start + fade)) for start in (6, 14))
    mixed = list(dissolve(iter(leaving), iter(entering), fade))
    assert len(mixed) == fade
    middle, still = mixed[fade // 2], entering[fade // 2]
    assert middle.landmarks is not None and still.landmarks is not None

    def head(frame: Frame) -> np.ndarray:
        assert frame.landmarks is not None
        x, y = frame.landmarks[:, :2].mean(0).astype(int)
        return frame.image[y - 40 : y + 40, x - 40 : x + 40].astype(float)

    assert np.abs(head(middle) - head(still)).mean() < 8  # two heads beside each other would differ by far
