"""The skin of a lowered upper lid, which no photo of an open eye shows, and the line of its lashes.

Stretching the few pixels between the eye and its crease would smear lashes and liner over the whole lid. So
the lid is painted as it comes down: colours from above the crease and from below the eye, shaded like a ball,
with the fine structure of the skin borrowed from the cheek.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from pipeline.easing import smoothstep
from pipeline.faces.landmarks import EYES, LID_CREASE, LOWER_LID, UPPER_LID
from pipeline.puppet.geometry.rig import PosedMesh
from pipeline.puppet.painting import compositing, kernels
from pipeline.puppet.painting.palette import LUMA, Palette

_SAMPLES = 24
"""Places along the eye where its skin's colour is read."""
_SHARES = np.linspace(0.08, 0.92, _SAMPLES)
"""Where they lie on the way from the outer corner to the inner."""
_SKIN_FADE, _LASH_FADE = (0.05, 0.45), (0.1, 0.6)
"""Closures of the lid between which its skin and its lashes fade in."""
_UNEVENNESS = 0.12
"""How far a place along a lid may deviate from the lids' usual colour, as a share of it."""
_TINTS = 0.55, 1.1
"""Least and largest brightness of that colour as a share of the skin's below the eye."""
_MAX_GRAIN = 20
"""Largest deviation of the borrowed fine structure, in levels."""


class Eyelid:
    """One upper lid of a portrait."""

    def __init__(self, image: np.ndarray, rest: np.ndarray, eye: str, scale: float, palette: Palette) -> None:
        """`image` `(H, W, 3)` uint8; `rest` `(N, 3)` px, landmarks first; `scale`: px between the eyes."""
        self._edge, self._lower = list(UPPER_LID[eye]), list(LOWER_LID[eye])
        self._rim = [self._edge[0], *LID_CREASE[eye], self._edge[-1]]
        self._contour = [*self._edge, *self._lower[1:-1]]
        self._side = EYES.index(eye)
        self._scale = scale
        self._rest = rest[self._contour, :2].astype(np.float64)
        self._fit = compositing.AffineFit(self._rest)
        self._colours, self._lash_colour = self._read_colours(image, rest, palette)
        self._grain, self._grain_origin = self._read_grain(image, rest)

    def _read_colours(
        self, image: np.ndarray, rest: np.ndarray, palette: Palette
    ) -> tuple[np.ndarray, np.ndarray]:
        """Along the eye `(_SAMPLES, 7)` the RGB of the lid's top and of its edge and its visibility, 0 to 1;
        and the colour of the lashes `(3,)`."""
        above, below, lash = _colours_around(image, rest, EYES[self._side], self._scale)
        # hair, a rim of glasses or a shadow over one crease is not the lid's colour: both lids are lit alike
        usual = _lid_tint(image, rest, self._scale) * below
        covered = np.clip(4 - 10 * above.mean(1) / np.maximum(below.mean(1), 1), 0, 1)
        above = np.clip(above, (1 - _UNEVENNESS) * usual, (1 + _UNEVENNESS) * usual)
        top, end = 0.8 * above + 0.2 * below, 0.5 * above + 0.5 * below
        return np.column_stack([top, end, 1 - 0.8 * covered]), 0.7 * lash + 0.3 * palette.dark

    def _read_grain(self, image: np.ndarray, rest: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Fine structure `(h, w, 1)` of the cheek below the eye, and the position of its first pixel."""
        down = _EyeAxes(rest[self._edge, :2]).down
        middle = rest[self._lower, :2].mean(0) + 0.42 * self._scale * down
        half = int(0.42 * self._scale), int(0.16 * self._scale)
        height, width = image.shape[:2]
        x0, x1 = np.clip([middle[0] - half[0], middle[0] + half[0]], 0, width).astype(int)
        y0, y1 = np.clip([middle[1] - half[1], middle[1] + half[1]], 0, height).astype(int)
        if x1 - x0 < 4 or y1 - y0 < 4:
            return np.zeros((4, 4, 1), np.float32), self._rest.mean(0)
        grey = cv2.cvtColor(image[y0:y1, x0:x1], cv2.COLOR_RGB2GRAY).astype(np.float32)
        fine = grey - cv2.GaussianBlur(grey, (0, 0), max(0.035 * self._scale, 1.0))
        return np.clip(fine, -_MAX_GRAIN, _MAX_GRAIN)[..., None], self._rest.mean(0) - np.array(half)

    def paint(self, image: np.ndarray, posed: PosedMesh) -> None:
        """Paint the lid over its stretched pixels, and the line of its lashes, as far as it is closed.

        `image` `(H, W, 3)` uint8, changed in place.
        """
        closure = posed.lid_closure[self._side]
        skin, lashes = (float(smoothstep(closure, *fade)) for fade in (_SKIN_FADE, _LASH_FADE))
        if not skin:
            return
        edge = posed.vertices[self._edge, :2].astype(np.float64)
        axes = _EyeAxes(edge)
        rim = posed.vertices[self._rim, :2].astype(np.float64)
        # the upper end lies above the crease, where lashes may be
        rim[1:-1] -= 0.055 * self._scale * axes.down
        outline = np.concatenate([edge, rim[-2:0:-1]])
        box = compositing.bounding_box(outline, image.shape[1::-1], 3)
        to_photo = self._fit.to_photo(posed.rigid_landmarks[self._contour, :2])
        kernels.eyelid(
            compositing.crop(image, box), compositing.polygon_mask(outline, box, 0.5),
            compositing.rebased(axes.to_eye, box, (0, 0)), axes.project(edge), axes.project(rim),
            self._colours, self._grain, compositing.rebased(to_photo, box, self._grain_origin), skin,
        )  # fmt: skip
        if lashes:
            box = compositing.bounding_box(edge, image.shape[1::-1], int(0.06 * self._scale) + 3)
            kernels.lashes(
                compositing.crop(image, box), compositing.rebased(axes.to_eye, box, (0, 0)),
                axes.project(edge), self._lash_colour, max(0.018 * self._scale, 0.7), 0.85 * lashes,
            )  # fmt: skip


def _colours_around(
    image: np.ndarray, rest: np.ndarray, eye: str, scale: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Along one eye the colours `(_SAMPLES, 3)` above its crease and below it; and its lashes' `(3,)`."""
    edge, lower = list(UPPER_LID[eye]), list(LOWER_LID[eye])
    probe = _SkinProbe(image, rest[edge, :2].astype(np.float64), scale)
    above = probe.read(rest[[edge[0], *LID_CREASE[eye], edge[-1]], :2], -0.12, 0.0, rank=0.7)
    below = probe.read(rest[lower, :2], 0.08, 0.22, rank=0.7)
    return above, below, probe.read(rest[edge, :2], -0.03, 0.02, rank=0.1)[4:-4].mean(0)


def _lid_tint(image: np.ndarray, rest: np.ndarray, scale: float) -> np.ndarray:
    """The usual colour above the creases of both eyes as a share of that below them, `(3,)`."""
    shares = []
    for eye in EYES:
        above, below, _ = _colours_around(image, rest, eye, scale)
        shares.append(above / np.maximum(below, 1))
    every = np.concatenate(shares)
    light = every.mean(1)
    return np.asarray(np.clip(np.median(every[light >= np.median(light)], 0), *_TINTS))


class _EyeAxes:
    """Eye coordinates: the share of the eye's width from its outer corner, and px below the corners' line."""

    def __init__(self, edge: np.ndarray) -> None:
        """`edge` `(K, 2)`: the upper lid's edge."""
        self.corner = edge[0]
        across, fall = (edge[-1] - edge[0]).tolist()
        self.width = max(math.hypot(across, fall), 1e-3)
        self.axis = np.array([across, fall]) / self.width
        sign = 1 if across >= 0 else -1
        self.down = np.array([-fall, across]) * sign / self.width
        rows = np.stack([self.axis / self.width, self.down])
        self.to_eye = np.column_stack([rows, -rows @ self.corner])
        """Affine `(2, 3)` from px of the image."""

    def project(self, row: np.ndarray) -> np.ndarray:
        """Points `(K, 2)` px from corner to corner in eye coordinates, their shares never decreasing."""
        points = (row - self.corner) @ self.to_eye[:, :2].T
        np.maximum.accumulate(points[:, 0], out=points[:, 0])
        return points


class _SkinProbe:
    """Reads colours in strips along one eye of the photo."""

    def __init__(self, image: np.ndarray, edge: np.ndarray, scale: float) -> None:
        """`edge` `(9, 2)`: the upper lid's edge; `scale`: px between the eyes."""
        height, width = image.shape[:2]
        self._axes, self._scale = _EyeAxes(edge), scale
        box = compositing.bounding_box(edge, (width, height), int(0.6 * scale) + 2)
        self._origin = box[:2]
        crop = image[box[1] : box[3], box[0] : box[2]]
        self._smooth = cv2.GaussianBlur(crop, (0, 0), max(0.03 * scale, 0.6)).astype(np.float32)

    def read(self, row: np.ndarray, start: float, end: float, *, rank: float) -> np.ndarray:
        """Colours `(_SAMPLES, 3)` beside each place of `row` `(K, 2)` px.

        Of the pixels between `start` and `end` inter-ocular distances below the row, the one whose brightness
        has the given `rank`, 0 to 1, is taken.
        """
        depth = np.interp(_SHARES, *self._axes.project(row).T)
        line = self._axes.corner + np.outer(_SHARES * self._axes.width, self._axes.axis)
        below = depth[:, None] + np.linspace(start, end, 9)[None, :] * self._scale
        points = (line[:, None] + below[..., None] * self._axes.down - self._origin).astype(np.float32)
        colours = cv2.remap(
            self._smooth, points[..., 0], points[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        chosen = (colours @ LUMA).argsort(1)[:, int(rank * colours.shape[1])]
        return cv2.blur(np.take_along_axis(colours, chosen[:, None, None], 1)[:, 0], (1, 9))
