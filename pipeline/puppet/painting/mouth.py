"""The mouth's inside: upper teeth that belong to the skull, lower teeth and tongue to the jaw, darkness."""

from __future__ import annotations

import cv2
import numpy as np
from numba import njit

from pipeline.easing import smoothstep
from pipeline.faces.landmarks import INNER_LOWER_LIP, INNER_UPPER_LIP, OUTER_LOWER_LIP, OUTER_UPPER_LIP
from pipeline.puppet.painting import compositing, teeth
from pipeline.puppet.painting.palette import Tones

LIPS = (*OUTER_UPPER_LIP, *OUTER_LOWER_LIP[1:-1], *INNER_UPPER_LIP, *INNER_LOWER_LIP[1:-1])
UPPER_TIP, LOWER_TIP = 0.026, 0.080
"""Where the incisors' tips lie below the seam of closed lips, in inter-ocular distances.

These and the constants of the light were fitted to 76 real speakers re-enacted by one of their own frames:
what is lit between their lips, by where it lies, was brought together with what is drawn there.
"""
SHADOW, REACH = np.float32([0.45, 0.08, 0.30]), np.float32([0.045, 0.020, 0.30])
"""How dark the upper lip, the lower lip and the cheeks make what is behind; how far the lips' shadow reaches
in inter-ocular distances, and the share of the half width from which the cheeks' begins."""
WARM = 0.7
"""How much of the lips' tint light takes on as it gets weaker."""
DIM, DEEP = 0.6, 0.6
"""How dark the photo's own teeth get as lips close over them, and from which share of their opening on."""
COLUMNS = 48
"""Places across the opening at which the lips' edges are read."""

SOFT = 0.009
"""Blur of the inside, in inter-ocular distances."""


class Mouth:
    """The inside of one person's mouth, in face units: inter-ocular distances from where the lips meet."""

    def __init__(self, lips: np.ndarray, scale: float, tones: Tones, shown: teeth.Shown | None) -> None:
        """`lips` `(K, 2)`: the lips' vertices (`LIPS`) with the skull at rest; `scale`: px per unit."""
        self.scale, self.tones = scale, tones
        self.anchor = compositing.Anchor(lips)
        self.upper_tip, enamel = (shown.tip, shown.colour) if shown else (UPPER_TIP, tones.teeth)
        self.own = shown.row if shown else teeth.NONE
        self.apart = shown.apart if shown else 1.0
        self.upper = teeth.upper(tones, enamel, scale)
        self.lower = teeth.lower(tones, enamel, scale)
        self.hang = self._hang()
        # pale lips too are flesh behind: light that came through is redder than they look
        self.glow = tones.flesh**2

    def paint(self, image: np.ndarray, opening: np.ndarray, lips: np.ndarray, jaw: np.ndarray) -> None:
        """Lay the inside into the opening between the lips, if there is one.

        Args:
            image: `(H, W, 3)` uint8, changed in place.
            opening: `(20, 2)` px, the inner lips' line.
            lips: `(K, 2)` px, where the skull alone would have carried the lips' vertices.
            jaw: `(2,)` face units, how far the lower teeth are from where they rest.
        """
        if cv2.contourArea(np.ascontiguousarray(opening, np.float32)) < 2.0:
            return
        opening = np.asarray(opening, np.float64)
        height, width = image.shape[:2]
        box = compositing.box_of(opening, (width, height), 3)
        if box[2] - box[0] < 3 or box[3] - box[1] < 3:
            return
        back = self.anchor.back(lips)
        u, v = compositing.pixels(box, back)
        edges, ends = _edges(opening @ back[:, :2].T + back[:, 2])
        inside = _inside(
            u, v, edges, ends, np.asarray(jaw, np.float32),
            self.upper.picture, self.lower.picture, self.own.picture, self.hang,
            self.tones.cavity, self.tones.tongue, self.glow, self._slit(edges),
        )  # fmt: skip
        # what lies behind the lips is farther from the focus, and lit softly
        inside = cv2.GaussianBlur(inside, (0, 0), min(max(SOFT * self.scale, 0.3), 2.0))
        compositing.blend(image, box, inside, compositing.coverage(opening, box, 0.6))

    def _slit(self, edges: np.ndarray) -> float:
        """The light left on the photo's own teeth: lips that close over them let little in."""
        return 1 - DIM * (1 - float(smoothstep(np.ptp(edges, 0).max(), 0.0, DEEP * self.apart)))

    def _hang(self) -> np.ndarray:
        """Where each picture begins, right and down from the seam, and its pixels per unit: `(3, 3)`."""
        return np.float32(
            [
                [self.upper.left, self.upper.top + self.upper_tip, self.upper.per],
                [self.lower.left, self.lower.top + LOWER_TIP, self.lower.per],
                [self.own.left, self.own.top, self.own.per],
            ]
        )


def _edges(opening: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The lips' edges as `COLUMNS` heights of each, `(2, COLUMNS)`, and where they begin and end, `(2,)`.

    `opening` `(20, 2)`: the inner lips' line in face units, as in `points.INNER_LIPS`.
    """
    corner = len(INNER_UPPER_LIP)
    upper, lower = opening[:corner], opening[[0, *range(len(opening) - 1, corner - 2, -1)]]
    ends = opening[:, 0].min(), opening[:, 0].max()
    places = np.linspace(*ends, COLUMNS)
    heights = [np.interp(places, edge[:, 0], edge[:, 1]) for edge in (upper, lower)]
    return np.float32(heights), np.float32(ends)


@njit(cache=True, nogil=True)
def _sample(picture: np.ndarray, x: float, y: float, out: np.ndarray) -> None:
    """RGBA of `picture` at a place between its pixels; nothing outside it."""
    h, w = picture.shape[0], picture.shape[1]
    ix, iy = int(np.floor(x)), int(np.floor(y))
    if ix < 0 or iy < 0 or ix >= w - 1 or iy >= h - 1:
        out[3] = 0.0
        return
    fx, fy = x - ix, y - iy
    for c in range(4):
        top = picture[iy, ix, c] * (1 - fx) + picture[iy, ix + 1, c] * fx
        bottom = picture[iy + 1, ix, c] * (1 - fx) + picture[iy + 1, ix + 1, c] * fx
        out[c] = top * (1 - fy) + bottom * fy


@njit(cache=True, nogil=True)
def _light(u: float, v: float, edges: np.ndarray, ends: np.ndarray) -> float:
    """How much light falls on a place between the lips, 0 to 1: most of it comes in over the lower lip."""
    last = edges.shape[1] - 1
    k = min(max((u - ends[0]) / (ends[1] - ends[0]) * last, 0.0), last - 1e-3)
    i, f = int(k), k - int(k)
    light = 1.0
    for lip in range(2):
        edge = edges[lip, i] * (1 - f) + edges[lip, i + 1] * f
        away = max(v - edge if lip == 0 else edge - v, 0.0)
        light *= 1 - SHADOW[lip] * np.exp(-away / REACH[lip])
    side = abs(2 * k / last - 1)
    return light * (1 - SHADOW[2] * max((side - REACH[2]) / (1 - REACH[2]), 0.0))


@njit(cache=True, nogil=True)
def _lay(picture: np.ndarray, tooth: np.ndarray, light: float, glow: np.ndarray) -> None:
    """Lay a tooth's RGBA over a pixel, shaded by the lips and tinted where the light came through them."""
    for c in range(3):
        tint = 1 - WARM * (1 - light) * (1 - glow[c])
        picture[c] += tooth[3] * (tooth[c] * light * tint - picture[c])


@njit(cache=True, nogil=True)
def _inside(
    u: np.ndarray, v: np.ndarray, edges: np.ndarray, ends: np.ndarray, jaw: np.ndarray,
    upper: np.ndarray, lower: np.ndarray, own: np.ndarray, hang: np.ndarray,
    dark: np.ndarray, tongue: np.ndarray, glow: np.ndarray, slit: float,
) -> np.ndarray:  # fmt: skip
    """The mouth's inside `(h, w, 3)` float32 for pixels at face units `u`, `v`.

    `edges`, `ends`: see `_edges`; `glow`: the tint of light that comes through between red lips;
    `slit`: the light on teeth that are the photo's own.
    """
    height, width = u.shape
    picture = np.empty((height, width, 3), np.float32)
    tooth = np.zeros(4, np.float32)
    for y in range(height):
        for x in range(width):
            pu, pv = u[y, x], v[y, x]
            ju, jv = pu - jaw[0], pv - jaw[1]
            light = _light(pu, pv, edges, ends)
            # the tongue lies behind the lower teeth, its back lost in the dark
            bed = min(max((jv + 0.115) / 0.16, 0.0), 1.0)
            arch = max(0.0, 1.0 - (ju / 0.36) ** 2)
            rise = bed * bed * (3 - 2 * bed) * arch**0.5
            crease = 1 - 0.10 * np.exp(-((ju / 0.05) ** 2)) * min(max((jv + 0.12) / 0.08, 0.0), 1.0)
            for c in range(3):
                picture[y, x, c] = dark[c] + rise * (tongue[c] * light * crease - dark[c])
            _sample(lower, (ju - hang[1, 0]) * hang[1, 2], (jv - hang[1, 1]) * hang[1, 2], tooth)
            _lay(picture[y, x], tooth, light, glow)
            _sample(upper, (pu - hang[0, 0]) * hang[0, 2], (pv - hang[0, 1]) * hang[0, 2], tooth)
            _lay(picture[y, x], tooth, light, glow)
            # teeth that the photo shows go before drawn ones
            _sample(own, (pu - hang[2, 0]) * hang[2, 2], (pv - hang[2, 1]) * hang[2, 2], tooth)
            _lay(picture[y, x], tooth, slit, glow)
    return picture
