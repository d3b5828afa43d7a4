"""The loops over pixels that paint the inside of the mouth.

All of them are in this file because numba, which caches compiled code on disk, notices changes of the file
that holds a loop but not of other files that it calls.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

_Scalar = Any
"""float32 once compiled."""
_f32 = np.float32
"""The type of all numbers: among float64 an exponential takes twice as long."""
_TINT = _f32(0.8)
"""How much of the lips' tint light takes on as it gets weaker."""
_ARCH_FRONT, _ARCH_BEND = _f32(0.08), _f32(1.9)
"""How far the front teeth lie behind the lips, in inter-ocular distances, and how much farther back others
are per square of their distance from the middle: canines 9 mm behind the incisors, the first molars 25."""
_TONGUE_BACK = _f32(0.2)
"""How far the tongue lies behind the lips, in inter-ocular distances."""
_CORNER = _f32(0.015)
"""Height over which what lies beyond a lip's rounded edge becomes that lip, in inter-ocular distances."""
_CHEEK = _f32(0.20)
"""Light on the inner side of the cheeks at the corners of the mouth, as a share of the lips'."""
_TIP_FROM, _TIP_SIZE = _f32(0.4), (_f32(0.19), _f32(0.05))
"""How far the tongue is raised until its tip shows between the teeth, and half the width and height of the
tip in inter-ocular distances."""

_RAISED, _NARROWER, _UNDERSIDE = _f32(0.3), _f32(0.25), _f32(0.55)
"""How far the tongue is raised when its tip touches the palate; by what share it is narrower then, and how
much darker deep below the tip."""
_UNDERSIDE_FROM, _UNDERSIDE_OVER = _f32(0.12), _f32(0.28)
"""Depth below the tip at which that begins, and over which it grows, in inter-ocular distances."""
_ROUND, _ROUND_RAISED, _TONGUE_EDGE = _f32(0.30), _f32(0.25), _f32(0.35)
"""How much less light its sides get, and how much less still when it is raised; and the share of its half
width over which they fade into the dark."""
_SIDES = _f32(0.12)
"""How much lower its sides lie than its middle, in inter-ocular distances, beyond what its height makes."""

_GONE = _f32(12)
"""Exponent from which nothing is left that could be seen: less than a hundredth of a grey level."""


@njit(inline="always")
def _hermite(t: _Scalar) -> _Scalar:
    """`pipeline.easing.hermite`, whose integers would make its result a float64."""
    return t * t * (_f32(3) - _f32(2) * t)


@njit(cache=True, nogil=True, fastmath=True)
def _decayed(distance: _Scalar) -> _Scalar:
    """What is left of 1 after `distance`, which is not negative: nothing from `_GONE` on."""
    return np.exp(-distance) if distance < _GONE else _f32(0)


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _sample(rgba: np.ndarray, x: _Scalar, y: _Scalar, out: np.ndarray) -> None:
    """`rgba` `(h, w, 4)` at a position between its pixels into `out` `(4,)`; transparent outside it."""
    h, w = rgba.shape[0], rgba.shape[1]
    ix, iy = int(np.floor(x)), int(np.floor(y))
    if ix < 0 or iy < 0 or ix >= w - 1 or iy >= h - 1:
        out[3] = _f32(0.0)
        return
    fx, fy = x - _f32(ix), y - _f32(iy)
    for c in range(4):
        top = rgba[iy, ix, c] * (_f32(1) - fx) + rgba[iy, ix + 1, c] * fx
        bottom = rgba[iy + 1, ix, c] * (_f32(1) - fx) + rgba[iy + 1, ix + 1, c] * fx
        out[c] = top * (_f32(1) - fy) + bottom * fy


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _distances(
    u: _Scalar, v: _Scalar, edges: np.ndarray, ends: np.ndarray
) -> tuple[_Scalar, _Scalar, _Scalar]:
    """How far a place between the lips is below the upper lip, above the lower one, and from the middle: the
    last as a share of half the opening's width."""
    last = _f32(edges.shape[1] - 1)
    k = min(max((u - ends[0]) / (ends[1] - ends[0]) * last, _f32(0.0)), last - _f32(1e-3))
    i, f = int(k), k - _f32(int(k))
    below = v - (edges[0, i] * (_f32(1) - f) + edges[0, i + 1] * f)
    above = edges[1, i] * (_f32(1) - f) + edges[1, i + 1] * f - v
    return below, above, abs(_f32(2) * k / last - _f32(1))


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _illumination(
    below: _Scalar, above: _Scalar, side: _Scalar, shadow: np.ndarray, reach: np.ndarray
) -> _Scalar:
    """How much light falls on a place between the lips, 0 to 1: most of it comes in over the lower lip, and
    the farther they are apart there, the more."""
    light = _f32(1) - shadow[0] * _decayed(below / reach[0])
    light *= _f32(1) - shadow[1] * _decayed(above / reach[1])
    light *= _f32(1) - shadow[3] * _decayed(((below + above) / reach[3]) ** 2)
    return light * (_f32(1) - shadow[2] * max((side - reach[2]) / (_f32(1) - reach[2]), _f32(0.0)))


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _on_arch(u: _Scalar, turned: _Scalar) -> _Scalar:
    """The place across a row of teeth seen at `u` with the head `turned` (see `render_inside`); far outside
    the row where the front of the arch hides what lies behind.

    What lies at t and so much deeper is seen at u = t + turned (front + bend t²).
    """
    from_front = u - turned * _ARCH_FRONT
    root = _f32(1) + _f32(4) * turned * _ARCH_BEND * from_front
    return _f32(2) * from_front / (_f32(1) + np.sqrt(root)) if root > _f32(0) else _f32(9)


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _blend_tooth(pixel: np.ndarray, tooth: np.ndarray, light: _Scalar, tint: np.ndarray) -> None:
    """Blend a tooth's RGBA over a pixel, shaded by the lips and tinted where the light came through them."""
    for c in range(3):
        share = _f32(1) - _TINT * (_f32(1) - light) * (_f32(1) - tint[c])
        pixel[c] += tooth[3] * (tooth[c] * light * share - pixel[c])


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _fill(
    pixel: np.ndarray, jaw_u: _Scalar, jaw_v: _Scalar, side: _Scalar, light: _Scalar, raised: _Scalar,
    colours: np.ndarray, tint: np.ndarray, tongue: np.ndarray,
) -> None:  # fmt: skip
    """Fill a pixel with what lies behind the teeth: the tongue, the cheeks' inner side and the dark.

    `jaw_u`, `jaw_v`: the place on the tongue as the jaw carries it; `side`: see `_distances`; the rest as in
    `render_inside`.
    """
    # the tongue, a wet dome behind the lower teeth, its back lost in the dark; raised it is narrower and
    # shows its underside, which gets the less light the deeper it lies
    up = min(raised / _RAISED, _f32(1))
    across = jaw_u / (tongue[2] * (_f32(1) - _NARROWER * up))
    dome = np.sqrt(max(_f32(0), _f32(1) - across * across))
    depth = jaw_v + (tongue[0] + _f32(0.7) * min(raised, _RAISED)) * dome - _SIDES * (_f32(1) - dome)
    rise = _hermite(min(max(depth / tongue[1], _f32(0.0)), _f32(1.0)))
    rise *= _hermite(min(max((_f32(1) - abs(across)) / _TONGUE_EDGE, _f32(0.0)), _f32(1.0)))
    front = min(max(depth / (tongue[0] + _f32(0.05)), _f32(0.0)), _f32(1.0))
    body = light * (tongue[3] + (_f32(1) - tongue[3]) * front)
    body *= _f32(1) - (_ROUND + _ROUND_RAISED * up) * across * across
    body *= _f32(1) - _f32(0.08) * (_f32(1) - up) * _decayed((jaw_u / _f32(0.04)) ** 2)
    body *= _f32(1) - _UNDERSIDE * up * _hermite(
        min(max((depth - _UNDERSIDE_FROM) / _UNDERSIDE_OVER, _f32(0.0)), _f32(1.0))
    )
    off_gleam = ((front - _f32(0.8)) / _f32(0.15)) ** 2 + ((abs(across) - _f32(0.3)) / _f32(0.2)) ** 2
    gleam = tongue[4] * light * _decayed(off_gleam)
    # the cheeks' inner side closes the cavity off
    cheek = _CHEEK * _hermite(min(max((side - _f32(0.5)) / _f32(0.5), _f32(0.0)), _f32(1.0)))
    for c in range(3):
        # what little light is left has met tongue and lips before
        lit = (
            colours[1, c] * body * (_f32(1) - _TINT * (_f32(1) - body) * (_f32(1) - tint[c]))
            + gleam * colours[3, c]
        )
        behind = colours[0, c] + cheek * colours[2, c]
        pixel[c] = behind + rise * (lit - behind)


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def render_inside(
    seen: np.ndarray, u: np.ndarray, v: np.ndarray, edges: np.ndarray, ends: np.ndarray, jaw: np.ndarray,
    upper: np.ndarray, lower: np.ndarray, photo: np.ndarray, placement: np.ndarray,
    colours: np.ndarray, tint: np.ndarray, photo_light: _Scalar,
    shadow: np.ndarray, reach: np.ndarray, tongue: np.ndarray, inner_lip: np.ndarray, raised: np.ndarray,
    turned: _Scalar,
) -> np.ndarray:  # fmt: skip
    """The inside of the mouth `(h, w, 3)` float32 for pixels at face units `u`, `v`, both `(h, w)`, where
    `seen` `(h, w)` is not 0.

    `edges`, `ends`: see `_lip_edges`; `upper`, `lower`, `photo`: RGBA of the teeth, placed by `placement`;
    `colours` `(5, 3)`: of cavity, tongue, lower lip, skin and upper lip; `tint`: of light through the lips;
    `photo_light`: the light on the photo's own teeth; `tongue`, `inner_lip`: see `_TONGUE` and `_INNER_LIP`;
    `raised` `(2,)`: how far the tongue is up, and the height of its tip between the teeth; `turned`: how far
    to the right of what is in front of it something is seen that lies one unit deeper.
    """
    height, width = u.shape
    image = np.zeros((height, width, 3), np.float32)
    tooth = np.zeros(4, np.float32)
    for y in range(height):
        for x in range(width):
            if not seen[y, x]:
                continue
            skull_u, skull_v = u[y, x], v[y, x]
            jaw_u, jaw_v = skull_u - jaw[0], skull_v - jaw[1]
            below, above, side = _distances(skull_u, skull_v, edges, ends)
            light = _illumination(max(below, _f32(0.0)), max(above, _f32(0.0)), side, shadow, reach)
            _fill(
                image[y, x], jaw_u - turned * _TONGUE_BACK, jaw_v, side, light, raised[0], colours, tint,
                tongue,
            )  # fmt: skip
            row_u = _on_arch(skull_u, turned)
            jaw_row_u = _on_arch(jaw_u, turned)
            _sample(
                lower, (jaw_row_u - placement[1, 0]) * placement[1, 2],
                (jaw_v - placement[1, 1]) * placement[1, 2], tooth,
            )  # fmt: skip
            _blend_tooth(image[y, x], tooth, light, tint)
            _sample(
                upper, (row_u - placement[0, 0]) * placement[0, 2],
                (skull_v - placement[0, 1]) * placement[0, 2], tooth,
            )  # fmt: skip
            _blend_tooth(image[y, x], tooth, light, tint)
            # its tip between the teeth
            if raised[0] > _TIP_FROM:
                away = np.sqrt((jaw_u / _TIP_SIZE[0]) ** 2 + ((skull_v - raised[1]) / _TIP_SIZE[1]) ** 2)
                out = min((raised[0] - _TIP_FROM) / 0.06, 1.0) * _hermite(
                    min(max(_f32(3.0) - _f32(2.5) * away, _f32(0.0)), _f32(1.0))
                )
                for c in range(3):
                    lit = colours[1, c] * (_f32(0.35) + _f32(0.65) * light) * (_f32(1) - _f32(0.15) * away)
                    image[y, x, c] += out * (lit - image[y, x, c])
            # the wet inside of the lips, in front of all teeth, turns outwards as they part
            rim = max(inner_lip[0] * min(max(below + above, _f32(0.0)) / inner_lip[1], _f32(1.0)), _f32(1e-4))
            wet = (
                inner_lip[2] * _decayed((max(above, _f32(0.0)) / rim) ** 2) - min(above, _f32(0.0)) / _CORNER
            )
            wet_above = (
                inner_lip[3] * _decayed((max(below, _f32(0.0)) / rim) ** 2) - min(below, _f32(0.0)) / _CORNER
            )
            wet, wet_above = min(wet, _f32(1.0)), min(wet_above, _f32(1.0))
            for c in range(3):
                image[y, x, c] += wet * (colours[2, c] * (_f32(0.5) + _f32(0.5) * light) - image[y, x, c])
                image[y, x, c] += wet_above * (
                    colours[4, c] * (_f32(0.5) + _f32(0.5) * light) - image[y, x, c]
                )
            # teeth that the photo shows hide drawn ones
            _sample(
                photo, (skull_u - placement[2, 0]) * placement[2, 2],
                (skull_v - placement[2, 1]) * placement[2, 2], tooth,
            )  # fmt: skip
            _blend_tooth(image[y, x], tooth, photo_light, tint)
    return image
