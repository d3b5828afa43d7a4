"""Faces in photos: found wherever they are, framed, or refused with a sentence."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.errors import NoFaceError, PhotoError
from pipeline.faces import find, portrait, read_image, thumbnails
from pipeline.faces.landmarks import (
    LEFT_EYE_INNER,
    LEFT_EYE_OUTER,
    LOWER_LID_MIDDLE,
    NOSE_TIP,
    UPPER_LID_MIDDLE,
)
from pipeline.faces.search import face_height, face_roll
from pipeline.types import SHAPE, Face

PORTRAITS = Path(__file__).parents[2] / "assets" / "portraits"
_LEFT_EYE = [UPPER_LID_MIDDLE["Left"], LOWER_LID_MIDDLE["Left"], LEFT_EYE_OUTER, LEFT_EYE_INNER]


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    return read_image(PORTRAITS / "astronaut.jpg")


@pytest.fixture(scope="module")
def face(photo: np.ndarray) -> Face:
    return find(photo)[0]


def off(face: Face, expected: np.ndarray) -> float:
    """Mean distance to expected `(478, 2)` px in face heights."""
    return float(np.linalg.norm(face.landmarks[:, :2] - expected, axis=1).mean() / face_height(face))


def test_a_face_is_whole_and_smiles(face: Face) -> None:
    assert face.landmarks.shape == (478, 3) and face.blendshapes.shape == (52,)
    assert face.blendshapes[SHAPE["mouthSmileLeft"]] > 0.5 > face.blendshapes[SHAPE["jawOpen"]]
    assert np.abs(face.pose).max() < 15


def test_left_is_the_persons_left(photo: np.ndarray, face: Face) -> None:
    lid = face.landmarks[_LEFT_EYE, :2].mean(0)
    assert lid[0] > face.landmarks[NOSE_TIP, 0]  # the person's left is on the picture's right
    skin = tuple(int(v) for v in np.median(photo[118:124, 240:252].reshape(-1, 3), axis=0))
    winking = cv2.ellipse(photo.copy(), (tuple(lid.tolist()), (24, 13), 0), skin, -1, cv2.LINE_AA)
    cv2.ellipse(winking, (int(lid[0]), int(lid[1]) + 1), (10, 4), 0, 0, 180, (40, 30, 25), 2, cv2.LINE_AA)
    shapes = find(winking)[0].blendshapes
    assert shapes[SHAPE["eyeBlinkLeft"]] > shapes[SHAPE["eyeBlinkRight"]] + 0.1


@pytest.mark.parametrize("turn", [20, 45, 90, 135, 180, -70])
def test_turned_faces(photo: np.ndarray, face: Face, turn: float) -> None:
    matrix = cv2.getRotationMatrix2D((256, 256), -turn, 0.8)
    found = find(cv2.warpAffine(photo, matrix, (512, 512), borderValue=(120, 120, 120)))[0]
    assert off(found, face.landmarks[:, :2] @ matrix[:, :2].T + matrix[:, 2]) < 0.02
    assert abs((face_roll(found) - face_roll(face) - turn + 180) % 360 - 180) < 3
    assert abs((found.pose[2] - face.pose[2] - turn + 180) % 360 - 180) < 6


def test_a_small_face_in_a_corner(photo: np.ndarray, face: Face) -> None:
    wide = np.full((1080, 1920, 3), 110, np.uint8)
    wide[540:924, 1500:1884] = cv2.resize(photo, (384, 384), interpolation=cv2.INTER_AREA)
    assert off(find(wide)[0], face.landmarks[:, :2] * 0.75 + (1500, 540)) < 0.02


def test_several_faces_come_largest_first(photo: np.ndarray) -> None:
    hopper = read_image(PORTRAITS / "hopper.jpg")
    both = np.zeros((600, 1024, 3), np.uint8)
    both[:512, :512], both[:, 512:] = photo, hopper
    faces = find(both)
    assert [round(face.box[0] / 1024) for face in faces] == [1, 0]
    assert portrait(both, face=2, size=256).face.blendshapes[SHAPE["mouthSmileLeft"]] > 0.4
    assert [picture.shape for picture in thumbnails(both, faces, size=96)] == [(96, 96, 3)] * 2
    for number in (3, 0):
        with pytest.raises(NoFaceError, match="only 2 faces; choose a number from 1 to 2") as refused:
            portrait(both, face=number)
        assert refused.value.parameter == "face"


@pytest.mark.parametrize(("size", "height"), [((1024, 600), 70), ((1920, 1080), 66)])
def test_a_small_face_beside_a_large_one_is_found(
    photo: np.ndarray, face: Face, size: tuple[int, int], height: int
) -> None:
    both = np.full((size[1], size[0], 3), 110, np.uint8)
    hopper = cv2.resize(read_image(PORTRAITS / "hopper.jpg"), None, fx=size[1] / 600, fy=size[1] / 600)
    both[:, : hopper.shape[1]] = hopper[: size[1]]
    scale = height / face_height(face)
    small = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    left, top = size[0] - small.shape[1], size[1] // 3
    both[top : top + small.shape[0], left:] = small
    large, other = find(both)
    assert off(other, face.landmarks[:, :2] * scale + (left, top)) < 0.03
    alone = find(both, others=False)
    assert np.array_equal(alone[0].landmarks, large.landmarks)  # whoever speaks by default stays the same
    chosen = portrait(both, face=2, size=256)
    assert chosen.face.blendshapes[SHAPE["mouthSmileLeft"]] > 0.4
    sideways = find(np.ascontiguousarray(np.rot90(both)))
    assert [round(face_height(one) / face_height(large), 1) for one in sideways] == [
        1.0,
        round(face_height(other) / face_height(large), 1),
    ]


@pytest.mark.parametrize("name", ["astronaut", "hopper"])
def test_one_face_stays_one(name: str) -> None:
    assert len(find(read_image(PORTRAITS / f"{name}.jpg"))) == 1


def test_no_face_and_too_small_a_face_are_different_sentences(photo: np.ndarray) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (400, 400, 3), np.uint8)
    with pytest.raises(NoFaceError, match="use a photo of one face"):
        find(cv2.GaussianBlur(noise, (0, 0), 3))
    with pytest.raises(NoFaceError, match="pixels high"):
        find(cv2.resize(photo, (240, 240), interpolation=cv2.INTER_AREA))


@pytest.mark.parametrize("size", [256, 512])
def test_square_portraits_hold_the_head(size: int) -> None:
    made = portrait(PORTRAITS / "hopper.jpg", size=size)
    assert made.image.shape == (size, size, 3)
    left, top, right, bottom = made.face.box
    assert 0.5 < (bottom - top) / size < 0.62 and abs((left + right) / 2 - size / 2) < 0.06 * size
    assert top > 0.12 * size


def test_framing_is_kept_capped_and_even(photo: np.ndarray) -> None:
    large = cv2.resize(photo, (3001, 2999))
    made = portrait(large)
    assert made.image.shape == (1078, 1080, 3) or made.image.shape == (1080, 1080, 3)
    assert portrait(photo[:511, :509]).image.shape == (510, 508, 3)
    with pytest.raises(PhotoError, match="size must be") as refused:
        portrait(photo, size=4000)
    assert refused.value.parameter == "size"


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_photo_on_its_side_is_set_upright(photo: np.ndarray, face: Face, quarters: int) -> None:
    made = portrait(np.ascontiguousarray(np.rot90(photo, quarters)))
    assert np.array_equal(made.image, photo)
    assert off(made.face, face.landmarks[:, :2]) < 0.01


def test_threads_share_the_landmarker(photo: np.ndarray, face: Face) -> None:
    seen: list[np.ndarray] = []
    threads = [threading.Thread(target=lambda: seen.append(find(photo)[0].landmarks)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 4 and all(np.array_equal(one, face.landmarks) for one in seen)


def test_nothing_is_printed() -> None:
    code = f"""
from pipeline.faces import portrait, read_image
from pipeline.faces.search import _detector
portrait({str(PORTRAITS / "hopper.jpg")!r})
_detector()(read_image({str(PORTRAITS / "hopper.jpg")!r}))
"""
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=PORTRAITS.parents[1], capture_output=True, text=True, check=True
    )
    assert ran.stdout == "" and ran.stderr == ""
