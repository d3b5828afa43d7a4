"""The embedded head: what it does to a photo, in properties that a viewer could see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event

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
    LANDMARKS,
    LEFT_EYE_OUTER,
    LID_CREASE,
    LIPS,
    LOWER_LID_MIDDLE,
    LOWER_LIP,
    MESH_LANDMARKS,
    NOSE_TIP,
    OUTER_LOWER_LIP,
    OUTER_UPPER_LIP,
    RIGHT_EYE_OUTER,
    UPPER_LID_MIDDLE,
    UPPER_LIP,
)
from pipeline.faces.segmentation import person
from pipeline.heads.puppet import CARD, load
from pipeline.puppet.painting.palette import LUMA, read_palette
from pipeline.puppet.painting.teeth import upper_row
from pipeline.puppet.renderer import PortraitRenderer, render
from pipeline.types import SHAPE, Motion, Portrait, ToothLines

PORTRAITS = Path(__file__).parents[2] / "assets" / "portraits"
STILL = np.zeros(3), np.zeros(2)
OUTER_CORNERS = [RIGHT_EYE_OUTER, LEFT_EYE_OUTER]


@pytest.fixture(scope="module")
def smiling() -> Portrait:
    """A photo of an open, smiling mouth with its teeth in sight, small in the picture."""
    return portrait(PORTRAITS / "astronaut.jpg", size=384)


@pytest.fixture(scope="module")
def closed() -> Portrait:
    """A photo of closed lips."""
    return portrait(PORTRAITS / "hopper.jpg", size=384)


@pytest.fixture(scope="module")
def renderers(smiling: Portrait, closed: Portrait) -> dict[str, PortraitRenderer]:
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
    return float(np.linalg.norm(landmarks[UPPER_LIP, :2] - landmarks[LOWER_LIP, :2]))


def nose_below_eyes(landmarks: np.ndarray) -> np.ndarray:
    """From the middle between the eyes to the tip of the nose, `(2,)` px."""
    return landmarks[NOSE_TIP, :2] - landmarks[OUTER_CORNERS, :2].mean(0)


def test_at_its_own_expression_the_picture_is_the_photo(
    smiling: Portrait, closed: Portrait, renderers: dict[str, PortraitRenderer]
) -> None:
    for name, subject in (("smiling", smiling), ("closed", closed)):
        image, _ = renderers[name].render_frame(subject.face.blendshapes, *STILL)
        difference = np.abs(image.astype(int) - subject.image)
        assert difference.mean() < 0.5, name
        assert np.percentile(difference, 99) <= 6, name


def test_any_photo_closes_its_lips(renderers: dict[str, PortraitRenderer]) -> None:
    for name, renderer in renderers.items():
        _, landmarks = renderer.render_frame(
            neutral(mouthPress=0.15, mouthRollLower=0.2, mouthShrugLower=0.2), *STILL
        )
        assert gap(landmarks) < 0.5, name


def test_an_open_jaw_opens_the_lips_and_lowers_the_chin(
    closed: Portrait, renderers: dict[str, PortraitRenderer]
) -> None:
    renderer = renderers["closed"]
    _, before = renderer.render_frame(scores(closed), *STILL)
    _, after = renderer.render_frame(scores(closed, jawOpen=0.5), *STILL)
    unit = closed.face.interocular
    assert gap(after) > 0.2 * unit
    assert after[CHIN, 1] - before[CHIN, 1] > 0.1 * unit
    assert np.abs(after[OUTER_CORNERS, :2] - before[OUTER_CORNERS, :2]).max() < 0.02 * unit


def test_the_inside_of_the_mouth_is_neither_white_nor_skin(
    closed: Portrait, renderers: dict[str, PortraitRenderer]
) -> None:
    image, landmarks = renderers["closed"].render_frame(scores(closed, jawOpen=0.6), *STILL)
    middle = landmarks[[UPPER_LIP, LOWER_LIP], :2].mean(0)
    x, y = np.round(middle).astype(int)
    inside = image[y - 2 : y + 3, x - 2 : x + 3].reshape(-1, 3).astype(float)
    skin = renderers["closed"].palette.skin
    assert inside.mean() < 0.8 * skin.mean()
    assert renderers["closed"].palette.teeth.max() < 245


def test_a_photo_that_shows_teeth_lends_them(renderers: dict[str, PortraitRenderer]) -> None:
    assert renderers["smiling"].mouth.photo_teeth.rgba[..., 3].max() == 1
    assert renderers["closed"].mouth.photo_teeth.rgba[..., 3].max() == 0


def test_parted_lips_that_show_no_teeth_lend_none(
    smiling: Portrait, renderers: dict[str, PortraitRenderer]
) -> None:
    image = smiling.image.copy()
    opening = np.round(smiling.face.landmarks[list(INNER_LIPS), :2]).astype(np.int32)
    cv2.fillPoly(image, [opening], renderers["smiling"].palette.lips.tolist())
    assert PortraitRenderer(replace(smiling, image=image)).mouth.photo_teeth.rgba[..., 3].max() == 0


def test_teeth_do_not_glow_through_nearly_closed_lips(renderers: dict[str, PortraitRenderer]) -> None:
    """Lips that all but close let no light in, though the photo's own teeth were lit."""
    almost = neutral()
    almost[SHAPE["jawOpen"]] = 0.007
    image, landmarks = renderers["smiling"].render_frame(almost, *STILL)
    assert 0.5 < gap(landmarks) < 2
    line = landmarks[[*INNER_UPPER_LIP[2:-2]], :2] / 2 + landmarks[[*INNER_LOWER_LIP[2:-2]], :2] / 2
    x = np.arange(*np.round(line[[0, -1], 0])).astype(int)
    y = np.round(np.interp(x, *line.T)).astype(int)
    light = image @ LUMA
    assert (light[[y - 1, y, y + 1], x].max(0) - light[y + 4, x]).max() < 20


def test_lids_close_over_an_iris_that_stays_round(
    closed: Portrait, renderers: dict[str, PortraitRenderer]
) -> None:
    renderer = renderers["closed"]
    _, half = renderer.render_frame(scores(closed, eyeBlink=0.35), *STILL)
    _, shut = renderer.render_frame(scores(closed, eyeBlink=0.7), *STILL)
    for eye in EYES:
        upper, lower = UPPER_LID_MIDDLE[eye], LOWER_LID_MIDDLE[eye]
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
    renderer = PortraitRenderer(replace(closed, image=image))
    shut, landmarks = renderer.render_frame(scores(closed, eyeBlink=0.7), *STILL)
    for eye in EYES:
        x, y = landmarks[IRIS[eye][0], :2].round().astype(int)
        assert shut[y - 3 : y + 4, x - 5 : x + 6].max() < 30


def test_a_lowered_lid_is_skin(closed: Portrait, renderers: dict[str, PortraitRenderer]) -> None:
    renderer = renderers["closed"]
    image, landmarks = renderer.render_frame(scores(closed, eyeBlink=0.7), *STILL)
    edge, crease = UPPER_LID_MIDDLE["Right"], LID_CREASE["Right"][3]
    middle = (landmarks[edge, :2] + landmarks[crease, :2]) / 2
    x, y = np.round(middle).astype(int)
    assert np.abs(image[y, x].astype(float) - renderer.palette.skin).mean() < 60


def test_the_head_turns_as_far_as_the_pose_says(
    closed: Portrait, renderers: dict[str, PortraitRenderer]
) -> None:
    rest = closed.face.blendshapes
    _, before = renderers["closed"].render_frame(rest, *STILL)
    _, right = renderers["closed"].render_frame(rest, np.array([10.0, 0, 0]), np.zeros(2))
    _, down = renderers["closed"].render_frame(rest, np.array([0, 8.0, 0]), np.zeros(2))
    _, clockwise = renderers["closed"].render_frame(rest, np.array([0, 0, 8.0]), np.zeros(2))
    assert nose_below_eyes(right)[0] > nose_below_eyes(before)[0] + 2
    assert nose_below_eyes(down)[1] > nose_below_eyes(before)[1] + 2
    line = clockwise[LEFT_EYE_OUTER] - clockwise[RIGHT_EYE_OUTER]
    start = before[LEFT_EYE_OUTER] - before[RIGHT_EYE_OUTER]
    turned = np.degrees(np.arctan2(line[1], line[0]) - np.arctan2(start[1], start[0]))
    assert turned == pytest.approx(8.0, abs=1.0)


def test_what_is_on_the_photos_border_stays_on_it(
    closed: Portrait, renderers: dict[str, PortraitRenderer]
) -> None:
    renderer = renderers["closed"]
    image, _ = renderer.render_frame(
        scores(closed, jawOpen=0.4), np.array([6.0, 4.0, -5.0]), np.array([0.05, -0.05])
    )
    for border in (np.s_[:, 0], np.s_[:, -1], np.s_[0], np.s_[-1]):
        now, was = image[border].astype(int), closed.image[border].astype(int)
        slid = [np.abs(np.roll(was, by, 0) - now).max(1) for by in range(-30, 31)]
        assert np.min(slid, 0).mean() < 3
    assert np.abs(image[0].astype(int) - closed.image[0]).mean() > 3  # the hat is not held by it


def test_frames_come_with_landmarks_and_motion_and_are_the_same_again(closed: Portrait) -> None:
    rows = np.stack([scores(closed), scores(closed, jawOpen=0.3)])
    motion = Motion(25, rows, np.zeros((2, 3), np.float32), np.zeros((2, 2), np.float32))
    once, twice = (list(load().play(closed, [motion, motion]).frames) for _ in range(2))
    assert len(once) == 4
    for one, other in zip(once, twice, strict=True):
        assert one.landmarks.shape == (LANDMARKS, 3) and len(one.motion) == 1
        assert np.array_equal(one.image, other.image)
    assert np.array_equal(once[1].motion.blendshapes[0], rows[1])


def test_the_next_motion_is_made_while_one_is_drawn_and_ends_with_the_frames(closed: Portrait) -> None:
    asked, ended = Event(), Event()
    still = Motion(25, scores(closed)[None], np.zeros((1, 3), np.float32), np.zeros((1, 2), np.float32))

    def motions() -> Iterator[Motion]:
        try:
            yield still
            asked.set()
            yield still
            raise StudioError("There is no more.")
        finally:
            ended.set()

    frames = load().play(closed, motions()).frames
    next(frames)
    assert asked.wait(10)
    frames.close()
    assert ended.is_set()
    with pytest.raises(StudioError, match="no more"):
        list(load().play(closed, motions()).frames)


def test_a_grey_photo_stays_grey(closed: Portrait) -> None:
    grey = np.repeat(closed.image.mean(2, keepdims=True), 3, 2).astype(np.uint8)
    image, _ = PortraitRenderer(replace(closed, image=grey)).render_frame(
        scores(closed, jawOpen=0.5, eyeBlink=0.4), *STILL
    )
    assert np.ptp(image.astype(int), axis=2).max() <= 3


def test_a_video_is_refused_with_the_head_that_takes_it(closed: Portrait) -> None:
    still = Motion(25, scores(closed)[None], np.zeros((1, 3), np.float32), np.zeros((1, 2), np.float32))
    with pytest.raises(StudioError, match="footage"):
        load().play(object(), [still])
    assert CARD.speaks and CARD.subjects == ("photo",)


def test_lips_close_over_an_open_jaw(closed: Portrait, renderers: dict[str, PortraitRenderer]) -> None:
    """Capture suites write a hum as jawOpen with as much mouthClose."""
    _, landmarks = renderers["closed"].render_frame(
        neutral(jawOpen=0.3, mouthClose=0.3, mouthPress=0.1), *STILL
    )
    _, rest = renderers["closed"].render_frame(neutral(), *STILL)
    assert gap(landmarks) < 0.03 * closed.face.interocular
    assert landmarks[CHIN, 1] > rest[CHIN, 1] + 0.05 * closed.face.interocular


@pytest.fixture(scope="module")
def turned(renderers: dict[str, PortraitRenderer], closed: Portrait) -> Portrait:
    """A photo of a face that looks aside, before a background of a colour that no face has."""
    image, _ = renderers["closed"].render_frame(closed.face.blendshapes, np.array([-30.0, 0, 0]), np.zeros(2))
    alone = np.where(person(image)[..., None] > 0.5, image, np.uint8([0, 255, 0]))
    return portrait(alone)


def test_a_turned_face_ends_where_the_photo_shows_it_to_end(turned: Portrait) -> None:
    mesh = PortraitRenderer(turned).mesh
    beyond = {}
    for name, line in (("silhouette", mesh.silhouette), ("oval", list(FACE_OVAL))):
        contour = mesh.rest[line, :2]
        depths = [
            cv2.pointPolygonTest(contour, spot, True)
            for spot in turned.face.landmarks[:MESH_LANDMARKS, :2].tolist()
        ]
        beyond[name] = -min(depths) / turned.face.interocular
    assert beyond["silhouette"] < 0.08 < 0.16 < beyond["oval"]


def test_a_turned_photo_at_rest_is_the_photo(turned: Portrait) -> None:
    image, landmarks = PortraitRenderer(turned).render_frame(turned.face.blendshapes, *STILL)
    difference = np.abs(image.astype(int) - turned.image).max(2)
    assert difference.mean() < 0.5
    below = difference[int(landmarks[:MESH_LANDMARKS, 1].max() + 0.3 * turned.face.interocular) :]
    assert (below > 6).mean() < 0.001


def test_turning_a_face_back_shows_no_background_on_its_far_cheek(turned: Portrait) -> None:
    renderer = PortraitRenderer(turned)
    posed = renderer.rig.pose(turned.face.blendshapes, np.array([12.0, 0, 0]), np.zeros(2))
    image, _ = renderer.render_frame(turned.face.blendshapes, np.array([12.0, 0, 0]), np.zeros(2))
    face = np.zeros(image.shape[:2], np.uint8)
    for triangle in renderer.mesh.face_triangles:
        cv2.fillConvexPoly(face, np.round(posed.vertices[triangle, :2]).astype(np.int32), 1)
    inside = image[cv2.erode(face, np.ones((5, 5))) > 0].astype(int)
    assert (inside[:, 1] > inside[:, 0] + 60).sum() <= 3


def speaking(photo: Portrait, teeth: str, jaw: float) -> np.ndarray:
    """The light of a frame in which one row of teeth is drawn, `(H, W)`."""
    renderer = PortraitRenderer(photo, teeth=teeth, refine_mouth=False)
    return renderer.render_frame(scores(photo, jawOpen=jaw, mouthClose=0.0), *STILL)[0] @ LUMA


def test_the_row_of_teeth_can_be_chosen(closed: Portrait) -> None:
    without = speaking(closed, "none", 0.45)
    rows = {
        row: np.flatnonzero((np.abs(speaking(closed, row, 0.45) - without) > 10).any(1))
        for row in ("upper", "lower")
    }
    assert rows["upper"].max() < rows["lower"].max() and rows["upper"].min() < rows["lower"].min()


def test_teeth_come_into_light_as_the_mouth_widens(closed: Portrait) -> None:
    slightly, widely = (
        (speaking(closed, "upper", jaw) - speaking(closed, "none", jaw)).max() for jaw in (0.08, 0.4)
    )
    assert 0 < slightly < 0.7 * widely


def test_a_raised_tongue_fills_the_dark_between_the_teeth(
    closed: Portrait, renderers: dict[str, PortraitRenderer]
) -> None:
    low, behind, between = (
        renderers["closed"].render_frame(scores(closed, jawOpen=0.35, tongueOut=up), *STILL)[0] @ LUMA
        for up in (0.0, 0.3, 0.5)
    )
    lips = renderers["closed"].render_frame(scores(closed, jawOpen=0.35), *STILL)[1][list(INNER_LIPS), :2]
    (left, top), (right, bottom) = np.round(lips.min(0)).astype(int), np.round(lips.max(0)).astype(int)
    inside = (slice(top + 1, bottom), slice(left + (right - left) // 3, right - (right - left) // 3))
    assert behind[inside].min() > low[inside].min() + 5
    assert np.abs(between - behind)[inside].max() > 10
    # its underside is round: lit near the tip, dark at the floor of the mouth
    rows = (round(bottom + share * (top - bottom)) for share in (0.2, 0.45))
    floor, tip = (behind[row - 1 : row + 1, inside[1]].mean() for row in rows)
    assert tip > 1.2 * floor


def test_rounded_lips_are_narrow_and_shade_the_teeth(
    closed: Portrait, renderers: dict[str, PortraitRenderer]
) -> None:
    renderer = renderers["closed"]
    open_, rounded = (
        renderer.rig.pose(scores(closed, jawOpen=0.3, mouthPucker=pucker), *STILL) for pucker in (0, 1)
    )
    spread, narrow = (np.ptp(posed.vertices[list(INNER_LIPS), 0]) for posed in (open_, rounded))
    assert narrow < 0.83 * spread
    shaded = replace(open_, scores=rounded.scores)
    lit, dark = (next(renderer.paint([(posed, renderer.warp(open_))]))[1] @ LUMA for posed in (open_, shaded))
    assert (lit - dark).max() > 10 and (dark - lit).max() < 3


def test_a_mouth_that_is_open_in_the_photo_closes_to_a_line(
    smiling: Portrait, renderers: dict[str, PortraitRenderer]
) -> None:
    image, landmarks = renderers["smiling"].render_frame(
        neutral(mouthPress=0.15, mouthRollLower=0.2, mouthShrugLower=0.2), *STILL
    )
    line = (landmarks[list(INNER_UPPER_LIP[3:-3]), :2] + landmarks[list(INNER_LOWER_LIP[3:-3]), :2]) / 2
    x, y = np.round(line).astype(int).T
    light, unit = image @ LUMA, round(0.06 * smiling.face.interocular)
    between = np.min([light[y + k, x] for k in (-1, 0, 1)], 0)
    assert (between < light[y + unit, x] - 10).all() and (between < light[y - unit, x] - 10).all()


def test_a_later_take_of_a_photo_has_the_frames_of_a_first_one(closed: Portrait) -> None:
    turned = np.linspace([0, 0, 0], [12, 4, 6], 6, dtype=np.float32)
    still = Motion(25, np.zeros((6, len(SHAPE)), np.float32), turned, np.full((6, 2), 0.05, np.float32))
    other = replace(closed, image=np.ascontiguousarray(closed.image[:, ::-1]))
    first, _, again = ([frame.image for frame in render(each, [still])] for each in (closed, other, closed))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))


def test_a_smile_folds_the_skin_beside_it_and_a_still_face_keeps_its_own(
    renderers: dict[str, PortraitRenderer], closed: Portrait
) -> None:
    renderer = renderers["closed"]

    def darkened(**wanted: float) -> np.ndarray:
        posed = renderer.rig.pose(scores(closed, **wanted), *STILL)
        drawn, flat = renderer.warp(posed), renderer.warp(replace(posed, scores=None))
        return cv2.GaussianBlur((flat.astype(np.float32) - drawn).mean(2), (0, 0), 2)

    fold, lips = darkened(mouthSmile=0.9), closed.face.landmarks[list(INNER_LIPS), :2].astype(int)
    assert fold.max() > 5 and np.abs(fold[lips[:, 1], lips[:, 0]]).max() < 2
    row = np.unravel_index(fold.argmax(), fold.shape)[0]
    assert closed.face.landmarks[NOSE_TIP, 1] - 20 < row < closed.face.landmarks[CHIN, 1]
    assert np.abs(darkened()).max() == 0


def test_of_a_turned_head_the_near_teeth_spread_and_the_far_ones_close_up(closed: Portrait) -> None:
    renderer = PortraitRenderer(closed, teeth="upper", refine_mouth=False)
    posed = renderer.rig.pose(scores(closed, jawOpen=0.5), *STILL)
    opening, lips = posed.vertices[list(INNER_LIPS), :2], posed.rigid_landmarks[list(LIPS), :2]
    scale = closed.face.interocular

    def between(teeth: ToothLines, turned: float) -> np.ndarray:
        image, depth = np.zeros_like(closed.image), np.array([turned * scale, 0.0])
        renderer.mouth.hang(teeth)
        renderer.mouth.paint(image, opening, lips, np.zeros(2), depth=depth)
        return image @ LUMA

    def middle(turned: float) -> float:
        """Where the light on the teeth has its middle, in inter-ocular distances from the left."""
        teeth = between(ToothLines(0.12, None), turned) - between(ToothLines(None, None), turned)
        light = np.maximum(teeth, 0).sum(0)
        return float(np.average(np.arange(len(light)), weights=light) / scale)

    assert middle(-0.5) + 0.02 < middle(0.0) < middle(0.5) - 0.02


def test_a_tongue_is_red_behind_grey_lips_but_grey_in_a_grey_photo(closed: Portrait) -> None:
    points, scale = closed.face.landmarks, closed.face.interocular

    def painted(skin: tuple[int, int, int]) -> np.ndarray:
        image = np.full_like(closed.image, skin)
        for outer, inner, grey in (
            (OUTER_UPPER_LIP, INNER_UPPER_LIP, 70),
            (OUTER_LOWER_LIP, INNER_LOWER_LIP, 120),
        ):
            lip = points[[*outer, *inner[::-1]], :2]
            cv2.fillPoly(image, [np.round(lip).astype(np.int32)], (grey, grey, grey))
        return image

    palette = read_palette(painted((210, 180, 165)), points, scale)
    assert (palette.tongue[0] > 1.35 * palette.tongue[1:]).all()
    assert palette.upper_lip.mean() + 20 < palette.lower_lip.mean()
    assert np.ptp(read_palette(painted((180, 180, 180)), points, scale).tongue) < 1


def test_the_back_of_the_mouth_is_deep_red_not_grey(closed: Portrait) -> None:
    palette = read_palette(closed.image, closed.face.landmarks, closed.face.interocular)
    reddish = palette.skin[0] / palette.skin[1]
    assert palette.cavity[0] > 2 * reddish * palette.cavity[1]
    assert palette.cavity @ LUMA < 0.25 * palette.skin @ LUMA


def test_side_teeth_stand_side_by_side_and_are_no_beads(closed: Portrait) -> None:
    palette = read_palette(closed.image, closed.face.landmarks, closed.face.interocular)
    row = upper_row(palette, palette.teeth, 100.0)
    # from the canine to the last tooth, a third of a tooth's width above the lowest tips
    across = np.abs((np.arange(row.rgba.shape[1]) + 0.5) / row.resolution + row.left)
    height = round((-0.03 - row.top) * row.resolution)
    assert (row.rgba[height, (across > 0.24) & (across < 0.42), 3] > 0.5).mean() > 0.83
