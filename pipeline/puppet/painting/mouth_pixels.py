"""The loops over pixels that paint the inside of the mouth.

All of them are in this file because numba, which caches compiled code on disk, notices changes of the file
that holds a loop but not of other files that it calls.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from pipeline.easing import hermite

_TINT = 0.7
"""How much of the lips' tint light takes on as it gets weaker."""
_ARCH_FRONT, _ARCH_BEND = 0.08, 1.9
"""How far the front teeth lie behind the lips, in inter-ocular distances, and how much farther back others
are per square of their distance from the middle: canines 9 mm behind the incisors, the first molars 25."""
_TONGUE_BACK = 0.2
"""How far the tongue lies behind the lips, in inter-ocular distances."""
_CORNER = 0.015
"""Height over which what lies beyond a lip's rounded edge becomes that lip, in inter-ocular distances."""
_CHEEK = 0.20
"""Light on the inner side of the cheeks at the corners of the mouth, as a share of the lips'."""
_TIP_FROM, _TIP_SIZE = 0.4, (0.19, 0.05)
"""How far the tongue is raised until its tip shows between the teeth, and half the width and height of the
tip in inter-ocular distances."""

_RAISED, _NARROWER, _UNDERSIDE = 0.3, 0.1, 0.3
"""How far the tongue is raised when its tip touches the palate; by what share it is narrower then, and how
much darker deep below the tip."""
_ROUND, _TONGUE_EDGE = 0.30, 0.5
"""How much less light its sides get, and the share of its half width over which they fade into the dark."""

_hermite = njit(cache=True, nogil=True, inline="always")(hermite)


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _sample(rgba: np.ndarray, x: float, y: float, out: np.ndarray) -> None:
    """`rgba` `(h, w, 4)` at a position between its pixels into `out` `(4,)`; transparent outside it."""
    h, w = rgba.shape[0], rgba.shape[1]
    ix, iy = int(np.floor(x)), int(np.floor(y))
    if ix < 0 or iy < 0 or ix >= w - 1 or iy >= h - 1:
        out[3] = 0.0
        return
    fx, fy = x - ix, y - iy
    for c in range(4):
        top = rgba[iy, ix, c] * (1 - fx) + rgba[iy, ix + 1, c] * fx
        bottom = rgba[iy + 1, ix, c] * (1 - fx) + rgba[iy + 1, ix + 1, c] * fx
        out[c] = top * (1 - fy) + bottom * fy


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _distances(u: float, v: float, edges: np.ndarray, ends: np.ndarray) -> tuple[float, float, float]:
    """How far a place between the lips is below the upper lip, above the lower one, and from the middle: the
    last as a share of half the opening's width."""
    last = edges.shape[1] - 1
    k = min(max((u - ends[0]) / (ends[1] - ends[0]) * last, 0.0), last - 1e-3)
    i, f = int(k), k - int(k)
    below = v - (edges[0, i] * (1 - f) + edges[0, i + 1] * f)
    above = edges[1, i] * (1 - f) + edges[1, i + 1] * f - v
    return below, above, abs(2 * k / last - 1)


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _illumination(below: float, above: float, side: float, shadow: np.ndarray, reach: np.ndarray) -> float:
    """How much light falls on a place between the lips, 0 to 1: most of it comes in over the lower lip, and
    the farther they are apart there, the more."""
    light = 1 - shadow[0] * np.exp(-below / reach[0])
    light *= 1 - shadow[1] * np.exp(-above / reach[1])
    light *= 1 - shadow[3] * np.exp(-(((below + above) / reach[3]) ** 2))
    return light * (1 - shadow[2] * max((side - reach[2]) / (1 - reach[2]), 0.0))


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _on_arch(u: float, turned: float) -> float:
    """The place across a row of teeth seen at `u` with the head `turned` (see `render_inside`); far outside
    the row where the front of the arch hides what lies behind.

    What lies at t and so much deeper is seen at u = t + turned (front + bend t²).
    """
    slope = 4 * turned * _ARCH_BEND
    if abs(slope) < 1e-3:
        return u - turned * _ARCH_FRONT
    root = 1 + slope * (u - turned * _ARCH_FRONT)
    return 2 * (np.sqrt(root) - 1) / slope if root > 0 else 9.0


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _blend_tooth(pixel: np.ndarray, tooth: np.ndarray, light: float, tint: np.ndarray) -> None:
    """Blend a tooth's RGBA over a pixel, shaded by the lips and tinted where the light came through them."""
    for c in range(3):
        share = 1 - _TINT * (1 - light) * (1 - tint[c])
        pixel[c] += tooth[3] * (tooth[c] * light * share - pixel[c])


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _fill(
    pixel: np.ndarray, jaw_u: float, jaw_v: float, side: float, light: float, raised: float,
    colours: np.ndarray, tint: np.ndarray, tongue: np.ndarray,
) -> None:  # fmt: skip
    """Fill a pixel with what lies behind the teeth: the tongue, the cheeks' inner side and the dark.

    `jaw_u`, `jaw_v`: the place on the tongue as the jaw carries it; `side`: see `_distances`; the rest as in
    `render_inside`.
    """
    # the tongue, a wet dome behind the lower teeth, its back lost in the dark; raised it is narrower and
    # shows its underside, which gets the less light the deeper it lies
    up = min(raised / _RAISED, 1.0)
    across = jaw_u / (tongue[2] * (1 - _NARROWER * up))
    depth = jaw_v + (tongue[0] + 0.7 * min(raised, _RAISED)) * np.sqrt(max(0.0, 1.0 - across * across))
    rise = _hermite(min(max(depth / tongue[1], 0.0), 1.0))
    rise *= _hermite(min(max((1 - abs(across)) / _TONGUE_EDGE, 0.0), 1.0))
    front = min(max(depth / (tongue[0] + 0.05), 0.0), 1.0)
    body = light * (tongue[3] + (1 - tongue[3]) * front) * (1 - _ROUND * across * across)
    body *= 1 - 0.08 * (1 - up) * np.exp(-((jaw_u / 0.04) ** 2))
    body *= 1 - _UNDERSIDE * up * _hermite(min(max((depth - 0.06) / 0.24, 0.0), 1.0))
    gleam = tongue[4] * light * np.exp(-(((front - 0.8) / 0.15) ** 2) - ((abs(across) - 0.3) / 0.2) ** 2)
    # the cheeks' inner side closes the cavity off
    cheek = _CHEEK * _hermite(min(max((side - 0.5) / 0.5, 0.0), 1.0))
    for c in range(3):
        # what little light is left has met tongue and lips before
        lit = colours[1, c] * body * (1 - _TINT * (1 - body) * (1 - tint[c])) + gleam * colours[3, c]
        behind = colours[0, c] + cheek * colours[2, c]
        pixel[c] = behind + rise * (lit - behind)


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def render_inside(
    u: np.ndarray, v: np.ndarray, edges: np.ndarray, ends: np.ndarray, jaw: np.ndarray,
    upper: np.ndarray, lower: np.ndarray, photo: np.ndarray, placement: np.ndarray,
    colours: np.ndarray, tint: np.ndarray, photo_light: float,
    shadow: np.ndarray, reach: np.ndarray, tongue: np.ndarray, inner_lip: np.ndarray, raised: np.ndarray,
    turned: float,
) -> np.ndarray:  # fmt: skip
    """The inside of the mouth `(h, w, 3)` float32 for pixels at face units `u`, `v`, both `(h, w)`.

    `edges`, `ends`: see `_lip_edges`; `upper`, `lower`, `photo`: RGBA of the teeth, placed by `placement`;
    `colours` `(5, 3)`: of cavity, tongue, lower lip, skin and upper lip; `tint`: of light through the lips;
    `photo_light`: the light on the photo's own teeth; `tongue`, `inner_lip`: see `_TONGUE` and `_INNER_LIP`;
    `raised` `(2,)`: how far the tongue is up, and the height of its tip between the teeth; `turned`: how far
    to the right of what is in front of it something is seen that lies one unit deeper.
    """
    height, width = u.shape
    image = np.empty((height, width, 3), np.float32)
    tooth = np.zeros(4, np.float32)
    for y in range(height):
        for x in range(width):
            skull_u, skull_v = u[y, x], v[y, x]
            jaw_u, jaw_v = skull_u - jaw[0], skull_v - jaw[1]
            below, above, side = _distances(skull_u, skull_v, edges, ends)
            light = _illumination(max(below, 0.0), max(above, 0.0), side, shadow, reach)
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
                    min(max(3.0 - 2.5 * away, 0.0), 1.0)
                )
                for c in range(3):
                    lit = colours[1, c] * (0.35 + 0.65 * light) * (1 - 0.15 * away)
                    image[y, x, c] += out * (lit - image[y, x, c])
            # the wet inside of the lips, in front of all teeth, turns outwards as they part
            rim = max(inner_lip[0] * min(max(below + above, 0.0) / inner_lip[1], 1.0), 1e-4)
            wet = inner_lip[2] * np.exp(-((max(above, 0.0) / rim) ** 2)) - min(above, 0.0) / _CORNER
            wet_above = inner_lip[3] * np.exp(-((max(below, 0.0) / rim) ** 2)) - min(below, 0.0) / _CORNER
            wet, wet_above = min(wet, 1.0), min(wet_above, 1.0)
            for c in range(3):
                image[y, x, c] += wet * (colours[2, c] * (0.5 + 0.5 * light) - image[y, x, c])
                image[y, x, c] += wet_above * (colours[4, c] * (0.5 + 0.5 * light) - image[y, x, c])
            # teeth that the photo shows hide drawn ones
            _sample(
                photo, (skull_u - placement[2, 0]) * placement[2, 2],
                (skull_v - placement[2, 1]) * placement[2, 2], tooth,
            )  # fmt: skip
            _blend_tooth(image[y, x], tooth, photo_light, tint)
    return image
