"""Lanczos resampling of a rectangle that lies between pixels: rows first, then columns.

OpenCV resizes whole pixels only, and its warp with the same kernel takes all 64 neighbours of every pixel, in
steps of 1/32 px, which is four times the work.
"""

from __future__ import annotations

import cv2
import numba
import numpy as np

_TAPS = 8
"""Width of the kernel in px: four on either side."""


def resampled(image: np.ndarray, box: tuple[float, float, float, float], size: int) -> np.ndarray:
    """`(size, size, 3)` uint8: what lies in the box `(left, top, right, bottom)` in px of `(H, W, 3)` uint8.

    Beyond the picture its edge is repeated. Where it shrinks, it samples, as OpenCV's Lanczos resizing does.
    """
    left, top, right, bottom = box
    height, width = image.shape[:2]
    columns, across = _taps(left, right, size, width)  # type: ignore[call-arg]  # not typed by numba
    rows, down = _taps(top, bottom, size, height)  # type: ignore[call-arg]
    part = image[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1].astype(np.float32)
    tall = _combined(part, rows - rows.min(), down)
    turned = _combined(cv2.transpose(tall), columns - columns.min(), across)
    return cv2.add(cv2.transpose(turned), (0.0, 0.0, 0.0, 0.0), dtype=cv2.CV_8U)


@numba.njit(nogil=True, cache=True)
def _taps(start: float, end: float, size: int, length: int) -> tuple[np.ndarray, np.ndarray]:
    """For each of `size` samples between two edges: its eight px `(size, 8)` of `length`, and the weights."""
    pixels = np.empty((size, _TAPS), np.int64)
    weights = np.empty((size, _TAPS), np.float32)
    near = np.empty(_TAPS)
    for sample in range(size):
        at = start + (sample + 0.5) * ((end - start) / size) - 0.5
        for tap in range(_TAPS):
            pixel = np.floor(at) + 1 - _TAPS // 2 + tap
            near[tap] = np.sinc(at - pixel) * np.sinc((at - pixel) / (_TAPS // 2))
            pixels[sample, tap] = min(max(pixel, 0), length - 1)
        weights[sample] = near / near.sum()
    return pixels, weights


def _combined(image: np.ndarray, rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """`(n, W, 3)` float32: weighted sums of rows `(n, 8)` of an image `(H, W, 3)` float32."""
    flat = np.ascontiguousarray(image).reshape(len(image), -1)
    made = np.zeros((len(rows), flat.shape[1]), np.float32)
    _add_rows(flat, rows, weights, made)  # type: ignore[call-arg]  # numba's dispatchers are not typed
    return made.reshape(len(rows), -1, 3)


@numba.njit(nogil=True, cache=True)
def _add_rows(image: np.ndarray, rows: np.ndarray, weights: np.ndarray, made: np.ndarray) -> None:
    for i in range(rows.shape[0]):
        for tap in range(rows.shape[1]):
            weight, row = weights[i, tap], rows[i, tap]
            for x in range(image.shape[1]):
                made[i, x] += weight * image[row, x]
