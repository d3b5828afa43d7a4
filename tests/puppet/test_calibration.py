"""The gap of the lips is drawn so wide that the tracker sees what was asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.faces import find, portrait
from pipeline.faces.landmarks import LOWER_LIP, OUTER_LIPS, UPPER_LIP
from pipeline.puppet.calibration import (
    aperture_gain,
    contact,
    contact_pressure,
    hidden_gap,
    openings,
    sliver,
    smile_gain,
    smiling,
)
from pipeline.puppet.renderer import PortraitRenderer
from pipeline.types import SHAPE, Portrait

PORTRAITS = Path(__file__).parents[2] / "assets" / "portraits"
STILL = np.zeros(3), np.zeros(2)


@pytest.fixture(scope="module")
def photo() -> Portrait:
    return portrait(PORTRAITS / "hopper.jpg", size=320)


def test_a_mouth_seen_too_narrow_is_drawn_wider_and_the_other_way_round(photo: Portrait) -> None:
    face = find(photo.image)[0]
    drawn = []
    for gap in (0.0, 0.1, 0.2):
        landmarks = face.landmarks.copy()
        landmarks[LOWER_LIP] = landmarks[UPPER_LIP] + [0, gap * face.interocular, 0]
        drawn.append((photo.image, landmarks))
    # the image never changes, so that nothing of what was drawn is seen
    assert aperture_gain(drawn) > 1.3
    renderer = PortraitRenderer(photo)
    open_wide = []
    for row in openings(photo.face.blendshapes):
        image, landmarks = renderer.render_frame(row, *STILL)
        landmarks[LOWER_LIP] = landmarks[[UPPER_LIP, LOWER_LIP]].mean(0)
        open_wide.append((image, landmarks))
    assert aperture_gain(open_wide) < 1


def test_small_openings_count_more_than_wide_ones(photo: Portrait) -> None:
    face = find(photo.image)[0]

    def gain(small: float, wide: float) -> float:
        frames = []
        for gap in (0.0, small, wide):
            landmarks = face.landmarks.copy()
            landmarks[LOWER_LIP] = landmarks[UPPER_LIP] + [0, gap * face.interocular, 0]
            frames.append((photo.image, landmarks))
        return aperture_gain(frames)

    assert gain(0.014, 0.01) > gain(0.01, 0.014) > gain(0.01, 0.01)


def test_an_image_without_a_face_is_no_error(photo: Portrait) -> None:
    blank = np.zeros_like(photo.image)
    assert 1 <= aperture_gain([(blank, photo.face.landmarks)] * 3) < 1.2


def test_it_changes_openings_and_not_the_photo(photo: Portrait) -> None:
    renderer = PortraitRenderer(photo)
    gaps = []
    for gain in (1.0, 1.2):
        renderer.rig.expression.lips.gain = gain
        rows = [*openings(photo.face.blendshapes), photo.face.blendshapes]
        landmarks = [renderer.render_frame(row, *STILL)[1] for row in rows]
        gaps.append([float(np.linalg.norm(each[UPPER_LIP] - each[LOWER_LIP])) for each in landmarks])
    plain, wider = np.array(gaps)
    assert np.allclose(wider[1:3], 1.2 * plain[1:3], rtol=0.02)
    assert np.allclose(wider[3], plain[3], atol=0.05)


def test_lips_are_pressed_only_until_they_are_seen_closed(photo: Portrait) -> None:
    renderer, asked = PortraitRenderer(photo), []
    apart = renderer.render_frame(openings(photo.face.blendshapes)[1], *STILL)
    shut = photo.image, photo.face.landmarks

    def draw(pressure: float) -> tuple[np.ndarray, np.ndarray]:
        asked.append(pressure)
        return shut if pressure >= 0.5 else apart

    assert contact_pressure(draw) == 0.5 and asked == [0.0, 0.5]
    # nothing helps: lips are not pressed for nothing
    assert contact_pressure(lambda pressure: apart) == 0
    assert contact_pressure(lambda pressure: shut) == 0


def test_a_smile_that_is_not_seen_is_drawn_larger_and_one_that_is_stays(photo: Portrait) -> None:
    renderer = PortraitRenderer(photo)
    expression, asked = renderer.rig.expression, []

    def draw(gain: float, smile: float) -> tuple[np.ndarray, np.ndarray]:
        asked.append(gain)
        row = smiling(photo.face.blendshapes)
        row[[SHAPE["mouthSmileLeft"], SHAPE["mouthSmileRight"]]] = smile
        return renderer.render_frame(row, *STILL)

    assert smile_gain(lambda gain: draw(gain, 0.9)) == 1 and asked == [1.0]
    assert smile_gain(lambda gain: draw(gain, 0.0)) == 1.6
    assert 1 < smile_gain(lambda gain: draw(gain, 0.9 if gain > 1 else 0.3)) < 1.6
    corner, moved = 61, []
    for expression.smile_gain in (1.0, 1.6):
        moved.append(draw(expression.smile_gain, 0.7)[1][corner, 1])
        assert draw(expression.smile_gain, 0.0)[1][corner, 1] == pytest.approx(
            photo.face.landmarks[corner, 1], abs=2
        )
    assert moved[1] < moved[0]
    # where there is no face to see, nothing is made up for
    assert smile_gain(lambda gain: (np.zeros_like(photo.image), photo.face.landmarks)) == 1


def test_an_opening_that_is_not_seen_counts_as_hidden_and_parts_closed_lips_further(photo: Portrait) -> None:
    covered = photo.face.landmarks.copy()
    covered[LOWER_LIP] = covered[UPPER_LIP] + [0, 0.1 * photo.face.interocular, 0]
    hidden = hidden_gap(photo.image, covered, 1.0)
    renderer = PortraitRenderer(photo)
    assert hidden == pytest.approx(0.03)
    assert hidden_gap(*renderer.render_frame(sliver(photo.face.blendshapes), *STILL), 1.0) < 0.01
    lips, gaps = renderer.rig.expression.lips, []
    for lips.hidden in (0.0, hidden):
        rows = sliver(photo.face.blendshapes), contact(photo.face.blendshapes)
        drawn = [renderer.render_frame(row, *STILL)[1] for row in rows]
        gaps.append([np.linalg.norm(each[UPPER_LIP] - each[LOWER_LIP]) for each in drawn])
    parted, met = (gaps[1][k] - gaps[0][k] for k in (0, 1))
    assert parted == pytest.approx(hidden * photo.face.interocular, rel=0.15) and abs(met) < 0.1


def test_pressure_moves_lips_that_meet_and_no_others(photo: Portrait) -> None:
    renderer = PortraitRenderer(photo)
    lips, drawn = renderer.rig.expression.lips, []
    rows = [contact(photo.face.blendshapes), openings(photo.face.blendshapes)[2], photo.face.blendshapes]
    for lips.pressure in (0.0, 1.0):
        drawn.append([renderer.render_frame(row, *STILL)[1][list(OUTER_LIPS)] for row in rows])
    moved = [np.abs(before - after).max() for before, after in zip(*drawn, strict=True)]
    assert moved[0] > 0.5 and moved[1] == moved[2] == 0
