"""Pictures of which a part is known: what is filled in continues what is beside it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.puppet.warping.completion import fill, filled, grain, relit


def ramp(height: int, width: int) -> np.ndarray:
    """Darker on the left, lighter on the right, `(height, width, 3)` float32."""
    row = np.linspace(40, 200, width, dtype=np.float32)
    return np.repeat(np.repeat(row[None, :, None], height, 0), 3, 2)


def test_what_is_known_stays_and_gaps_continue_it() -> None:
    image, known = ramp(60, 80), np.ones((60, 80), np.float32)
    known[20:40, 30:50] = 0
    damaged = np.where(known[..., None] > 0, image, 0)
    whole = filled(damaged, known)
    assert np.array_equal(whole[known > 0], image[known > 0])
    assert np.abs(whole - image)[known == 0].mean() < 12


@pytest.mark.parametrize("size", [(4, 5), (5, 4), (7, 6), (6, 8)])
def test_the_copies_are_those_of_opencv(size: tuple[int, int]) -> None:
    random = np.random.default_rng(3)
    plane, known = random.random((2, *size), np.float32)
    known[:2], known[2:, 2:] = 1, 0
    share = cv2.pyrDown(known)
    small = cv2.pyrDown(plane * known) / np.maximum(share, 1e-4)
    weight = np.minimum(4 * share, 1)  # too small to be reduced again: continued by its mean
    small = weight * small + (1 - weight) * (weight * small).sum() / weight.sum()
    larger = cv2.pyrUp(small, dstsize=size[::-1])
    planes = plane[None].copy()
    fill(planes, known)
    np.testing.assert_allclose(planes[0], known * plane + (1 - known) * larger, atol=1e-5)


def test_borrowed_skin_takes_the_light_of_where_it_goes() -> None:
    image, common = ramp(60, 80), np.zeros((60, 80), np.float32)
    common[:, :40] = 1  # the other half is not known, and continues
    lit = relit(0.6 * image, image, common, scale=100)
    assert np.abs(lit[:, :40] - image[:, :40]).mean() < 4
    assert 1.4 < (lit[:, 60:] / (0.6 * image[:, 60:])).mean() < 1.9


def test_grain_goes_on_where_nothing_is_known() -> None:
    noise = np.random.default_rng(0).normal(0, 8, (60, 80, 3))
    image, known = np.clip(120 + noise, 0, 255).astype(np.uint8), np.ones((60, 80), np.float32)
    known[:, 50:] = 0
    image[:, 50:] = 120
    added = grain(image, known, np.flatnonzero(known < 1), scale=100)
    assert added.shape == (60 * 30, 3)
    assert 0.5 < added.std() / image[:, :50].std() < 1.2
