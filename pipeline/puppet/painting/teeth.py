"""Two rows of teeth as small pictures, drawn once per portrait in its own tones, or taken from the photo.

Sizes are those of adult teeth in inter-ocular distances (63 mm), foreshortened as an arch seen from the
front; brightness falls towards the cheeks, as the lips' shadow makes it do.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.faces.landmarks import INNER_LIPS
from pipeline.puppet.painting.palette import LUMA, Tones


@dataclass(frozen=True)
class Row:
    """One row of teeth: a picture and where it hangs."""

    picture: np.ndarray
    """`(H, W, 4)` float32: RGB 0 to 255 and coverage 0 to 1."""
    left: float
    top: float
    """Place of its first pixel, in inter-ocular distances from the point between the incisors' tips."""
    per: float
    """Pixels per inter-ocular distance."""


NONE = Row(np.zeros((2, 2, 4), np.float32), 0.0, 0.0, 1.0)
"""No teeth at all."""


@dataclass(frozen=True)
class Shown:
    """The upper teeth of a photo that shows them."""

    row: Row
    """The opening between its lips, placed from the seam of the lips."""
    tip: float
    """How far below the seam the incisors end."""
    colour: np.ndarray
    """`(3,)` RGB."""
    apart: float
    """How far its lips are apart."""


@dataclass(frozen=True)
class _Sizes:
    """Teeth from the middle outwards, in inter-ocular distances."""

    widths: tuple[float, ...]
    heights: tuple[float, ...]
    tips: tuple[float, ...]
    """How far each tip is off the middle ones'."""


UPPER = _Sizes(
    (0.132, 0.100, 0.096, 0.072, 0.056, 0.045),
    (0.165, 0.145, 0.160, 0.130, 0.115, 0.100),
    (0.000, -0.010, -0.002, -0.016, -0.026, -0.034),
)
LOWER = _Sizes(
    (0.084, 0.090, 0.092, 0.074, 0.056, 0.045),
    (0.140, 0.140, 0.150, 0.125, 0.110, 0.100),
    (0.000, -0.003, 0.004, -0.012, -0.020, -0.028),
)
FALL = (1.0, 0.94, 0.83, 0.68, 0.53, 0.42)
"""Brightness of each tooth: the cheeks shade those at the sides."""
BRIGHT = (1.10, 0.95)
"""What the upper and the lower row return of full light; they hardly ever get it between lips."""
WARM = 0.5
"""How much of the lips' tint light takes on as it gets weaker: what is left has met lips before."""
LIT, PALER, MOSTLY = 0.55, 0.7, 0.45
"""What tells the teeth in a photo: their light as a share of the skin's at the least, their redness as one of
the skin's at the most, and their share of what is seen between the lips."""
UNEVEN = (0.0, -0.03, 0.015, -0.02, 0.02, -0.03, 0.01, -0.015, 0.025, -0.02, 0.015, 0.0)
"""What each tooth's brightness is off, from side to side: no one's teeth are all alike."""


def upper(tones: Tones, enamel: np.ndarray, scale: float) -> Row:
    """The upper row in the colour `enamel`, for a face of `scale` px between its eyes; tips at y = 0."""
    return _row(tones, enamel, scale, UPPER, up=True)


def lower(tones: Tones, enamel: np.ndarray, scale: float) -> Row:
    """The lower row; tips at y = 0."""
    return _row(tones, enamel, scale, LOWER, up=False)


def shown(
    image: np.ndarray, rest: np.ndarray, seam: np.ndarray, axes: np.ndarray, scale: float, skin: np.ndarray
) -> Shown | None:
    """The teeth that an open mouth shows in the photo; None if it shows little of them.

    `rest` `(N, 3)`: landmarks first; `seam` `(2,)` px and `axes` `(2, 2)`: where face units begin, and px to
    face units; `skin` `(3,)`: the colour beside which teeth are bright.
    """
    apart = float(np.linalg.norm(rest[13] - rest[14])) / scale
    if apart < 0.06:
        return None
    picture = _opening(image, (rest[list(INNER_LIPS), :2] - seam) @ axes.T, seam, axes, scale)
    colour, core = picture.picture[..., :3], picture.picture[..., 3] >= 0.6
    light = colour @ LUMA
    # teeth are paler than skin; lips, tongue and gums are not
    pale = core & (light > LIT * float(skin @ LUMA)) & (_red(colour) < 1 + PALER * (_red(skin) - 1) + 0.03)
    if pale.sum() < max(20, MOSTLY * core.sum()):
        return None
    bright = pale & (light > np.median(light[pale]))
    near = np.abs(np.arange(core.shape[1]) / picture.per + picture.left) < 0.12
    rows = np.flatnonzero((bright & near).any(1))
    tip = float((rows[-1] if len(rows) else len(core)) / picture.per + picture.top) + 0.01
    return Shown(picture, tip, np.median(colour[bright], 0).astype(np.float32), apart)


def _red(colour: np.ndarray) -> np.ndarray:
    """How much more red than green and blue there is in colours `(…, 3)`: 1 for grey."""
    return 2 * colour[..., 0] / np.maximum(colour[..., 1] + colour[..., 2], 1.0)


def _opening(image: np.ndarray, outline: np.ndarray, seam: np.ndarray, axes: np.ndarray, scale: float) -> Row:
    """What the photo shows within `outline` `(K, 2)` face units, fading towards its edge."""
    per = float(np.clip(2 * scale, 120, 240))
    low, high = outline.min(0) - 0.02, outline.max(0) + 0.02
    size = np.ceil((high - low) * per).astype(int)
    to_photo = np.linalg.inv(axes)
    colour = cv2.warpAffine(
        image, np.column_stack([to_photo / per, seam + to_photo @ low]), size.tolist(),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    cover = np.zeros(size[::-1], np.uint8)
    cv2.fillPoly(cover, [np.round((outline - low) * per).astype(np.int32)], 255)
    inside = np.clip(cv2.distanceTransform(cover, cv2.DIST_L2, 3) / (0.012 * per), 0, 1)
    return Row(np.dstack([colour, inside]).astype(np.float32), float(low[0]), float(low[1]), per)


def _row(tones: Tones, enamel: np.ndarray, scale: float, teeth: _Sizes, *, up: bool) -> Row:
    per = float(np.clip(2 * scale, 120, 240))
    half = sum(teeth.widths) + 0.01
    high, low = 0.24, 0.03
    x = (np.arange(int(2 * half * per)) + 0.5) / per - half
    y = (np.arange(int((high + low) * per)) + 0.5) / per - high
    # no face is quite the same on both sides
    u, v = np.meshgrid(np.abs(x) * (1 + 0.015 * np.sign(x)), y)
    colour, body = _enamel(u, v, x < 0, tones, enamel, per, teeth)
    gums = _edge(-0.01 - v, per) * _edge(half - 0.02 - u, per)
    bright = np.minimum(colour * BRIGHT[0 if up else 1], 250)
    picture = np.dstack([bright, np.where(v < -0.03, gums, body)]).astype(np.float32)
    if up:
        return Row(picture, -half, -high, per)
    return Row(picture[::-1].copy(), -half, -low, per)


def _enamel(
    u: np.ndarray,
    v: np.ndarray,
    left: np.ndarray,
    tones: Tones,
    enamel: np.ndarray,
    per: float,
    teeth: _Sizes,
) -> tuple[np.ndarray, np.ndarray]:
    """Colour `(H, W, 3)` of a row and its gums, and the teeth's own coverage `(H, W)`."""
    gum = np.clip(0.44 * tones.lips + 0.20 * tones.skin, 0, 255)
    colour = np.broadcast_to(gum, (*u.shape, 3)).copy()
    lost = WARM * (1 - tones.flesh)
    body, middle = np.zeros_like(u), 0.0
    for k, (width, height, tip) in enumerate(zip(teeth.widths, teeth.heights, teeth.tips, strict=True)):
        aside = u - middle - width / 2
        inside = _tooth(aside, v - tip, width, height, per, flat=k < 2)
        uneven = np.where(left, UNEVEN[5 - k], UNEVEN[6 + k])[None, :]
        shade = (FALL[k] + uneven) * _relief(aside, (tip - v) / height, width)
        colour += inside[..., None] * (enamel * _tinted(shade[..., None], lost) - colour)
        body = np.maximum(body, inside)
        middle += width
    # between the teeth it is darker, but never black: enamel scatters light
    gap = ((1 - body) * (1 - np.clip((-v - 0.13) / 0.05, 0, 1)))[..., None]
    colour += gap * (0.78 * enamel + 0.08 * tones.dark - colour)
    fall = np.interp(u, np.cumsum(teeth.widths), FALL)[..., None]
    return np.where(body[..., None] > 0.5, colour, colour * _tinted(0.6 + 0.4 * fall, lost)), body


def _tinted(light: np.ndarray, lost: np.ndarray) -> np.ndarray:
    """So much `light` per channel, less of those of which weak light has `lost` a share."""
    return light * (1 - lost * (1 - light))


def _tooth(
    u: np.ndarray, v: np.ndarray, width: float, height: float, per: float, *, flat: bool
) -> np.ndarray:
    """Coverage of one tooth whose tip is at v = 0 and whose root is above; rounded, incisors flat-tipped."""
    taper = 1 - 0.14 * np.clip(-v / height, 0, 1) ** 1.5
    half = width / 2 * taper - 0.002
    corner = width * (0.22 if flat else 0.42)
    qx = np.abs(u) - half + corner
    qy = np.abs(v + height / 2) - height / 2 + corner
    away = np.hypot(np.maximum(qx, 0), np.maximum(qy, 0)) + np.minimum(np.maximum(qx, qy), 0) - corner
    return _edge(-away, per)


def _relief(u: np.ndarray, rise: np.ndarray, width: float) -> np.ndarray:
    """Brightness over a tooth: round from side to side, bluish-dark at the tip, warmer to the root."""
    return (1 - 0.13 * np.clip(np.abs(u) / (width / 2), 0, 1.2) ** 3) * (
        0.93 + 0.07 * np.clip(rise / 0.25, 0, 1) - 0.10 * np.clip((rise - 0.5) / 0.5, 0, 1)
    )


def _edge(inside: np.ndarray, per: float) -> np.ndarray:
    """Coverage of a shape by the distance inside its edge."""
    return np.clip(inside * per / 1.5 + 0.5, 0, 1)
