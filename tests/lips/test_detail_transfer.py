"""Fine detail comes back where a network changed nothing, and only there."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.lips.detail_transfer import detailed

SIDE, LARGE = 96, 384
RNG = np.random.default_rng(0)
ORIGINAL = np.clip(128 + 30 * RNG.standard_normal((LARGE, LARGE, 3)), 0, 255).astype(np.uint8)
SEEN = cv2.resize(ORIGINAL, (SIDE, SIDE), interpolation=cv2.INTER_AREA)


def test_unchanged_paint_gives_back_the_original() -> None:
    assert np.abs(detailed(SEEN, SEEN, ORIGINAL).astype(int) - ORIGINAL).max() <= 1


def test_a_tint_is_no_change() -> None:
    off = detailed(SEEN + 12, SEEN, ORIGINAL).astype(int) - ORIGINAL
    inside = (ORIGINAL < 240) & (ORIGINAL > 15)
    assert abs(off[inside].mean() - 12) < 1 and off[inside].std() < 2


def test_old_detail_does_not_shine_through_new_paint() -> None:
    painted = SEEN.copy()
    painted[60:80, 30:66] = 200
    result = detailed(painted, SEEN, ORIGINAL)
    assert result[62 * 4 : 78 * 4, 32 * 4 : 64 * 4].astype(int).std() < 3
    assert np.abs(result[: 40 * 4].astype(int) - ORIGINAL[: 40 * 4]).max() <= 2
