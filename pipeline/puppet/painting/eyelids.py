"""The skin of a lowered upper lid, which no photo of an open eye shows, and the line of its lashes.

Stretching the few pixels between the eye and its crease would smear lashes and liner over the whole lid.
So the lid is painted as it comes down: colours from above the crease and from below the eye, rounded as
over a ball, with the skin's own fine structure borrowed from the cheek.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from pipeline.easing import smoothstep
from pipeline.faces.landmarks import EYES, LID_CREASE, LOWER_LID, UPPER_LID
from pipeline.puppet.geometry.rig import Posed
from pipeline.puppet.painting import compositing, kernels
from pipeline.puppet.painting.palette import LUMA, Tones

SAMPLES = 24
"""Places along the eye where its skin's colour is read."""
SHARES = np.linspace(0.08, 0.92, SAMPLES)
"""Where they lie on the way from the outer corner to the inner."""


class Lid:
    """One upper lid of a portrait."""

    def __init__(self, image: np.ndarray, rest: np.ndarray, eye: str, scale: float, tones: Tones) -> None:
        self.edge, self.crease = list(UPPER_LID[eye]), list(LID_CREASE[eye])
        self.lower = list(LOWER_LID[eye])
        self.rim = [self.edge[0], *self.crease, self.edge[-1]]
        self.side = EYES.index(eye)
        self.scale = scale
        self.rest = rest[[*self.edge, *self.lower[1:-1]], :2].astype(np.float64)
        self.anchor = compositing.Anchor(self.rest)
        self.tones, self.lash = self._colours(image, rest, tones)
        self.grain, self.grain_at = self._grain(image, rest)

    def _colours(self, image: np.ndarray, rest: np.ndarray, tones: Tones) -> tuple[np.ndarray, np.ndarray]:
        """Along the eye `(SAMPLES, 7)` the colours of the lid's top and its edge, and how freely it is seen,
        0 to 1; and the colour of the lashes `(3,)`."""
        probe = _Probe(image, rest[self.edge, :2].astype(np.float64), self.scale)
        above = probe.read(rest[self.rim, :2], -0.12, 0.0, rank=0.7)
        below = probe.read(rest[self.lower, :2], 0.08, 0.22, rank=0.7)
        lash = probe.read(rest[self.edge, :2], -0.03, 0.02, rank=0.1)[4:-4].mean(0)
        # hair or a rim of glasses over the crease is not the lid's colour, and stays in front of it
        covered = np.clip(4 - 10 * above.mean(1) / np.maximum(below.mean(1), 1), 0, 1)
        above += covered[:, None] * (below - above)
        top, end = 0.9 * above + 0.1 * below, 0.65 * above + 0.35 * below
        return np.column_stack([top, end, 1 - 0.8 * covered]), 0.7 * lash + 0.3 * tones.dark

    def _grain(self, image: np.ndarray, rest: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Fine structure `(h, w, 1)` of the cheek below the eye, and the place of its first pixel."""
        middle = rest[self.lower, :2].mean(0) + 0.42 * self.scale * _Along(rest[self.edge, :2]).down
        half = int(0.42 * self.scale), int(0.16 * self.scale)
        height, width = image.shape[:2]
        x0, x1 = np.clip([middle[0] - half[0], middle[0] + half[0]], 0, width).astype(int)
        y0, y1 = np.clip([middle[1] - half[1], middle[1] + half[1]], 0, height).astype(int)
        if x1 - x0 < 4 or y1 - y0 < 4:
            return np.zeros((4, 4, 1), np.float32), self.rest.mean(0)
        grey = cv2.cvtColor(image[y0:y1, x0:x1], cv2.COLOR_RGB2GRAY).astype(np.float32)
        fine = grey - cv2.GaussianBlur(grey, (0, 0), max(0.035 * self.scale, 1.0))
        return np.clip(fine, -20, 20)[..., None], self.rest.mean(0) - np.array(half)

    def paint(self, image: np.ndarray, posed: Posed) -> None:
        """Paint the lid over its stretched pixels and the line of its lashes, as far as it is down."""
        skin, lashes = (
            float(smoothstep(posed.shut[self.side], *reach)) for reach in ((0.05, 0.45), (0.1, 0.6))
        )
        if not skin:
            return
        edge = posed.points[self.edge, :2].astype(np.float64)
        along = _Along(edge)
        rim = posed.points[self.rim, :2].astype(np.float64)
        # its upper end lies above the crease, where lashes may stand
        rim[1:-1] -= 0.055 * self.scale * along.down
        outline = np.concatenate([edge, rim[-2:0:-1]])
        box = compositing.box_of(outline, image.shape[1::-1], 3)
        back = self.anchor.back(posed.skull[[*self.edge, *self.lower[1:-1]], :2])
        kernels.lid(
            compositing.cut(image, box), compositing.coverage(outline, box, 0.5),
            compositing.shifted(along.matrix, box, (0, 0)), along.drawn(edge), along.drawn(rim),
            self.tones, self.grain, compositing.shifted(back, box, self.grain_at), skin,
        )  # fmt: skip
        if lashes:
            box = compositing.box_of(edge, image.shape[1::-1], int(0.06 * self.scale) + 3)
            kernels.lashes(
                compositing.cut(image, box), compositing.shifted(along.matrix, box, (0, 0)),
                along.drawn(edge), self.lash, max(0.018 * self.scale, 0.7), 0.85 * lashes,
            )  # fmt: skip


class _Along:
    """Places by their share of the eye's width, from outer to inner corner, and their px below that line."""

    def __init__(self, edge: np.ndarray) -> None:
        """`edge` `(K, 2)`: the upper lid's edge."""
        self.corner = edge[0]
        across, fall = (edge[-1] - edge[0]).tolist()
        self.width = max(math.hypot(across, fall), 1e-3)
        self.axis = np.array([across, fall]) / self.width
        sign = 1 if across >= 0 else -1
        self.down = np.array([-fall, across]) * sign / self.width
        rows = np.stack([self.axis / self.width, self.down])
        self.matrix = np.column_stack([rows, -rows @ self.corner])
        """Affine `(2, 3)` from the picture's px."""

    def drawn(self, row: np.ndarray) -> np.ndarray:
        """A row of points `(K, 2)` in these terms, on its way from corner to corner."""
        there = (row - self.corner) @ self.matrix[:, :2].T
        np.maximum.accumulate(there[:, 0], out=there[:, 0])
        return there


class _Probe:
    """Reads colours in strips along one eye of the photo."""

    def __init__(self, image: np.ndarray, edge: np.ndarray, scale: float) -> None:
        """`edge` `(9, 2)`: the upper lid's edge; `scale`: px per inter-ocular distance."""
        height, width = image.shape[:2]
        self.along, self.scale = _Along(edge), scale
        box = compositing.box_of(edge, (width, height), int(0.6 * scale) + 2)
        self.origin = box[:2]
        crop = image[box[1] : box[3], box[0] : box[2]]
        self.soft = cv2.GaussianBlur(crop, (0, 0), max(0.03 * scale, 0.6)).astype(np.float32)

    def read(self, row: np.ndarray, start: float, end: float, *, rank: float) -> np.ndarray:
        """`(SAMPLES, 3)`: beside each place of `row` `(K, 2)`, between `start` and `end` inter-ocular
        distances below it, the colour whose brightness has that `rank`, 0 to 1, among its neighbours."""
        there = self.along.drawn(row)
        depth = np.interp(SHARES, *there.T)
        line = self.along.corner + np.outer(SHARES * self.along.width, self.along.axis)
        below = depth[:, None] + np.linspace(start, end, 9)[None, :] * self.scale
        spots = (line[:, None] + below[..., None] * self.along.down - self.origin).astype(np.float32)
        found = cv2.remap(
            self.soft, spots[..., 0], spots[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        chosen = (found @ LUMA).argsort(1)[:, int(rank * found.shape[1])]
        return cv2.blur(np.take_along_axis(found, chosen[:, None, None], 1)[:, 0], (1, 9))
