"""Fine skin texture for what a network painted at low resolution, taken from the frame itself.

A network that paints at 96 px loses pores, wrinkles and stubble wherever it painted, even where it changed
nothing. There the frame's own detail still fits. Few calls do it, as in `faces.pasting`.
"""

from __future__ import annotations

from functools import cache

import cv2
import numba
import numpy as np

_CHANGED = 10.0
"""Change in grey levels at which most of the original detail no longer fits."""
_SIDE = 128
"""Px at which changes are looked for at most."""
_MARGIN = 0.05
"""Width around a change in which detail is dropped too, as a share of the painted side."""


def transfer_detail(painted: np.ndarray, source: np.ndarray, original: np.ndarray) -> np.ndarray:
    """`painted` at the size of `original`, with the original's high frequencies where nothing was changed.

    Args:
        painted: `(s, s, 3)` uint8, the network's output.
        source: `(s, s, 3)` uint8, the network's input.
        original: `(H, W, 3)` uint8, the same picture as `source` at the frame's resolution.

    Returns:
        `(H, W, 3)` uint8.
    """
    size = original.shape[1::-1]
    large, low = (_resized(small, size, cv2.INTER_CUBIC) for small in (painted, source))
    kept = _resized(_unchanged(painted, source), size, cv2.INTER_LINEAR)
    made = np.empty(original.shape, np.uint8)
    _detailed(np.ascontiguousarray(original), large, low, kept, made)  # type: ignore[call-arg]  # not typed by numba
    return made


def _resized(image: np.ndarray, size: tuple[int, int], how: int) -> np.ndarray:
    # OpenCV takes Python's lock once more to make an array of its own.
    made = np.empty((size[1], size[0], *image.shape[2:]), image.dtype)
    return cv2.resize(image, size, dst=made, interpolation=how)


def _unchanged(painted: np.ndarray, source: np.ndarray) -> np.ndarray:
    """`(s, s)` float32 in [0, 1]: 1 where both pictures agree, apart from a uniform tint.

    Beyond `_SIDE`, where s is that: what is returned is soft.
    """
    if len(painted) > _SIDE:
        painted, source = (_resized(one, (_SIDE, _SIDE), cv2.INTER_AREA) for one in (painted, source))
    margin = max(1, round(_MARGIN * len(painted)))
    change: np.ndarray = np.empty(painted.shape[:2], np.float32)
    _changes(np.ascontiguousarray(painted), np.ascontiguousarray(source), change)  # type: ignore[call-arg]
    change = cv2.dilate(change, _ellipse(margin), dst=np.empty_like(change))
    change = cv2.GaussianBlur(change, (0, 0), margin / 2, dst=np.empty_like(change))
    _keep(change)  # type: ignore[call-arg]
    return change


@cache
def _ellipse(margin: int) -> np.ndarray:
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * margin + 1,) * 2)


@numba.njit(nogil=True, cache=True)
def _changes(painted: np.ndarray, source: np.ndarray, change: np.ndarray) -> None:
    """The greatest change of a px's three colours beyond the picture's tint, which is the median change."""
    height, width = change.shape
    # A tint is the same everywhere: a quarter of the px tell it as well as all.
    counts = np.zeros((3, 511), np.int64)
    for y in range(0, height, 2):
        for x in range(0, width, 2):
            for c in range(3):
                counts[c, np.int64(painted[y, x, c]) - np.int64(source[y, x, c]) + 255] += 1
    tint = np.empty(3, np.float32)
    count = ((height + 1) // 2) * ((width + 1) // 2)
    for c in range(3):
        # the two in the middle, which are one where the number is odd
        tint[c] = 0.5 * (_ranked(counts[c], (count - 1) // 2) + _ranked(counts[c], count // 2))
    for y in range(height):
        for x in range(width):
            most = np.float32(0)
            for c in range(3):
                by = np.float32(np.int32(painted[y, x, c]) - np.int32(source[y, x, c])) - tint[c]
                most = max(most, abs(by))
            change[y, x] = most


@numba.njit(inline="always")
def _ranked(counts: np.ndarray, rank: int) -> int:
    """The change of that rank, from 0, among so many of each from -255 to 255."""
    value, seen = 0, counts[0]
    while seen <= rank:
        value += 1
        seen += counts[value]
    return value - 255


@numba.njit(nogil=True, cache=True)
def _keep(change: np.ndarray) -> None:
    """From changes to how much of the detail stays, in place."""
    flat = change.reshape(-1)
    for k in range(len(flat)):
        flat[k] = np.exp(-((flat[k] / np.float32(_CHANGED)) ** 2))


@numba.njit(nogil=True, cache=True)
def _detailed(
    original: np.ndarray, large: np.ndarray, low: np.ndarray, kept: np.ndarray, made: np.ndarray
) -> None:
    """Fill `made` with `large` and what is kept of the original's difference from `low`."""
    height, width = kept.shape
    share = np.empty(3 * width, np.float32)  # of each colour of each px: such loops are vectorised
    new, blurred = large.reshape(height, 3 * width), low.reshape(height, 3 * width)
    filled = made.reshape(height, 3 * width)
    for y in range(height):
        row = original[y].reshape(3 * width)
        for x in range(width):
            share[3 * x] = share[3 * x + 1] = share[3 * x + 2] = kept[y, x]
        for k in range(3 * width):
            value = np.float32(new[y, k]) + share[k] * (np.float32(row[k]) - np.float32(blurred[y, k]))
            value = min(max(value, np.float32(0)), np.float32(255))
            filled[y, k] = np.uint8(np.int32(value + np.float32(0.5)))
