"""The loop over pixels that applies the mouth network's correction fields to a frame."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True, fastmath=True)
def apply_correction(
    region: np.ndarray, mask: np.ndarray, corner: tuple[int, int], to_fields: np.ndarray, fields: np.ndarray,
    tones: np.ndarray,
) -> None:  # fmt: skip
    """Apply correction fields to `region` `(H, W, 3)` uint8, in place.

    Args:
        region: the pixels around the mouth.
        mask: `(h', w')`, how much of each pixel is inside the mouth.
        corner: x and y of the mask's first pixel in the region.
        to_fields: affine `(2, 3)` from px of the region to px of the fields.
        fields: `(h, w, 5)`, see `refiner.correction_fields`.
        tones: `(2, 3)`, the colours of skin and lips.
    """
    one, end_x, end_y = np.float32(1), np.float32(fields.shape[1] - 1), np.float32(fields.shape[0] - 1)
    for y in range(region.shape[0]):
        row = y - corner[1]
        for x in range(region.shape[1]):
            at_x = to_fields[0, 0] * np.float32(x) + to_fields[0, 1] * np.float32(y) + to_fields[0, 2]
            at_y = to_fields[1, 0] * np.float32(x) + to_fields[1, 1] * np.float32(y) + to_fields[1, 2]
            if not (at_x >= 0 and at_y >= 0 and at_x < end_x and at_y < end_y):
                continue
            i, j = np.uint32(at_y), np.uint32(at_x)
            right, down = at_x - np.float32(j), at_y - np.float32(i)
            both = right * down
            weights = one - right - down + both, right - both, down - both, both
            gain, skin, lips = (
                _bilinear(fields, i, j, 3, weights),
                _bilinear(fields, i, j, 4, weights),
                np.float32(0),
            )
            column = x - corner[0]
            if 0 <= row < mask.shape[0] and 0 <= column < mask.shape[1] and mask[row, column] > 0:
                inner = mask[row, column]
                gain += inner * (_bilinear(fields, i, j, 0, weights) - gain)
                skin += inner * (_bilinear(fields, i, j, 1, weights) - skin)
                lips = inner * _bilinear(fields, i, j, 2, weights)
            for c in range(3):
                value = region[y, x, c] * gain + skin * tones[0, c] + lips * tones[1, c]
                region[y, x, c] = np.uint8(min(max(value + np.float32(0.5), np.float32(0)), np.float32(255)))


@njit(cache=True, nogil=True, fastmath=True, inline="always")
def _bilinear(
    fields: np.ndarray, i: np.uint32, j: np.uint32, plane: int, weights: tuple[float, float, float, float]
) -> float:
    """One plane's value between four neighbours, by their weights."""
    below, right = i + np.uint32(1), j + np.uint32(1)
    return (
        weights[0] * fields[i, j, plane]
        + weights[1] * fields[i, right, plane]
        + weights[2] * fields[below, j, plane]
        + weights[3] * fields[below, right, plane]
    )
