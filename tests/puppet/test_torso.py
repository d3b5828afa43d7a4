"""The torso follows the head, later and less, and comes to rest with it."""

from __future__ import annotations

import numpy as np

from pipeline.puppet.geometry.face_frame import FaceFrame
from pipeline.puppet.geometry.torso import Torso, displacement, torso_weights
from pipeline.types import Motion

FRAME = FaceFrame(40.0, np.eye(3), np.array([100.0, 80.0, 0.0]))


def moved(roll: np.ndarray, fps: int = 25) -> Motion:
    pose = np.zeros((len(roll), 3), np.float32)
    pose[:, 2] = roll
    shift = np.column_stack([0.01 * roll, 0 * roll]).astype(np.float32)
    return Motion(fps, np.zeros((len(roll), 52), np.float32), pose, shift)


def test_it_follows_a_third_of_the_roll_about_an_eighth_of_a_second_later() -> None:
    for fps in (25, 60):
        time = np.arange(6 * fps) / fps
        roll = 3 * np.sin(2 * np.pi * 0.4 * time)
        followed = Torso().follow(moved(roll, fps))[2 * fps :, 2]
        lags = np.arange(0, 0.4, 1 / fps)
        late = [np.corrcoef(roll[2 * fps - k : len(roll) - k], followed)[0, 1] for k in range(len(lags))]
        assert 0.08 <= lags[np.argmax(late)] <= 0.2
        assert 0.25 < followed.std() / roll.std() < 0.36


def test_it_stands_still_with_a_head_that_stands_still_and_goes_on_between_stretches() -> None:
    roll = np.sin(np.linspace(0, 9, 100))
    whole, parts = Torso(), Torso()
    together = whole.follow(moved(roll))
    apart = np.concatenate([parts.follow(moved(part)) for part in np.split(roll, [3, 40, 41])])
    assert np.allclose(together, apart)
    assert np.abs(Torso().follow(moved(np.zeros(50)))).max() == 0
    assert np.abs(whole.follow(moved(np.zeros(50)))[-1]).max() < 1e-3


def test_only_the_torso_moves_and_never_away_from_the_border() -> None:
    x, y = np.meshgrid(np.linspace(0, 199, 12), np.linspace(0, 239, 14))
    points = np.column_stack([x.ravel(), y.ravel(), np.zeros(x.size)])
    distance = np.full((240, 200), 1.0)
    distance[60:, 40:160] = -1.0
    weights = torso_weights(points, np.zeros(len(points)), distance, FRAME)
    step = displacement(points[:, :2], weights, np.array([[0.1, 0.1, 0.0]]), FRAME)[0]
    chest = (np.abs(points[:, 0] - 100) < 30) & (points[:, 1] > 190) & (points[:, 1] < 215)
    above, wall = points[:, 1] < 110, points[:, 0] < 20
    assert (step[chest, 0] > 3).all() and (step[chest, 1] > 0.5).all()
    assert np.abs(step[above | wall]).max() == 0
    assert np.abs(step[points[:, 1] == 239, 1]).max() == 0
    nowhere = torso_weights(points, np.zeros(len(points)), -np.ones((240, 200)), FRAME)
    assert nowhere.max() == 0
