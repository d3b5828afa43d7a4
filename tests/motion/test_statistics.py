"""The shipped statistics of motion, and the command that measures them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.motion import statistics
from training.motion_statistics import measure
from training.track import Track

BLINKS = ("eyeBlinkLeft", "eyeBlinkRight")
BROWS = ("browInnerUp", "browOuterUpLeft", "browOuterUpRight", "browDownLeft", "browDownRight")


def track(seed: int) -> Track:
    """Twenty seconds of a head that turns at half a hertz and blinks every four seconds."""
    random = np.random.default_rng(seed)
    time = np.arange(500) / 25
    yaw = np.radians(5 * np.sin(np.pi * time + seed))
    matrix = np.tile(np.eye(4, dtype=np.float32), (500, 1, 1))
    matrix[:, 0, 0] = matrix[:, 2, 2] = np.cos(yaw)
    matrix[:, 0, 2], matrix[:, 2, 0] = np.sin(yaw), -np.sin(yaw)
    scores = 0.05 + 0.01 * random.random((500, 7)).astype(np.float32)
    for start in range(60, 480, 100):
        scores[start : start + 3, :2] += np.array([0.5, 0.9, 0.4])[:, None]
    sound, nothing = np.zeros(9, np.float32), np.zeros((0, 2))
    landmarks = np.zeros((500, 478, 3), np.float32)
    names = (*BLINKS, *BROWS)
    return Track(f"{seed}", time, landmarks, scores, matrix, names, (64, 64), sound, 0.0, (), nothing)


def test_the_shipped_statistics_are_those_of_people() -> None:
    found = statistics.load()
    assert found.pose.shape == (3, len(found.hertz)) and (found.pose > 0).all()
    assert set(found.brows) == set(found.brows_per_degree) == set(BROWS)
    assert 10 <= found.blinks_per_minute <= 30
    times, closed = found.blink
    assert times[np.argmax(closed)] == 0 and closed.max() == 1 and closed[0] < 0.3 > closed[-1]


def test_what_is_measured_can_be_loaded(tmp_path: Path) -> None:
    measured = measure([track(seed) for seed in range(4)])
    np.savez(tmp_path / "found.npz", **measured)  # type: ignore[arg-type]
    found = statistics.load(tmp_path / "found.npz")
    assert found.blinks_per_minute == pytest.approx(15, abs=1)
    assert found.blink[0][int(np.argmax(found.blink[1]))] == 0
    yaw, pitch, _ = found.pose
    assert np.argmax(yaw) == np.argmin(np.abs(np.log(found.hertz / 0.5)))
    assert yaw.max() > 100 * pitch.max()
