"""The skin of a lowered upper lid, which no photo of an open eye shows, and the line of its lashes.

Stretching the few pixels between the eye and its crease would smear lashes and liner over the whole lid.
So the lid is painted as it comes down: colours from above the crease and from below the eye, rounded as
over a ball, with the skin's own fine structure borrowed from the cheek.
"""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.heads.puppet import patch
from pipeline.heads.puppet import points as at
from pipeline.heads.puppet.ease import ease
from pipeline.heads.puppet.rig import Posed
from pipeline.heads.puppet.tones import LUMA, Tones

SAMPLES = 24
"""Places along the eye where its skin's colour is read."""
SHARES = np.linspace(0.08, 0.92, SAMPLES)
"""Where they lie on the way from the outer corner to the inner."""


class Lid:
    """One upper lid of a portrait."""

    def __init__(self, image: np.ndarray, rest: np.ndarray, eye: str, scale: float, tones: Tones) -> None:
        self.edge, self.crease = list(at.UPPER_LID[eye]), list(at.UPPER_CREASE[eye])
        self.lower = list(at.LOWER_LID[eye])
        self.rim = [self.edge[0], *self.crease, self.edge[-1]]
        self.side = at.EYES.index(eye)
        self.scale = scale
        self.rest = rest[[*self.edge, *self.lower[1:-1]], :2].astype(np.float64)
        self.anchor = patch.Anchor(self.rest)
        self.above, self.below, self.lash, self.clear = self._colours(image, rest, tones)
        self.grain, self.grain_at = self._grain(image, rest)

    def _colours(
        self, image: np.ndarray, rest: np.ndarray, tones: Tones
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Colours `(SAMPLES, 3)` along the eye for the lid's top and its edge, `(3,)` of the lashes, and how
        freely the lid is seen, `(SAMPLES,)` 0 to 1."""
        probe = _Probe(image, rest[self.edge, :2].astype(np.float64), self.scale)
        above = probe.read(rest[self.rim, :2], -0.12, 0.0, rank=0.7)
        below = probe.read(rest[self.lower, :2], 0.08, 0.22, rank=0.7)
        lash = probe.read(rest[self.edge, :2], -0.03, 0.02, rank=0.1)[4:-4].mean(0)
        # hair or a rim of glasses over the crease is not the lid's colour, and stays in front of it
        covered = np.clip(4 - 10 * above.mean(1) / np.maximum(below.mean(1), 1), 0, 1)
        above += covered[:, None] * (below - above)
        top, end = 0.9 * above + 0.1 * below, 0.65 * above + 0.35 * below
        return top, end, 0.7 * lash + 0.3 * tones.dark, 1 - 0.8 * covered

    def _grain(self, image: np.ndarray, rest: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Fine structure `(h, w)` of the cheek below the eye, and the place of its first pixel."""
        middle = rest[self.lower, :2].mean(0) + 0.42 * self.scale * _axes(rest[self.edge, :2])[1]
        half = int(0.42 * self.scale), int(0.16 * self.scale)
        height, width = image.shape[:2]
        x0, x1 = np.clip([middle[0] - half[0], middle[0] + half[0]], 0, width).astype(int)
        y0, y1 = np.clip([middle[1] - half[1], middle[1] + half[1]], 0, height).astype(int)
        if x1 - x0 < 4 or y1 - y0 < 4:
            return np.zeros((4, 4), np.float32), self.rest.mean(0)
        grey = cv2.cvtColor(image[y0:y1, x0:x1], cv2.COLOR_RGB2GRAY).astype(np.float32)
        fine = grey - cv2.GaussianBlur(grey, (0, 0), max(0.035 * self.scale, 1.0))
        return np.clip(fine, -20, 20), self.rest.mean(0) - np.array(half)

    def paint(self, image: np.ndarray, posed: Posed) -> None:
        """Paint the lid over its stretched pixels, as far as it is down."""
        shut = posed.shut[self.side]
        if shut < 0.03:
            return
        edge, rim = self._lines(posed)
        outline = np.concatenate([edge, rim[-2:0:-1]])
        height, width = image.shape[:2]
        box = patch.box_of(outline, (width, height), 3)
        if box[2] - box[0] < 3 or box[3] - box[1] < 3:
            return
        share, to_edge, from_crease = self._place(edge, rim, box)
        fall = np.clip(from_crease / np.maximum(from_crease + to_edge, 1e-3), 0, 1)
        skin = self._skin(share, fall, posed, box)
        amount = ease(shut, 0.05, 0.45)
        amount = amount * np.interp(share, SHARES, self.clear)
        sides = ease(share, 0.0, 0.22) * (1 - ease(share, 0.8, 1.0))
        cover = patch.coverage(outline, box, 0.5) * ease(fall, 0.0, 0.55) * sides * amount
        patch.blend(image, box, skin, cover.astype(np.float32))

    def paint_lashes(self, image: np.ndarray, posed: Posed) -> None:
        """Draw the line of lashes along the lid's edge, as far as it is down."""
        shut = posed.shut[self.side]
        if shut < 0.03:
            return
        edge, rim = self._lines(posed)
        height, width = image.shape[:2]
        box = patch.box_of(edge, (width, height), int(0.06 * self.scale) + 3)
        if box[2] - box[0] < 3 or box[3] - box[1] < 3:
            return
        share, to_edge, _ = self._place(edge, rim, box)
        thick = max(0.018 * self.scale, 0.7)
        over = np.where(to_edge > 0, to_edge / (0.8 * thick), -to_edge / (1.3 * thick))
        ends = ease(share, -0.02, 0.12) * (1 - ease(share, 0.80, 1.0))
        cover = 0.85 * np.exp(-(over**2)) * ends * ease(shut, 0.1, 0.6)
        patch.blend(image, box, np.broadcast_to(self.lash, (*cover.shape, 3)), cover.astype(np.float32))

    def _lines(self, posed: Posed) -> tuple[np.ndarray, np.ndarray]:
        """The lid's edge and the upper end of its painted skin, above the crease where lashes may stand."""
        edge = posed.points[self.edge, :2].astype(np.float64)
        rim = posed.points[self.rim, :2].astype(np.float64)
        rim[1:-1] -= 0.055 * self.scale * _axes(edge)[1]
        return edge, rim

    def _place(
        self, edge: np.ndarray, rim: np.ndarray, box: patch.Box
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Per pixel: share of the way from outer to inner corner, px above the edge, px below the crease."""
        axis, down = _axes(edge)
        matrix = np.array([[*axis, -edge[0] @ axis], [*down, -edge[0] @ down]])
        x, y = patch.pixels(box, matrix)
        a, width = _along(edge, edge, axis)
        share = x / width
        to_edge = np.interp(share, a, (edge - edge[0]) @ down) - y
        a, _ = _along(rim, edge, axis)
        return share, to_edge, y - np.interp(share, a, (rim - edge[0]) @ down)

    def _skin(self, share: np.ndarray, fall: np.ndarray, posed: Posed, box: patch.Box) -> np.ndarray:
        at_share = np.clip((share - 0.08) / 0.84, 0, 1) * (SAMPLES - 1)
        low = np.floor(at_share).astype(int)
        high = np.minimum(low + 1, SAMPLES - 1)
        mix = (at_share - low)[..., None]
        above = self.above[low] * (1 - mix) + self.above[high] * mix
        below = self.below[low] * (1 - mix) + self.below[high] * mix
        colour = above + fall[..., None] * (below - above)
        # a ball: brightest below its middle, darker towards crease, corners and lashes
        ball = 1.0 + 0.05 * np.exp(-(((fall - 0.55) / 0.25) ** 2)) - 0.10 * np.clip((fall - 0.8) / 0.2, 0, 1)
        ball -= 0.12 * np.clip(np.abs(share - 0.5) - 0.25, 0, 0.3) / 0.3
        x, y = patch.pixels(box, self.anchor.back(posed.skull[[*self.edge, *self.lower[1:-1]], :2]))
        grain = cv2.remap(
            self.grain, x - np.float32(self.grain_at[0]), y - np.float32(self.grain_at[1]),
            cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT,
        )  # fmt: skip
        return (colour * ball[..., None] + grain[..., None]).astype(np.float32)


class _Probe:
    """Reads colours in strips along one eye of the photo."""

    def __init__(self, image: np.ndarray, edge: np.ndarray, scale: float) -> None:
        """`edge` `(9, 2)`: the upper lid's edge; `scale`: px per inter-ocular distance."""
        height, width = image.shape[:2]
        self.edge, self.scale = edge, scale
        box = patch.box_of(edge, (width, height), int(0.6 * scale) + 2)
        self.origin = box[:2]
        crop = image[box[1] : box[3], box[0] : box[2]]
        self.soft = cv2.GaussianBlur(crop, (0, 0), max(0.03 * scale, 0.6)).astype(np.float32)

    def read(self, row: np.ndarray, start: float, end: float, *, rank: float) -> np.ndarray:
        """`(SAMPLES, 3)`: beside each place of `row` `(K, 2)`, between `start` and `end` inter-ocular
        distances below it, the colour whose brightness has that `rank`, 0 to 1, among its neighbours."""
        axis, down = _axes(self.edge)
        a, width = _along(row, self.edge, axis)
        depth = np.interp(SHARES, a, (row - self.edge[0]) @ down)
        line = self.edge[0] + np.outer(SHARES * width, axis)
        below = depth[:, None] + np.linspace(start, end, 9)[None, :] * self.scale
        spots = (line[:, None] + below[..., None] * down - self.origin).astype(np.float32)
        found = cv2.remap(
            self.soft, spots[..., 0], spots[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        chosen = (found @ LUMA).argsort(1)[:, int(rank * found.shape[1])]
        return cv2.blur(np.take_along_axis(found, chosen[:, None, None], 1)[:, 0], (1, 9))


def _axes(edge: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors from the outer corner to the inner, and down across."""
    axis = (edge[-1] - edge[0]) / max(float(np.linalg.norm(edge[-1] - edge[0])), 1e-6)
    down = np.array([-axis[1], axis[0]])
    return axis, down if down[1] >= 0 else -down


def _along(points: np.ndarray, edge: np.ndarray, axis: np.ndarray) -> tuple[np.ndarray, float]:
    """Increasing shares of the eye's width for a row of points, and the width in px."""
    width = max(float((edge[-1] - edge[0]) @ axis), 1e-3)
    return np.maximum.accumulate((points - edge[0]) @ axis / width), width
