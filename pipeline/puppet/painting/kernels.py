"""The loops over pixels in which eyes and lids are painted.

They cover a few hundred pixels, several times in every frame: numba takes them in one pass where numpy would
spend its time on calls. All of them are in this one file because numba, which keeps its compiled code on
disk, notices a change of the file that holds a loop but not of others that it calls.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def blend(region: np.ndarray, picture: np.ndarray, cover: np.ndarray) -> None:
    """Lay `picture` `(h, w, 3)` over `region` `(h, w, 3)` uint8 by `cover` `(h, w)`."""
    for y in range(region.shape[0]):
        for x in range(region.shape[1]):
            _mix(region[y, x], picture[y, x], cover[y, x])


@njit(cache=True, nogil=True)
def eyeball(
    region: np.ndarray, cover: np.ndarray, back: np.ndarray,
    ball: np.ndarray, iris: np.ndarray, radius: float, gaze: np.ndarray,
    edge: np.ndarray, dark: float, reach: float,
) -> None:  # fmt: skip
    """Lay the eyeball `ball` `(h', w', 3)` into `region` by `cover`; the affine `back` leads to its pixels.

    `iris`, `radius`, `gaze`: px of the eyeball's picture. `edge` `(K, 2)` px of the region, from left to
    right: the upper lid's, whose shadow is `dark` there and reaches some `reach` px down.
    """
    colour = np.empty(3)
    for x in range(region.shape[1]):
        top = _between(x, edge)
        for y in range(region.shape[0]):
            if cover[y, x] <= 0:
                continue
            from_x, from_y = _led(back, x, y)
            # the iris moves as a disc; the white beside it gives way
            away = np.hypot(from_x - iris[0] - gaze[0], from_y - iris[1] - gaze[1]) / radius
            hold = 1 - _ease(away, 1.2, 2.4)
            _sample(ball, from_x - hold * gaze[0], from_y - hold * gaze[1], colour)
            shade = 1 - dark * np.exp(-max(y - top, 0.0) / reach)
            for c in range(3):
                colour[c] *= shade
            _mix(region[y, x], colour, cover[y, x])


@njit(cache=True, nogil=True)
def lid(
    region: np.ndarray, cover: np.ndarray, along: np.ndarray, edge: np.ndarray, rim: np.ndarray,
    tones: np.ndarray, grain: np.ndarray, to_grain: np.ndarray, amount: float,
) -> None:  # fmt: skip
    """Paint the skin of a lowered lid into `region` by `cover`, `amount` of it.

    The affine `along` leads from pixels to their share of the eye's width and their px below its outer
    corner; `edge` and `rim`, `(K, 2)`, are the lid's two ends in the same terms. `tones` `(SAMPLES, 7)`: the
    skin's colour at the rim and at the edge and how freely it is seen, at places along the eye; `grain`
    `(h', w', 1)` its fine structure, to whose pixels `to_grain` leads.
    """
    fine, tone = np.empty(1), np.empty(7)
    for y in range(region.shape[0]):
        for x in range(region.shape[1]):
            if cover[y, x] <= 0:
                continue
            share, down = _led(along, x, y)
            to_edge, from_rim = _between(share, edge) - down, down - _between(share, rim)
            fall = min(max(from_rim / max(from_rim + to_edge, 1e-3), 0.0), 1.0)
            _along(tones, (share - 0.08) / 0.84, tone)
            # a ball: brightest below its middle, darker towards crease, corners and lashes
            ball = 1 + 0.05 * np.exp(-(((fall - 0.55) / 0.25) ** 2))
            ball -= 0.10 * max((fall - 0.8) / 0.2, 0.0) + 0.4 * min(max(abs(share - 0.5) - 0.25, 0.0), 0.3)
            grain_x, grain_y = _led(to_grain, x, y)
            _sample(grain, _folded(grain_x, grain.shape[1]), _folded(grain_y, grain.shape[0]), fine)
            for c in range(3):
                tone[c] = (tone[c] + fall * (tone[3 + c] - tone[c])) * ball + fine[0]
            sides = _ease(share, 0.0, 0.22) * (1 - _ease(share, 0.8, 1.0))
            _mix(region[y, x], tone[:3], cover[y, x] * _ease(fall, 0.0, 0.55) * sides * amount * tone[6])


@njit(cache=True, nogil=True)
def lashes(
    region: np.ndarray, along: np.ndarray, edge: np.ndarray, colour: np.ndarray, thick: float, amount: float
) -> None:
    """Draw a line of lashes `thick` px along a lid's `edge`; `along` and `edge` as for `lid`."""
    for y in range(region.shape[0]):
        for x in range(region.shape[1]):
            share, down = _led(along, x, y)
            above = (_between(share, edge) - down) / thick
            over = above / 0.8 if above > 0 else above / 1.3
            ends = _ease(share, -0.02, 0.12) * (1 - _ease(share, 0.80, 1.0))
            _mix(region[y, x], colour, amount * ends * np.exp(-(over**2)))


@njit(cache=True, nogil=True)
def _mix(pixel: np.ndarray, colour: np.ndarray, share: float) -> None:
    for c in range(3):
        mixed = pixel[c] + share * (colour[c] - pixel[c])
        pixel[c] = np.uint8(min(max(mixed + 0.5, 0.0), 255.0))


@njit(cache=True, nogil=True)
def _led(affine: np.ndarray, x: float, y: float) -> tuple[float, float]:
    return (
        affine[0, 0] * x + affine[0, 1] * y + affine[0, 2],
        affine[1, 0] * x + affine[1, 1] * y + affine[1, 2],
    )


@njit(cache=True, nogil=True)
def _sample(picture: np.ndarray, x: float, y: float, out: np.ndarray) -> None:
    """The colour of `picture` `(h, w, C)` between its pixels into `out` `(C,)`; its border goes on."""
    height, width = picture.shape[:2]
    x, y = min(max(x, 0.0), width - 1.0), min(max(y, 0.0), height - 1.0)
    left, top = int(x), int(y)
    right, bottom = min(left + 1, width - 1), min(top + 1, height - 1)
    x -= left
    y -= top
    for c in range(len(out)):
        upper = picture[top, left, c] * (1 - x) + picture[top, right, c] * x
        lower = picture[bottom, left, c] * (1 - x) + picture[bottom, right, c] * x
        out[c] = upper * (1 - y) + lower * y


@njit(cache=True, nogil=True)
def _folded(x: float, length: int) -> float:
    """A place on an endless line, mirrored back and forth into `length` pixels."""
    period = 2.0 * (length - 1)
    x = abs(x) % period
    return min(x, period - x)


@njit(cache=True, nogil=True)
def _ease(x: float, low: float, high: float) -> float:
    """`ease.ease` of one number."""
    t = min(max((x - low) / (high - low), 0.0), 1.0)
    return t * t * (3 - 2 * t)


@njit(cache=True, nogil=True)
def _between(x: float, line: np.ndarray) -> float:
    """The height of a `line` `(K, 2)`, x increasing, at `x`; level beyond its ends."""
    if x <= line[0, 0]:
        return line[0, 1]
    for k in range(1, len(line)):
        if line[k - 1, 0] < line[k, 0] and x < line[k, 0]:
            rise = (line[k, 1] - line[k - 1, 1]) / (line[k, 0] - line[k - 1, 0])
            return line[k - 1, 1] + (x - line[k - 1, 0]) * rise
    return line[-1, 1]


@njit(cache=True, nogil=True)
def _along(table: np.ndarray, share: float, out: np.ndarray) -> None:
    """The row of `table` `(K, C)` at a share of the way through it, 0 to 1."""
    at = min(max(share, 0.0), 1.0) * (len(table) - 1)
    low = min(int(at), len(table) - 2)
    at -= low
    for c in range(len(out)):
        out[c] = table[low, c] * (1 - at) + table[low + 1, c] * at
