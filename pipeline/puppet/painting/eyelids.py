"""Closing upper lids: the photo's own skin, crease and make-up drawn down over the eye, and its lashes.

Stretching the few pixels between the eye and its crease would smear lashes and liner over the whole lid. So
the lid is taken apart into skin and lashes (`lid_sheet`): the skin unrolls, the lashes turn about its edge.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from pipeline.easing import smoothstep
from pipeline.faces.landmarks import EYES, LOWER_LID
from pipeline.puppet.geometry.rig import PosedMesh
from pipeline.puppet.painting import compositing, kernels
from pipeline.puppet.painting.lid_chart import COLUMNS, FIRST_SHARE, LAST_SHARE, SHARES, EyeAxes, lid_rows
from pipeline.puppet.painting.lid_light import unrolled_light
from pipeline.puppet.painting.lid_sheet import LASH_REACH, LidSheet, read_sheets

_FADE = (0.02, 0.18)
"""Closures of the lid between which its drawing takes over from the warped photo."""
_CREASE_FADE, _NARROW_FADE = 0.07, 0.035
"""Height above the crease over which the drawing ends, in inter-ocular distances, and where something lies
before the lid."""
_SOFT = 0.012
"""Softness of the edge of what is drawn, in inter-ocular distances."""
_ROOT_WIDTH = 0.016
"""Half the width of the line of the lashes' roots, in inter-ocular distances."""
_ROOT_HEIGHTS = 0.008, 0.028
"""Heights above the edge between which lashes are read as their roots, in inter-ocular distances."""
_ROOT_SHARE = 0.85
"""Share of their darkness that the line of the roots has."""
_BEND = 0.055 * COLUMNS
"""Places along the eye over which the edge of a shut lid is smoothed."""
_STEEPEST, _OUTER = 0.1, 0.5
"""How steeply the edge of a shut lid rises to its outer end at most, and from what share of its width on."""
_UNSEEN = 0.01
"""Share of a pixel's colour by which drawing it makes no difference to see."""
_MAX_GRAIN = 20
"""Largest deviation of the borrowed fine structure, in levels."""


def read_eyelids(
    image: np.ndarray, rest: np.ndarray, eyes: Sequence[str], scale: float, rims: np.ndarray | None
) -> list[Eyelid]:
    """The lids of the open `eyes` of a photo, some of `EYES`.

    `image` `(H, W, 3)` uint8; `rest` `(N, 3)` px, landmarks first; `scale`: px between the eyes; `rims`: as
    `glasses.rims` finds them.
    """
    if not eyes:
        return []
    sheets = read_sheets(image, rest, scale, rims)
    light = unrolled_light(image, rest, sheets, scale)
    return [Eyelid(image, rest, eye, scale, sheets[eye], light[eye]) for eye in eyes]


class Eyelid:
    """One upper lid of a portrait."""

    def __init__(
        self, image: np.ndarray, rest: np.ndarray, eye: str, scale: float, sheet: LidSheet, light: np.ndarray
    ) -> None:
        """`sheet` and `light`, of its size: those of the eye; the rest as in `read_eyelids`."""
        self._edge, self._crease = lid_rows(eye)
        self._contour = [*self._edge, *LOWER_LID[eye][1:-1]]
        self._side = EYES.index(eye)
        self._scale = scale
        self._rest = rest[self._contour, :2].astype(np.float64)
        self._fit = compositing.AffineFit(self._rest)
        self._low = float(sheet.chart.heights[0])
        # no wider than need be where a rim, which may be hardly darker than skin, lies just above
        cover = _cover(sheet, scale, _CREASE_FADE if sheet.front.max() < 0.5 else _NARROW_FADE)
        self._skin = np.dstack([sheet.skin, cover, light]).astype(np.float32)
        self._lashes = np.ascontiguousarray(sheet.lashes, np.float32)
        self._tint = sheet.tint
        drawn = (cover > _UNSEEN) | (sheet.lashes < 1 - _UNSEEN)
        shares = sheet.chart.shares[drawn.any(0)]
        self._span = (float(shares[0]), float(shares[-1])) if len(shares) else (0.0, 1.0)
        highest = np.where(drawn, sheet.chart.heights[:, None], 0).max(0) + 1
        self._above = float((highest - sheet.chart.crease).max())
        # between two tabulated places, no lash is cut
        highest = cv2.dilate(highest[None], np.ones((1, 5), np.uint8))[0]
        crease, roots, highest = (
            np.interp(SHARES, sheet.chart.shares, row)
            for row in (sheet.chart.crease, _roots(sheet, scale), highest)
        )
        self._of_photo = np.column_stack([crease, roots, highest])
        self._grain, self._grain_origin = self._read_grain(image, rest)
        self._front, self._front_origin = self._read_front(image, sheet)

    @property
    def covered(self) -> bool:
        """Whether hair or a rim of glasses lies before the lid."""
        return self._front is not None

    def _read_front(self, image: np.ndarray, sheet: LidSheet) -> tuple[np.ndarray | None, tuple[int, int]]:
        """What lies before the lid, `(h, w, 4)` float32 RGB and opacity, and the place of its first pixel."""
        if sheet.front.max() < 0.5:
            return None, (0, 0)
        box = compositing.bounding_box(
            self._rest, image.shape[1::-1], round((LASH_REACH + 0.1) * self._scale)
        )
        opacity = sheet.chart.rolled(sheet.front, box)
        return np.dstack([compositing.crop(image, box), opacity]).astype(np.float32), box[:2]

    def _read_grain(self, image: np.ndarray, rest: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Fine structure `(h, w)` of the cheek below the eye, and the position of its first pixel."""
        down = EyeAxes(rest[self._edge, :2]).down
        middle = self._rest.mean(0) + 0.42 * self._scale * down
        half = int(0.42 * self._scale), int(0.16 * self._scale)
        height, width = image.shape[:2]
        x0, x1 = np.clip([middle[0] - half[0], middle[0] + half[0]], 0, width).astype(int)
        y0, y1 = np.clip([middle[1] - half[1], middle[1] + half[1]], 0, height).astype(int)
        if x1 - x0 < 4 or y1 - y0 < 4:
            return np.zeros((4, 4), np.float32), self._rest.mean(0)
        grey = cv2.cvtColor(image[y0:y1, x0:x1], cv2.COLOR_RGB2GRAY).astype(np.float32)
        fine = grey - cv2.GaussianBlur(grey, (0, 0), max(0.035 * self._scale, 1.0))
        return np.clip(fine, -_MAX_GRAIN, _MAX_GRAIN), self._rest.mean(0) - np.array(half)

    def paint(self, image: np.ndarray, posed: PosedMesh) -> None:
        """Draw the lid over its stretched pixels, and its lashes, as far as it is closed.

        `image` `(H, W, 3)` uint8, changed in place.
        """
        closure = posed.lid_closure[self._side]
        opacity = float(smoothstep(closure, *_FADE))
        if not opacity:
            return
        edge, crease = (posed.vertices[row, :2].astype(np.float64) for row in (self._edge, self._crease))
        axes = EyeAxes(edge)
        edge_down = axes.curve(edge)
        # a shut lid does without the bends that the tracker saw in the lower one's edge
        shut = cv2.GaussianBlur(edge_down[None], (0, 0), _BEND, borderType=cv2.BORDER_REPLICATE)[0]
        edge_down += closure**2 * (_without_hook(shut, axes.width) - edge_down)
        curves = np.empty((COLUMNS, 2 + self._of_photo.shape[1]))
        curves[:, 0], curves[:, 1] = edge_down, np.maximum(edge_down - axes.curve(crease), 1.0)
        curves[:, 2:] = self._of_photo
        to_photo = self._fit.to_photo(posed.rigid_landmarks[self._contour, :2])
        scale = float(np.linalg.norm(to_photo[:, :2] @ axes.down))
        # lashes hang down only once the lid is half shut
        hanging = (max(closure - 0.5, 0.0) * LASH_REACH + 3 * _ROOT_WIDTH) * self._scale / scale + 1
        box = self._box(axes, curves, hanging, image.shape[1::-1])
        kernels.eyelid(
            compositing.crop(image, box), compositing.rebased(axes.to_eye, box, (0, 0)),
            (FIRST_SHARE, LAST_SHARE), curves, self._skin, self._lashes, self._tint, self._low, scale,
            closure, max(_ROOT_WIDTH * self._scale, 0.7) / scale, -hanging,
            self._grain, compositing.rebased(to_photo, box, self._grain_origin), opacity,
        )  # fmt: skip
        if self._front is not None:
            place = compositing.rebased(to_photo, box, self._front_origin)
            kernels.overlay(compositing.crop(image, box), self._front, place, opacity)

    def _box(
        self, axes: EyeAxes, curves: np.ndarray, hanging: float, size: tuple[int, int]
    ) -> compositing.Box:
        """The box of a frame of `size` that the lid and its lashes, `hanging` px, can reach."""
        row = curves[(self._span[0] < SHARES) & (self._span[1] > SHARES)]
        top, bottom = (row[:, 0] - row[:, 1]).min() - self._above, row[:, 0].max() + hanging
        corners = [
            axes.corner + share * axes.width * axes.axis + down * axes.down
            for share in self._span
            for down in (top, bottom)
        ]
        return compositing.bounding_box(np.array(corners), size, 1)


def _without_hook(edge: np.ndarray, width: float) -> np.ndarray:
    """The edge `(COLUMNS,)` px of a shut lid, as `EyeAxes.curve` gives it, that rises to the outer end of
    an eye of this `width` px no more steeply than `_STEEPEST`.

    Trackers set the outer corner too high: the lower lid's edge would cut across the white of the eye to it.
    """
    fall = _STEEPEST * width * (SHARES - SHARES[0])
    outer = int(np.searchsorted(SHARES, _OUTER)) + 1
    eased = edge.copy()
    eased[:outer] = np.maximum.accumulate((edge - fall)[:outer][::-1])[::-1] + fall[:outer]
    return eased


def _roots(sheet: LidSheet, scale: float) -> np.ndarray:
    """The light `(w,)` that passes the line of the lashes' roots in each column of a chart."""
    low, high = (share * scale for share in _ROOT_HEIGHTS)
    at_root = (sheet.chart.heights >= low) & (sheet.chart.heights <= max(high, low + 1))
    return 1 - _ROOT_SHARE * (1 - cv2.blur(sheet.lashes[at_root].mean(0)[None], (5, 1))[0])


def _cover(sheet: LidSheet, scale: float, fade: float) -> np.ndarray:
    """How much of each pixel of a chart the drawn lid covers, `(h, w)`, 0 to 1: up to the crease all of it,
    above and beside only where lashes were. `fade`: inter-ocular distances over which it ends."""
    chart = sheet.chart
    above = (chart.heights[:, None] - chart.crease) / scale
    inside = smoothstep(chart.shares, -0.15, 0.0) * (1 - smoothstep(chart.shares, 0.9, 1.0))
    strip = (1 - smoothstep(above, 0.0, fade)) * inside
    size = max(round(0.02 * scale), 1)
    shadowed = cv2.dilate(1 - sheet.lashes, np.ones((2 * size + 1, 2 * size + 1), np.uint8))
    lashed = np.clip(4 * cv2.GaussianBlur(shadowed, (0, 0), max(0.4 * size, 0.5)), 0, 1)
    ends = smoothstep(chart.shares, FIRST_SHARE, FIRST_SHARE + 0.1)
    ends = ends * (1 - smoothstep(chart.shares, 1.0, LAST_SHARE))
    cover = np.maximum(strip, lashed * ends).astype(np.float32)
    return cv2.GaussianBlur(cover, (0, 0), max(_SOFT * scale, 0.5), borderType=cv2.BORDER_REPLICATE)
