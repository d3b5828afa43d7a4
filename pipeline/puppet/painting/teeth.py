"""Two rows of teeth as small images, drawn once per portrait in its own colours.

Sizes are those of adult teeth in inter-ocular distances (63 mm), foreshortened as an arch seen from the
front; brightness falls off towards the cheeks, because the lips shade them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pipeline.puppet.painting.palette import Palette


@dataclass(frozen=True)
class TeethImage:
    """One row of teeth: an image and its place."""

    rgba: np.ndarray
    """`(H, W, 4)` float32: RGB 0 to 255 and alpha 0 to 1."""
    left: float
    top: float
    """Position of the first pixel, in inter-ocular distances from the point between the incisors' tips."""
    resolution: float
    """Pixels per inter-ocular distance."""


NO_TEETH = TeethImage(np.zeros((2, 2, 4), np.float32), 0.0, 0.0, 1.0)
"""An empty image."""


@dataclass(frozen=True)
class _Row:
    """Teeth from the middle outwards, in inter-ocular distances."""

    widths: tuple[float, ...]
    heights: tuple[float, ...]
    tips: tuple[float, ...]
    """How far each tip is below those of the middle teeth."""


_UPPER = _Row(
    (0.132, 0.100, 0.096, 0.072, 0.056, 0.045),
    (0.165, 0.145, 0.160, 0.130, 0.115, 0.100),
    (0.000, -0.010, -0.005, -0.014, -0.024, -0.034),
)
_LOWER = _Row(
    (0.084, 0.090, 0.092, 0.074, 0.056, 0.045),
    (0.140, 0.140, 0.150, 0.125, 0.110, 0.100),
    (0.000, -0.003, 0.004, -0.012, -0.020, -0.028),
)
_FALLOFF = (1.0, 0.93, 0.79, 0.60, 0.44, 0.34)
"""Brightness of each tooth: the cheeks shade those at the sides."""
_CORNERS = (0.20, 0.26, 0.36, 0.30, 0.28, 0.28)
"""How far each tooth's corners are rounded, as a share of its width. Behind the canines the row is seen from
its side, where one tooth hides the corner of the next: rounder, they look like beads."""
_UPPER_GAIN, _LOWER_GAIN = 1.24, 0.80
"""Share of full light that each row reflects; between lips it hardly ever gets full light."""
_MAX_LIGHT = 245.0
"""The lightest that a tooth gets in any channel, of 255."""
_TINT = 0.5
"""How much of the lips' tint light takes on as it gets weaker: what is left has met lips before."""
_VARIATION = (0.0, -0.03, 0.02, -0.03, 0.03, -0.04, 0.015, -0.025, 0.035, -0.03, 0.02, 0.0)
"""Deviation of each tooth's brightness, from side to side: nobody's teeth are all alike."""


def resolution(scale: float) -> float:
    """Pixels per inter-ocular distance of teeth for a face of `scale` px between its eyes."""
    return float(np.clip(2 * scale, 120, 240))


def upper_row(palette: Palette, enamel: np.ndarray, scale: float) -> TeethImage:
    """The upper teeth of colour `enamel` `(3,)` RGB, for `scale` px between the eyes; tips at y = 0."""
    image, half_width, height, _ = _draw_row(palette, enamel, resolution(scale), _UPPER, _UPPER_GAIN)
    return TeethImage(image, -half_width, -height, resolution(scale))


def lower_row(palette: Palette, enamel: np.ndarray, scale: float) -> TeethImage:
    """The lower teeth; tips at y = 0."""
    image, half_width, _, margin = _draw_row(palette, enamel, resolution(scale), _LOWER, _LOWER_GAIN)
    return TeethImage(image[::-1].copy(), -half_width, -margin, resolution(scale))


def lit(row: TeethImage, light: float) -> TeethImage:
    """The row in `light` times as much light."""
    return replace(row, rgba=row.rgba * np.array([light, light, light, 1], np.float32))


def _draw_row(
    palette: Palette, enamel: np.ndarray, per_unit: float, row: _Row, gain: float
) -> tuple[np.ndarray, float, float, float]:
    """RGBA `(H, W, 4)` of a row with its roots above, half its width, and its extent above and below y = 0.

    `per_unit`: pixels per inter-ocular distance.
    """
    half_width = sum(row.widths) + 0.01
    above, below = 0.24, 0.03
    x = (np.arange(int(2 * half_width * per_unit)) + 0.5) / per_unit - half_width
    y = (np.arange(int((above + below) * per_unit)) + 0.5) / per_unit - above
    # no face is quite the same on both sides
    u, v = np.meshgrid(np.abs(x) * (1 + 0.015 * np.sign(x)), y)
    colour, body = _enamel_and_gums(u, v, x < 0, palette, enamel, per_unit, row)
    gums = _antialiased(-0.01 - v, per_unit) * _antialiased(half_width - 0.02 - u, per_unit)
    # all channels alike: teeth that are cut off at white in one of them change their hue
    bright = colour * min(gain, _MAX_LIGHT / max(float(enamel.max()), 1.0))
    rgba = np.dstack([bright, np.where(v < -0.03, gums, body)]).astype(np.float32)
    return rgba, half_width, above, below


def _enamel_and_gums(
    u: np.ndarray,
    v: np.ndarray,
    left: np.ndarray,
    palette: Palette,
    enamel: np.ndarray,
    per_unit: float,
    row: _Row,
) -> tuple[np.ndarray, np.ndarray]:
    """Colour `(H, W, 3)` of a row and its gums, and the coverage `(H, W)` of the teeth alone.

    `u`, `v` `(H, W)`: distance from the middle and height; `left` `(W,)` bool: the image's left half.
    """
    gum = np.clip(0.44 * palette.lips + 0.20 * palette.skin, 0, 255)
    colour = np.broadcast_to(gum, (*u.shape, 3)).copy()
    absorbed = _TINT * (1 - palette.lip_tint)
    body, middle = np.zeros_like(u), 0.0
    for k, (width, height, tip) in enumerate(zip(row.widths, row.heights, row.tips, strict=True)):
        offset = u - middle - width / 2
        inside = _tooth(offset, v - tip, width, height, per_unit, _CORNERS[k])
        variation = np.where(left, _VARIATION[5 - k], _VARIATION[6 + k])[None, :]
        shade = (_FALLOFF[k] + variation) * _relief(offset, (tip - v) / height, width)
        colour += inside[..., None] * (enamel * _tinted(shade[..., None], absorbed) - colour)
        body = np.maximum(body, inside)
        middle += width
    # between the teeth it is darker, but never black: enamel scatters light
    gap = ((1 - body) * (1 - np.clip((-v - 0.13) / 0.05, 0, 1)))[..., None]
    colour += gap * (0.85 * enamel + 0.05 * palette.dark - colour)
    falloff = np.interp(u, np.cumsum(row.widths), _FALLOFF)[..., None]
    return np.where(body[..., None] > 0.5, colour, colour * _tinted(0.6 + 0.4 * falloff, absorbed)), body


def _tinted(light: np.ndarray, absorbed: np.ndarray) -> np.ndarray:
    """`light` per channel, weaker in the channels of which dim light has lost the share `absorbed`."""
    return light * (1 - absorbed * (1 - light))


def _tooth(
    u: np.ndarray, v: np.ndarray, width: float, height: float, per_unit: float, rounded: float
) -> np.ndarray:
    """Coverage of one tooth whose tip is at v = 0 and whose root is above; its corners are `rounded` by that
    share of its width."""
    taper = 1 - 0.14 * np.clip(-v / height, 0, 1) ** 1.5
    half_width = width / 2 * taper - 0.002
    corner = width * rounded
    qx = np.abs(u) - half_width + corner
    qy = np.abs(v + height / 2) - height / 2 + corner
    outside = np.hypot(np.maximum(qx, 0), np.maximum(qy, 0)) + np.minimum(np.maximum(qx, qy), 0) - corner
    return _antialiased(-outside, per_unit)


def _relief(u: np.ndarray, rise: np.ndarray, width: float) -> np.ndarray:
    """Brightness over a tooth: round from side to side, bluish-dark at the tip, warmer to the root."""
    return (1 - 0.10 * np.clip(np.abs(u) / (width / 2), 0, 1.2) ** 3) * (
        0.93 + 0.07 * np.clip(rise / 0.25, 0, 1) - 0.10 * np.clip((rise - 0.5) / 0.5, 0, 1)
    )


def _antialiased(inside: np.ndarray, per_unit: float) -> np.ndarray:
    """Coverage of a shape from the distance inside its edge."""
    return np.clip(inside * per_unit / 1.5 + 0.5, 0, 1)
