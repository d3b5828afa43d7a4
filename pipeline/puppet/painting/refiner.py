"""The mouth as a camera would see it: what a small network changes about the drawn one.

Between opening lips the puppet draws teeth, tongue and darkness by rule. The network has seen how real mouths
differ from that (`training/mouth.py`, `assets/models/MOUTH.md`): it looks at a small crop and answers with
smooth fields, by how much to brighten or darken each place and what share of the skin's and the lips' colour
to add, apart for the inside and for the skin around it. The fields are applied to the picture's own pixels,
so its detail stays as sharp as it was and no colour comes in that the photo does not have. They are zero at
the crop's border and where the network is not sure. onnxruntime runs it on one thread in under a millisecond.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numba import njit

from pipeline.assets import MODELS
from pipeline.easing import smoothstep
from pipeline.puppet.painting import compositing
from pipeline.puppet.painting.palette import LUMA, Tones
from pipeline.threads import onnx_session

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

MODEL = MODELS / "mouth.onnx"
WIDTH, HEIGHT = 80, 56
"""Size of the crop in px."""
PER = 61.5
"""Pixels of the crop per inter-ocular distance."""
BELOW = 0.08
"""How far below the lips' middle the crop's centre lies, in inter-ocular distances."""
PARTED = (0.015, 0.05)
"""Gaps of the lips, in inter-ocular distances, between which the corrections fade in."""
MOST = np.float32([0.5, 0.08, 0.12, 0.35, 0.12])[:, None, None]
"""The largest corrections: inside the mouth the logarithm of the factor and the shares of the skin's and the
lips' colour, around it the logarithm and the share of the skin's."""
TRUST = np.float32([0.3, 0.4, 0.3, 0.4, 0.4])[:, None, None]
"""The share of each that is done. Less of the inside's light than would come nearest to real frames: those
hide their teeth as often as they show them, and the mean of both is grey. Less of the lips' colour, lest
tongues glow, and less around the mouth, where softer lip edges would make the opening look smaller."""
AROUND = np.float32([0, 0, 0, 1, 1])[:, None, None]
GREY = 0.7
"""What is taken from every pixel, in brightnesses of the skin, so that the network's inputs are about 0."""
DARKEST = 15.0
_RIM = 5
_UPPER_MIDDLE, _LOWER_MIDDLE = 5, 15
"""Places of the lips' middles in `points.INNER_LIPS`."""


class MouthRefiner:
    """The corrections of one portrait's mouth."""

    def __init__(
        self, image: np.ndarray, lips: np.ndarray, axes: np.ndarray, tones: Tones, *, inside: bool = True
    ) -> None:
        """`image`: the photo; `lips` `(K, 2)` px: the lips in it; `axes` `(2, 2)`: px to face units.

        `inside`: the teeth are drawn ones; those of the photo itself are as a camera saw them.
        """
        self._most = MOST * (TRUST if inside else TRUST * AROUND)
        self._middle = lips.mean(0, dtype=np.float64)
        self._rest = lips - self._middle
        self._spread = (self._rest**2).sum()
        self._axes = axes
        self._tones = np.stack([tones.skin, tones.lips]).astype(np.float32)
        self._unit = max(float(tones.skin @ LUMA), DARKEST)
        self._inputs = np.zeros((1, 7, HEIGHT, WIDTH), np.float32)
        self._inputs[0, 3:6] = self._seen(image, self.place(lips))

    def place(self, lips: np.ndarray) -> np.ndarray:
        """Affine `(2, 3)` from the picture to the crop; the skull has carried the lips to `lips` `(K, 2)`."""
        middle = lips.mean(0, dtype=np.float64)
        now, rest = lips - middle, self._rest
        along = (rest * now).sum()
        across = (rest[:, 0] * now[:, 1] - rest[:, 1] * now[:, 0]).sum()
        back = np.array([[along, across], [-across, along]]) * (self._spread / (along**2 + across**2))
        turn = PER * self._axes @ back
        centre = np.array([(WIDTH - 1) / 2, (HEIGHT - 1) / 2 - PER * BELOW])
        return np.column_stack([turn, centre - turn @ middle])

    def ask(self, image: np.ndarray, opening: np.ndarray, lips: np.ndarray) -> np.ndarray | None:
        """The network's answer `(5, h, w)` to a picture; None where the lips are not parted.

        Args:
            image: `(H, W, 3)` uint8 with the mouth drawn.
            opening: `(20, 2)` px, the inner lips' line.
            lips: `(K, 2)` px, where the skull alone would have carried the lips' vertices.
        """
        if not self._parted(opening):
            return None
        place = self.place(lips)
        self._inputs[0, :3] = self._seen(image, place)
        edges = opening @ place[:, :2].T + place[:, 2]
        self._inputs[0, 6] = compositing.coverage(edges, (0, 0, WIDTH, HEIGHT), 0)
        return network().run(None, {"mouth": self._inputs})[0][0]

    def touch(self, image: np.ndarray, opening: np.ndarray, lips: np.ndarray, answer: np.ndarray) -> None:
        """Correct the mouth of `image`, in place, by an answer to it or to pictures around it in time."""
        parted = self._parted(opening)
        if parted:
            self._apply(image, opening, self.place(lips), corrections(answer, parted * self._most))

    def _parted(self, opening: np.ndarray) -> float:
        """How far the corrections are to be seen, 0 to 1."""
        gap = (opening[_UPPER_MIDDLE] - opening[_LOWER_MIDDLE]) @ self._axes.T
        return float(smoothstep(float(np.linalg.norm(gap)), *PARTED))

    def _seen(self, image: np.ndarray, place: np.ndarray) -> np.ndarray:
        return cut(image, place).transpose(2, 0, 1) / np.float32(self._unit) - np.float32(GREY)

    def _apply(self, image: np.ndarray, opening: np.ndarray, place: np.ndarray, fields: np.ndarray) -> None:
        box = _box(place, image)
        if box is None:
            return
        within = compositing.box_of(opening, (image.shape[1], image.shape[0]), 3)
        cover = compositing.coverage(opening, within, 0.6)
        corner = within[0] - box[0], within[1] - box[1]
        to_fields = np.float32(compositing.shifted(place, box, (0.5, 0.5)) / 2)
        _correct(compositing.cut(image, box), cover, corner, to_fields, fields, self._tones)


@lru_cache(maxsize=1)
def network() -> InferenceSession:
    """The network, kept in memory."""
    return onnx_session(str(MODEL))


def cut(image: np.ndarray, place: np.ndarray) -> np.ndarray:
    """The crop `(HEIGHT, WIDTH, 3)` uint8 to which the affine `place` leads, averaged where it is smaller."""
    fold = int(np.linalg.det(place[:, :2]) ** -0.5 + 0.3)
    if fold >= 2:
        box = _box(place, image, margin=2 * fold, whole=fold)
        if box is not None:
            size = (box[2] - box[0]) // fold, (box[3] - box[1]) // fold
            image = cv2.resize(image[box[1] : box[3], box[0] : box[2]], size, interpolation=cv2.INTER_AREA)
            offset = place[:, :2] @ (np.array(box[:2]) + (fold - 1) / 2) + place[:, 2]
            place = np.column_stack([place[:, :2] * fold, offset])
    return cv2.warpAffine(image, place, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)


def corrections(fields: np.ndarray, most: np.ndarray) -> np.ndarray:
    """What the network says `(5, h, w)` as planes `(h, w, 5)`: `most` at the most, fading at the border.

    Inside the mouth the factor on the picture and the shares of the skin's and the lips' colours added to it;
    around it the factor and the share of the skin's.
    """
    bounded = most * np.tanh(fields) * window(*fields.shape[1:])
    factor, skin, lips, around, shade = bounded
    return np.stack([np.exp(factor), skin, lips, np.exp(around), shade], -1)


@lru_cache(maxsize=1)
def window(height: int, width: int) -> np.ndarray:
    down, right = (
        smoothstep(np.minimum(np.arange(size) + 0.5, size - np.arange(size) - 0.5) / _RIM, 0.1, 1.1)
        for size in (height, width)
    )
    return (down[:, None] * right).astype(np.float32)


def _box(place: np.ndarray, image: np.ndarray, *, margin: int = 0, whole: int = 1) -> compositing.Box | None:
    """The crop's bounds in the picture, `margin` px wider, sides multiples of `whole`; None outside it."""
    (a, b, x), (c, d, y) = cv2.invertAffineTransform(place).tolist()
    height, width = image.shape[:2]
    left, right = _reach(x, a * WIDTH, b * HEIGHT, width, margin, whole)
    top, bottom = _reach(y, c * WIDTH, d * HEIGHT, height, margin, whole)
    return None if right - left < 2 or bottom - top < 2 else (left, top, right, bottom)


def _reach(start: float, along: float, across: float, most: int, margin: int, whole: int) -> tuple[int, int]:
    """First and last pixel of `_box` in one direction, in which its two sides go so far."""
    low = math.floor(start + min(along, 0.0) + min(across, 0.0)) - margin
    high = math.ceil(start + max(along, 0.0) + max(across, 0.0)) + margin
    low, high = min(max(low, 0), most), min(max(high, 0), most)
    return low, low + (high - low) // whole * whole


@njit(cache=True, nogil=True, fastmath=True)
def _correct(
    region: np.ndarray, cover: np.ndarray, corner: tuple[int, int], place: np.ndarray, fields: np.ndarray,
    tones: np.ndarray,
) -> None:  # fmt: skip
    """Apply `fields` `(h, w, 5)`, to whose places `place` leads, to `region` `(H, W, 3)` uint8.

    `cover`: how much of each pixel is the mouth's inside, from `corner` (x, y) of the region on; `tones`
    `(2, 3)`: skin and lips.
    """
    one, end_x, end_y = np.float32(1), np.float32(fields.shape[1] - 1), np.float32(fields.shape[0] - 1)
    for y in range(region.shape[0]):
        row = y - corner[1]
        for x in range(region.shape[1]):
            at_x = place[0, 0] * np.float32(x) + place[0, 1] * np.float32(y) + place[0, 2]
            at_y = place[1, 0] * np.float32(x) + place[1, 1] * np.float32(y) + place[1, 2]
            if not (at_x >= 0 and at_y >= 0 and at_x < end_x and at_y < end_y):
                continue
            i, j = np.uint32(at_y), np.uint32(at_x)
            right, down = at_x - np.float32(j), at_y - np.float32(i)
            both = right * down
            shares = one - right - down + both, right - both, down - both, both
            factor, skin, lips = (
                _field(fields, i, j, 3, shares),
                _field(fields, i, j, 4, shares),
                np.float32(0),
            )
            column = x - corner[0]
            if 0 <= row < cover.shape[0] and 0 <= column < cover.shape[1] and cover[row, column] > 0:
                inner = cover[row, column]
                factor += inner * (_field(fields, i, j, 0, shares) - factor)
                skin += inner * (_field(fields, i, j, 1, shares) - skin)
                lips = inner * _field(fields, i, j, 2, shares)
            for c in range(3):
                value = region[y, x, c] * factor + skin * tones[0, c] + lips * tones[1, c]
                region[y, x, c] = np.uint8(min(max(value + np.float32(0.5), np.float32(0)), np.float32(255)))


@njit(cache=True, nogil=True, fastmath=True, inline="always")
def _field(
    fields: np.ndarray, i: int, j: int, plane: int, shares: tuple[float, float, float, float]
) -> float:
    """One plane's value among four neighbours by their shares."""
    below, right = i + np.uint32(1), j + np.uint32(1)
    return (
        shares[0] * fields[i, j, plane]
        + shares[1] * fields[i, right, plane]
        + shares[2] * fields[below, j, plane]
        + shares[3] * fields[below, right, plane]
    )
