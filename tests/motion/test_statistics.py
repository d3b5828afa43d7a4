"""The shipped statistics and clips of motion, and the commands that make them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.motion import motion_clips, statistics
from pipeline.motion.motion_clips import CHANNELS, RATE, SOFTEST
from training.motion_clips import curves
from training.motion_statistics import HABITS, measure
from training.track import Track

NAMES = (
    *(
        "eyeBlinkLeft",
        "eyeBlinkRight",
        "eyeSquintLeft",
        "eyeSquintRight",
        "mouthSmileLeft",
        "mouthSmileRight",
    ),
    *("browInnerUp", "browOuterUpLeft", "browOuterUpRight", "browDownLeft", "browDownRight"),
)


def track(seed: int) -> Track:
    """Twenty seconds of a head that turns at half a hertz and blinks every four seconds."""
    random = np.random.default_rng(seed)
    time = np.arange(500) / 25
    yaw = np.radians(5 * np.sin(np.pi * time + seed))
    matrix = np.tile(np.eye(4, dtype=np.float32), (500, 1, 1))
    matrix[:, 0, 0] = matrix[:, 2, 2] = np.cos(yaw)
    matrix[:, 0, 2], matrix[:, 2, 0] = np.sin(yaw), -np.sin(yaw)
    scores = 0.05 + 0.01 * random.random((500, len(NAMES))).astype(np.float32)
    for start in range(60, 480, 100):
        scores[start : start + 3, :2] += np.array([0.5, 0.9, 0.4])[:, None]
    syllables = np.maximum(np.sin(2 * np.pi * 3 * np.arange(320_000) / 16_000), 0)
    sound, nothing = (0.3 * syllables * random.normal(size=320_000)).astype(np.float32), np.zeros((0, 2))
    landmarks = np.zeros((500, 478, 3), np.float32)
    return Track(f"{seed}", time, landmarks, scores, matrix, NAMES, (64, 64), sound, 0.0, (), nothing)


def test_the_shipped_statistics_are_those_of_people() -> None:
    found = statistics.load()
    assert set(found.habits) == set(HABITS)
    assert all(habit.median > 0 < habit.spread < 1.5 for habit in found.habits.values())
    assert 10 <= found.habits["blinks"].median <= 40
    assert 0.05 < found.half_blinks < 0.4 and 0.2 < found.squint_per_blink < 0.9
    times, closed = found.blink
    assert times[np.argmax(closed)] == 0 and closed.max() == 1 and closed[0] < 0.3 > closed[-1]


def test_what_is_measured_can_be_loaded(tmp_path: Path) -> None:
    measured = measure([track(seed) for seed in range(4)])
    np.savez(tmp_path / "found.npz", **measured)  # type: ignore[arg-type]
    found = statistics.load(tmp_path / "found.npz")
    assert found.habits["blinks"].median == pytest.approx(15, abs=1)
    assert found.habits["yaw"].median == pytest.approx(5 / np.sqrt(2), abs=0.1)
    assert found.habits["pitch"].median < 0.1
    assert found.blink[0][int(np.argmax(found.blink[1]))] == 0


def test_the_shipped_clips_are_many_and_balanced() -> None:
    found = motion_clips.load()
    assert found.clip[-1] >= 40 and len(found.clip) > 200 * RATE
    assert np.allclose(found.curves.std(0), 1, atol=0.05)
    assert np.abs(found.curves[:, :3].mean(0)).max() < 0.15
    assert found.loudness.min() >= SOFTEST and found.loudness.max() <= 0.5
    assert (found.left[np.flatnonzero(np.diff(found.clip))] == 0).all() and found.left[-1] == 0


def test_clips_lose_the_amplitude_and_the_blinks_of_their_speaker() -> None:
    made = curves(track(1), lag=0.0)
    assert made is not None and made.shape[1] == len(CHANNELS)
    assert np.sqrt((made[:, :3] ** 2).mean()) == pytest.approx(1, abs=0.15)
    assert made[:, CHANNELS.index("eyeSquint")].max() < 0.05
    still = track(2)
    assert curves(replace(still, matrix=np.tile(np.eye(4), (500, 1, 1))), lag=0.0) is None
