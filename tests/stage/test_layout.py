"""Layouts: who stands where, and what is drawn again."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from pipeline.errors import OptionError
from pipeline.stage.framing import Subject, fitted, placements
from pipeline.stage.layout import Composer, Layout, PresenterFrame, place, place_transparent
from pipeline.stage.slots import content_area
from pipeline.types import Face, Portrait

SIZES = [(1280, 720), (720, 1280), (720, 720), (720, 900)]


def photo(width: int = 480, height: int = 480) -> tuple[np.ndarray, tuple[float, float, float, float]]:
    """A grey picture with a red face in it, and the face's box."""
    image = np.full((height, width, 3), 90, np.uint8)
    left, top, right, bottom = width // 2 - 70, height // 4, width // 2 + 70, height // 4 + 180
    image[top:bottom, left:right] = (220, 30, 30)
    return image, (left, top, right, bottom)


def red_box(frame: np.ndarray) -> tuple[int, int, int, int]:
    rows, columns = np.nonzero((frame[..., 0] > 190) & (frame[..., 1] < 80))
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


def presenter(*, cut_out: bool) -> PresenterFrame:
    image, face = photo()
    alpha = None
    if cut_out:
        alpha = np.zeros(image.shape[:2], np.float32)
        alpha[100:, 60:420] = 1
    return PresenterFrame(image, alpha, face)


@pytest.mark.parametrize(("size", "layout", "cut_out"), [*itertools.product(SIZES, Layout, (False, True))])
def test_every_layout_shows_whole_faces_in_proportion(
    size: tuple[int, int], layout: Layout, cut_out: bool
) -> None:
    background = np.zeros((size[1], size[0], 3), np.uint8)
    frame = place([presenter(cut_out=cut_out)] * layout.presenters, background, layout)
    assert frame.shape == background.shape
    assert not background.any()
    if layout.presenters != 1:
        return
    left, top, right, bottom = red_box(frame)
    assert left > 0
    assert right < size[0]
    assert top > 0
    assert bottom < size[1]
    assert (right - left) / (bottom - top) == pytest.approx(140 / 180, rel=0.03)


def test_sides_are_where_they_are_named() -> None:
    background = np.zeros((360, 640, 3), np.uint8)
    for layout, middle in ((Layout.LEFT, 1 / 6), (Layout.RIGHT, 5 / 6), (Layout.FULL, 1 / 2)):
        left, _, right, _ = red_box(place([presenter(cut_out=True)], background, layout))
        assert (left + right) / 2 / 640 == pytest.approx(middle, abs=0.02)


def test_a_cut_out_stands_on_the_lower_edge_and_keeps_the_background() -> None:
    background = np.full((360, 640, 3), (0, 90, 0), np.uint8)
    frame = place([presenter(cut_out=True)], background, Layout.LEFT)
    assert (frame[-1, 106] == 90).all()
    assert (frame[:, 400:] == background[:, 400:]).all()


def test_half_an_alpha_is_half_of_each() -> None:
    image = np.full((200, 200, 3), 200, np.uint8)
    half = PresenterFrame(image, np.full((200, 200), 0.5, np.float32), (60, 40, 140, 140))
    frame = place([half], np.full((200, 200, 3), 100, np.uint8), Layout.FULL)
    assert abs(int(frame[150, 100, 0]) - 150) <= 1


def test_the_corner_is_a_soft_circle_with_a_ring() -> None:
    frame = place([presenter(cut_out=False)], np.zeros((720, 1280, 3), np.uint8), Layout.CORNER)
    ((target),) = (placements(Layout.CORNER, (1280, 720), (presenter(cut_out=False).subject,))[0].target,)
    circle = frame[target.slices].astype(int)
    assert not circle[0, 0].any()
    assert circle[target.height // 2, :4].max() > 200  # the ring
    levels = np.unique(circle[:, :, 1])
    assert len(levels) > 20  # antialiased


def test_a_presenter_never_hides_a_slide_beside_it() -> None:
    for size, layout in itertools.product(SIZES, (Layout.LEFT, Layout.RIGHT)):
        frame = place([presenter(cut_out=False)], np.zeros((size[1], size[0], 3), np.uint8), layout)
        assert not frame[content_area(layout, size).slices].any()


def test_the_composer_gives_what_place_gives_and_draws_only_what_changed() -> None:
    first, second = np.full((360, 640, 3), 40, np.uint8), np.full((360, 640, 3), 80, np.uint8)
    composer = Composer(Layout.CORNER)
    image, face = photo()
    for background in (first, first, second):
        for shade in (10, 200):
            moved = PresenterFrame(np.roll(image, shade, 1), None, face)
            assert (composer.compose([moved], background) == place([moved], background, Layout.CORNER)).all()


def test_small_pictures_are_enlarged_less() -> None:
    large = Subject((2000, 2000), (700, 500, 1300, 1300))
    small = Subject((200, 200), (70, 50, 130, 130))
    enlargements = [placements(Layout.LEFT, (1920, 1080), (one,))[0].enlargement for one in (large, small)]
    assert enlargements[0] < 1
    cover = 1080 / 200
    assert enlargements[1] == pytest.approx(cover, rel=0.01)


def test_a_cut_out_fades_where_its_photo_ends_inside_the_frame() -> None:
    image = np.full((400, 400, 3), 200, np.uint8)
    close = PresenterFrame(image, np.ones((400, 400), np.float32), (130, 80, 270, 260))
    row = place([close], np.zeros((720, 1280, 3), np.uint8), Layout.FULL)[700, :, 0].astype(int)
    shown = np.flatnonzero(row)
    assert shown[0] > 0
    assert shown[-1] < 1279
    assert np.abs(np.diff(row)).max() < 20


def test_without_a_background_only_the_presenter_is_opaque() -> None:
    frame = place_transparent([presenter(cut_out=True)], (640, 360), Layout.LEFT)
    assert frame.shape == (360, 640, 4)
    assert frame[-1, 106, 3] == 255
    assert not frame[:, 400:, 3].any()
    behind = np.full((360, 640, 3), 70, np.uint8)
    share = frame[..., 3:] / 255
    over = np.round(frame[..., :3] * share + behind * (1 - share))
    assert np.abs(over - place([presenter(cut_out=True)], behind, Layout.LEFT)).max() <= 2


def test_a_portrait_is_fitted_to_what_a_layout_shows() -> None:
    image, (left, top, right, bottom) = photo(1600, 1600)
    landmarks = np.zeros((478, 3), np.float32)
    landmarks[0, :2], landmarks[1:, :2] = (left, top), (right, bottom)
    face = Face(landmarks, np.zeros(52, np.float32), np.zeros(3, np.float32))
    portrait = Portrait(image, face, alpha=np.full((1600, 1600), 255, np.uint8))
    small = fitted(portrait, Layout.LEFT, (640, 360), cut_out=True)
    assert small.alpha is not None
    assert small.image.shape[:2] == small.alpha.shape
    assert small.image.shape[0] < 1600
    subject = Subject(small.image.shape[1::-1], small.face.box, True)
    (place_,) = placements(Layout.LEFT, (640, 360), (subject,))
    assert place_.enlargement == pytest.approx(1, abs=0.03)
    assert fitted(small, Layout.LEFT, (640, 360), cut_out=True) is small


def test_the_number_of_presenters_is_checked() -> None:
    with pytest.raises(OptionError, match="shows one presenter, not 2; choose the layout side-by-side"):
        place([presenter(cut_out=False)] * 2, np.zeros((90, 160, 3), np.uint8), Layout.LEFT)
