"""A texture sampled along a map, and drawn over a picture: the loops that touch every pixel of a frame.

Pixels are 32-bit numbers here, RGBA from the lowest byte on. Two colours at a time lie 16 bits apart in one
number and are mixed by one multiplication, so that each loop but the one that fetches pixels is vectorised.
A row passes them one after the other, in buffers that stay in the fastest cache. Integers only from the place
in the texture on, so every machine mixes alike.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

_Pixel = Any
"""uint32 once compiled."""
_Scalar = Any
"""float32 once compiled."""

COARSE = 4
"""Pixels between the samples at which the surroundings of a face are drawn: their grid is coarser by far."""
_EVEN = np.uint32(0x00FF00FF)
"""The two colours of a pixel that are mixed together; the other two after a shift by eight bits."""
_ODD = np.uint32(0xFF00FF00)
_HALVES = np.uint32(0x00800080)
_BYTE = np.uint32(8)
_STEPS = np.float32(256)
"""Places between two pixels of the texture that are told apart."""
_LINE = 8
"""Px of the layer whose pixels of the texture, twice as many, the processor fetches together: 64 bytes."""


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def sample(texture: np.ndarray, map_x: np.ndarray, map_y: np.ndarray, layer: np.ndarray) -> None:
    """Fill `layer` `(h, w)` uint32 with the `texture` `(h', w')` uint32 at `map_x` and `map_y` `(h, w)`.

    Linear between its pixels; clamped to its border.
    """
    width = layer.shape[1]
    flat, size = texture.reshape(-1), texture.shape
    at, over, down = np.empty(width, np.uint32), np.empty(width, np.uint32), np.empty(width, np.uint32)
    a, b = np.empty(width, np.uint32), np.empty(width, np.uint32)
    c, d = np.empty(width, np.uint32), np.empty(width, np.uint32)
    for y in range(layer.shape[0]):
        _place(map_x[y], map_y[y], size, at, over, down)
        _fetch(flat, size[1], at, a, b, c, d)
        _mix(a, b, c, d, over, down, layer[y])


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def sample_coarse(
    texture: np.ndarray, coarse_x: np.ndarray, coarse_y: np.ndarray, top: int, left: int, layer: np.ndarray
) -> None:
    """As `sample`, of maps that have one sample every `COARSE` px and are linear between them.

    `layer` begins `top`, `left` px from the first sample, `left` being a multiple of `COARSE`.
    """
    width = layer.shape[1]
    flat, size, first = texture.reshape(-1), texture.shape, left // COARSE
    x = np.empty((width + COARSE - 1) // COARSE * COARSE, np.float32)
    y = np.empty_like(x)
    at, over, down = np.empty(width, np.uint32), np.empty(width, np.uint32), np.empty(width, np.uint32)
    a, b = np.empty(width, np.uint32), np.empty(width, np.uint32)
    c, d = np.empty(width, np.uint32), np.empty(width, np.uint32)
    for row in range(layer.shape[0]):
        above = (top + row) // COARSE
        share = np.float32((top + row) % COARSE) / np.float32(COARSE)
        _between(coarse_x[above, first:], coarse_x[above + 1, first:], share, x)
        _between(coarse_y[above, first:], coarse_y[above + 1, first:], share, y)
        _place(x, y, size, at, over, down)
        _fetch(flat, size[1], at, a, b, c, d)
        _mix(a, b, c, d, over, down, layer[row])


@njit(cache=True, nogil=True)
def visible_spans(
    extent: np.ndarray, width: int, rows: int, across: int, down: int, cover: np.ndarray, left: int, top: int
) -> np.ndarray:
    """Where a layer is to be drawn around a face that hides a part of it: `(K, 4)`, as for `draw_coarse`.

    Args:
        extent: `(2, h)`: the first column of each of its rows that is not clear, and the one after the last.
        width: of the layer, px.
        rows: how many a span has, a multiple of `COARSE`.
        across: px by which the layer has moved at most.
        down: the same vertically.
        cover: `(h', w')` uint8: how opaque the face is.
        left: px from the layer's first column to that of the face.
        top: the same vertically.
    """
    height = extent.shape[1]
    spans, count = np.empty((2 * (height // rows + 1), 4), np.int64), 0
    for start in range(0, height, rows):
        stop = min(start + rows, height)
        near = extent[:, max(start - down, 0) : start + rows + down]
        begin = max(near[0].min() - across, 0) // COARSE * COARSE
        end = min(near[1].max() + across, width)
        first, last = _hidden(cover, start - top, stop - top)
        first, last = left + first, (left + last) // COARSE * COARSE
        if last <= first:
            first, last = end, end
        for columns in ((begin, min(first, end)), (max(last, begin), end)):
            if columns[0] < columns[1]:
                spans[count] = start, stop, columns[0], columns[1]
                count += 1
    return spans[:count]


@njit(cache=True, nogil=True)
def _hidden(cover: np.ndarray, top: int, bottom: int) -> tuple[int, int]:
    """The first column that `cover` hides in all rows from `top` to `bottom`, and the one after the last; 0
    where there are none, or several stretches of them."""
    if top < 0 or bottom > len(cover):
        return 0, 0
    least = cover[top].copy()
    for y in range(top + 1, bottom):
        row = cover[y]
        for x in range(len(row)):
            least[x] = min(least[x], row[x])
    opaque = np.flatnonzero(least == np.uint8(255))
    if not len(opaque) or opaque[-1] - opaque[0] >= len(opaque):
        return 0, 0
    return opaque[0], opaque[-1] + 1


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def draw_coarse(
    texture: np.ndarray, coarse_x: np.ndarray, coarse_y: np.ndarray, spans: np.ndarray, left: int, top: int,
    canvas: np.ndarray,
) -> None:  # fmt: skip
    """As `sample_coarse` and `composite` for each of the `spans`, row by row: what was sampled is still in
    the fastest cache when it is drawn.

    `spans` `(K, 4)`: first row and the one after the last, first column, a multiple of `COARSE`, and the one
    after the last, in px from the first sample, which lies at `left`, `top` px of `canvas` `(H, W)` uint32.
    """
    flat, size, width = texture.reshape(-1), texture.shape, COARSE * coarse_x.shape[1]
    xs, ys = np.empty(width, np.float32), np.empty(width, np.float32)
    ats, overs, downs = np.empty(width, np.uint32), np.empty(width, np.uint32), np.empty(width, np.uint32)
    aa, bb = np.empty(width, np.uint32), np.empty(width, np.uint32)
    cc, dd = np.empty(width, np.uint32), np.empty(width, np.uint32)
    layer = np.empty(width, np.uint32)
    for k in range(spans.shape[0]):
        column, count = spans[k, 2], spans[k, 3] - spans[k, 2]
        first, whole = column // COARSE, (count + COARSE - 1) // COARSE * COARSE
        x, y = xs[:whole], ys[:whole]
        at, over, down = ats[:count], overs[:count], downs[:count]
        a, b, c, d = aa[:count], bb[:count], cc[:count], dd[:count]
        for row in range(spans[k, 0], spans[k, 1]):
            above, share = row // COARSE, np.float32(row % COARSE) / np.float32(COARSE)
            _between(coarse_x[above, first:], coarse_x[above + 1, first:], share, x)
            _between(coarse_y[above, first:], coarse_y[above + 1, first:], share, y)
            _place(x, y, size, at, over, down)
            _fetch(flat, size[1], at, a, b, c, d)
            _mix(a, b, c, d, over, down, layer[:count])
            _draw_row(layer[:count], canvas[top + row, left + column :])


@njit(cache=True, nogil=True, fastmath=True)
def _between(upper: np.ndarray, lower: np.ndarray, share: _Scalar, out: np.ndarray) -> None:
    """A row of the map, `share` of the way from one row of samples to the next."""
    for k in range(len(out) // COARSE):
        here = upper[k] + share * (lower[k] - upper[k])
        rise = np.float32(0.25) * (upper[k + 1] + share * (lower[k + 1] - upper[k + 1]) - here)
        # written out, so that whole steps are vectorised
        out[COARSE * k] = here
        out[COARSE * k + 1] = here + rise
        out[COARSE * k + 2] = here + np.float32(2) * rise
        out[COARSE * k + 3] = here + np.float32(3) * rise


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _place(
    x: np.ndarray, y: np.ndarray, size: tuple[int, int], at: np.ndarray, over: np.ndarray, down: np.ndarray
) -> None:
    """The number `at` of the pixel to the upper left of each place, and how far `over` and `down` it is."""
    stride = np.int32(size[1])
    right, bottom = np.float32(size[1] - 2), np.float32(size[0] - 2)
    for i in range(len(at)):
        u = min(max(x[i], np.float32(0)), right)
        v = min(max(y[i], np.float32(0)), bottom)
        column, row = np.int32(u * _STEPS), np.int32(v * _STEPS)
        over[i], down[i] = column & 255, row & 255
        at[i] = (row >> 8) * stride + (column >> 8)


def _prefetch_code(typing: Any, array: Any, index: Any) -> Any:
    """The types and the code of `_prefetch`."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        start = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        number = context.cast(builder, arguments[1], signature.args[1], types.intp)
        place = builder.bitcast(builder.gep(start, [number]), cgutils.voidptr_t)
        kind = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t] + 3 * [cgutils.int32_t])
        ask = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch")
        # for reading, into all caches, of data
        builder.call(ask, [place, *(cgutils.int32_t(option) for option in (0, 3, 1))])
        return context.get_dummy_value()

    return types.void(array, index), generate


_prefetch: Any = intrinsic(_prefetch_code)
"""Ask for the memory at an index of an array; nothing waits for it, and the index may lie beyond the end."""


@njit(cache=True, nogil=True)
def _fetch(
    flat: np.ndarray, stride: int, at: np.ndarray, a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray
) -> None:
    """The four pixels around each place: `a` and `b` above, `c` and `d` below."""
    right, below, across = flat[1:], flat[stride:], flat[stride + 1 :]
    # the next row of the layer is about two rows of the texture farther: what it needs comes meanwhile
    next_above, next_below = np.uint32(2 * stride), np.uint32(3 * stride)
    for i in range(0, len(at), _LINE):
        _prefetch(flat, at[i] + next_above)
        _prefetch(flat, at[i] + next_below)
    for i in range(len(at)):
        a[i] = flat[at[i]]
    for i in range(len(at)):
        b[i] = right[at[i]]
    for i in range(len(at)):
        c[i] = below[at[i]]
    for i in range(len(at)):
        d[i] = across[at[i]]


@njit(cache=True, nogil=True)
def _mix(
    a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray, over: np.ndarray, down: np.ndarray,
    out: np.ndarray,
) -> None:  # fmt: skip
    for i in range(len(out)):
        right, below = over[i], down[i]
        upper = _towards(a[i] & _EVEN, b[i] & _EVEN, right) >> _BYTE & _EVEN
        lower = _towards(c[i] & _EVEN, d[i] & _EVEN, right) >> _BYTE & _EVEN
        even = _towards(upper, lower, below) >> _BYTE & _EVEN
        upper = _towards(a[i] >> _BYTE & _EVEN, b[i] >> _BYTE & _EVEN, right) >> _BYTE & _EVEN
        lower = _towards(c[i] >> _BYTE & _EVEN, d[i] >> _BYTE & _EVEN, right) >> _BYTE & _EVEN
        out[i] = even | _towards(upper, lower, below) & _ODD


@njit(inline="always")
def _towards(start: _Pixel, end: _Pixel, share: _Pixel) -> _Pixel:
    """Two colours on the way from `start` to `end`, by `share` of 256: 256 times as large, rounded."""
    return np.uint32((start << _BYTE) + np.uint32(np.uint32(end - start) * share) + _HALVES)


@njit(cache=True, nogil=True)
def composite(layer: np.ndarray, left: int, top: int, canvas: np.ndarray) -> None:
    """Draw `layer` `(h, w)` uint32 over `canvas` `(H, W)` uint32, whose alpha becomes 255."""
    for y in range(layer.shape[0]):
        _draw_row(layer[y], canvas[top + y, left:])


@njit(cache=True, nogil=True)
def _draw_row(row: np.ndarray, canvas: np.ndarray) -> None:
    behind = canvas[: len(row)]
    for x in range(len(row)):
        behind[x] = _over(row[x], row[x] >> np.uint32(24), behind[x])


@njit(cache=True, nogil=True)
def composite_covered(layer: np.ndarray, cover: np.ndarray, left: int, top: int, canvas: np.ndarray) -> None:
    """As `composite`, of the part of the layer that is in front: its alpha is multiplied by `cover` / 255,
    `(h, w)` uint8, and stays multiplied."""
    width = layer.shape[1]
    for y in range(layer.shape[0]):
        row, share, behind = layer[y], cover[y], canvas[top + y, left : left + width]
        for x in range(width):
            alpha = _divided((row[x] >> np.uint32(24)) * np.uint32(share[x]))
            row[x] = row[x] & np.uint32(0x00FFFFFF) | alpha << np.uint32(24)
            behind[x] = _over(row[x], alpha, behind[x])


@njit(inline="always")
def _over(pixel: _Pixel, alpha: _Pixel, behind: _Pixel) -> _Pixel:
    """An opaque pixel: `pixel` by its `alpha`, 0 to 255, over the one `behind`."""
    rest = np.uint32(255) - alpha
    even = _divided(np.uint32((pixel & _EVEN) * alpha) + np.uint32((behind & _EVEN) * rest))
    green = (pixel >> _BYTE & np.uint32(255)) * alpha + (behind >> _BYTE & np.uint32(255)) * rest
    return even | np.uint32(_divided(np.uint32(green)) << _BYTE) | np.uint32(0xFF000000)


@njit(inline="always")
def _divided(products: _Pixel) -> _Pixel:
    """One or two products of bytes, 16 bits apart, divided by 255 and rounded."""
    more = np.uint32(products + np.uint32(0x007F007F))
    return np.uint32(more + np.uint32(0x00010001) + (more >> _BYTE & _EVEN)) >> _BYTE & _EVEN
