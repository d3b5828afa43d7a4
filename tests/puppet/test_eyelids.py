"""Closing lids, in properties that a viewer could see."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.faces import portrait
from pipeline.faces.landmarks import (
    CREASE_ENDS,
    EYE_CONTOUR,
    EYES,
    IRIS,
    LID_CREASE,
    LOWER_LID,
    LOWER_LID_MIDDLE,
    UPPER_BROW,
    UPPER_LID,
    UPPER_LID_MIDDLE,
)
from pipeline.puppet.painting.lid_chart import chart_of
from pipeline.puppet.painting.palette import LUMA
from pipeline.puppet.renderer import PortraitRenderer
from pipeline.types import SHAPE, Portrait

PORTRAITS = Path(__file__).parents[2] / "assets" / "portraits"
STILL = np.zeros(3), np.zeros(2)
SHUT = 0.7


@pytest.fixture(scope="module")
def plain() -> Portrait:
    """A face without glasses."""
    return portrait(PORTRAITS / "astronaut.jpg", size=384)


@pytest.fixture(scope="module")
def shut_photo(plain: Portrait) -> Portrait:
    """A photo of the same face with its eyes shut."""
    return portrait(frame(PortraitRenderer(plain), plain, eyeBlink=SHUT)[0], size=384)


def scores(of: Portrait, **wanted: float) -> np.ndarray:
    """The portrait's own scores with those of both eyes changed."""
    changed = of.face.blendshapes.copy()
    for name, value in wanted.items():
        for eye in EYES:
            changed[SHAPE[f"{name}{eye}"]] = value
    return changed


def frame(renderer: PortraitRenderer, of: Portrait, **wanted: float) -> tuple[np.ndarray, np.ndarray]:
    return renderer.render_frame(scores(of, **wanted), *STILL)


def lid(landmarks: np.ndarray, eye: str) -> np.ndarray:
    """The outline `(K, 2)` of an upper lid from its edge to its crease."""
    return landmarks[[*UPPER_LID[eye][1:-1], *LID_CREASE[eye][::-1]], :2]


def inside(image: np.ndarray, outline: np.ndarray, margin: int = 2) -> np.ndarray:
    """The pixels `(N, 3)` of an image well inside an outline."""
    mask = np.zeros(image.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.round(outline).astype(np.int32)], 1)
    return image[cv2.erode(mask, np.ones((2 * margin + 1, 2 * margin + 1), np.uint8)) > 0].astype(float)


def with_lids(of: Portrait, colour: tuple[int, int, int], eyes: tuple[str, ...] = EYES) -> Portrait:
    """The portrait with `colour` between the upper lids' edges and the brows."""
    image = of.image.copy()
    for eye in eyes:
        outline = of.face.landmarks[[*UPPER_LID[eye], *UPPER_BROW[eye][::-1]], :2]
        cv2.fillPoly(image, [np.round(outline).astype(np.int32)], colour)
    return replace(of, image=image)


def test_a_shut_lid_wears_the_colour_that_it_has_in_the_photo(plain: Portrait) -> None:
    made_up = with_lids(plain, (60, 150, 90))
    image, landmarks = frame(PortraitRenderer(made_up, refine_mouth=False), made_up, eyeBlink=SHUT)
    for eye in EYES:
        red, green, blue = inside(image, lid(landmarks, eye)).mean(0)
        assert green > 1.4 * red and green > 1.3 * blue


def test_a_shut_lid_keeps_a_line_of_its_fold(plain: Portrait) -> None:
    made_up = with_lids(plain, (170, 140, 120))
    image, landmarks = frame(PortraitRenderer(made_up, refine_mouth=False), made_up, eyeBlink=SHUT)
    light = image @ LUMA
    for eye in EYES:
        x, y = landmarks[list(LID_CREASE[eye][2:5]), :2].mean(0)
        column = light[round(y) - 12 : round(y) + 7, round(x) - 2 : round(x) + 3].mean(1)
        assert column[9:16].min() < min(column[0], column[-1]) - 4


def test_each_lid_wears_its_own_colour(plain: Portrait) -> None:
    made_up = with_lids(with_lids(plain, (70, 150, 90), ("Right",)), (150, 80, 120), ("Left",))
    image, landmarks = frame(PortraitRenderer(made_up, refine_mouth=False), made_up, eyeBlink=SHUT)
    right, left = (inside(image, lid(landmarks, eye)).mean(0) for eye in EYES)
    assert right[1] > 1.2 * right[0] and left[0] > 1.2 * left[1]


def test_a_lid_in_shadow_comes_down_lit_almost_like_the_other(plain: Portrait) -> None:
    image, shadow = plain.image.copy(), np.zeros(plain.image.shape[:2], np.float32)
    outline = plain.face.landmarks[[*UPPER_LID["Right"], *UPPER_BROW["Right"][::-1]], :2]
    cv2.fillPoly(shadow, [np.round(outline).astype(np.int32)], 1)
    image = (image * (1 - 0.45 * shadow[..., None])).astype(np.uint8)
    lights = {}
    for name, photo in (("lit", plain), ("shaded", replace(plain, image=image))):
        shut, landmarks = frame(PortraitRenderer(photo, refine_mouth=False), photo, eyeBlink=SHUT)
        lights[name] = [float((inside(shut, lid(landmarks, eye)) @ LUMA).mean()) for eye in EYES]
    # the shadow takes 45 % of the light
    assert 0.75 < lights["shaded"][0] / lights["lit"][0] < 0.98


def in_deep_sockets(of: Portrait) -> Portrait:
    """The portrait with deep shadow over both upper lids, darkest where they fold, up to below the brows."""
    shadow, unit = np.zeros(of.image.shape[:2], np.float32), of.face.interocular
    for eye in EYES:
        crease = np.round(of.face.landmarks[list(LID_CREASE[eye]), :2]).astype(np.int32)
        cv2.polylines(shadow, [crease], False, 1.0, round(0.16 * unit))
    shadow = cv2.GaussianBlur(shadow, (0, 0), 0.02 * unit)[..., None]
    # as in shadow: what is left of the light is warm
    return replace(of, image=(of.image * (1 - shadow * (0.5, 0.58, 0.63))).astype(np.uint8))


def test_shut_lids_of_deep_sockets_have_left_the_shadow_of_their_folds(plain: Portrait) -> None:
    lights = []
    for photo in (plain, in_deep_sockets(plain)):
        shut, landmarks = frame(PortraitRenderer(photo, refine_mouth=False), photo, eyeBlink=SHUT)
        edges = [landmarks[list(UPPER_LID[eye][1:-1]), :2] for eye in EYES]
        middles = [
            0.4 * edge + 0.6 * landmarks[list(LID_CREASE[eye]), :2]
            for eye, edge in zip(EYES, edges, strict=True)
        ]
        outlines = [np.concatenate([edge, middle[::-1]]) for edge, middle in zip(edges, middles, strict=True)]
        lights.append([float((inside(shut, outline) @ LUMA).mean()) for outline in outlines])
    # in the photo the shadow leaves less than half of the light, and with the factor of their lowest skin
    # everywhere .78 were left here
    assert np.divide(*lights[::-1]).min() > 0.81


def test_lashes_leave_the_lid_and_hang_below_it(plain: Portrait) -> None:
    image, unit = plain.image.copy(), plain.face.interocular
    edge = plain.face.landmarks[list(UPPER_LID["Left"]), :2]
    lashes = [edge[0] + (edge[-1] - edge[0]) * share for share in np.linspace(0.3, 0.7, 7)]
    edge_at = np.array([[x, np.interp(x, *edge[::-1].T)] for x, _ in lashes])
    for x, y in edge_at:
        cv2.line(image, (round(x), round(y)), (round(x), round(y - 0.13 * unit)), (10, 8, 8), 1)
    lashed = replace(plain, image=image)
    shut, landmarks = frame(PortraitRenderer(lashed, refine_mouth=False), lashed, eyeBlink=SHUT)
    bare, _ = frame(PortraitRenderer(plain, refine_mouth=False), plain, eyeBlink=SHUT)
    outline = lid(landmarks, "Left")
    assert np.percentile(inside(shut, outline, 3) @ LUMA, 2) > 0.85 * np.percentile(
        inside(bare, outline, 3) @ LUMA, 2
    )
    lower = landmarks[list(LOWER_LID["Left"][2:-2]), :2]
    below = np.concatenate(
        [row + np.array([0, low * unit]) for row, low in ((lower, 0.02), (lower[::-1], 0.08))]
    )
    darker = inside(bare, below, 0) @ LUMA - inside(shut, below, 0) @ LUMA
    assert np.percentile(darker, 90) > 8 and darker.mean() > 2


def test_a_shut_lid_covers_the_white_below_an_outer_corner_that_was_tracked_too_high(plain: Portrait) -> None:
    image, unit = plain.image.copy(), plain.face.interocular
    whites = []
    for eye in EYES:
        outer = plain.face.landmarks[list(LOWER_LID[eye][:3]), :2]
        lowered = outer + np.array([0, 0.03 * unit])
        whites.append(np.concatenate([outer, lowered[::-1]]))
        cv2.fillPoly(image, [np.round(whites[-1]).astype(np.int32)], (240, 240, 240))
    photo = replace(plain, image=image)
    shut, _ = frame(PortraitRenderer(photo, refine_mouth=False), photo, eyeBlink=SHUT)
    for outline in whites:
        share = float((inside(shut, outline, 0) @ LUMA > 200).mean())
        assert share < 0.22


def test_the_crease_ends_before_the_tracked_one_turns_back_below_the_corner(plain: Portrait) -> None:
    for eye in EYES:
        rest = plain.face.landmarks.copy()
        before = chart_of(rest, eye, 0, 10).crease
        rest[CREASE_ENDS[eye][0], 1] += 0.1 * plain.face.interocular
        assert np.array_equal(chart_of(rest, eye, 0, 10).crease, before)


def test_the_skin_above_the_crease_follows_a_closing_lid_a_little(plain: Portrait) -> None:
    renderer = PortraitRenderer(plain, refine_mouth=False)
    _, shut = frame(renderer, plain, eyeBlink=SHUT)
    moved = shut[:, 1] - plain.face.landmarks[:, 1]
    for eye in EYES:
        edge, crease = moved[UPPER_LID_MIDDLE[eye]], moved[LID_CREASE[eye][3]]
        assert 0.1 * edge < crease < 0.4 * edge
        assert moved[LOWER_LID_MIDDLE[eye]] < 0
        assert np.abs(moved[list(UPPER_BROW[eye])]).max() < 0.1 * edge


def test_half_shut_lids_leave_the_eye_below_as_it_is(plain: Portrait) -> None:
    renderer = PortraitRenderer(plain, refine_mouth=False)
    half, landmarks = frame(renderer, plain, eyeBlink=0.3)
    for eye in EYES:
        iris = landmarks[IRIS[eye][0], :2]
        radius = np.linalg.norm(landmarks[list(IRIS[eye][1:]), :2] - iris, axis=1).mean()
        x, y = np.round(iris + np.array([0, 0.5 * radius])).astype(int)
        seen, before = (
            picture[y - 1 : y + 2, x - 2 : x + 3].astype(float) for picture in (half, plain.image)
        )
        assert np.abs(seen - before).mean() < 25


def test_lids_that_are_shut_in_the_photo_stay_shut(shut_photo: Portrait) -> None:
    assert shut_photo.face.blendshapes[[SHAPE[f"eyeBlink{eye}"] for eye in EYES]].min() > 0.42
    renderer = PortraitRenderer(shut_photo, refine_mouth=False)
    for wanted in (
        {"eyeBlink": 0.0},
        {"eyeBlink": 0.1, "eyeWide": 0.6},
        {"eyeLookUp": 0.6},
        {"eyeBlink": SHUT},
    ):
        image, landmarks = frame(renderer, shut_photo, **wanted)
        for eye in EYES:
            outline = shut_photo.face.landmarks[list(EYE_CONTOUR[eye]), :2]
            low, high = np.floor(outline.min(0)).astype(int) - 8, np.ceil(outline.max(0)).astype(int) + 8
            region = np.s_[low[1] : high[1], low[0] : high[0]]
            assert np.abs(image[region].astype(int) - shut_photo.image[region]).mean() < 3, wanted
            upper, lower = landmarks[UPPER_LID_MIDDLE[eye]], landmarks[LOWER_LID_MIDDLE[eye]]
            assert abs(lower[1] - upper[1]) < 0.05 * shut_photo.face.interocular


def test_an_eye_that_winks_in_the_photo_stays_shut_while_the_other_blinks(
    plain: Portrait, shut_photo: Portrait
) -> None:
    rest = shut_photo.face.blendshapes.copy()
    rest[SHAPE["eyeBlinkLeft"]] = 0.05
    middle = plain.image.shape[1] // 2
    image = shut_photo.image.copy()
    image[:, middle:] = plain.image[:, middle:]
    landmarks = np.where(
        plain.face.landmarks[:, :1] < middle, shut_photo.face.landmarks, plain.face.landmarks
    )
    face = replace(plain.face, blendshapes=rest, landmarks=landmarks)
    winking = Portrait(image=image, face=face)
    renderer = PortraitRenderer(winking, refine_mouth=False)
    posed = renderer.rig.pose(scores(winking, eyeBlink=SHUT), *STILL)
    assert posed.lid_closure == [0.0, 1.0]


def test_both_eyes_of_a_sleepy_face_blink(plain: Portrait) -> None:
    rest = plain.face.blendshapes.copy()
    rest[SHAPE["eyeBlinkRight"]], rest[SHAPE["eyeBlinkLeft"]] = 0.46, 0.38
    sleepy = replace(plain, face=replace(plain.face, blendshapes=rest))
    renderer = PortraitRenderer(sleepy, refine_mouth=False)
    assert renderer.rig.pose(scores(sleepy, eyeBlink=SHUT), *STILL).lid_closure == [1.0, 1.0]


def test_the_line_of_the_lashes_is_as_warm_as_the_photos_own(plain: Portrait) -> None:
    def warmth(lashes: tuple[int, int, int]) -> float:
        """Red over blue, in the line of shut eyes, of a photo with lashes of that colour."""
        image = plain.image.copy()
        for eye in EYES:
            edge = np.round(plain.face.landmarks[list(UPPER_LID[eye]), :2]).astype(np.int32)
            cv2.polylines(image, [edge], False, lashes, 2)
        painted = replace(plain, image=image)
        shut, landmarks = frame(PortraitRenderer(painted, refine_mouth=False), painted, eyeBlink=SHUT)
        lines = []
        for eye in EYES:
            x, y = np.round(landmarks[UPPER_LID_MIDDLE[eye], :2]).astype(int)
            column = shut[y - 20 : y + 6, x].astype(float)
            lines.append(column[column.sum(1).argmin()])
        red, _, blue = np.mean(lines, 0)
        return float(red / blue)

    assert warmth((70, 35, 20)) > 1.2 * warmth((30, 35, 50))
