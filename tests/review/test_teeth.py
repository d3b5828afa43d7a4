"""The picture that teeth are read from: a photo, a video, one without teeth, one without a face."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.errors import NoFaceError
from pipeline.faces import portrait, read_image
from pipeline.review.teeth import review_teeth
from pipeline.types import Portrait
from tests import media

PORTRAITS = Path(__file__).parents[2] / "assets" / "portraits"


@pytest.fixture(scope="module")
def person() -> Portrait:
    return portrait(PORTRAITS / "astronaut.jpg", size=256)


def test_a_smile_tells_where_teeth_hang(person: Portrait) -> None:
    lines, finding = review_teeth([PORTRAITS / "astronaut.jpg"], person.face)
    assert lines is not None and finding.verdict == "good"


def test_a_shut_mouth_is_said_to_show_no_teeth(person: Portrait) -> None:
    lines, finding = review_teeth([PORTRAITS / "hopper.jpg"], person.face)
    assert lines is None and finding.verdict == "fair" and "shows no teeth" in finding.sentence


def test_a_video_is_searched_for_open_mouths(person: Portrait, tmp_path: Path) -> None:
    smile = portrait(PORTRAITS / "astronaut.jpg", size=256).image
    shut = portrait(PORTRAITS / "hopper.jpg", size=256).image
    film = media.write_film(tmp_path / "film.mp4", [shut] * 12 + [smile] * 13)
    lines, finding = review_teeth([film], person.face)
    assert lines is not None and finding.verdict == "good"


def test_several_pictures_are_read_together(person: Portrait) -> None:
    smile, shut = PORTRAITS / "astronaut.jpg", PORTRAITS / "hopper.jpg"
    lines, finding = review_teeth([shut, smile], person.face)
    assert lines == review_teeth([smile], person.face)[0]
    assert "astronaut.jpg" in finding.sentence and "hopper.jpg" not in finding.sentence


def test_a_face_of_another_shape_is_noticed() -> None:
    photo = read_image(PORTRAITS / "astronaut.jpg")
    other = portrait(cv2.resize(photo, None, fx=1.3, fy=1.0), size=256)
    lines, finding = review_teeth([PORTRAITS / "astronaut.jpg"], other.face)
    assert lines is not None and finding.verdict == "fair" and "another person" in finding.sentence


def test_a_picture_without_a_face_is_refused(person: Portrait, tmp_path: Path) -> None:
    film = media.write_film(tmp_path / "film.mp4", [np.full((128, 128, 3), 90, np.uint8)] * 3)
    with pytest.raises(NoFaceError) as error:
        review_teeth([film], person.face)
    assert error.value.parameter == "teeth_from"
