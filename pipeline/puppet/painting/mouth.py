"""The inside of the mouth: upper teeth fixed to the skull, lower teeth and tongue to the jaw, darkness."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np

from pipeline.easing import smoothstep
from pipeline.faces.landmarks import INNER_UPPER_LIP
from pipeline.puppet.options import Teeth
from pipeline.puppet.painting import compositing, teeth
from pipeline.puppet.painting.mouth_pixels import render_inside
from pipeline.puppet.painting.palette import Palette
from pipeline.puppet.painting.photo_teeth import PhotoTeeth
from pipeline.types import ToothLines

USUAL_LINES: dict[Teeth, ToothLines] = {
    "auto": ToothLines(0.015, None),
    "upper": ToothLines(0.040, None),
    "lower": ToothLines(None, 0.010),
    "none": ToothLines(None, None),
}
"""Where teeth hang of which nothing is known.

Speakers differ more in this than in anything else between their lips, and a photo of closed lips does not
tell. `auto` is cautious: the upper row alone, since drawing a lower one nearer than it is costs as much as it
gains, and two rows at once look like a set of false teeth. It and the constants of light and tongue were
fitted to real speakers re-enacted from one of their own frames: error, range and spread of the light between
the lips, and how often its middle is bright or dark.
"""
_SHADOW = np.array([0.68, 0.08, 0.38, 0.22], np.float32)
"""Share of light that the upper lip, the lower lip and the cheeks take from what is behind them, and that is
missing where the lips all but touch."""
_SHADOW_REACH = np.array([0.045, 0.020, 0.20, 0.06], np.float32)
"""How far the lips' shadows reach in inter-ocular distances, the share of the half width from which that of
the cheeks begins, and how far lips part until they let the light in."""
_ROUNDED_SHADOW = np.array([0.12, 0.12, 0.0, 0.0], np.float32)
_ROUNDED_REACH = np.array([0.06, 0.03, 0.0, 0.0], np.float32)
"""How much more light rounded lips take, and how much farther their shadows reach: they stand off the
teeth."""
_TONGUE = np.array([0.13, 0.18, 0.46, 0.70, 0.05], np.float32)
"""The tongue at rest: how far its back rises above the line of closed lips, how deep it lies in shadow there
and half its width, in inter-ocular distances; the light on its back as a share of that on its tip; and that
of the wet gleam on it."""
_INNER_LIP = np.array([0.020, 0.15, 0.85, 0.25], np.float32)
"""The wet inside of the lips that shows as they part: its height and the gap at which it has it, both in
inter-ocular distances, and its opacity at the edge of the lower and of the upper lip."""
_CLOSING_SHADOW, _CLOSING_SHARE = 0.6, 0.6
"""How dark the photo's own teeth get as lips close over them, and from which share of their opening on."""
_ROUNDED_PHOTO = 0.5
"""Share of the light that the photo's own teeth lose behind rounded lips."""
_MOST_TURNED = 0.6
"""Tangent of the farthest turn, some 30 degrees, for which teeth are drawn."""
_COLUMNS = 48
"""Places across the opening at which the lips' edges are read."""
_ROUNDING_COLUMNS = 3.0
"""Columns over which the lips' edges are rounded."""
_DEFOCUS = 0.006
"""Blur of the inside, in inter-ocular distances."""
_GAUSSIAN = 4.5
"""Standard deviations beyond which OpenCV's blur looks at no pixel."""
_FAINTEST = 1 / 512
"""Opacity up to which no pixel changes: by less than half a grey level, whatever is drawn over it."""


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
        lips_apart = palette.lower_lip, palette.skin, palette.upper_lip
        self._colours = np.stack([palette.cavity, palette.tongue, *lips_apart])

    def paint(
        self,
        image: np.ndarray,
        opening: np.ndarray,
        lips: np.ndarray,
        jaw: np.ndarray,
        tongue: float = 0.0,
        rounded: float = 0.0,
        depth: np.ndarray | None = None,
    ) -> None:
        """Paint the inside into the opening between the lips, if there is one.

        Args:
            image: `(H, W, 3)` uint8, changed in place.
            opening: `(20, 2)` px, the contour of the inner lips.
            lips: `(40, 2)` px, where the skull alone would have carried the lips' landmarks.
            jaw: `(2,)` face units, how far the lower teeth are from where they rest.
            tongue: 0 to 1, how far it is raised: behind the upper teeth, and between the teeth from 0.4 on.
            rounded: 0 to 1, how much more the lips are rounded than in the photo.
            depth: `(2,)` px, how far from what is in front of it something is seen that lies one inter-ocular
                distance deeper in the turned head; without it, the face looks at the camera.
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
        turned = 0.0 if depth is None else float(to_face[0, :2] @ depth)
        edges, ends = _lip_edges(opening @ to_face[:, :2].T + to_face[:, 2])
        # what lies behind the lips is out of focus and softly lit
        blur = min(max(_DEFOCUS * self._scale, 0.3), 2.0)
        opened = compositing.polygon_mask(opening, box, 0.6)
        reach = 2 * math.ceil(_GAUSSIAN * blur) + 1
        seen = cv2.dilate((opened > _FAINTEST).view(np.uint8), np.ones((reach, reach), np.uint8))
        inside = render_inside(
            seen, u, v, edges, ends, np.asarray(jaw, np.float32),
            self._upper.rgba, self._lower.rgba, self.photo_teeth.rgba, self._placement,
            self._colours, self._tint, np.float32(self._photo_light(edges) * (1 - _ROUNDED_PHOTO * rounded)),
            _SHADOW + np.float32(rounded) * _ROUNDED_SHADOW,
            _SHADOW_REACH + np.float32(rounded) * _ROUNDED_REACH, _TONGUE, _INNER_LIP,
            np.array([tongue, (self._upper_tip + self._lower_tip + float(jaw[1])) / 2], np.float32),
            np.float32(np.clip(turned, -_MOST_TURNED, _MOST_TURNED)),
        )  # fmt: skip
        compositing.blend(image, box, cv2.GaussianBlur(inside, (0, 0), blur), opened)

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
