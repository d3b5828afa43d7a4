"""The loops over pixels that paint eyes and lids.

They cover a few hundred pixels several times in every frame: numba does in one pass what would cost numpy
mostly call overhead. All of them are in this file because numba, which caches compiled code on disk, notices
changes of the file that holds a loop but not of other files that it calls.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from pipeline.easing import hermite

_hermite = njit(cache=True, nogil=True, inline="always")(hermite)


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def blend(region: np.ndarray, patch: np.ndarray, alpha: np.ndarray) -> None:
    """Blend `patch` `(h, w, 3)` over `region` `(h, w, 3)` uint8 by `alpha` `(h, w)`."""
    for y in range(region.shape[0]):
        for x in range(region.shape[1]):
            _mix(region[y, x], patch[y, x], alpha[y, x])


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def eyeball(
    region: np.ndarray, alpha: np.ndarray, to_texture: np.ndarray,
    texture: np.ndarray, iris: np.ndarray, radius: float, gaze: np.ndarray,
    lid_edge: np.ndarray, shadow: float, shadow_reach: float,
) -> None:  # fmt: skip
    """Draw an eyeball into `region` `(h, w, 3)` uint8 by `alpha` `(h, w)`.

    Args:
        region: the pixels around the opening of the lids.
        alpha: how much of each pixel the opening covers.
        to_texture: affine `(2, 3)` from px of the region to px of the texture.
        texture: `(h', w', 3)`, the eyeball without lids.
        iris: `(2,)` px of the texture, the centre of the iris.
        radius: px of the texture, that of the iris.
        gaze: `(2,)` px of the texture, how far the iris moves.
        lid_edge: `(K, 2)` px of the region, the upper lid's edge from left to right.
        shadow: the share of light that the lid takes at its edge.
        shadow_reach: px over which the shadow decays downwards.
    """
    colour = np.empty(3)
    for x in range(region.shape[1]):
        top = _interpolated(x, lid_edge)
        for y in range(region.shape[0]):
            if alpha[y, x] <= 0:
                continue
            from_x, from_y = _transformed(to_texture, x, y)
            # the iris moves as a disc; the white beside it gives way
            distance = np.hypot(from_x - iris[0] - gaze[0], from_y - iris[1] - gaze[1]) / radius
            share = 1 - _smoothstep(distance, 1.2, 2.4)
            _sample(texture, from_x - share * gaze[0], from_y - share * gaze[1], colour)
            light = 1 - shadow * np.exp(-max(y - top, 0.0) / shadow_reach)
            for c in range(3):
                colour[c] *= light
            _mix(region[y, x], colour, alpha[y, x])


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def eyelid(
    region: np.ndarray, alpha: np.ndarray, to_eye: np.ndarray, edge: np.ndarray, rim: np.ndarray,
    colours: np.ndarray, grain: np.ndarray, to_grain: np.ndarray, opacity: float,
) -> None:  # fmt: skip
    """Paint the skin of a lowered upper lid into `region` `(h, w, 3)` uint8.

    Args:
        region: the pixels around the lid.
        alpha: `(h, w)`, how much of each pixel the lid covers.
        to_eye: affine `(2, 3)` from px of the region to eye coordinates: the share of the eye's width from
            the outer corner, and px below the line between the corners.
        edge: `(K, 2)` in eye coordinates, the lid's lower end.
        rim: `(K, 2)` in eye coordinates, the lid's upper end.
        colours: `(S, 7)`, at places along the eye: RGB at the rim, RGB at the edge, and the visibility.
        grain: `(h', w', 1)`, the fine structure of the skin.
        to_grain: affine `(2, 3)` from px of the region to px of the grain.
        opacity: 0 to 1.
    """
    fine, colour = np.empty(1), np.empty(7)
    for y in range(region.shape[0]):
        for x in range(region.shape[1]):
            if alpha[y, x] <= 0:
                continue
            share, down = _transformed(to_eye, x, y)
            to_edge, from_rim = _interpolated(share, edge) - down, down - _interpolated(share, rim)
            descent = min(max(from_rim / max(from_rim + to_edge, 1e-3), 0.0), 1.0)
            _table_row(colours, (share - 0.08) / 0.84, colour)
            # a ball: brightest below its middle, darker towards crease, corners and lashes
            ball = 1 + 0.05 * np.exp(-(((descent - 0.55) / 0.25) ** 2))
            ball -= 0.10 * max((descent - 0.8) / 0.2, 0.0) + 0.4 * min(max(abs(share - 0.5) - 0.25, 0.0), 0.3)
            ball -= 0.10 * np.exp(-(((descent - 0.12) / 0.08) ** 2))
            grain_x, grain_y = _transformed(to_grain, x, y)
            _sample(grain, _mirrored(grain_x, grain.shape[1]), _mirrored(grain_y, grain.shape[0]), fine)
            for c in range(3):
                colour[c] = (colour[c] + descent * (colour[3 + c] - colour[c])) * ball + fine[0]
            sides = _smoothstep(share, 0.0, 0.34) * (1 - _smoothstep(share, 0.68, 1.0))
            strength = alpha[y, x] * _smoothstep(descent, 0.0, 0.34) * sides * opacity * colour[6]
            _mix(region[y, x], colour[:3], strength)


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def lashes(
    region: np.ndarray, to_eye: np.ndarray, edge: np.ndarray, colour: np.ndarray, width: float, opacity: float
) -> None:
    """Draw a line of lashes `width` px wide along a lid's `edge`; `to_eye` and `edge` as for `eyelid`."""
    for y in range(region.shape[0]):
        for x in range(region.shape[1]):
            share, down = _transformed(to_eye, x, y)
            above = (_interpolated(share, edge) - down) / width
            distance = above / 0.8 if above > 0 else above / 1.3
            ends = _smoothstep(share, -0.02, 0.12) * (1 - _smoothstep(share, 0.80, 1.0))
            _mix(region[y, x], colour, opacity * ends * np.exp(-(distance**2)))


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _mix(pixel: np.ndarray, colour: np.ndarray, share: float) -> None:
    for c in range(3):
        mixed = pixel[c] + share * (colour[c] - pixel[c])
        pixel[c] = np.uint8(min(max(mixed + 0.5, 0.0), 255.0))


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _transformed(affine: np.ndarray, x: float, y: float) -> tuple[float, float]:
    return (
        affine[0, 0] * x + affine[0, 1] * y + affine[0, 2],
        affine[1, 0] * x + affine[1, 1] * y + affine[1, 2],
    )


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _sample(image: np.ndarray, x: float, y: float, out: np.ndarray) -> None:
    """`image` `(h, w, C)` at a position between its pixels into `out` `(C,)`; clamped to its border."""
    height, width = image.shape[:2]
    x, y = min(max(x, 0.0), width - 1.0), min(max(y, 0.0), height - 1.0)
    left, top = int(x), int(y)
    right, bottom = min(left + 1, width - 1), min(top + 1, height - 1)
    x -= left
    y -= top
    for c in range(len(out)):
        upper = image[top, left, c] * (1 - x) + image[top, right, c] * x
        lower = image[bottom, left, c] * (1 - x) + image[bottom, right, c] * x
        out[c] = upper * (1 - y) + lower * y


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _mirrored(x: float, length: int) -> float:
    """A position on an endless line, mirrored back and forth into `length` pixels."""
    period = 2.0 * (length - 1)
    x = abs(x) % period
    return min(x, period - x)


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _smoothstep(x: float, low: float, high: float) -> float:
    """`pipeline.easing.smoothstep` of one number."""
    return _hermite(min(max((x - low) / (high - low), 0.0), 1.0))


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _interpolated(x: float, line: np.ndarray) -> float:
    """The height of a `line` `(K, 2)`, x increasing, at `x`; level beyond its ends."""
    if x <= line[0, 0]:
        return line[0, 1]
    for k in range(1, len(line)):
        if line[k - 1, 0] < line[k, 0] and x < line[k, 0]:
            slope = (line[k, 1] - line[k - 1, 1]) / (line[k, 0] - line[k - 1, 0])
            return line[k - 1, 1] + (x - line[k - 1, 0]) * slope
    return line[-1, 1]


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _table_row(table: np.ndarray, share: float, out: np.ndarray) -> None:
    """The row of `table` `(K, C)` at a share of the way through it, 0 to 1, between its rows."""
    index = min(max(share, 0.0), 1.0) * (len(table) - 1)
    low = min(int(index), len(table) - 2)
    index -= low
    for c in range(len(out)):
        out[c] = table[low, c] * (1 - index) + table[low + 1, c] * index
