"""Drawing on transparent frames, against what is seen in front of a colour."""

from __future__ import annotations

import numpy as np

from pipeline.video.compositing import draw_over, opaque


def shown(frame: np.ndarray, behind: int) -> np.ndarray:
    share = frame[..., 3:] / 255
    return frame[..., :3] * share + behind * (1 - share)


def test_a_picture_over_another_looks_as_if_both_were_drawn_on_the_background() -> None:
    rng = np.random.default_rng(1)
    frame = np.zeros((20, 30, 4), np.uint8)
    expected = np.full((20, 30, 3), 90.0)
    for _ in range(2):
        front = rng.integers(0, 256, (20, 30, 3), np.uint8)
        alpha = rng.random((20, 30)).astype(np.float32)
        draw_over(front, alpha, frame)
        expected = front * alpha[..., None] + expected * (1 - alpha[..., None])
    assert np.abs(shown(frame, 90) - expected).max() < 3


def test_alpha_beyond_its_range_does_not_wrap() -> None:
    frame = np.zeros((1, 2, 4), np.uint8)
    draw_over(np.zeros((1, 2, 3), np.uint8), np.array([[-0.05, 1.05]], np.float32), frame)
    assert frame[0, :, 3].tolist() == [0, 255]


def test_an_opaque_frame_shows_all_of_itself() -> None:
    image = np.full((2, 3, 3), 7, np.uint8)
    assert opaque(image).tolist() == np.concatenate([image, np.full((2, 3, 1), 255)], 2).tolist()
