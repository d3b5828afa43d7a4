"""The inside of the mouth: upper teeth fixed to the skull, lower teeth and tongue to the jaw, darkness."""

from __future__ import annotations

import cv2
import numpy as np
from numba import njit

from pipeline.easing import hermite, smoothstep
from pipeline.faces.landmarks import INNER_UPPER_LIP
from pipeline.puppet.options import Teeth
from pipeline.puppet.painting import compositing, teeth
from pipeline.puppet.painting.palette import Palette
from pipeline.puppet.painting.photo_teeth import PhotoTeeth

_TIPS = {"auto": (0.020, 0.115), "upper": (0.040, 0.0), "lower": (0.0, 0.080), "none": (0.0, 0.0)}
"""Where the incisors' tips lie below the line of closed lips, in inter-ocular distances.

Speakers differ more in these than in anything else between their lips, and a photo of closed lips does not
tell. The pair for `auto` is cautious: the upper row shows early, the lower one as the jaw drops. It and the
constants of the light were fitted to real speakers re-enacted from one of their own frames: error, range and
spread of the light between the lips, and how often its middle is bright or dark.
"""
_SHADOW = np.array([0.42, 0.08, 0.30, 0.50], np.float32)
"""Share of light that the upper lip, the lower lip and the cheeks take from what is behind them, and that is
missing where the lips all but touch."""
_SHADOW_REACH = np.array([0.045, 0.020, 0.30, 0.06], np.float32)
"""How far the lips' shadows reach in inter-ocular distances, the share of the half width from which that of
the cheeks begins, and how far lips part until they let the light in."""
_TINT = 0.7
"""How much of the lips' tint light takes on as it gets weaker."""
_CLOSING_SHADOW, _CLOSING_SHARE = 0.6, 0.6
"""How dark the photo's own teeth get as lips close over them, and from which share of their opening on."""
_COLUMNS = 48
"""Places across the opening at which the lips' edges are read."""
_DEFOCUS = 0.009
"""Blur of the inside, in inter-ocular distances."""

_hermite = njit(cache=True, nogil=True, inline="always")(hermite)


class MouthInterior:
    """The inside of one person's mouth, in face units: inter-ocular distances from where the lips meet."""

    def __init__(
        self,
        lips: np.ndarray,
        scale: float,
        palette: Palette,
        photo: PhotoTeeth | None,
        teeth_row: Teeth = "auto",
    ) -> None:
        """`lips` `(40, 2)`: the lips' landmarks with the skull at rest; `scale`: px per face unit; `photo`:
        the teeth that the photo shows; `teeth_row`: those to show."""
        photo = photo if teeth_row in ("auto", "upper") else None
        self._scale, self._palette = scale, palette
        self._fit = compositing.AffineFit(lips)
        self._upper_tip, self._lower_tip = _TIPS[teeth_row]
        enamel = palette.teeth
        if photo:
            self._upper_tip, enamel = photo.tip, photo.colour
        self.photo_teeth = photo.image if photo else teeth.NO_TEETH
        self._photo_gap = photo.lip_gap if photo else 1.0
        self._upper = self._lower = teeth.NO_TEETH
        if teeth_row in ("auto", "upper"):
            self._upper = teeth.upper_row(palette, enamel, scale)
        if teeth_row in ("auto", "lower"):
            self._lower = teeth.lower_row(palette, enamel, scale)
        self._placement = self._place_teeth()
        # pale lips too have flesh behind them: light that came through is redder than they look
        self._tint = palette.lip_tint**2

    def paint(self, image: np.ndarray, opening: np.ndarray, lips: np.ndarray, jaw: np.ndarray) -> None:
        """Paint the inside into the opening between the lips, if there is one.

        Args:
            image: `(H, W, 3)` uint8, changed in place.
            opening: `(20, 2)` px, the contour of the inner lips.
            lips: `(40, 2)` px, where the skull alone would have carried the lips' landmarks.
            jaw: `(2,)` face units, how far the lower teeth are from where they rest.
        """
        if cv2.contourArea(np.ascontiguousarray(opening, np.float32)) < 2.0:
            return
        opening = np.asarray(opening, np.float64)
        height, width = image.shape[:2]
        box = compositing.bounding_box(opening, (width, height), 3)
        if box[2] - box[0] < 3 or box[3] - box[1] < 3:
            return
        to_face = self._fit.to_photo(lips)
        u, v = compositing.transform_pixels(box, to_face)
        edges, ends = _lip_edges(opening @ to_face[:, :2].T + to_face[:, 2])
        inside = _render(
            u, v, edges, ends, np.asarray(jaw, np.float32),
            self._upper.rgba, self._lower.rgba, self.photo_teeth.rgba, self._placement,
            self._palette.cavity, self._palette.tongue, self._tint, self._photo_light(edges),
            _SHADOW, _SHADOW_REACH,
        )  # fmt: skip
        # what lies behind the lips is out of focus and softly lit
        inside = cv2.GaussianBlur(inside, (0, 0), min(max(_DEFOCUS * self._scale, 0.3), 2.0))
        compositing.blend(image, box, inside, compositing.polygon_mask(opening, box, 0.6))

    def _photo_light(self, edges: np.ndarray) -> float:
        """The light on the photo's own teeth: lips that close over them let little in."""
        openness = smoothstep(np.ptp(edges, 0).max(), 0.0, _CLOSING_SHARE * self._photo_gap)
        return 1 - _CLOSING_SHADOW * (1 - float(openness))

    def _place_teeth(self) -> np.ndarray:
        """Of each image its left and top in face units and its pixels per unit: `(3, 3)` float32."""
        upper, lower, photo = self._upper, self._lower, self.photo_teeth
        rows = [
            [upper.left, upper.top + self._upper_tip, upper.resolution],
            [lower.left, lower.top + self._lower_tip, lower.resolution],
            [photo.left, photo.top, photo.resolution],
        ]
        return np.array(rows, np.float32)


def _lip_edges(opening: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The lips' edges as `_COLUMNS` heights of each, `(2, _COLUMNS)`, and where they begin and end, `(2,)`.

    `opening` `(20, 2)`: the contour of the inner lips (`INNER_LIPS`) in face units.
    """
    corner = len(INNER_UPPER_LIP)
    upper, lower = opening[:corner], opening[[0, *range(len(opening) - 1, corner - 2, -1)]]
    ends = opening[:, 0].min(), opening[:, 0].max()
    columns = np.linspace(*ends, _COLUMNS)
    heights = [np.interp(columns, edge[:, 0], edge[:, 1]) for edge in (upper, lower)]
    return np.array(heights, np.float32), np.array(ends, np.float32)


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
def _illumination(
    u: float, v: float, edges: np.ndarray, ends: np.ndarray, shadow: np.ndarray, reach: np.ndarray
) -> float:
    """How much light falls on a place between the lips, 0 to 1: most of it comes in over the lower lip, and
    the farther they are apart there, the more."""
    last = edges.shape[1] - 1
    k = min(max((u - ends[0]) / (ends[1] - ends[0]) * last, 0.0), last - 1e-3)
    i, f = int(k), k - int(k)
    light, gap = 1.0, 0.0
    for lip in range(2):
        edge = edges[lip, i] * (1 - f) + edges[lip, i + 1] * f
        distance = max(v - edge if lip == 0 else edge - v, 0.0)
        gap += distance
        light *= 1 - shadow[lip] * np.exp(-distance / reach[lip])
    light *= 1 - shadow[3] * np.exp(-((gap / reach[3]) ** 2))
    side = abs(2 * k / last - 1)
    return light * (1 - shadow[2] * max((side - reach[2]) / (1 - reach[2]), 0.0))


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _blend_tooth(pixel: np.ndarray, tooth: np.ndarray, light: float, tint: np.ndarray) -> None:
    """Blend a tooth's RGBA over a pixel, shaded by the lips and tinted where the light came through them."""
    for c in range(3):
        share = 1 - _TINT * (1 - light) * (1 - tint[c])
        pixel[c] += tooth[3] * (tooth[c] * light * share - pixel[c])


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _render(
    u: np.ndarray, v: np.ndarray, edges: np.ndarray, ends: np.ndarray, jaw: np.ndarray,
    upper: np.ndarray, lower: np.ndarray, photo: np.ndarray, placement: np.ndarray,
    cavity: np.ndarray, tongue: np.ndarray, tint: np.ndarray, photo_light: float,
    shadow: np.ndarray, reach: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """The inside of the mouth `(h, w, 3)` float32 for pixels at face units `u`, `v`, both `(h, w)`.

    `edges`, `ends`: see `_lip_edges`; `upper`, `lower`, `photo`: RGBA of the teeth, placed by `placement`;
    `tint`: that of light through the lips; `photo_light`: the light on the photo's own teeth.
    """
    height, width = u.shape
    image = np.empty((height, width, 3), np.float32)
    tooth = np.zeros(4, np.float32)
    for y in range(height):
        for x in range(width):
            skull_u, skull_v = u[y, x], v[y, x]
            jaw_u, jaw_v = skull_u - jaw[0], skull_v - jaw[1]
            light = _illumination(skull_u, skull_v, edges, ends, shadow, reach)
            # the tongue lies behind the lower teeth, its back lost in the dark
            bed = min(max((jaw_v + 0.115) / 0.16, 0.0), 1.0)
            arch = max(0.0, 1.0 - (jaw_u / 0.36) ** 2)
            rise = _hermite(bed) * arch**0.5
            crease = 1 - 0.10 * np.exp(-((jaw_u / 0.05) ** 2)) * min(max((jaw_v + 0.12) / 0.08, 0.0), 1.0)
            for c in range(3):
                image[y, x, c] = cavity[c] + rise * (tongue[c] * light * crease - cavity[c])
            _sample(
                lower, (jaw_u - placement[1, 0]) * placement[1, 2],
                (jaw_v - placement[1, 1]) * placement[1, 2], tooth,
            )  # fmt: skip
            _blend_tooth(image[y, x], tooth, light, tint)
            _sample(
                upper, (skull_u - placement[0, 0]) * placement[0, 2],
                (skull_v - placement[0, 1]) * placement[0, 2], tooth,
            )  # fmt: skip
            _blend_tooth(image[y, x], tooth, light, tint)
            # teeth that the photo shows hide drawn ones
            _sample(
                photo, (skull_u - placement[2, 0]) * placement[2, 2],
                (skull_v - placement[2, 1]) * placement[2, 2], tooth,
            )  # fmt: skip
            _blend_tooth(image[y, x], tooth, photo_light, tint)
    return image
