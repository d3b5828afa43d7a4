"""The loops over pixels that paint eyes and lids.

They cover a few hundred pixels several times in every frame: numba does in one pass what would cost numpy
mostly call overhead. They are in one file, as they share functions: numba, which caches compiled code on
disk, notices changes of the file that holds a loop but not of other files that it calls.
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
    region: np.ndarray, to_eye: np.ndarray, ends: tuple[float, float], curves: np.ndarray,
    sheet: np.ndarray, lashes: np.ndarray, tint: np.ndarray, low: float, scale: float, closure: float,
    root_width: float, lowest: float, grain: np.ndarray, to_grain: np.ndarray, opacity: float,
) -> None:  # fmt: skip
    """Draw a lowering upper lid and its lashes into `region` `(h, w, 3)` uint8.

    Args:
        region: the pixels around the lid.
        to_eye: affine `(2, 3)` from px of the region to eye coordinates: the share of the eye's width from
            the outer corner, and px below the line between the corners.
        ends: the shares of the first and last row of `curves` and column of `sheet`.
        curves: `(K, 5)`, along the eye: px of the lid's edge below the corners' line, of the crease above the
            edge, and the latter in the photo; the light that the lashes' roots let through; up to what height
            above the photo's edge to draw.
        sheet: `(h', w', 7)`, by height above the lid's edge in the photo and by share: RGB of the skin
            without lashes, how much it covers, and by what to multiply its RGB once it has unrolled.
        lashes: `(h', w')`, the light that lashes let through.
        tint: `(3,)`, its powers that red, green and blue are multiplied by.
        low: height of the first row of `sheet` and `lashes` in px of the photo.
        scale: px of the photo per px of the region.
        closure: how far the lid is shut, 0 to 1.
        root_width: px of the region, half the width of the line of the lashes' roots.
        lowest: px above the lid's edge from which to draw, negative.
        grain: `(h'', w'')`, fine structure of skin.
        to_grain: affine `(2, 3)` from px of the region to px of the grain.
        opacity: 0 to 1.
    """
    curve, skin = np.empty(5), np.empty(7)
    columns, span = sheet.shape[1] - 1, ends[1] - ends[0]
    for y in range(region.shape[0]):
        for x in range(region.shape[1]):
            share, down = _transformed(to_eye, x, y)
            place = (share - ends[0]) / span
            if place <= 0 or place >= 1:
                continue
            _table_row(curves, place, curve)
            above = curve[0] - down
            if above < lowest or (above - curve[1]) * scale > curve[4] - curve[2]:
                continue
            light = _lash_light(lashes, place * columns, above, low, scale, closure, share, root_width)
            light = min(light, _root_light(curve[3], above / root_width, share, closure))
            # beyond the corner there is no edge to end at
            soft = 1 + 4 * root_width * _smoothstep(-share, 0.0, 0.12)
            covered, fine = min(max(above / soft + 0.5, 0.0), 1.0), 0.0
            if covered > 0:
                at = place * columns
                rough = _lid_skin(sheet, curve, at, above, low, scale, closure, share, root_width, skin)
                covered *= skin[3]
                if covered * rough > 0.05:
                    grain_x, grain_y = _transformed(to_grain, x, y)
                    row = int(_mirrored(grain_y, grain.shape[0]))
                    fine = rough * grain[row, int(_mirrored(grain_x, grain.shape[1]))]
            for c in range(3):
                behind = float(region[y, x, c])
                skin[c] = behind + covered * (skin[c] + fine - behind)
                if light < 1:
                    skin[c] *= max(light, 0.0) ** tint[c]
            _mix(region[y, x], skin[:3], opacity)


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _lid_skin(
    sheet: np.ndarray, curve: np.ndarray, column: float, above: float, low: float, scale: float,
    closure: float, share: float, root_width: float, skin: np.ndarray,
) -> float:  # fmt: skip
    """The skin `above` px over the edge of a lid into `skin` `(7,)`: first its colour, then how much it
    covers.

    Returns how much fine structure it lost by being stretched, 0 to 1.
    """
    crease = max(curve[1], 0.5)
    way, stretch = min(max(above / crease, 0.0), 1.0), crease * scale / curve[2]
    # the lid unrolls from below its crease: beside the crease the skin is as it was
    unrolled = way / (way + max(1 + 0.8 * (stretch - 1), 0.5) * (1 - way))
    _sample(sheet, column, curve[2] * unrolled + max(above - crease, 0.0) * scale - low, skin)
    # a ball: brightest in its middle, darker towards lashes
    ball = 0.05 * max(1 - ((way - 0.5) / 0.4) ** 2, 0.0) - 0.1 * (1 - _smoothstep(way, 0.0, 0.35))
    # as it shuts, its fold opens to a soft line
    fold = max(1 - ((share - 0.45) / 0.5) ** 2, 0.0) * np.exp(-(((above - crease) / (1.7 * root_width)) ** 2))
    # skin that has left its fold is in the light, though the eye is half open; the fold stays in its shadow
    emerged = 1 - 1 / max(stretch, 1.0)
    shadowed = 0.6 * _smoothstep((1 - way) * max(stretch, 1.0), 0.75, 0.0)
    lit = max(closure, emerged) * (1 - shadowed)
    for c in range(3):
        shade = ball - 0.12 * fold * (0.9 + 0.1 * c)
        skin[c] *= (1 + closure * shade) * (1 + lit * (skin[4 + c] - 1))
    return (1 - way**2) * emerged


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _root_light(root: float, distance: float, share: float, closure: float) -> float:
    """The light that passes the line of the lashes, `distance` half widths off; it is thinner at the nose."""
    distance *= 1 + 0.8 * _smoothstep(share, 0.45, 1.0)
    if abs(distance) > 2.2:
        return 1.0
    ends_in = _smoothstep(share, -0.04, 0.06) * (1 - _smoothstep(share, 0.92, 1.02))
    # where lids meet, little light gets in, whatever the lashes
    return 1 - ends_in * (1 - min(root, 1 - 0.35 * closure)) * (1 - (distance / 2.2) ** 2) ** 2


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _lash_light(
    lashes: np.ndarray, column: float, above: float, low: float, scale: float, closure: float, share: float,
    root_width: float,
) -> float:  # fmt: skip
    """The light that lashes let through `above` px over the edge of a lid; they turn about it as it shuts."""
    # towards the corners they only lie down, as the edge that they are rooted in hardly moves there
    rooted = _smoothstep(share, -0.05, 0.3) * (1 - _smoothstep(share, 0.65, 0.95))
    upright = max(1 - 1.65 * closure, 0.12 - 0.8 * rooted)
    if above * upright < 0:
        return 1.0
    per_px = scale / max(abs(upright), 0.15)
    # what hangs below the edge is lashes alone, without the line of their roots
    height = abs(above) * per_px + (root_width * scale if upright < 0 else 0.0)
    if height - 0.33 * per_px > low + lashes.shape[0] - 1:
        return 1.0
    if per_px < 2:
        light = _plane(lashes, column, height - low)
    else:
        light = 0.0
        for k in range(-1, 2):
            light += _plane(lashes, column, max(height + 0.33 * k * per_px, 0.0) - low) / 3
    strength = rooted if upright < 0 else 1 - closure * _smoothstep(-share, 0.0, 0.12)
    return 1 - (1 - light) * strength


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _plane(plane: np.ndarray, x: float, y: float) -> float:
    """As `_sample`, of `plane` `(h, w)`."""
    height, width = plane.shape
    x, y = min(max(x, 0.0), width - 1.0), min(max(y, 0.0), height - 1.0)
    left, top = int(x), int(y)
    right, bottom = min(left + 1, width - 1), min(top + 1, height - 1)
    x -= left
    y -= top
    upper = plane[top, left] * (1 - x) + plane[top, right] * x
    lower = plane[bottom, left] * (1 - x) + plane[bottom, right] * x
    return upper * (1 - y) + lower * y


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def overlay(region: np.ndarray, patch: np.ndarray, to_patch: np.ndarray, opacity: float) -> None:
    """Draw `patch` `(h', w', 4)`, RGB and opacity, over `region` `(h, w, 3)` uint8.

    `to_patch` `(2, 3)`: affine from px of the region to px of the patch; nothing lies beyond its border.
    """
    colour = np.empty(4)
    for y in range(region.shape[0]):
        for x in range(region.shape[1]):
            from_x, from_y = _transformed(to_patch, x, y)
            if 0 <= from_x < patch.shape[1] - 1 and 0 <= from_y < patch.shape[0] - 1:
                _sample(patch, from_x, from_y, colour)
                _mix(region[y, x], colour[:3], opacity * colour[3])


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
