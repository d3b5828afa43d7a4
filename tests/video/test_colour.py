"""RGB to YUV: frame by frame, and only what changed."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.video.colour import YuvConverter, to_yuv


def planes(frame: object) -> list[np.ndarray]:
    return [
        np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width].copy()
        for plane in frame.planes  # type: ignore[attr-defined]
    ]


@pytest.mark.parametrize(
    "area",
    [
        np.s_[0:0, 0:0],
        np.s_[:, :],
        np.s_[11:30, 21:47],
        np.s_[10:31, 20:48],
        np.s_[0:1, 0:1],
        np.s_[71:72, 95:96],
        np.s_[40:41, 33:34],
        np.s_[0:72, 94:96],
    ],
)
def test_a_frame_that_changed_in_part_is_converted_as_a_whole_one(area: tuple[slice, slice]) -> None:
    random = np.random.default_rng(3)
    first = random.integers(0, 256, (72, 96, 3), np.uint8)
    second = first.copy()
    second[area] = random.integers(0, 256, second[area].shape, np.uint8)
    convert = YuvConverter()
    for image in (first, second, first):
        for made, whole in zip(planes(convert(image)), planes(to_yuv(image)), strict=True):
            assert (made == whole).all()


def test_a_scattered_change_is_found() -> None:
    first = np.zeros((64, 64, 3), np.uint8)
    second = first.copy()
    second[5, 40], second[50, 9] = (255, 0, 0), (0, 0, 255)
    convert = YuvConverter()
    convert(first)
    for made, whole in zip(planes(convert(second)), planes(to_yuv(second)), strict=True):
        assert (made == whole).all()


def test_frames_that_move_and_come_to_rest_are_all_converted() -> None:
    random = np.random.default_rng(4)
    moving = random.integers(0, 256, (12, 50, 34, 3), np.uint8)
    still = np.repeat(moving[-1:], 12, 0)
    still[6:, 30:, 10:20] = 7
    convert = YuvConverter()
    for image in np.concatenate([moving, still]):
        for made, whole in zip(planes(convert(image)), planes(to_yuv(image)), strict=True):
            assert (made == whole).all()
