"""A face that the picture's edge cuts off: fair, poor or refused, by how much of it is missing."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from pipeline import assess
from pipeline.errors import PhotoError
from pipeline.faces import find, portrait, read_image
from pipeline.faces.landmarks import CHIN, FOREHEAD, OUTER_LIPS, RIGHT_EAR
from pipeline.findings import Verdict
from pipeline.plan import check
from pipeline.review.framing import review_framing
from pipeline.spec import split
from pipeline.studio import load_subject
from pipeline.types import Face

PORTRAITS = Path(__file__).parents[2] / "assets" / "portraits"


@pytest.fixture(scope="module", params=["hopper.jpg", "astronaut.jpg"])
def whole(request: pytest.FixtureRequest) -> tuple[np.ndarray, Face]:
    image = read_image(PORTRAITS / request.param)
    return image, find(image, others=False)[0]


def verdict(image: np.ndarray) -> Verdict:
    return review_framing(image, find(np.ascontiguousarray(image), others=False)[0]).verdict


def test_a_whole_face_is_good_with_hardly_any_space_around_it(whole: tuple[np.ndarray, Face]) -> None:
    image, face = whole
    left, top, right, bottom = (round(side) for side in face.box)
    assert verdict(image[top - 5 : bottom + 5, left - 5 : right + 5]) == "good"


def test_without_lips_it_is_refused(whole: tuple[np.ndarray, Face]) -> None:
    image, face = whole
    lips = face.landmarks[list(OUTER_LIPS), 1]
    for cut in (round(lips.mean()), round(lips.max())):
        with pytest.raises(PhotoError, match="cuts off the mouth"):
            verdict(image[:cut])


def test_a_cut_chin_and_a_tight_crop_are_poor(whole: tuple[np.ndarray, Face]) -> None:
    image, face = whole
    lips, chin = face.landmarks[list(OUTER_LIPS), 1].max(), face.landmarks[CHIN, 1]
    assert verdict(image[: round((lips + chin) / 2)]) == "poor"
    left, top, right, bottom = face.box
    margin = 0.06 * (bottom - top)
    tight = image[round(top + margin) : round(bottom - margin), round(left + margin) : round(right - margin)]
    assert verdict(tight) == "poor"


def test_a_cheek_or_forehead_at_the_edge_is_not_good(whole: tuple[np.ndarray, Face]) -> None:
    image, face = whole
    cheek = round(0.6 * face.landmarks[RIGHT_EAR, 0] + 0.4 * face.landmarks[61, 0])
    assert verdict(image[:, cheek:]) != "good"
    forehead = round(0.6 * face.landmarks[FOREHEAD, 1] + 0.4 * face.landmarks[33, 1])
    assert verdict(image[forehead:]) != "good"


@pytest.mark.parametrize("colour", [0, 255])
def test_bars_count_as_outside(whole: tuple[np.ndarray, Face], colour: int) -> None:
    image, face = whole
    lips = round(face.landmarks[list(OUTER_LIPS), 1].mean())
    barred = image.copy()
    barred[lips:] = colour
    with pytest.raises(PhotoError):
        review_framing(barred, face)
    framed = cv2.copyMakeBorder(image, 40, 40, 60, 60, cv2.BORDER_CONSTANT, value=(colour,) * 3)
    assert review_framing(framed, find(framed, others=False)[0]).verdict == "good"


def test_the_review_and_the_render_agree(tmp_path: Path) -> None:
    image = read_image(PORTRAITS / "hopper.jpg")
    face = find(image, others=False)[0]
    photo = tmp_path / "cut.png"
    Image.fromarray(image[: round(face.landmarks[CHIN, 1]) - 20]).save(photo)
    wanted = {"subject": photo, "text": "Hi.", "path": tmp_path / "a.mp4", "consent": "me"}
    prepared = load_subject(check(*split(wanted)))
    assert [finding.verdict for finding in assess(photo).findings] == [
        finding.verdict for finding in getattr(prepared, "findings", ())
    ]
    Image.fromarray(image[: round(face.landmarks[list(OUTER_LIPS), 1].mean())]).save(photo)
    for judge in (lambda: assess(photo), lambda: load_subject(check(*split(wanted)))):
        with pytest.raises(PhotoError, match="cuts off the mouth"):
            judge()


def test_a_sideways_photo_is_reviewed_upright(tmp_path: Path) -> None:
    photo = tmp_path / "sideways.png"
    Image.fromarray(np.rot90(read_image(PORTRAITS / "hopper.jpg"))).save(photo)
    judged = {finding.topic: finding.verdict for finding in assess(photo).findings}
    assert judged["facing camera"] == "good"
    assert portrait(photo).image.shape[0] > portrait(photo).image.shape[1]
