"""Eyeballs behind the lids: the photo's own, completed where its lids hid them, turned by the gaze.

The lids are skin and slide with the mesh; the eyeball stays in the skull and is seen through the opening
between them, so that no blink ever squashes an iris.
"""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.faces.landmarks import EYE_CONTOUR, EYES, IRIS, UPPER_LID
from pipeline.puppet.geometry.rig import Posed
from pipeline.puppet.painting import compositing, kernels
from pipeline.puppet.painting.palette import LUMA

VARIED, LIT = 0.2, 0.25
"""What an eye in sight has at the least, as shares of the skin's brightness: a difference between its white
and its pupil, or else a brightness of its own."""


def hidden(image: np.ndarray, rest: np.ndarray, skin: np.ndarray) -> bool:
    """Whether dark glasses hide both eyes of a photo; `skin` `(3,)`: its colour."""
    bright = max(float(skin @ LUMA), 1.0)
    return all(_dark(image, rest, eye, bright) for eye in EYES)


def _dark(image: np.ndarray, rest: np.ndarray, eye: str, bright: float) -> bool:
    contour = rest[list(EYE_CONTOUR[eye]), :2]
    box = compositing.box_of(contour, image.shape[1::-1], 0)
    light = compositing.cut(image, box)[compositing.coverage(contour, box, 0) > 0.5] @ LUMA
    if not len(light):
        return True
    low, middle, high = np.percentile(light, [5, 50, 95])
    return high - low < VARIED * bright and middle < LIT * bright


class Eye:
    """One eye of a portrait."""

    def __init__(self, image: np.ndarray, rest: np.ndarray, eye: str, scale: float) -> None:
        self.contour = list(EYE_CONTOUR[eye])
        # its points from left to right in the picture
        self.upper = list(UPPER_LID[eye] if eye == "Right" else UPPER_LID[eye][::-1])
        self.centre = IRIS[eye][0]
        self.side = EYES.index(eye)
        self.scale = scale
        self.rest = rest[self.contour, :2].astype(np.float64)
        self.anchor = compositing.Anchor(self.rest)
        iris = rest[list(IRIS[eye]), :2]
        self.iris = iris[0].astype(np.float32)
        self.radius = float(np.linalg.norm(iris[1:] - iris[0], axis=1).mean())
        height, width = image.shape[:2]
        self.box = compositing.box_of(self.rest, (width, height), int(0.12 * scale) + 2)
        self.iris_at = self.iris - self.box[:2]
        self.ball = self._complete(image)

    def _complete(self, image: np.ndarray) -> np.ndarray:
        """The eyeball without lids, `(h, w, 3)` uint8: the iris made whole by its mirror image."""
        left, top, right, bottom = self.box
        crop = image[top:bottom, left:right].copy()
        seen = compositing.coverage(self.rest, self.box, 0)
        seen = cv2.erode(seen, np.ones((3, 3), np.uint8)) > 0.9
        y, x = np.mgrid[top:bottom, left:right].astype(np.float32)
        disc = np.hypot(x - self.iris[0], y - self.iris[1]) <= self.radius * 1.05
        mirrored_y = 2 * self.iris[1] - y
        row = np.clip(np.round(mirrored_y - top).astype(int), 0, crop.shape[0] - 1)
        column = np.broadcast_to(np.arange(crop.shape[1]), row.shape)
        lent = disc & ~seen & seen[row, column]
        whole = crop.copy()
        whole[lent] = crop[row, column][lent]
        known = seen | lent
        return cv2.inpaint(whole, (~known).astype(np.uint8), 3, cv2.INPAINT_TELEA)

    def paint(self, image: np.ndarray, posed: Posed, gaze: np.ndarray) -> None:
        """Lay the eyeball into the opening of the lids; `gaze` `(2,)` px in the photo's frame."""
        opening = posed.points[self.contour, :2].astype(np.float64)
        height, width = image.shape[:2]
        box = compositing.box_of(opening, (width, height), 2)
        if box[2] - box[0] < 3 or box[3] - box[1] < 3:
            return
        kernels.eyeball(
            compositing.cut(image, box),
            compositing.coverage(opening, box, 0.5),
            compositing.shifted(self.anchor.back(posed.skull[self.contour, :2]), box, self.box[:2]),
            self.ball, self.iris_at, self.radius, gaze,
            posed.points[self.upper, :2] - box[:2],
            0.45 * min(2 * posed.shut[self.side], 1.0), 0.03 * self.scale,
        )  # fmt: skip
