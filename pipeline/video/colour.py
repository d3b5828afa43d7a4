"""RGB to the YUV that the encoder wants: BT.709, limited range, chroma at half the size.

Compiled by numba, since FFmpeg's own way through a packed RGB frame takes three times as long, which is
more than x264 needs for the frame. Whole numbers only, so every machine gives the same bytes.
"""

from __future__ import annotations

import av
import numba
import numpy as np

# BT.709's weights of red, green and blue, scaled to 219 steps of luma and 224 of chroma, times 2 ** 15.
_Y = tuple(np.int32(round(219 / 255 * weight * 2**15)) for weight in (0.2126, 0.7152, 0.0722))
_U = tuple(
    np.int32(round(224 / 255 * weight * 2**15)) for weight in (-0.2126 / 1.8556, -0.7152 / 1.8556, 0.5)
)
_V = tuple(
    np.int32(round(224 / 255 * weight * 2**15)) for weight in (0.5, -0.7152 / 1.5748, -0.0722 / 1.5748)
)
_BLACK = np.int32((16 << 15) + (1 << 14))
_GREY = np.int32((128 << 18) + (1 << 17))
_TWO = np.int32(2)


def to_yuv(image: np.ndarray) -> av.VideoFrame:
    """An FFmpeg frame (yuv420p) showing `image`, `(H, W, 3)` uint8 RGB with even H and W."""
    height, width = image.shape[:2]
    frame = av.VideoFrame(width, height, "yuv420p")
    luma, blue, red = (
        np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width]
        for plane in frame.planes
    )
    _luma(image, luma)
    _chroma(image, blue, red)
    return frame


@numba.njit(nogil=True, cache=True)
def _luma(image: np.ndarray, luma: np.ndarray) -> None:
    for i in range(luma.shape[0]):
        for j in range(luma.shape[1]):
            r, g, b = image[i, j, 0], image[i, j, 1], image[i, j, 2]
            luma[i, j] = (r * _Y[0] + g * _Y[1] + b * _Y[2] + _BLACK) >> 15


@numba.njit(nogil=True, cache=True)
def _chroma(image: np.ndarray, blue: np.ndarray, red: np.ndarray) -> None:
    """A chroma sample lies on the left one of its two columns, between its two rows, as H.264 has it."""
    for i in range(blue.shape[0]):
        upper, lower = image[2 * i], image[2 * i + 1]
        for j in range(blue.shape[1]):
            r = _around(upper, lower, j, 0)
            g = _around(upper, lower, j, 1)
            b = _around(upper, lower, j, 2)
            blue[i, j] = (r * _U[0] + g * _U[1] + b * _U[2] + _GREY) >> 18
            red[i, j] = (r * _V[0] + g * _V[1] + b * _V[2] + _GREY) >> 18


@numba.njit(inline="always")
def _around(upper: np.ndarray, lower: np.ndarray, j: int, channel: int) -> np.int32:
    """Eight times the mean of one colour around chroma column `j`."""
    before, at, after = max(2 * j - 1, 0), 2 * j, 2 * j + 1
    sides = np.int32(upper[before, channel]) + np.int32(lower[before, channel])
    sides += np.int32(upper[after, channel]) + np.int32(lower[after, channel])
    return sides + _TWO * (np.int32(upper[at, channel]) + np.int32(lower[at, channel]))
