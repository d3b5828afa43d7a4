"""Moved skin of a video frame: what is drawn where a map says that a pixel comes from elsewhere."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.puppet.warping.cubic import draw_moved, texture_of
from pipeline.puppet.warping.rasterizer import FAR_DEPTH

LEFT, TOP, WIDTH, HEIGHT = 7, 5, 41, 33


def test_only_moved_skin_is_drawn_as_sharp_as_opencv_draws_it() -> None:
    random = np.random.default_rng(0)
    picture = random.integers(0, 256, (60, 70, 3), np.uint8)
    x, y = np.meshgrid(
        np.arange(LEFT, LEFT + WIDTH, dtype=np.float32), np.arange(TOP, TOP + HEIGHT, dtype=np.float32)
    )
    # some places lie beyond each border of the picture
    map_x, map_y = (
        place + random.uniform(-80, 80, place.shape).astype(np.float32) * (place % 3 == 0) for place in (x, y)
    )
    still = np.maximum(abs(map_x - x), abs(map_y - y)) <= 0.02
    depth = np.where((x + y) % 5 == 0, FAR_DEPTH, 0).astype(np.float32)
    region = random.integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    before = region.copy()

    draw_moved(texture_of(picture), (0, 0), map_x, map_y, depth, LEFT, TOP, region)

    drawn = ~still & (depth < FAR_DEPTH)
    np.testing.assert_array_equal(region[~drawn], before[~drawn])
    wanted = cv2.remap(picture, map_x, map_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    assert np.abs(region[drawn].astype(int) - wanted[drawn]).max() <= 1
    assert (region[drawn] != wanted[drawn]).mean() < 0.02


def test_a_part_of_the_picture_gives_the_same_pixels() -> None:
    picture = np.random.default_rng(1).integers(0, 256, (40, 40, 3), np.uint8)
    map_x, map_y = np.meshgrid(*np.linspace((14, 13), (22, 21), 10, dtype=np.float32).T)
    depth = np.zeros(map_x.shape, np.float32)
    whole, part = np.zeros((2, *map_x.shape, 3), np.uint8)

    draw_moved(texture_of(picture), (0, 0), map_x, map_y, depth, 0, 0, whole)
    draw_moved(texture_of(picture[10:30, 11:31]), (11, 10), map_x, map_y, depth, 0, 0, part)

    assert whole.any()
    np.testing.assert_array_equal(part, whole)
