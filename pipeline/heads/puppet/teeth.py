"""Two rows of teeth as small pictures, drawn once per portrait in its own tones, or taken from the photo.

Sizes are those of adult teeth in inter-ocular distances (63 mm), foreshortened as an arch seen from the
front; brightness falls towards the cheeks, as the lips' shadow makes it do.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.heads.puppet import points as at
from pipeline.heads.puppet.tones import LUMA, Tones


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


UPPER_WIDTHS = (0.132, 0.100, 0.096, 0.072, 0.056, 0.045)
UPPER_HEIGHTS = (0.165, 0.145, 0.160, 0.130, 0.115, 0.10)
UPPER_TIPS = (0.0, -0.010, -0.002, -0.016, -0.026, -0.034)
LOWER_WIDTHS = (0.084, 0.090, 0.092, 0.074, 0.056, 0.045)
LOWER_HEIGHTS = (0.14, 0.14, 0.15, 0.125, 0.11, 0.10)
LOWER_TIPS = (0.0, -0.003, 0.004, -0.012, -0.02, -0.028)
FALL = (1.0, 0.94, 0.83, 0.68, 0.53, 0.42)
UNEVEN = (0.0, -0.03, 0.015, -0.02, 0.02, -0.03, 0.01, -0.015, 0.025, -0.02, 0.015, 0.0)
"""What each tooth's brightness is off, from side to side: no one's teeth are all alike."""


def upper(tones: Tones, enamel: np.ndarray, scale: float) -> Row:
    """The upper row in the colour `enamel`, for a face of `scale` px between its eyes; tips at y = 0."""
    return _row(tones, enamel, scale, UPPER_WIDTHS, UPPER_HEIGHTS, UPPER_TIPS, up=True)


def lower(tones: Tones, enamel: np.ndarray, scale: float) -> Row:
    """The lower row; tips at y = 0."""
    return _row(tones, enamel, scale, LOWER_WIDTHS, LOWER_HEIGHTS, LOWER_TIPS, up=False)


def shown(
    image: np.ndarray, rest: np.ndarray, seam: np.ndarray, axes: np.ndarray, scale: float, skin: np.ndarray
) -> Shown | None:
    """The teeth that an open mouth shows in the photo; None if its lips are closed or nothing is bright.

    `rest` `(N, 3)`: landmarks first; `seam` `(2,)` px and `axes` `(2, 2)`: where face units begin, and px to
    face units; `skin` `(3,)`: the colour beside which teeth are bright.
    """
    if float(np.linalg.norm(rest[13] - rest[14])) / scale < 0.06:
        return None
    per = float(np.clip(2 * scale, 120, 240))
    opening = (rest[list(at.INNER_LIPS), :2] - seam) @ axes.T
    low, high = opening.min(0) - 0.02, opening.max(0) + 0.02
    size = np.ceil((high - low) * per).astype(int)
    to_photo = np.linalg.inv(axes) / per
    matrix = np.column_stack([to_photo, seam + np.linalg.inv(axes) @ low])
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    colour = cv2.warpAffine(image, matrix, size.tolist(), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    cover = np.zeros(size[::-1], np.uint8)
    cv2.fillPoly(cover, [np.round((opening - low) * per).astype(np.int32)], 255)
    inside = np.clip(cv2.distanceTransform(cover, cv2.DIST_L2, 3) / (0.03 * per), 0, 1)
    light = colour @ LUMA
    core = inside >= 0.6
    if core.sum() < 20 or np.median(light[core]) < 0.55 * float(skin @ LUMA):
        return None
    bright = core & (light > np.percentile(light[core], 50))
    enamel = np.median(colour[bright], 0).astype(np.float32)
    rows = np.flatnonzero((bright & (np.abs(np.arange(size[0]) / per + low[0]) < 0.12)).any(1))
    tip = float(rows[-1] / per + low[1]) + 0.01 if len(rows) else float(high[1])
    picture = np.dstack([colour, inside]).astype(np.float32)
    return Shown(Row(picture, float(low[0]), float(low[1]), per), tip, enamel)


def _row(
    tones: Tones,
    enamel: np.ndarray,
    scale: float,
    widths: tuple[float, ...],
    heights: tuple[float, ...],
    tips: tuple[float, ...],
    *,
    up: bool,
) -> Row:
    per = float(np.clip(2 * scale, 120, 240))
    half = sum(widths) + 0.01
    high, low = 0.24, 0.03
    x = (np.arange(int(2 * half * per)) + 0.5) / per - half
    y = (np.arange(int((high + low) * per)) + 0.5) / per - high
    u, v = np.meshgrid(np.abs(x), y)
    u = u * (1 + 0.015 * np.sign(x)[None, :])
    gum = np.clip(0.55 * tones.lips + 0.25 * tones.skin, 0, 255)
    colour = np.broadcast_to(gum * 0.8, (*u.shape, 3)).copy()
    cover = _edge(-0.01 - v, per) * _edge(half - 0.02 - u, per)
    body = np.zeros_like(u)
    start = 0.0
    for k, (width, height, tip) in enumerate(zip(widths, heights, tips, strict=True)):
        inside = _tooth(u - start - width / 2, v - tip, width, height, per, flat=k < 2)
        uneven = np.where(x < 0, UNEVEN[5 - k], UNEVEN[6 + k])[None, :]
        shade = (FALL[k] + uneven) * _relief(u - start - width / 2, (tip - v) / height, width)
        colour += inside[..., None] * (enamel * shade[..., None] - colour)
        body = np.maximum(body, inside)
        start += width
    # between the teeth it is darker, but never black: enamel scatters light
    root = np.clip((-v - 0.13) / 0.05, 0, 1)
    gap = (1 - body)[..., None] * (1 - root)[..., None]
    colour = colour * (1 - gap) + gap * (0.78 * enamel + 0.08 * tones.dark)
    fall = np.interp(u, np.cumsum(widths), FALL)[..., None]
    colour = np.where(body[..., None] > 0.5, colour, colour * (0.6 + 0.4 * fall))
    alpha = np.where(v < -0.03, cover, body)
    picture = np.concatenate([colour, alpha[..., None]], 2).astype(np.float32)
    top = -high
    if not up:
        picture, top = picture[::-1].copy(), -low
        picture[..., :3] *= 0.92
    return Row(picture, -half, top, per)


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
