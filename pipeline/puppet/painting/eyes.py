"""Eyeballs behind the lids: the photo's own, completed where its lids hid them, turned by the gaze.

The lids are skin and slide with the mesh; the eyeball stays in the skull and is seen through the opening
between them, so that no blink ever squashes an iris.
"""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.faces.landmarks import EYE_CONTOUR, EYES, IRIS, UPPER_LID
from pipeline.puppet.geometry.rig import PosedMesh
from pipeline.puppet.painting import compositing, kernels
from pipeline.puppet.painting.palette import LUMA

_MIN_CONTRAST, _MIN_BRIGHTNESS = 0.2, 0.25
"""A visible eye has at least this contrast between its white and its pupil, or else this brightness, as
shares of the skin's brightness."""
_LID_SHADOW = 0.45
"""Share of light that a half-closed upper lid takes from the eyeball at its edge."""
_SHADOW_REACH = 0.03
"""Inter-ocular distances over which that shadow decays."""


def behind_dark_glasses(image: np.ndarray, rest: np.ndarray, skin: np.ndarray) -> bool:
    """Whether dark glasses hide both eyes of a photo.

    `image` `(H, W, 3)` uint8; `rest` `(N, 3)` px, landmarks first; `skin` `(3,)`: the skin's colour.
    """
    brightness = max(float(skin @ LUMA), 1.0)
    return all(_is_dark(image, rest, eye, brightness) for eye in EYES)


def _is_dark(image: np.ndarray, rest: np.ndarray, eye: str, skin_brightness: float) -> bool:
    contour = rest[list(EYE_CONTOUR[eye]), :2]
    box = compositing.bounding_box(contour, image.shape[1::-1], 0)
    light = compositing.crop(image, box)[compositing.polygon_mask(contour, box, 0) > 0.5] @ LUMA
    if not len(light):
        return True
    low, middle, high = np.percentile(light, [5, 50, 95])
    return high - low < _MIN_CONTRAST * skin_brightness and middle < _MIN_BRIGHTNESS * skin_brightness


class Eyeball:
    """One eyeball of a portrait."""

    def __init__(self, image: np.ndarray, rest: np.ndarray, eye: str, scale: float) -> None:
        """`image` `(H, W, 3)` uint8; `rest` `(N, 3)` px, landmarks first; `scale`: px between the eyes."""
        self._contour = list(EYE_CONTOUR[eye])
        # its points from left to right in the image
        self._upper_lid = list(UPPER_LID[eye] if eye == "Right" else UPPER_LID[eye][::-1])
        self._side = EYES.index(eye)
        self._scale = scale
        self._rest = rest[self._contour, :2].astype(np.float64)
        self._fit = compositing.AffineFit(self._rest)
        iris = rest[list(IRIS[eye]), :2]
        self._iris = iris[0].astype(np.float32)
        self._radius = float(np.linalg.norm(iris[1:] - iris[0], axis=1).mean())
        height, width = image.shape[:2]
        self._box = compositing.bounding_box(self._rest, (width, height), int(0.12 * scale) + 2)
        self._iris_in_texture = self._iris - self._box[:2]
        self._texture = self._without_lids(image)

    def _without_lids(self, image: np.ndarray) -> np.ndarray:
        """The eyeball without lids, `(h, w, 3)` uint8: the iris completed by its mirror image."""
        left, top, right, bottom = self._box
        crop = image[top:bottom, left:right].copy()
        visible = compositing.polygon_mask(self._rest, self._box, 0)
        visible = cv2.erode(visible, np.ones((3, 3), np.uint8)) > 0.9
        y, x = np.mgrid[top:bottom, left:right].astype(np.float32)
        disc = np.hypot(x - self._iris[0], y - self._iris[1]) <= self._radius * 1.05
        mirrored_y = 2 * self._iris[1] - y
        row = np.clip(np.round(mirrored_y - top).astype(int), 0, crop.shape[0] - 1)
        column = np.broadcast_to(np.arange(crop.shape[1]), row.shape)
        mirrored = disc & ~visible & visible[row, column]
        whole = crop.copy()
        whole[mirrored] = crop[row, column][mirrored]
        known = visible | mirrored
        return cv2.inpaint(whole, (~known).astype(np.uint8), 3, cv2.INPAINT_TELEA)

    def paint(self, image: np.ndarray, posed: PosedMesh) -> None:
        """Draw the eyeball into the opening of the lids of `image` `(H, W, 3)` uint8, in place."""
        opening = posed.vertices[self._contour, :2].astype(np.float64)
        height, width = image.shape[:2]
        box = compositing.bounding_box(opening, (width, height), 2)
        if box[2] - box[0] < 3 or box[3] - box[1] < 3:
            return
        to_photo = self._fit.to_photo(posed.rigid_landmarks[self._contour, :2])
        kernels.eyeball(
            compositing.crop(image, box),
            compositing.polygon_mask(opening, box, 0.5),
            compositing.rebased(to_photo, box, self._box[:2]),
            self._texture, self._iris_in_texture, self._radius, posed.gaze_offset[self._side],
            posed.vertices[self._upper_lid, :2] - box[:2],
            _LID_SHADOW * min(2 * posed.lid_closure[self._side], 1.0), _SHADOW_REACH * self._scale,
        )  # fmt: skip
