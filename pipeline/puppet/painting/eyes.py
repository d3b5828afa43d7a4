"""Eyeballs behind the lids: the photo's own, completed where its lids hid them, turned by the gaze.

The lids are skin and slide with the mesh; the eyeball stays in the skull and is seen through the opening
between them, so that no blink ever squashes an iris.
"""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.easing import smoothstep
from pipeline.faces.landmarks import EYE_CONTOUR, EYES, IRIS, UPPER_LID
from pipeline.puppet.geometry.rig import PosedMesh
from pipeline.puppet.painting import compositing, kernels
from pipeline.puppet.painting.filling import smoothly_filled
from pipeline.puppet.painting.lid_chart import EyeAxes
from pipeline.puppet.painting.palette import LUMA

_MIN_CONTRAST, _MIN_BRIGHTNESS = 0.2, 0.25
"""A visible eye has at least this contrast between its white and its pupil, or else this brightness, as
shares of the skin's brightness."""
_LID_SHADOW = 0.45
"""Share of light that a half-closed upper lid takes from the eyeball at its edge."""
_OPEN_SHADOW = 0.22
"""The same of an open one, in place of the photo's own shadow."""
_LID_MARGIN = 0.03
"""How far below the upper lid's edge its lashes and shadow lie on the eyeball, in inter-ocular distances."""
_IRIS_RIM = 0.18
"""Width of the rim of an iris in its radii."""
_HIGHLIGHT = 15, 40
"""Levels above the iris's own between which a pixel comes to count as a reflection of the light."""
_GAZE, _CLOSING = 0.25, 0.3
"""Motion of the iris, in its radii, and closure of the lid from which these are taken off in full."""
_WIDENING = 0.03
"""The same for the motion of a lid's edge, in inter-ocular distances."""
_EDGE_SOFTNESS = 0.008
"""Softness of the edge of lids, in inter-ocular distances."""
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
        self._texture, self._clear_texture = self._without_lids(image)
        self._cleared_last = 0.0, self._texture
        """The share that `_cleared` was asked for last, and what it gave."""

    def _without_lids(self, image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The eyeball, `(h, w, 3)` float32: as the photo shows it up to the very edge of its lids, and
        without lids, lashes and the shadow of the upper one, which an iris that moves would take with it."""
        crop = compositing.crop(image, self._box).astype(np.float32)
        upper = len(self._upper_lid)
        lowered = self._rest.copy()
        lowered[1 : upper - 1] += _LID_MARGIN * self._scale * EyeAxes(self._rest[:upper]).down
        seen, clear = (self._visible(contour) for contour in (self._rest, lowered))
        to_edge = cv2.dilate(seen, np.ones((7, 7), np.uint8))
        texture, iris = self._completed(crop, to_edge, seen)
        # the light's reflection is no shadow
        bright = smoothstep((crop - iris) @ LUMA, *_HIGHLIGHT) * self._disc(1.0)
        return texture, self._completed(crop, np.maximum(clear, seen * bright), clear)[0]

    def _visible(self, contour: np.ndarray) -> np.ndarray:
        """How much of each pixel `(h, w)` lies well inside a contour `(K, 2)` px."""
        return cv2.erode(compositing.polygon_mask(contour, self._box, 0), np.ones((3, 3), np.uint8))

    def _completed(
        self, crop: np.ndarray, kept: np.ndarray, visible: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """`crop` `(h, w, 3)` where it is `kept` `(h, w)`, the rest of the eyeball completed from what is
        `visible`; and the iris alone."""
        white = smoothly_filled(crop, visible * (1 - self._disc(1.3)), self._scale)
        iris = self._radial(crop, visible)
        behind = white + self._disc(1.05)[..., None] * (iris - white)
        return behind + kept[..., None] * (crop - behind), iris

    def _distance(self) -> np.ndarray:
        """Each pixel's distance `(h, w)` from the middle of the iris in radii of the iris."""
        left, top, right, bottom = self._box
        y, x = np.mgrid[top:bottom, left:right].astype(np.float32)
        return np.asarray(np.hypot(x - self._iris[0], y - self._iris[1]) / max(self._radius, 1e-3))

    def _disc(self, size: float) -> np.ndarray:
        """How much of each pixel `(h, w)` lies within `size` radii of the middle of the iris."""
        # the rim of an iris is soft
        return np.clip((size - self._distance()) / max(_IRIS_RIM, 1 / max(self._radius, 1e-3)) + 0.5, 0, 1)

    def _radial(self, crop: np.ndarray, visible: np.ndarray) -> np.ndarray:
        """The iris as its visible pixels show it at each distance from its middle, `(h, w, 3)`: lids hide its
        top, not its rings."""
        distance = self._distance()
        rings = np.linspace(0, 1.3, max(round(1.3 * self._radius), 4))
        width = rings[1]
        colours, known = np.zeros((len(rings), 3), np.float32), np.zeros(len(rings), bool)
        for k, ring in enumerate(rings):
            inside = (np.abs(distance - ring) < width) & (visible > 0.9)
            known[k] = inside.sum() >= 3
            if known[k]:
                # the median has no highlight in it
                colours[k] = np.median(crop[inside], 0)
        if not known.any():
            return crop
        rows = [np.interp(distance, rings[known], part) for part in colours[known].T]
        return np.stack(rows, -1).astype(np.float32)

    def paint(self, image: np.ndarray, posed: PosedMesh) -> None:
        """Draw the eyeball into the opening of the lids of `image` `(H, W, 3)` uint8, in place."""
        opening = posed.vertices[self._contour, :2].astype(np.float64)
        height, width = image.shape[:2]
        softness = max(_EDGE_SOFTNESS * self._scale, 0.5)
        box = compositing.bounding_box(opening, (width, height), 1 + round(2 * softness))
        if box[2] - box[0] < 3 or box[3] - box[1] < 3:
            return
        gaze, closure = posed.gaze_offset[self._side], posed.lid_closure[self._side]
        skull = posed.rigid_landmarks[self._contour, :2]
        widened = float(np.abs(opening - skull).max()) / (_WIDENING * self._scale)
        moved = max(float(np.hypot(*gaze)) / max(self._radius, 1e-3) / _GAZE, closure / _CLOSING, widened)
        texture = self._cleared(min(moved, 1.0))
        to_photo = self._fit.to_photo(skull)
        kernels.eyeball(
            compositing.crop(image, box),
            compositing.polygon_mask(opening, box, softness),
            compositing.rebased(to_photo, box, self._box[:2]),
            texture, self._iris_in_texture, self._radius, gaze,
            posed.vertices[self._upper_lid, :2] - box[:2],
            max(_LID_SHADOW * min(2 * closure, 1.0), _OPEN_SHADOW * min(moved, 1.0)),
            _SHADOW_REACH * self._scale,
        )  # fmt: skip

    def _cleared(self, share: float) -> np.ndarray:
        """The eyeball, `(h, w, 3)` float32, with this share, 0 to 1, of what its lids left on it taken off.

        The last one is kept, as most frames ask for all.
        """
        if share != self._cleared_last[0]:
            cleared = self._texture + np.float32(share) * (self._clear_texture - self._texture)
            self._cleared_last = share, cleared
        return self._cleared_last[1]
