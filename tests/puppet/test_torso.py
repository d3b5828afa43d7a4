"""The torso follows the head, later and less, and comes to rest with it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pipeline.faces import portrait
from pipeline.puppet.geometry.face_frame import FaceFrame
from pipeline.puppet.geometry.torso import Torso, displacement, torso_weights
from pipeline.puppet.renderer import PortraitRenderer
from pipeline.types import Motion

PORTRAITS = Path(__file__).parents[2] / "assets" / "portraits"
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


def lattice(right: float, bottom: float) -> np.ndarray:
    x, y = np.meshgrid(np.linspace(0, right, 12), np.linspace(0, bottom, 14))
    return np.column_stack([x.ravel(), y.ravel(), np.zeros(x.size)])


def step(points: np.ndarray, distance: np.ndarray, sway: list[float]) -> np.ndarray:
    weights = torso_weights(points, np.zeros(len(points)), distance, FRAME)
    return displacement(points[:, :2], weights, np.array([sway]), FRAME)[0]


def test_only_the_torso_moves_and_never_away_from_where_the_grid_ends_within_the_photo() -> None:
    points = lattice(199, 239)
    distance = np.full((240, 200), 1.0)
    distance[60:, 40:160] = -1.0
    moved = step(points, distance, [0.1, 0.1, 0.0])
    chest = (np.abs(points[:, 0] - 100) < 30) & (points[:, 1] > 190) & (points[:, 1] < 215)
    above, wall = points[:, 1] < 110, points[:, 0] < 20
    assert (moved[chest, 0] > 2).all() and (moved[chest, 1] > 0.5).all()
    assert np.abs(moved[above | wall]).max() == 0
    assert np.abs(moved[points[:, 1] == 239]).max() == 0
    nowhere = torso_weights(points, np.zeros(len(points)), -np.ones((240, 200)), FRAME)
    assert nowhere.max() == 0


def test_it_goes_on_beyond_the_photo_and_stands_on_its_hips() -> None:
    distance = np.full((640, 200), -1.0)
    distance[:, :20] = 1.0
    points = lattice(219, 639)
    middle = points[:, 0] == points[:, 0][np.abs(points[:, 0] - 100).argmin()]
    leaning = step(points, distance, [0.1, 0.0, 1.0])[middle, 0]
    below = (points[middle, 1] - 80) / 40
    torso, legs = (below > 2.7) & (below < 9), below > 10.1
    assert (np.diff(leaning[torso]) < 0).all() and leaning[torso].min() > 0.1
    assert np.abs(leaning[legs]).max() == 0
    cut = distance[:240]
    points = lattice(219, 259)
    moved = step(points, cut, [0.1, 0.1, 0.0])
    at_border = (points[:, 1] > 225) & (points[:, 0] > 60)
    assert (moved[at_border] > 2).all()


def test_what_comes_in_across_the_photo_s_border_mirrors_what_is_beside_it() -> None:
    subject = portrait(PORTRAITS / "hopper.jpg", size=192)
    renderer = PortraitRenderer(subject, refine_mouth=False)
    raised, still = (
        Motion(25, subject.face.blendshapes[None], np.zeros((1, 3)), np.array([[0.0, up]], np.float32))
        for up in (-0.12, 0.0)
    )
    frames = []
    for motion in (still, raised):
        renderer.come_to_rest()
        frames.append(renderer.warp(next(renderer.pose_frames(motion))).astype(int))
    px = round(0.8 * 0.12 * renderer.mesh.frame.scale)
    before, after = (frame[:, 72:120] for frame in frames)
    beside = np.abs(after[-px:] - before[-px:][::-1]).mean()
    assert beside < 0.5 * np.abs(after[-px:] - before[-px:]).mean()
