"""Crops and paste-back: steady, seamless, and bit-identical outside."""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType

import cv2
import numpy as np
import pytest

from pipeline.faces import portrait
from pipeline.faces.crops import box_crop, square_crop
from pipeline.faces.landmarks import LEFT_EYE_OUTER, NASION, RIGHT_EYE_OUTER
from pipeline.faces.masks import box_mask, lower_face_mask
from pipeline.faces.pasting import paste
from pipeline.faces.smoothing import steady
from pipeline.types import Frame, Portrait

ASTRONAUT = Path(__file__).parents[2] / "assets" / "portraits" / "astronaut.jpg"


@pytest.fixture(scope="module")
def subject() -> Portrait:
    return portrait(ASTRONAUT, size=384)


def moving(subject: Portrait, count: int) -> list[Frame]:
    """The landmarks drifting to the right at 2 px a frame, with half a px of jitter."""
    rng = np.random.default_rng(0)
    still = subject.face.landmarks
    return [
        Frame(subject.image, (still + np.array([2 * at, 0, 0]) + rng.normal(0, 0.5, 3)).astype(np.float32))
        for at in range(count)
    ]


def test_a_square_crop_stands_upright_around_the_face(subject: Portrait) -> None:
    crop = square_crop(subject.face.landmarks, size=256, scale=1.4)
    points = crop.place(subject.face.landmarks)
    assert points.min() > 256 * 0.1 and points.max() < 256 * 0.9
    assert abs(np.subtract(*points[[RIGHT_EYE_OUTER, LEFT_EYE_OUTER], 1])) < 6
    assert crop.cut(subject.image).shape == (256, 256, 3)


@pytest.mark.parametrize("side", [60, 96, 221, 300])
def test_a_crop_of_whole_pixels_is_the_slice_that_published_programs_resize(
    subject: Portrait, side: int
) -> None:
    left, top, right, bottom = 40, 12, 40 + side, 12 + side * 9 // 8
    cut = box_crop((left, top, right, bottom), size=(96, 96)).cut(subject.image)
    assert np.array_equal(cut, cv2.resize(subject.image[top:bottom, left:right], (96, 96)))


@pytest.mark.parametrize("side", [60.3, 221.7, 330.1])
def test_any_other_crop_is_bilinear_too(subject: Portrait, side: float) -> None:
    crop = box_crop((30.4, 20.2, 30.4 + side, 20.2 + side), size=(96, 96))
    grid = np.stack(np.meshgrid(np.arange(96.0), np.arange(96.0)), -1)
    places = (grid - crop.into[:, 2]) / crop.into[:, :2].diagonal()
    corner = np.floor(places).astype(int)
    right, down = np.moveaxis(places - corner, -1, 0)[..., None]
    image, (x, y) = subject.image.astype(np.float64), np.moveaxis(corner, -1, 0)
    above = (1 - right) * image[y, x] + right * image[y, x + 1]
    below = (1 - right) * image[y + 1, x] + right * image[y + 1, x + 1]
    off = np.abs(crop.cut(subject.image) - ((1 - down) * above + down * below))
    # OpenCV places a warp's samples to a 32nd of a px.
    assert off.max() < 6 and off.mean() < 0.5


def test_a_filtered_crop_averages_what_a_plain_one_skips() -> None:
    stripes = np.zeros((300, 300, 3), np.uint8)
    stripes[:, ::3] = 255
    crop = box_crop((0, 0, 300, 300), size=(75, 75))
    plain, filtered = crop.cut(stripes), crop.cut(stripes, filtered=True)
    assert np.ptp(filtered[5:-5, 5:-5]) < 70 < np.ptp(plain[5:-5, 5:-5])


def test_what_is_cut_and_pasted_unchanged_stays_as_it_was(subject: Portrait) -> None:
    crop = square_crop(subject.face.landmarks, size=384, scale=1.3)
    mask = lower_face_mask(crop.place(subject.face.landmarks), crop.size)
    pasted = paste(subject.image, crop.cut(subject.image), crop, mask)
    assert np.abs(pasted.astype(int) - subject.image).mean() < 0.5


def test_only_the_mask_is_touched(subject: Portrait) -> None:
    crop = square_crop(subject.face.landmarks, size=192, scale=1.5)
    points = crop.place(subject.face.landmarks)
    painted = 255 - crop.cut(subject.image)
    pasted = paste(subject.image, painted, crop, lower_face_mask(points, crop.size))
    changed = (pasted != subject.image).any(2)
    rows = np.flatnonzero(changed.any(1))
    assert 0.02 < changed.mean() < 0.2
    assert rows.min() > subject.face.landmarks[NASION, 1] and not changed[:, :60].any()


def test_a_colour_cast_disappears_but_the_mouth_stays(subject: Portrait) -> None:
    crop = square_crop(subject.face.landmarks, size=256, scale=1.4)
    cut = crop.cut(subject.image).astype(int)
    cast = np.clip(cut * 0.85 + (12, 20, -8), 0, 255).astype(np.uint8)
    mask = lower_face_mask(crop.place(subject.face.landmarks), crop.size)
    pasted = paste(subject.image, cast, crop, mask)
    changed = (pasted != subject.image).any(2)
    left = np.abs(pasted.astype(int) - subject.image)[changed].mean()
    assert left < 0.4 * np.abs(cast.astype(int) - cut)[mask > 0.5].mean()


def test_a_crop_beyond_the_frame(subject: Portrait) -> None:
    crop = box_crop((-80.0, 300.0, 120.0, 500.0), size=(96, 96))
    pasted = paste(subject.image, np.zeros((96, 96, 3), np.uint8), crop, box_mask((96, 96)))
    assert np.array_equal(pasted[:300], subject.image[:300])
    gone = box_crop((900.0, 900.0, 990.0, 990.0), size=(96, 96))
    assert np.array_equal(
        paste(subject.image, crop.cut(subject.image), gone, box_mask((96, 96))), subject.image
    )


def test_pasting_takes_few_calls() -> None:
    """Each may hand Python's lock to another thread, and wait until it comes back."""
    image, crop = np.full((96, 96, 3), 90, np.uint8), box_crop((10.3, 20.4, 74.3, 84.4), size=(64, 64))
    mask, painted = box_mask((64, 64)), np.full((64, 64, 3), 120, np.uint8)
    calls = 0

    def counted(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    paste(image, painted, crop, mask, original=painted)
    sys.setprofile(counted)
    try:
        paste(image, painted, crop, mask, original=painted)
    finally:
        sys.setprofile(None)
    assert calls <= 70, f"{calls} calls for one frame"


def test_box_masks_feather_and_spare_the_top() -> None:
    mask = box_mask((96, 96), feather=0.1, top=0.5)
    assert mask[:48].max() == 0 and mask[75, 48] == 1 and 0 < mask[75, 4] < 1 and mask[75, 0] == 0


def test_smoothing_takes_the_jitter_and_adds_no_lag(subject: Portrait) -> None:
    frames = moving(subject, 30)
    smooth = np.array([landmarks[:, 0].mean() for _, landmarks in steady(frames, 25)])
    raw = np.array([frame.landmarks[:, 0].mean() for frame in frames])
    exact = subject.face.landmarks[:, 0].mean() + 2 * np.arange(30)
    inner = slice(3, -3)
    assert np.abs(np.diff(smooth, 2))[inner].mean() < 0.5 * np.abs(np.diff(raw, 2))[inner].mean()
    assert abs((smooth - exact)[inner].mean()) < 0.25


def test_smoothing_stops_at_cuts_and_absences(subject: Portrait) -> None:
    before, after = moving(subject, 6), moving(subject, 6)
    after = [Frame(frame.image, frame.landmarks + np.float32(300)) for frame in after]
    frames = [*before, *after, Frame(subject.image), *before]
    found = list(steady(frames, 25))
    assert [frame for frame, _ in found] == frames
    assert found[12][1] is None
    assert found[5][1].mean() < 0.5 * (found[6][1].mean() + found[5][1].mean()) < found[6][1].mean()
    assert np.abs(found[6][1] - after[0].landmarks).max() < 1e-3
