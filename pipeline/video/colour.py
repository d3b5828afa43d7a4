"""RGB to the YUV 4:2:0 that the encoder takes: BT.709, limited range.

Compiled by numba, because FFmpeg's conversion of a packed RGB frame takes five times as long, which is more
than x264 needs for the frame. The colours of two rows at a time are separated first, in buffers that stay in
the fastest cache, as loops over packed pixels are hardly vectorised. Integer arithmetic only, so every
machine gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import av
import numba
import numpy as np

# BT.709's weights of red, green and blue, scaled to 219 levels of luma and 224 of chroma, times 2 ** 15.
_Y = tuple(np.int32(round(219 / 255 * weight * 2**15)) for weight in (0.2126, 0.7152, 0.0722))
_U = tuple(
    np.int32(round(224 / 255 * weight * 2**15)) for weight in (-0.2126 / 1.8556, -0.7152 / 1.8556, 0.5)
)
_V = tuple(
    np.int32(round(224 / 255 * weight * 2**15)) for weight in (0.5, -0.7152 / 1.5748, -0.0722 / 1.5748)
)
_BLACK = np.int32((16 << 15) + (1 << 14))
_GREY = np.int32((128 << 18) + (1 << 17))
_TWO, _FIFTEEN, _EIGHTEEN = np.int32(2), np.int32(15), np.int32(18)
_RUN = 96
"""Bytes that are compared at once: 32 pixels."""
_MOVING = 8
"""Frames converted without comparison after one that differed everywhere: so will they, most likely."""


class YuvConverter:
    """Converts consecutive frames; where a frame repeats the one before, so does the result.

    A still background, such as a slide, then costs a comparison instead of a conversion.
    """

    def __init__(self) -> None:
        self._last: tuple[np.ndarray, av.VideoFrame] | None = None
        self._moving = 0

    def __call__(self, image: np.ndarray) -> av.VideoFrame:
        """As `to_yuv`; the image must not change afterwards."""
        frame = self._updated(image)
        self._last = image, frame
        return frame

    def _updated(self, image: np.ndarray) -> av.VideoFrame:
        self._moving = max(self._moving - 1, 0)
        if self._moving or self._last is None or self._last[0].shape != image.shape:
            return to_yuv(image)
        before, shown = self._last
        top, bottom, left, right = box = _changed(before, image)
        if (bottom - top, right - left) == image.shape[:2]:
            self._moving = _MOVING
            return to_yuv(image)
        return _patched(shown, image, box)


def to_yuv(image: np.ndarray) -> av.VideoFrame:
    """An FFmpeg frame (yuv420p) showing `image`, `(H, W, 3)` uint8 RGB with even H and W."""
    height, width = image.shape[:2]
    frame = av.VideoFrame(width, height, "yuv420p")
    _convert(image, [_pixels(plane) for plane in frame.planes])
    return frame


def _patched(shown: av.VideoFrame, image: np.ndarray, box: tuple[int, int, int, int]) -> av.VideoFrame:
    """The frame of `image`, which differs from what `shown` shows in `box` alone."""
    height, width = image.shape[:2]
    top, bottom, left, right = box
    frame = av.VideoFrame(width, height, "yuv420p")
    planes = [_pixels(plane) for plane in frame.planes]
    for plane, old in zip(planes, shown.planes, strict=True):
        plane[:] = _pixels(old)
    if bottom > top:
        # chroma mixes in the column to its left: what changed reaches one pair further to the right, and for
        # the first pair, two more columns are converted and left out
        right, spare = min(right + 2, width), 2 if left else 0
        part = image[top:bottom, left - spare : right]
        made = [np.empty(part.shape[:2], np.uint8)]
        made += [np.empty((part.shape[0] // 2, part.shape[1] // 2), np.uint8) for _ in range(2)]
        _convert(part, made)
        for plane, new, step in zip(planes, made, (1, 2, 2), strict=True):
            plane[top // step : bottom // step, left // step : right // step] = new[:, spare // step :]
    return frame


def _convert(image: np.ndarray, planes: Sequence[np.ndarray]) -> None:
    # numba's dispatchers are not typed
    _weigh(np.ascontiguousarray(image).reshape(len(image), -1), *planes)  # type: ignore[call-arg]


def _changed(before: np.ndarray, after: np.ndarray) -> tuple[int, int, int, int]:
    """First and last row and column, the last excluded, around what differs; all even, and 0 if nothing
    does."""
    height, width = after.shape[:2]
    flat = (np.ascontiguousarray(image).reshape(height, -1) for image in (before, after))
    top, bottom, left, right = _bounds(*flat)
    # from bytes to pairs of pixels
    return top // 2 * 2, (bottom + 1) // 2 * 2, left // 6 * 2, min((right + 5) // 6 * 2, width)


@numba.njit(nogil=True, cache=True)
def _bounds(before: np.ndarray, after: np.ndarray) -> tuple[int, int, int, int]:
    """First and last row and column, the last excluded, around what differs between two arrays `(h, w)`
    uint8, the columns by whole runs; 0 if nothing does. What lies between those already known is not read."""
    height, width = after.shape
    top, bottom = 0, height
    while top < height and not _differs(before[top], after[top], 0, width):
        top += 1
    if top == height:
        return 0, 0, 0, 0
    while not _differs(before[bottom - 1], after[bottom - 1], 0, width):
        bottom -= 1
    left, right = width, 0
    for y in range(top, bottom):
        for start in range(0, left, _RUN):
            if _differs(before[y], after[y], start, min(start + _RUN, width)):
                left = start
                break
        for start in range((width - 1) // _RUN * _RUN, right - 1, -_RUN):
            if _differs(before[y], after[y], start, min(start + _RUN, width)):
                right = min(start + _RUN, width)
                break
    return top, bottom, left, right


@numba.njit(nogil=True, inline="always")
def _differs(before: np.ndarray, after: np.ndarray, start: int, end: int) -> bool:
    """Whether two rows do between two columns; without a branch in the loop, which is vectorised."""
    difference = np.uint8(0)
    for x in range(start, end):
        difference |= before[x] ^ after[x]
    return difference != 0


def _pixels(plane: Any) -> np.ndarray:
    """The `(H, W)` samples of an FFmpeg plane, to be written in place."""
    return np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width]


@numba.njit(nogil=True, cache=True)
def _weigh(image: np.ndarray, luma: np.ndarray, blue: np.ndarray, red: np.ndarray) -> None:
    """Chroma samples lie on the left of their two columns, between their two rows, as in H.264."""
    height, width = luma.shape
    r, g, b = np.empty((2, width), np.uint8), np.empty((2, width), np.uint8), np.empty((2, width), np.uint8)
    # weighed before columns are mixed, which takes two rows of numbers where three colours would take three
    u, v = np.empty(width + 1, np.int32), np.empty(width + 1, np.int32)
    for i in range(height // 2):
        for k in range(2):
            _part(image[2 * i + k], r[k], g[k], b[k])
            _weigh_row(r[k], g[k], b[k], luma[2 * i + k])
        _weigh_rows(r, g, b, u, v)
        _mix_columns(u, blue[i])
        _mix_columns(v, red[i])


@numba.njit(inline="always")
def _part(row: np.ndarray, r: np.ndarray, g: np.ndarray, b: np.ndarray) -> None:
    """The colours of a row of packed pixels."""
    for j in range(len(r)):
        r[j], g[j], b[j] = row[3 * j], row[3 * j + 1], row[3 * j + 2]


@numba.njit(inline="always")
def _weigh_row(r: np.ndarray, g: np.ndarray, b: np.ndarray, luma: np.ndarray) -> None:
    for j in range(len(luma)):
        luma[j] = (r[j] * _Y[0] + g[j] * _Y[1] + b[j] * _Y[2] + _BLACK) >> _FIFTEEN


@numba.njit(inline="always")
def _weigh_rows(r: np.ndarray, g: np.ndarray, b: np.ndarray, u: np.ndarray, v: np.ndarray) -> None:
    """The chroma of two rows added, shifted right by one column; the first column is its own left
    neighbour."""
    for j in range(r.shape[1]):
        x = np.int32(np.int32(r[0, j]) + np.int32(r[1, j]))
        y = np.int32(np.int32(g[0, j]) + np.int32(g[1, j]))
        z = np.int32(np.int32(b[0, j]) + np.int32(b[1, j]))
        u[j + 1] = x * _U[0] + y * _U[1] + z * _U[2]
        v[j + 1] = x * _V[0] + y * _V[1] + z * _V[2]
    u[0], v[0] = u[1], v[1]


@numba.njit(inline="always")
def _mix_columns(sums: np.ndarray, chroma: np.ndarray) -> None:
    """From eight times the chroma of single columns to a row of samples."""
    for j in range(len(chroma)):
        chroma[j] = (sums[2 * j] + _TWO * sums[2 * j + 1] + sums[2 * j + 2] + _GREY) >> _EIGHTEEN
