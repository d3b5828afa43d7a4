"""Fine detail is restored where a network changed nothing, and only there."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.lips.detail_transfer import transfer_detail

SIDE, LARGE = 96, 384
RNG = np.random.default_rng(0)
ORIGINAL = np.clip(128 + 30 * RNG.standard_normal((LARGE, LARGE, 3)), 0, 255).astype(np.uint8)
SEEN = cv2.resize(ORIGINAL, (SIDE, SIDE), interpolation=cv2.INTER_AREA)


def test_an_unchanged_picture_is_restored() -> None:
    assert np.abs(transfer_detail(SEEN, SEEN, ORIGINAL).astype(int) - ORIGINAL).max() <= 1


def test_a_tint_is_not_a_change() -> None:
    off = transfer_detail(SEEN + 12, SEEN, ORIGINAL).astype(int) - ORIGINAL
    inside = (ORIGINAL < 240) & (ORIGINAL > 15)
    assert abs(off[inside].mean() - 12) < 1 and off[inside].std() < 2


def test_no_old_detail_where_something_new_is_painted() -> None:
    painted = SEEN.copy()
    painted[60:80, 30:66] = 200
    result = transfer_detail(painted, SEEN, ORIGINAL)
    assert result[62 * 4 : 78 * 4, 32 * 4 : 64 * 4].astype(int).std() < 3
    assert np.abs(result[: 40 * 4].astype(int) - ORIGINAL[: 40 * 4]).max() <= 2
