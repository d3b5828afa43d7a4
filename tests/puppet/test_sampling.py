"""Sampling and compositing: the same colours as OpenCV's and as the formula, but for rounding."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.puppet.warping.sampling import (
    COARSE,
    composite,
    composite_covered,
    draw_coarse,
    sample,
    sample_coarse,
    visible_spans,
)

RANDOM = np.random.default_rng(5)
TEXTURE = RANDOM.integers(0, 256, (40, 50, 4), np.uint8)


def pixels(image: np.ndarray) -> np.ndarray:
    return image.view(np.uint32)[..., 0]


def colours(layer: np.ndarray) -> np.ndarray:
    return layer.view(np.uint8).reshape(*layer.shape, 4).astype(int)


def test_a_texture_is_sampled_between_its_pixels_and_clamped_to_its_border() -> None:
    map_x, map_y = RANDOM.uniform(-9, 60, (2, 21, 37)).astype(np.float32)
    layer = np.zeros(map_x.shape, np.uint32)
    sample(pixels(TEXTURE), map_x, map_y, layer)
    x, y = np.clip(map_x, 0, 48), np.clip(map_y, 0, 38)
    expected = cv2.remap(TEXTURE.astype(np.float32), x, y, cv2.INTER_LINEAR)
    # OpenCV tells 32 places between two pixels apart
    assert np.abs(colours(layer) - expected).max() < 255 / 16


def test_a_coarse_map_is_sampled_as_its_enlargement() -> None:
    coarse = 3 + RANDOM.uniform(0, 30, (2, 9, 9)).astype(np.float32)
    x, y = (np.arange(length, dtype=np.float32) / COARSE for length in (21, 18))
    where = np.meshgrid(4 / COARSE + x, 8 / COARSE + y)
    fine = [cv2.remap(part, where[0], where[1], cv2.INTER_LINEAR) for part in coarse]
    layers = np.zeros((2, 18, 21), np.uint32)
    sample(pixels(TEXTURE), fine[0], fine[1], layers[0])
    sample_coarse(pixels(TEXTURE), coarse[0], coarse[1], 8, 4, layers[1])
    assert np.abs(colours(layers[0]) - colours(layers[1])).max() <= 3


def test_spans_are_drawn_as_they_are_sampled_and_composited() -> None:
    coarse = 3 + RANDOM.uniform(0, 30, (2, 9, 9)).astype(np.float32)
    spans = np.array([[0, 8, 4, 11], [8, 13, 12, 20], [8, 13, 24, 25]])
    behind = RANDOM.integers(0, 256, (20, 40, 4), np.uint8)
    drawn, expected = behind.copy(), behind.copy()
    draw_coarse(pixels(TEXTURE), coarse[0], coarse[1], spans, 3, 2, pixels(drawn))
    for start, stop, first, last in spans.tolist():
        layer = np.zeros((stop - start, last - first), np.uint32)
        sample_coarse(pixels(TEXTURE), coarse[0], coarse[1], start, first, layer)
        composite(layer, 3 + first, 2 + start, pixels(expected))
    assert (drawn != behind).any()
    assert (drawn == expected).all()


def test_spans_leave_out_what_is_clear_and_what_the_face_hides() -> None:
    extent = np.array([[40] * 8 + [10] * 12, [0] * 8 + [34] * 12])
    cover = np.full((10, 12), 255, np.uint8)
    cover[8, 5] = 254  # a hole parts what it hides from row 12 to 16, and it ends below
    spans = visible_spans(extent, 40, 4, 1, 0, cover, 16, 4)
    drawn = np.zeros((20, 40), int)
    for start, stop, first, last in spans:
        drawn[start:stop, first:last] += 1
    assert drawn.max() == 1
    assert not drawn[:8].any()
    assert (drawn[8:, 8:16] == 1).all()
    assert (drawn[8:12, 16:28] == 0).all() and (drawn[12:, 16:28] == 1).all()
    assert (drawn[8:, 28:35] == 1).all() and not drawn[:, 35:].any() and not drawn[:, :8].any()


def test_a_layer_covers_what_is_behind_it_by_its_alpha() -> None:
    layer, canvas = RANDOM.integers(0, 256, (2, 12, 30, 4), np.uint8)
    layer[:4, :, 3], layer[4:6, :, 3] = 255, 0
    cover = RANDOM.integers(0, 256, layer.shape[:2], np.uint8)
    for share in (None, cover):
        front, behind = layer.copy(), canvas.copy()
        if share is None:
            composite(pixels(front), 0, 0, pixels(behind))
        else:
            composite_covered(pixels(front), share, 0, 0, pixels(behind))
            assert (front[..., 3] == (layer[..., 3].astype(int) * share + 127) // 255).all()
        alpha = front[..., 3:].astype(int)
        expected = (canvas[..., :3] * (255 - alpha) + front[..., :3] * alpha + 127) // 255
        assert (behind[..., :3] == expected).all()
        assert (behind[..., 3] == 255).all()
