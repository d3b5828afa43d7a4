"""Cut-outs: of photos, of the puppet's frames, and of any other frames."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from pipeline.errors import PhotoError
from pipeline.faces import portrait
from pipeline.puppet.renderer import render
from pipeline.samples import COLLINS
from pipeline.stage.closed_form import solve_alpha
from pipeline.stage.foreground import own_colours
from pipeline.stage.frame_matting import FrameMatte
from pipeline.stage.matting import Matte, cut_out
from pipeline.types import BLENDSHAPES, Frame, Motion, Portrait

GREEN = np.array([20, 170, 60])


@pytest.fixture(scope="module")
def photo() -> Portrait:
    return portrait(COLLINS.path, size=256)


@pytest.fixture(scope="module")
def cut(photo: Portrait) -> Portrait:
    return cut_out(photo)


@pytest.fixture(scope="module")
def turning(cut: Portrait) -> list[Frame]:
    count = 10
    pose = np.zeros((count, 3), np.float32)
    pose[:, 0] = np.linspace(0, 14, count)
    shapes = np.zeros((count, len(BLENDSHAPES)), np.float32)
    return list(render(cut, [Motion(25, shapes, pose, np.zeros((count, 2), np.float32))]))


def strands() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A brown disc with thin strands around it on a grey wall: the picture, its alpha and its trimap."""
    alpha = np.zeros((160, 160), np.uint8)
    cv2.circle(alpha, (80, 80), 40, 255, -1, cv2.LINE_AA)
    for angle in np.linspace(0, 2 * np.pi, 24, endpoint=False):
        end = 80 + 56 * np.cos(angle), 80 + 56 * np.sin(angle)
        cv2.line(alpha, (80, 80), tuple(map(round, end)), 255, 1, cv2.LINE_AA)
    share = (alpha / 255)[..., None]
    noise = np.random.default_rng(2).normal(0, 2, (160, 160, 3))
    image = np.clip(share * [90, 50, 30] + (1 - share) * [190, 195, 200] + noise, 0, 255)
    away = np.hypot(*(np.mgrid[:160, :160] - 80))
    trimap = np.where(away < 36, 1.0, np.where(away > 60, 0.0, 0.5))
    return image.astype(np.uint8), alpha / np.float32(255), trimap


def test_single_strands_are_found_by_their_colour() -> None:
    image, alpha, trimap = strands()
    found = solve_alpha(image.astype(np.float32) / 255, trimap, trimap.astype(np.float32))
    assert np.abs(found - alpha)[trimap == 0.5].mean() < 0.05


def test_where_colours_say_nothing_the_guess_does() -> None:
    trimap = np.full((60, 120), 0.5)
    trimap[:, :5], trimap[:, -5:] = 1, 0
    guess = np.where(np.arange(120) < 30, 1, 0).astype(np.float32) * np.ones((60, 1), np.float32)
    alike = np.full((60, 120, 3), 0.2, np.float32)
    off, vague = (
        np.abs(solve_alpha(alike, trimap, guess, trust=trust) - guess).mean() for trust in (1e-2, 0.0)
    )
    assert off < 0.6 * vague


def test_without_an_unknown_band_there_is_nothing_to_solve() -> None:
    trimap = np.eye(8)
    assert (solve_alpha(np.zeros((8, 8, 3), np.float32), trimap, trimap) == trimap).all()


def test_colours_at_the_edge_are_free_of_the_wall() -> None:
    image, alpha, _ = strands()
    soft = (alpha > 0.3) & (alpha < 0.7)
    own = own_colours(image, alpha)[soft].astype(int)
    mixed = image[soft].astype(int)
    assert np.abs(own - [90, 50, 30]).mean() < 0.25 * np.abs(mixed - [90, 50, 30]).mean()


def test_a_photo_is_cut_out_softly_and_keeps_the_face(photo: Portrait, cut: Portrait) -> None:
    assert cut.alpha is not None
    left, top, right, bottom = map(int, photo.face.box)
    assert cut.alpha[top : bottom - 20, left + 10 : right - 10].mean() > 250
    assert cut.alpha[:30, 235:].max() < 40
    assert 0.01 < ((cut.alpha > 20) & (cut.alpha < 235)).mean() < 0.2
    face = np.s_[top + 20 : bottom - 20, left + 20 : right - 20]
    assert (cut.image[face] == photo.image[face]).all()
    assert (cut.image[cut.alpha == 0] == photo.image[cut.alpha == 0]).all()


def test_the_puppet_moves_the_alpha_with_the_head(cut: Portrait, turning: list[Frame]) -> None:
    assert cut.alpha is not None
    first, last = turning[0].alpha, turning[-1].alpha
    assert first is not None
    assert last is not None
    assert np.abs(first.astype(int) - cut.alpha).mean() < 2
    assert np.abs(last.astype(int) - first).max() > 200
    shift = turning[-1].landmarks[1, 0] - turning[0].landmarks[1, 0]  # type: ignore[index]
    rows = slice(int(cut.face.box[1]), int(cut.face.box[3]) - 20)
    centres = [float((alpha[rows] * np.arange(256)).sum() / alpha[rows].sum()) for alpha in (first, last)]
    assert np.sign(centres[1] - centres[0]) == np.sign(shift)


def test_the_moved_alpha_does_not_flicker(turning: list[Frame]) -> None:
    """From frame to frame of an even turn, the edge moves as evenly: no step is far from its neighbours'."""
    alphas = np.stack([frame.alpha for frame in turning if frame.alpha is not None]).astype(np.float32) / 255
    steps = np.abs(np.diff(alphas, axis=0)).mean((1, 2))[1:]
    assert steps.max() < 1.6 * np.median(steps)


def test_a_portrait_without_alpha_gives_frames_without(photo: Portrait) -> None:
    still = Motion(
        25, np.zeros((1, 52), np.float32), np.zeros((1, 3), np.float32), np.zeros((1, 2), np.float32)
    )
    (frame,) = render(photo, [still])
    assert frame.alpha is None


def test_frames_without_alpha_are_segmented(photo: Portrait) -> None:
    presenter = Matte(photo.face.box).cut(Frame(photo.image))
    assert presenter.alpha is not None
    left, top, right, bottom = map(int, photo.face.box)
    assert presenter.alpha[top + 10 : bottom, left + 10 : right - 10].mean() > 0.97
    assert presenter.alpha[:30, 235:].max() < 0.2
    assert presenter.face == photo.face.box


def test_in_a_wide_frame_only_the_person_with_the_face_is_cut_out(photo: Portrait) -> None:
    wide = np.full((256, 1280, 3), 200, np.uint8)
    wide[:, :256] = wide[:, 1024:] = photo.image
    _, alpha = FrameMatte(photo.face.box).cut(wide)
    alone = FrameMatte(photo.face.box).cut(photo.image)[1]
    assert np.abs(alpha[60:200, 60:190] - alone[60:200, 60:190]).mean() < 0.08
    assert not alpha[:, 1024:].any()


def test_noise_does_not_make_a_segmented_edge_flicker(photo: Portrait) -> None:
    random = np.random.default_rng(5)
    grain = [random.normal(0, 4, photo.image.shape) for _ in range(8)]
    noisy = [np.clip(photo.image + one, 0, 255).astype(np.uint8) for one in grain]
    steady = FrameMatte()
    together = np.stack([steady.cut(image)[1] for image in noisy])[3:]
    alone = np.stack([FrameMatte().cut(image)[1] for image in noisy])[3:]
    changes = [np.abs(np.diff(alphas, axis=0)).mean() for alphas in (together, alone)]
    assert changes[0] < 0.6 * changes[1]


def test_a_photo_in_which_nobody_can_be_seen_is_refused(photo: Portrait) -> None:
    blank = replace(photo, image=np.full_like(photo.image, 120))
    with pytest.raises(PhotoError, match="cannot be told from the background"):
        cut_out(blank)
