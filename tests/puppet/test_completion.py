"""Pictures of which a part is known: what is filled in continues what is beside it."""

from __future__ import annotations

import numpy as np

from pipeline.puppet.warping.completion import filled, grain, relit


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
