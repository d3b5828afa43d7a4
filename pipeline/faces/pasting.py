"""Pasting a generated crop back into its frame: only px under the mask change, all others stay as they are.

OpenCV warps, and compiled functions do all the rest at once: threads paste frames side by side, and each call
of OpenCV or numpy gives Python's lock away and has to wait until it gets it back.
"""

from __future__ import annotations

from typing import Any

import cv2
import numba
import numpy as np

from pipeline.faces.crops import Crop, bilinear, extent, inverse, stretched, warp

_GRID = 24
"""Side in cells of the colour correction; a finer one would copy the old mouth's shading into the new one."""
_SAMPLES = 4
"""Px that are sampled along a cell's side: averaging whole areas costs ten times as much."""


def paste(
    image: np.ndarray,
    painted: np.ndarray,
    crop: Crop,
    mask: np.ndarray,
    *,
    original: np.ndarray | None = None,
) -> np.ndarray:
    """A copy of the frame with `painted` in place of what lies under the mask.

    Brightness and colour of `painted` are matched to the frame along the mask's soft edge, and that
    correction continues smoothly inside it.

    Args:
        image: `(H, W, 3)` uint8 frame.
        painted: `(h, w, 3)` uint8, the generated crop; any size of the crop's proportions.
        crop: where it was cut.
        mask: `(h', w')` float32 weights over the crop; every px outside it stays bit-identical.
        original: `crop.cut(image)` where that is at hand.
    """
    size = crop.size
    if painted.shape[1::-1] != size:
        shrinks = painted.shape[1] > size[0]
        painted = cv2.resize(painted, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
    if mask.shape[::-1] != size:
        mask = cv2.resize(mask, size, interpolation=cv2.INTER_LINEAR)
    before = crop.cut(image) if original is None else original
    masked, offset = _offset(painted, before, np.ascontiguousarray(mask), _SPREAD)  # type: ignore[call-arg]
    result = image.copy()
    box = extent(crop.into, masked, image.shape[1::-1], margin=1)
    if box is None:
        return result
    back = inverse(crop.into)
    back[:, 2] -= (box[1].start, box[0].start)
    into = box[1].stop - box[1].start, box[0].stop - box[0].start
    inside = warp(painted, back, into)
    # All further work is on the px under the mask alone: the offset too is spread over these.
    spread = bilinear(offset, back @ stretched(offset.shape[1::-1], size), into)
    weights = warp(mask, back, into, cv2.BORDER_CONSTANT)
    _blend(result, box[1].start, box[0].start, inside, spread, weights)  # type: ignore[call-arg]
    return result


def _gaussian() -> np.ndarray:
    """`(24, 24)` float32: each cell's weight in the blur of each other one."""
    apart = np.subtract.outer(np.arange(_GRID), np.arange(_GRID))
    return np.exp(-0.5 * (apart / (_GRID / 5)) ** 2).astype(np.float32)


_SPREAD = _gaussian()


@numba.njit(nogil=True, cache=True)
def _blend(
    image: np.ndarray, left: int, top: int, inside: np.ndarray, spread: np.ndarray, weights: np.ndarray
) -> None:
    """Lay `inside + spread` over the image by weight, from its px `(left, top)` on."""
    height, width = weights.shape
    weight = np.empty(3 * width, np.float32)  # of each colour of each px: such loops are vectorised
    new, tint = inside.reshape(height, 3 * width), spread.reshape(height, 3 * width)
    for y in range(height):
        for x in range(width):
            weight[3 * x] = weight[3 * x + 1] = weight[3 * x + 2] = weights[y, x]
        row = image[top + y, left : left + width].reshape(3 * width)
        for k in range(3 * width):
            old = np.float32(row[k])
            shown = min(max(np.float32(new[y, k]) + tint[y, k], np.float32(0)), np.float32(255))
            row[k] = np.uint8(np.int32(old + weight[k] * (shown - old) + np.float32(0.5)))


@numba.njit(inline="always")
def _place(picture: np.ndarray, u: Any, v: Any) -> tuple[int, int, Any, Any]:
    """Column and row of the px up and left of a place in a picture, and how far beyond them it lies, 0 to 1;
    beyond the picture, its edge. It has two columns and two rows at least."""
    u = min(max(u, np.float32(0)), np.float32(picture.shape[1] - 1))
    v = min(max(v, np.float32(0)), np.float32(picture.shape[0] - 1))
    i, j = min(int(u), picture.shape[1] - 2), min(int(v), picture.shape[0] - 2)
    return i, j, u - np.float32(i), v - np.float32(j)


@numba.njit(nogil=True, cache=True)
def _bounds(mask: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the part of a mask that is not 0 and a px around it; 0 if there is none."""
    height, width = mask.shape
    left, top, right, bottom = width, height, 0, 0
    for y in range(height):
        x = 0
        while x < width and mask[y, x] == 0:
            x += 1
        if x == width:
            continue
        top, bottom = min(top, y), y + 1
        left = min(left, x)
        x = width
        while mask[y, x - 1] == 0:
            x -= 1
        right = max(right, x)
    return (left - 1, top - 1, right + 1, bottom + 1) if right else (0, 0, 0, 0)


@numba.njit(nogil=True, cache=True, error_model="numpy")
def _offset(
    painted: np.ndarray, original: np.ndarray, mask: np.ndarray, spread: np.ndarray
) -> tuple[tuple[int, int, int, int], np.ndarray]:
    """The bounds of the mask, and `(24, 24, 3)` float32: the smooth colour offset that makes `painted` meet
    `original` where the mask is half open."""
    height, width = mask.shape
    gap = np.zeros((_GRID, _GRID, 4), np.float32)  # the last of the four is the weight
    count = _SAMPLES * _GRID
    share = np.float32(1 / _SAMPLES**2)
    for row in range(count):
        v = np.float32((row + 0.5) * height / count - 0.5)
        for column in range(count):
            u = np.float32((column + 0.5) * width / count - 0.5)
            i, j, fu, fv = _place(mask, u, v)
            above = mask[j, i] + fu * (mask[j, i + 1] - mask[j, i])
            below = mask[j + 1, i] + fu * (mask[j + 1, i + 1] - mask[j + 1, i])
            weight = above + fv * (below - above)
            edge = 4 * weight * (1 - weight) * share
            if edge <= 0:
                continue
            cell = gap[row // _SAMPLES, column // _SAMPLES]
            for c in range(3):
                above = _gap(original, painted, j, i, c)
                above += fu * (_gap(original, painted, j, i + 1, c) - above)
                below = _gap(original, painted, j + 1, i, c)
                below += fu * (_gap(original, painted, j + 1, i + 1, c) - below)
                cell[c] += edge * (above + fv * (below - above))
            cell[3] += edge
    gap[:, :, 3] += np.float32(1e-6)
    rows = np.zeros_like(gap)
    for i in range(_GRID):
        for k in range(_GRID):
            for j in range(_GRID):
                for c in range(4):
                    rows[i, j, c] += spread[i, k] * gap[k, j, c]
    found = np.empty((_GRID, _GRID, 3), np.float32)
    for i in range(_GRID):
        for j in range(_GRID):
            total = np.zeros(4, np.float32)
            for k in range(_GRID):
                for c in range(4):
                    total[c] += spread[j, k] * rows[i, k, c]
            for c in range(3):
                found[i, j, c] = total[c] / total[3]
    return _bounds(mask), found


@numba.njit(inline="always")
def _gap(original: np.ndarray, painted: np.ndarray, y: int, x: int, c: int) -> Any:
    return np.float32(original[y, x, c]) - np.float32(painted[y, x, c])
