"""The embedded head: what it does to a photo, in properties that anyone could see."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.errors import StudioError
from pipeline.faces import portrait
from pipeline.faces.landmarks import (
    CHIN,
    EYES,
    FACE_OVAL,
    INNER_LIPS,
    INNER_LOWER_LIP,
    INNER_UPPER_LIP,
    IRIS,
    LOWER_LID,
    UPPER_LID,
)
from pipeline.faces.segmentation import person
from pipeline.heads.puppet import CARD, load
from pipeline.puppet.painting.eyelids import Lid
from pipeline.puppet.painting.palette import LUMA
from pipeline.puppet.renderer import PortraitRenderer
from pipeline.types import SHAPE, Motion, Portrait

PORTRAITS = Path(__file__).parents[2] / "assets" / "portraits"
STILL = np.zeros(3), np.zeros(2)


@pytest.fixture(scope="module")
def smiling() -> Portrait:
    """A photo of an open, smiling mouth with its teeth in sight, small in the picture."""
    return portrait(PORTRAITS / "astronaut.jpg", size=384)


@pytest.fixture(scope="module")
def closed() -> Portrait:
    """A photo of closed lips."""
    return portrait(PORTRAITS / "hopper.jpg", size=384)


@pytest.fixture(scope="module")
def stages(smiling: Portrait, closed: Portrait) -> dict[str, PortraitRenderer]:
    return {"smiling": PortraitRenderer(smiling), "closed": PortraitRenderer(closed)}


def scores(of: Portrait, **wanted: float) -> np.ndarray:
    """The portrait's own scores with some changed; a name without a side means both."""
    changed = of.face.blendshapes.copy()
    for name, value in wanted.items():
        for full in (name, f"{name}Left", f"{name}Right"):
            if full in SHAPE:
                changed[SHAPE[full]] = value
    return changed


def neutral(**wanted: float) -> np.ndarray:
    return scores_from(np.zeros(len(SHAPE), np.float32), **wanted)


def scores_from(start: np.ndarray, **wanted: float) -> np.ndarray:
    for name, value in wanted.items():
        for full in (name, f"{name}Left", f"{name}Right"):
            if full in SHAPE:
                start[SHAPE[full]] = value
    return start


def gap(landmarks: np.ndarray) -> float:
    return float(np.linalg.norm(landmarks[13, :2] - landmarks[14, :2]))


def test_at_its_own_expression_the_picture_is_the_photo(
    smiling: Portrait, closed: Portrait, stages: dict[str, PortraitRenderer]
) -> None:
    for name, subject in (("smiling", smiling), ("closed", closed)):
        image, _ = stages[name].show(subject.face.blendshapes, *STILL)
        difference = np.abs(image.astype(int) - subject.image)
        assert difference.mean() < 0.5, name
        assert np.percentile(difference, 99) <= 6, name


def test_any_photo_closes_its_lips(stages: dict[str, PortraitRenderer]) -> None:
    for name, stage in stages.items():
        _, landmarks = stage.show(neutral(mouthPress=0.15, mouthRollLower=0.2, mouthShrugLower=0.2), *STILL)
        assert gap(landmarks) < 0.5, name


def test_an_open_jaw_opens_the_lips_and_lowers_the_chin(
    closed: Portrait, stages: dict[str, PortraitRenderer]
) -> None:
    stage = stages["closed"]
    _, before = stage.show(scores(closed), *STILL)
    _, after = stage.show(scores(closed, jawOpen=0.5), *STILL)
    unit = closed.face.interocular
    assert gap(after) > 0.2 * unit
    assert after[CHIN, 1] - before[CHIN, 1] > 0.1 * unit
    assert np.abs(after[[33, 263], :2] - before[[33, 263], :2]).max() < 0.02 * unit


def test_the_inside_of_the_mouth_is_neither_white_nor_skin(
    closed: Portrait, stages: dict[str, PortraitRenderer]
) -> None:
    image, landmarks = stages["closed"].show(scores(closed, jawOpen=0.6), *STILL)
    middle = landmarks[[13, 14], :2].mean(0)
    x, y = np.round(middle).astype(int)
    inside = image[y - 2 : y + 3, x - 2 : x + 3].reshape(-1, 3).astype(float)
    skin = stages["closed"].tones.skin
    assert inside.mean() < 0.8 * skin.mean()
    assert stages["closed"].tones.teeth.max() < 245


def test_a_photo_that_shows_teeth_lends_them(stages: dict[str, PortraitRenderer]) -> None:
    assert stages["smiling"].mouth.own.picture[..., 3].max() == 1
    assert stages["closed"].mouth.own.picture[..., 3].max() == 0


def test_parted_lips_that_show_no_teeth_lend_none(
    smiling: Portrait, stages: dict[str, PortraitRenderer]
) -> None:
    image = smiling.image.copy()
    opening = np.round(smiling.face.landmarks[list(INNER_LIPS), :2]).astype(np.int32)
    cv2.fillPoly(image, [opening], stages["smiling"].tones.lips.tolist())
    assert PortraitRenderer(replace(smiling, image=image)).mouth.own.picture[..., 3].max() == 0


def test_teeth_do_not_shine_from_a_slit(stages: dict[str, PortraitRenderer]) -> None:
    """Lips that all but close let no light in, though the photo's own teeth were lit."""
    image, landmarks = stages["smiling"].show(neutral(), *STILL)
    assert 0.5 < gap(landmarks) < 2
    line = landmarks[[*INNER_UPPER_LIP[2:-2]], :2] / 2 + landmarks[[*INNER_LOWER_LIP[2:-2]], :2] / 2
    x = np.arange(*np.round(line[[0, -1], 0])).astype(int)
    y = np.round(np.interp(x, *line.T)).astype(int)
    light = image @ LUMA
    assert (light[[y - 1, y, y + 1], x].max(0) - light[y + 4, x]).max() < 20


def test_lids_close_over_an_iris_that_stays_round(
    closed: Portrait, stages: dict[str, PortraitRenderer]
) -> None:
    stage = stages["closed"]
    _, half = stage.show(scores(closed, eyeBlink=0.35), *STILL)
    _, shut = stage.show(scores(closed, eyeBlink=0.7), *STILL)
    for eye in EYES:
        upper, lower = UPPER_LID[eye][4], LOWER_LID[eye][4]
        opened = closed.face.landmarks[lower, 1] - closed.face.landmarks[upper, 1]
        assert 0.1 * opened < half[lower, 1] - half[upper, 1] < 0.9 * opened
        assert shut[lower, 1] - shut[upper, 1] < 0.1 * opened
        rim = list(IRIS[eye])
        assert np.ptp(shut[rim, 1]) == pytest.approx(np.ptp(closed.face.landmarks[rim, 1]), rel=0.1)


def test_no_lid_closes_over_dark_glasses(closed: Portrait) -> None:
    image, unit = closed.image.copy(), closed.face.interocular
    for eye in EYES:
        x, y = closed.face.landmarks[IRIS[eye][0], :2].round().astype(int).tolist()
        cv2.ellipse(image, (x, y), (round(0.42 * unit), round(0.3 * unit)), 0, 0, 360, (16, 12, 14), -1)
    stage = PortraitRenderer(replace(closed, image=image))
    shut, landmarks = stage.show(scores(closed, eyeBlink=0.7), *STILL)
    for eye in EYES:
        x, y = landmarks[IRIS[eye][0], :2].round().astype(int)
        assert shut[y - 3 : y + 4, x - 5 : x + 6].max() < 30


def test_a_lowered_lid_is_skin(closed: Portrait, stages: dict[str, PortraitRenderer]) -> None:
    stage = stages["closed"]
    image, landmarks = stage.show(scores(closed, eyeBlink=0.7), *STILL)
    lid: Lid = stage.lids[0]
    middle = (landmarks[lid.edge[4], :2] + landmarks[lid.crease[3], :2]) / 2
    x, y = np.round(middle).astype(int)
    assert np.abs(image[y, x].astype(float) - stage.tones.skin).mean() < 60


def test_the_head_turns_as_far_as_it_is_told(closed: Portrait, stages: dict[str, PortraitRenderer]) -> None:
    rest = closed.face.blendshapes
    _, before = stages["closed"].show(rest, *STILL)
    _, right = stages["closed"].show(rest, np.array([10.0, 0, 0]), np.zeros(2))
    _, down = stages["closed"].show(rest, np.array([0, 8.0, 0]), np.zeros(2))
    _, clockwise = stages["closed"].show(rest, np.array([0, 0, 8.0]), np.zeros(2))
    nose, eyes = 1, [33, 263]
    between = lambda points: points[nose, :2] - points[eyes, :2].mean(0)  # noqa: E731
    assert between(right)[0] > between(before)[0] + 2
    assert between(down)[1] > between(before)[1] + 2
    line = clockwise[263] - clockwise[33]
    start = before[263] - before[33]
    turned = np.degrees(np.arctan2(line[1], line[0]) - np.arctan2(start[1], start[0]))
    assert turned == pytest.approx(8.0, abs=1.0)


def test_the_frame_around_stands_still(closed: Portrait, stages: dict[str, PortraitRenderer]) -> None:
    stage = stages["closed"]
    image, _ = stage.show(scores(closed, jawOpen=0.4), np.array([6.0, 4.0, -5.0]), np.array([0.05, -0.05]))
    for border in (np.s_[:, 0], np.s_[:, -1], np.s_[0], np.s_[-1]):
        assert np.abs(image[border].astype(int) - closed.image[border]).mean() < 0.1


def test_frames_come_with_landmarks_and_motion_and_are_the_same_again(closed: Portrait) -> None:
    rows = np.stack([scores(closed), scores(closed, jawOpen=0.3)])
    motion = Motion(25, rows, np.zeros((2, 3), np.float32), np.zeros((2, 2), np.float32))
    once, twice = (list(load().render(closed, [motion, motion])) for _ in range(2))
    assert len(once) == 4
    for one, other in zip(once, twice, strict=True):
        assert one.landmarks.shape == (478, 3) and len(one.motion) == 1
        assert np.array_equal(one.image, other.image)
    assert np.array_equal(once[1].motion.blendshapes[0], rows[1])


def test_a_grey_photo_stays_grey(closed: Portrait) -> None:
    grey = np.repeat(closed.image.mean(2, keepdims=True), 3, 2).astype(np.uint8)
    image, _ = PortraitRenderer(replace(closed, image=grey)).show(
        scores(closed, jawOpen=0.5, eyeBlink=0.4), *STILL
    )
    assert np.ptp(image.astype(int), axis=2).max() <= 3


def test_a_video_is_refused_with_the_head_that_takes_it() -> None:
    with pytest.raises(StudioError, match="footage"):
        load().render(object(), [])
    assert CARD.own_lips == "puppet" and CARD.subjects == ("photo",)


def test_lips_close_over_an_open_jaw(closed: Portrait, stages: dict[str, PortraitRenderer]) -> None:
    """Capture suites write a hum as jawOpen with as much mouthClose."""
    _, landmarks = stages["closed"].show(neutral(jawOpen=0.3, mouthClose=0.3, mouthPress=0.1), *STILL)
    _, rest = stages["closed"].show(neutral(), *STILL)
    assert gap(landmarks) < 0.03 * closed.face.interocular
    assert landmarks[CHIN, 1] > rest[CHIN, 1] + 0.05 * closed.face.interocular


@pytest.fixture(scope="module")
def turned(stages: dict[str, PortraitRenderer], closed: Portrait) -> Portrait:
    """A photo of a face that looks aside, before a background of a colour that no face has."""
    image, _ = stages["closed"].show(closed.face.blendshapes, np.array([-30.0, 0, 0]), np.zeros(2))
    alone = np.where(person(image)[..., None] > 0.5, image, np.uint8([0, 255, 0]))
    return portrait(alone)


def test_a_turned_face_ends_where_the_photo_shows_it_to_end(turned: Portrait) -> None:
    mesh = PortraitRenderer(turned).mesh
    beyond = {}
    for name, line in (("rim", mesh.rim), ("oval", list(FACE_OVAL))):
        contour = mesh.rest[line, :2]
        depths = [
            cv2.pointPolygonTest(contour, spot, True) for spot in turned.face.landmarks[:468, :2].tolist()
        ]
        beyond[name] = -min(depths) / turned.face.interocular
    assert beyond["rim"] < 0.08 < 0.16 < beyond["oval"]


def test_a_turned_photo_at_rest_is_the_photo(turned: Portrait) -> None:
    image, landmarks = PortraitRenderer(turned).show(turned.face.blendshapes, *STILL)
    difference = np.abs(image.astype(int) - turned.image).max(2)
    assert difference.mean() < 0.5
    below = difference[int(landmarks[:468, 1].max() + 0.3 * turned.face.interocular) :]
    assert (below > 6).mean() < 0.001


def test_turning_a_face_back_shows_no_background_on_its_far_cheek(turned: Portrait) -> None:
    stage = PortraitRenderer(turned)
    posed = stage.rig.play(turned.face.blendshapes, np.array([12.0, 0, 0]), np.zeros(2))
    image, _ = stage.show(turned.face.blendshapes, np.array([12.0, 0, 0]), np.zeros(2))
    face = np.zeros(image.shape[:2], np.uint8)
    for triangle in stage.mesh.face:
        cv2.fillConvexPoly(face, np.round(posed.points[triangle, :2]).astype(np.int32), 1)
    inside = image[cv2.erode(face, np.ones((5, 5))) > 0].astype(int)
    assert (inside[:, 1] > inside[:, 0] + 60).sum() <= 3
