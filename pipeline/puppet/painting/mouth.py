"""The inside of the mouth: upper teeth fixed to the skull, lower teeth and tongue to the jaw, darkness."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numba import njit

from pipeline.easing import hermite, smoothstep
from pipeline.faces.landmarks import INNER_UPPER_LIP
from pipeline.puppet.options import Teeth
from pipeline.puppet.painting import compositing, teeth
from pipeline.puppet.painting.palette import Palette
from pipeline.puppet.painting.photo_teeth import PhotoTeeth
from pipeline.types import ToothLines

USUAL_LINES: dict[Teeth, ToothLines] = {
    "auto": ToothLines(0.010, 0.095),
    "upper": ToothLines(0.040, None),
    "lower": ToothLines(None, 0.060),
    "none": ToothLines(None, None),
}
"""Where teeth hang of which nothing is known.

Speakers differ more in this than in anything else between their lips, and a photo of closed lips does not
tell. The pair for `auto` is cautious: the upper row shows early, the lower one as the jaw drops. It and the
constants of light and tongue were fitted to real speakers re-enacted from one of their own frames: error,
range and spread of the light between the lips, and how often its middle is bright or dark.
"""
_SHADOW = np.array([0.58, 0.08, 0.38, 0.22], np.float32)
"""Share of light that the upper lip, the lower lip and the cheeks take from what is behind them, and that is
missing where the lips all but touch."""
_SHADOW_REACH = np.array([0.045, 0.020, 0.20, 0.06], np.float32)
"""How far the lips' shadows reach in inter-ocular distances, the share of the half width from which that of
the cheeks begins, and how far lips part until they let the light in."""
_TONGUE = np.array([0.13, 0.18, 0.34, 0.70, 0.05], np.float32)
"""The tongue at rest: how far its back rises above the line of closed lips, how deep it lies in shadow there
and half its width, in inter-ocular distances; the light on its back as a share of that on its tip; and that
of the wet gleam on it."""
_CHEEK = 0.20
"""Light on the inner side of the cheeks at the corners of the mouth, as a share of the lips'."""
_TIP_FROM, _TIP_SIZE = 0.4, (0.19, 0.05)
"""How far the tongue is raised until its tip shows between the teeth, and half the width and height of the
tip in inter-ocular distances."""
_CORNER = 0.015
"""Height over which what lies beyond a lip's rounded edge becomes that lip, in inter-ocular distances."""
_INNER_LIP = np.array([0.020, 0.15, 0.85, 0.25], np.float32)
"""The wet inside of the lips that shows as they part: its height and the gap at which it has it, both in
inter-ocular distances, and its opacity at the edge of the lower and of the upper lip."""
_TINT = 0.7
"""How much of the lips' tint light takes on as it gets weaker."""
_CLOSING_SHADOW, _CLOSING_SHARE = 0.6, 0.6
"""How dark the photo's own teeth get as lips close over them, and from which share of their opening on."""
_COLUMNS = 48
"""Places across the opening at which the lips' edges are read."""
_ROUNDING_COLUMNS = 3.0
"""Columns over which the lips' edges are rounded."""
_DEFOCUS = 0.009
"""Blur of the inside, in inter-ocular distances."""

_hermite = njit(cache=True, nogil=True, inline="always")(hermite)


def _rounding() -> np.ndarray:
    """`(_COLUMNS, _COLUMNS)`: smooths a row of heights by a Gaussian that narrows towards both ends."""
    k = np.arange(_COLUMNS)
    width = np.minimum(_ROUNDING_COLUMNS, 0.1 + np.minimum(k, _COLUMNS - 1 - k) / 2)
    weights = np.exp(-0.5 * ((k[:, None] - k) / width) ** 2)
    return weights / weights.sum(0)


_ROUNDING = _rounding()


class MouthInterior:
    """The inside of one person's mouth, in face units: inter-ocular distances from where the lips meet."""

    def __init__(
        self,
        lips: np.ndarray,
        scale: float,
        palette: Palette,
        photo: PhotoTeeth | None,
        teeth_row: Teeth = "auto",
        lines: ToothLines | None = None,
    ) -> None:
        """`lips` `(40, 2)`: the lips' landmarks with the skull at rest; `scale`: px per face unit; `photo`:
        the teeth that the photo shows; `teeth_row`: those to show; `lines`: where they hang, if known."""
        photo = photo if teeth_row in ("auto", "upper") else None
        self._scale, self._palette = scale, palette
        self._fit = compositing.AffineFit(lips)
        self.photo_teeth = photo.image if photo else teeth.NO_TEETH
        self._photo_gap = photo.lip_gap if photo else 1.0
        enamel = photo.colour if photo else palette.teeth
        self._rows = teeth.upper_row(palette, enamel, scale), teeth.lower_row(palette, enamel, scale)
        self.hang(_wanted(teeth_row, lines, photo))
        # pale lips too have flesh behind them: light that came through is redder than they look
        self._tint = palette.lip_tint**2
        self._colours = np.stack([palette.cavity, palette.tongue, palette.lips, palette.skin])

    def paint(
        self, image: np.ndarray, opening: np.ndarray, lips: np.ndarray, jaw: np.ndarray, tongue: float = 0.0
    ) -> None:
        """Paint the inside into the opening between the lips, if there is one.

        Args:
            image: `(H, W, 3)` uint8, changed in place.
            opening: `(20, 2)` px, the contour of the inner lips.
            lips: `(40, 2)` px, where the skull alone would have carried the lips' landmarks.
            jaw: `(2,)` face units, how far the lower teeth are from where they rest.
            tongue: 0 to 1, how far it is raised: behind the upper teeth, and between the teeth from 0.4 on.
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
            self._colours, self._tint, self._photo_light(edges), _SHADOW, _SHADOW_REACH, _TONGUE, _INNER_LIP,
            np.array([tongue, (self._upper_tip + self._lower_tip + float(jaw[1])) / 2], np.float32),
        )  # fmt: skip
        # what lies behind the lips is out of focus and softly lit
        inside = cv2.GaussianBlur(inside, (0, 0), min(max(_DEFOCUS * self._scale, 0.3), 2.0))
        compositing.blend(image, box, inside, compositing.polygon_mask(opening, box, 0.6))

    def hang(self, lines: ToothLines) -> None:
        """Let the drawn teeth hang at these heights, in this light."""
        tips = lines.upper, lines.lower
        self._upper, self._lower = (
            teeth.NO_TEETH if tip is None else teeth.lit(row, lines.light)
            for row, tip in zip(self._rows, tips, strict=True)
        )
        self._upper_tip, self._lower_tip = (tip or 0.0 for tip in tips)
        self._placement = self._place_teeth()

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


def _wanted(row: Teeth, lines: ToothLines | None, photo: PhotoTeeth | None) -> ToothLines:
    """Where the teeth of a chosen row hang: as known, as the photo shows, or as is usual."""
    usual = USUAL_LINES[row]
    own = lines or usual
    if row != "auto":  # a row that was asked for shows, one that was not does not
        upper, lower = (
            known if wanted is not None and known is not None else wanted
            for wanted, known in ((usual.upper, own.upper), (usual.lower, own.lower))
        )
        own = replace(own, upper=upper, lower=lower)
    return replace(own, upper=photo.tip, light=1.0) if photo else own


def _lip_edges(opening: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The lips' edges as `_COLUMNS` heights of each, `(2, _COLUMNS)`, and where they begin and end, `(2,)`.

    `opening` `(20, 2)`: the contour of the inner lips (`INNER_LIPS`) in face units.
    """
    corner = len(INNER_UPPER_LIP)
    upper, lower = opening[:corner], opening[[0, *range(len(opening) - 1, corner - 2, -1)]]
    ends = opening[:, 0].min(), opening[:, 0].max()
    columns = np.linspace(*ends, _COLUMNS)
    heights = np.array([np.interp(columns, edge[:, 0], edge[:, 1]) for edge in (upper, lower)])
    # lips are round where the mesh, which has few vertices on them, is not
    return (heights @ _ROUNDING).astype(np.float32), np.array(ends, np.float32)


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
def _blend_tooth(pixel: np.ndarray, tooth: np.ndarray, light: float, tint: np.ndarray) -> None:
    """Blend a tooth's RGBA over a pixel, shaded by the lips and tinted where the light came through them."""
    for c in range(3):
        share = 1 - _TINT * (1 - light) * (1 - tint[c])
        pixel[c] += tooth[3] * (tooth[c] * light * share - pixel[c])


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _render(
    u: np.ndarray, v: np.ndarray, edges: np.ndarray, ends: np.ndarray, jaw: np.ndarray,
    upper: np.ndarray, lower: np.ndarray, photo: np.ndarray, placement: np.ndarray,
    colours: np.ndarray, tint: np.ndarray, photo_light: float,
    shadow: np.ndarray, reach: np.ndarray, tongue: np.ndarray, inner_lip: np.ndarray, raised: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """The inside of the mouth `(h, w, 3)` float32 for pixels at face units `u`, `v`, both `(h, w)`.

    `edges`, `ends`: see `_lip_edges`; `upper`, `lower`, `photo`: RGBA of the teeth, placed by `placement`;
    `colours` `(4, 3)`: of cavity, tongue, lips and skin; `tint`: that of light through the lips;
    `photo_light`: the light on the photo's own teeth; `tongue`, `inner_lip`: see `_TONGUE` and `_INNER_LIP`;
    `raised` `(2,)`: how far the tongue is up, and the height of its tip between the teeth.
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
            # the tongue, a wet dome behind the lower teeth, its back lost in the dark
            across = jaw_u / tongue[2]
            depth = jaw_v + (tongue[0] + 0.7 * min(raised[0], 0.3)) * np.sqrt(max(0.0, 1.0 - across * across))
            rise = _hermite(min(max(depth / tongue[1], 0.0), 1.0)) if abs(across) < 1 else 0.0
            front = min(max(depth / (tongue[0] + 0.05), 0.0), 1.0)
            body = light * (tongue[3] + (1 - tongue[3]) * front) * (1 - 0.08 * np.exp(-((jaw_u / 0.04) ** 2)))
            gleam = (
                tongue[4] * light * np.exp(-(((front - 0.8) / 0.15) ** 2) - ((abs(across) - 0.3) / 0.2) ** 2)
            )
            # the cheeks' inner side closes the cavity off
            cheek = _CHEEK * _hermite(min(max((side - 0.5) / 0.5, 0.0), 1.0))
            for c in range(3):
                lit = colours[1, c] * body + gleam * colours[3, c]
                behind = colours[0, c] + cheek * colours[2, c]
                image[y, x, c] = behind + rise * (lit - behind)
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
            turned = max(inner_lip[0] * min(max(below + above, 0.0) / inner_lip[1], 1.0), 1e-4)
            wet = inner_lip[2] * np.exp(-((max(above, 0.0) / turned) ** 2)) - min(above, 0.0) / _CORNER
            wet += inner_lip[3] * np.exp(-((max(below, 0.0) / turned) ** 2)) - min(below, 0.0) / _CORNER
            wet = min(wet, 1.0)
            for c in range(3):
                image[y, x, c] += wet * (colours[2, c] * (0.5 + 0.5 * light) - image[y, x, c])
            # teeth that the photo shows hide drawn ones
            _sample(
                photo, (skull_u - placement[2, 0]) * placement[2, 2],
                (skull_v - placement[2, 1]) * placement[2, 2], tooth,
            )  # fmt: skip
            _blend_tooth(image[y, x], tooth, photo_light, tint)
    return image
