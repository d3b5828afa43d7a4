"""Heads that turn: what comes into view, what passes beneath the face, and what is left on the wall."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.faces import portrait
from pipeline.faces.landmarks import FACE_OVAL, LEFT_EAR, RIGHT_EAR
from pipeline.faces.segmentation import person
from pipeline.puppet.geometry.basis import face_basis
from pipeline.puppet.geometry.face_frame import fit_face_frame
from pipeline.puppet.geometry.mesh import build_mesh
from pipeline.puppet.geometry.rig import rotation_matrix
from pipeline.puppet.renderer import PortraitRenderer
from pipeline.puppet.warping.far_sides import LEVELS, far_sides
from pipeline.puppet.warping.matting import extract_matte
from pipeline.puppet.warping.rim import Rim
from pipeline.puppet.warping.side_light import outline_shade
from pipeline.types import Portrait

HOPPER = Path(__file__).parents[2] / "assets" / "portraits" / "hopper.jpg"
WALL = np.array([120, 150, 140])


@pytest.fixture(scope="module")
def subject() -> Portrait:
    """A person in front of a plain, grainy wall."""
    photo = portrait(HOPPER, size=256)
    grain = np.random.default_rng(0).normal(0, 4, photo.image.shape)
    wall = cv2.dilate((person(photo.image) > 0.4).astype(np.uint8), np.ones((5, 5))) == 0
    image = np.where(wall[..., None], np.clip(WALL + grain, 0, 255), photo.image).astype(np.uint8)
    return Portrait(image, photo.face)


@pytest.fixture(scope="module")
def renderer(subject: Portrait) -> PortraitRenderer:
    return PortraitRenderer(subject, refine_mouth=False)


def turned(renderer: PortraitRenderer, subject: Portrait, yaw: float) -> np.ndarray:
    pose = np.array([yaw, 0.0, 0.0])
    return renderer.render_frame(subject.face.blendshapes, pose, np.zeros(2))[0]


def test_nothing_of_the_head_is_left_on_the_wall(subject: Portrait) -> None:
    frame = fit_face_frame(subject.face.landmarks, face_basis())
    background = extract_matte(subject.image, subject.face.landmarks, frame).background
    upper = background[: background.shape[0] // 2].astype(float)
    assert np.abs(cv2.blur(upper, (9, 9)) - WALL).max() < 25
    middle = upper[20:60, 100:150]  # where the hat was
    assert 1.0 < (middle - cv2.blur(middle, (5, 5))).std() < 8  # the grain goes on


def test_a_turned_head_leaves_the_wall_beside_it_alone(renderer: PortraitRenderer, subject: Portrait) -> None:
    frame = renderer.mesh.frame
    distance = extract_matte(subject.image, subject.face.landmarks, frame).distance
    # a strip along the hair and the hat that a head turning the other way does not reach
    beside = (distance > 0.1) & (distance < 0.2) & (np.arange(256)[:, None] < 120)
    left = np.arange(256) < subject.face.landmarks[:, 0].mean()
    for yaw, strip in ((-10.0, beside & ~left), (10.0, beside & left)):
        moved = turned(renderer, subject, yaw)[strip].astype(int) - subject.image[strip]
        assert strip.sum() > 200
        assert np.abs(moved).mean() < 0.5  # a wall that moved along would differ by its grain


def test_a_head_at_rest_is_the_photo(renderer: PortraitRenderer, subject: Portrait) -> None:
    image = turned(renderer, subject, 0.0).astype(int)
    top = np.s_[: int(subject.face.landmarks[:, 1].min())]
    assert np.abs(image[top] - subject.image[top]).mean() < 0.5


def test_sides_are_completed_only_as_they_come_into_view(renderer: PortraitRenderer) -> None:
    mesh, image = renderer.mesh, renderer.image
    planes = np.full((*image.shape[:2], 2), 255, np.uint8)
    sides = far_sides(image, planes, mesh, np.full(image.shape[:2], -0.5, np.float32))
    assert len(sides) == 2
    for side, sign in zip(sides, (1, -1), strict=True):
        levels = [side.level(rotation_matrix(np.array([sign * yaw, 0, 0])).T) for yaw in (-10, 0, 4, 14)]
        assert levels[0] == levels[1] == 0 < levels[2] < levels[3] == LEVELS


def test_hair_at_the_outline_is_no_skin_of_the_far_cheek(renderer: PortraitRenderer) -> None:
    mesh = renderer.mesh
    image = np.full_like(renderer.image, 180)
    outline = np.round(mesh.rest[mesh.silhouette, :2]).astype(np.int32)
    cv2.polylines(image, [outline], True, (20, 20, 20), 9)
    planes = np.full((*image.shape[:2], 2), 255, np.uint8)
    sides = far_sides(image, planes, mesh, np.full(image.shape[:2], -0.5, np.float32))
    for side, ear in zip(sides, (RIGHT_EAR, LEFT_EAR), strict=True):
        below = [vertex for vertex in FACE_OVAL if 10 < mesh.rest[vertex, 1] - mesh.rest[ear, 1] < 40]
        here = [vertex for vertex in below if vertex in mesh.face_triangles[side.triangles]]
        x, y = np.round(side.points[here]).astype(int).T
        assert len(here) and side.textures[-1, y, x, 0].min() > 50  # it was 20
        own, half, whole = side.textures[:, y, x, 0].mean(1)[[0, 1, -1]]
        assert own < half - 10 and half > whole - 10  # most of it before the cheek is half in view


@pytest.mark.parametrize("depth", [50, 90])
def test_the_shade_of_a_cheek_goes_with_the_outline(renderer: PortraitRenderer, depth: int) -> None:
    mesh = renderer.mesh
    shade = np.zeros(renderer.image.shape[:2], np.uint8)
    outline = np.round(mesh.rest[mesh.silhouette, :2]).astype(np.int32)
    cv2.polylines(shade, [outline], True, depth, 13)
    image = np.repeat(180 - cv2.GaussianBlur(shade, (0, 0), 3)[..., None], 3, 2)
    planes = np.full((*image.shape[:2], 2), 255, np.uint8)
    sides = far_sides(image, planes, mesh, np.full(image.shape[:2], -0.5, np.float32))
    for side, sign, ear in zip(sides, (-1, 1), (RIGHT_EAR, LEFT_EAR), strict=True):
        row = int(side.points[ear, 1]) + 30
        light = cv2.blur(side.textures[-1, ..., 0], (5, 5))[row, ::-sign].astype(float)
        light = light[light[:40].argmin() :]
        assert light[0] < 180 - 0.35 * depth  # at the new outline
        assert light[60:].min() > 180 - 0.5 * depth  # where the photo's own is
        assert (np.maximum.accumulate(light) - light).max() < 4  # no crease, no plate beside one


def test_a_cheek_seen_from_the_side_has_no_outline_beside_its_ear() -> None:
    cosine = np.repeat(np.linspace(0.9, 0.6, 200, dtype=np.float32)[None], 100, 0)
    covered, light = np.ones((100, 200), np.float32), np.full((100, 200, 3), 150, np.float32)
    covered[:, -20:] = 0
    shade = outline_shade(light * 0.3, light, covered, cosine, covered, scale=160)
    assert shade.min() == 1


def test_only_a_cheek_borrows_from_the_other_side(renderer: PortraitRenderer, subject: Portrait) -> None:
    still = np.zeros(2)
    _, landmarks = renderer.render_frame(subject.face.blendshapes, np.array([-25.0, 0.0, 0.0]), still)
    face = replace(subject.face, landmarks=landmarks, pose=subject.face.pose + np.float32([-25, 0, 0]))
    frame = fit_face_frame(landmarks, face_basis())
    inside = np.full((256, 256), -0.5, np.float32)
    mesh = build_mesh(face, frame, inside, face_basis())
    image = np.full((256, 256, 3), 180, np.uint8)
    hair = landmarks[FACE_OVAL, :2]
    near = hair[(hair[:, 0] > landmarks[:, 0].mean()) & (hair[:, 1] < landmarks[LEFT_EAR, 1])]
    cv2.polylines(image, [np.round(near).astype(np.int32)], False, (20, 20, 20), 25)
    side = far_sides(image, np.full((256, 256, 2), 255, np.uint8), mesh, inside)[0]
    used = np.unique(mesh.face_triangles[side.triangles])
    above = used[mesh.frame.to_upright(mesh.rest[used])[:, 1] < -0.1]
    x, y = np.round(side.points[above]).astype(int).T
    assert len(above) and side.textures[-1, y, x, 0].min() > 120


def test_surroundings_pass_beneath_a_cheek_that_turns_over_them(renderer: PortraitRenderer) -> None:
    rim, mesh = Rim(renderer.mesh), renderer.mesh
    assert np.allclose(rim.tucked(mesh.rest), mesh.rest, atol=1e-3)
    shifted = mesh.rest.copy()
    shifted[: mesh.grid.start, 0] += 10  # the face alone moves to the right
    outline = mesh.rest[mesh.silhouette, :2]
    rightmost, leftmost = outline[:, 0].argmax(), outline[:, 0].argmin()
    moved = rim.tucked(shifted)[mesh.silhouette, 0] - outline[:, 0]
    assert moved[rightmost] < 2 and moved[leftmost] > 8


def test_what_lies_on_the_photos_border_slides_along_it(renderer: PortraitRenderer) -> None:
    mesh = renderer.mesh
    points, weights = mesh.rest[mesh.grid], mesh.head_weights[mesh.grid]
    top = (points[:, 1] < 1) & (np.abs(points[:, 0] - 128) < 40)
    assert weights[top, 0].min() > 0.3 and weights[top, 1].max() < 1e-3
