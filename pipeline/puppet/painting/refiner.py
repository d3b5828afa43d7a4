"""The mouth as a camera would see it: what a small network corrects about the painted one.

Between opening lips the puppet paints teeth, tongue and darkness by rule. The network has learned how real
mouths differ from that (`training/mouth.py`, `assets/models/MOUTH.md`): from a small crop it predicts smooth
fields, by how much to brighten or darken each place and what share of the skin's and the lips' colour to add,
separately for the inside and for the skin around it. The fields are applied to the image's own pixels, so
that its detail stays as sharp as it was and no colour appears that the photo does not have. They are zero at
the border of the crop and where the network is not sure. Inference with onnxruntime on one thread takes less
than a millisecond.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.assets import MODELS
from pipeline.easing import smoothstep
from pipeline.faces.landmarks import INNER_LIPS, LOWER_LIP, UPPER_LIP
from pipeline.inference.weights import loading
from pipeline.puppet.painting import compositing
from pipeline.puppet.painting.correction import apply_correction
from pipeline.puppet.painting.palette import LUMA, Palette
from pipeline.threads import onnx_session

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

MODEL = MODELS / "mouth.onnx"
WIDTH, HEIGHT = 80, 56
"""Size of the crop in px."""
FADE_IN_GAPS = (0.015, 0.05)
"""Gaps of the lips, in inter-ocular distances, between which the corrections fade in."""
MAX_CORRECTION = np.array([0.5, 0.08, 0.12, 0.35, 0.12], np.float32)[:, None, None]
"""The largest corrections: inside the mouth the logarithm of the factor and the shares of the skin's and the
lips' colour, around it the logarithm and the share of the skin's."""
INPUT_OFFSET = 0.7
"""Subtracted from every input pixel, in units of the skin's brightness, to centre the inputs about 0."""
MIN_SKIN_BRIGHTNESS = 15.0
"""Least brightness, of 255, by which inputs are normalised."""
_RESOLUTION = 61.5
"""Pixels of the crop per inter-ocular distance."""
_CENTRE_BELOW_LIPS = 0.08
"""How far below the lips' middle the crop's centre lies, in inter-ocular distances."""
_STRENGTH = np.array([0.2, 0.4, 0.3, 0.4, 0.4], np.float32)[:, None, None]
"""Share of each correction that is applied. Less of the inside's light than would come nearest to real
frames: those hide their teeth as often as they show them, and the mean of both is grey. Less of the lips'
colour, or tongues would glow, and less around the mouth, where softer lip edges would make the opening look
smaller."""
_AROUND_ONLY = np.array([0, 0, 0, 1, 1], np.float32)[:, None, None]
"""Selects the corrections around the mouth."""
_BORDER = 5
"""Px of the fields over which they fade towards the border of the crop."""
_UPPER_MIDDLE, _LOWER_MIDDLE = INNER_LIPS.index(UPPER_LIP), INNER_LIPS.index(LOWER_LIP)


class MouthRefiner:
    """Predicts and applies the corrections of one portrait's mouth."""

    def __init__(
        self,
        image: np.ndarray,
        lips: np.ndarray,
        to_face_units: np.ndarray,
        palette: Palette,
        *,
        refine_inside: bool = True,
    ) -> None:
        """Prepare the network's view of the photo.

        Args:
            image: `(H, W, 3)` uint8, the photo.
            lips: `(40, 2)` px, the lips' landmarks (`LIPS`) in it.
            to_face_units: `(2, 2)`, from px of the photo to inter-ocular distances of the upright face.
            palette: the photo's.
            refine_inside: whether the teeth are painted; those of the photo are as a camera saw them.
        """
        self._limits = MAX_CORRECTION * (_STRENGTH if refine_inside else _STRENGTH * _AROUND_ONLY)
        self._centred = lips - lips.mean(0, dtype=np.float64)
        self._variance = (self._centred**2).sum()
        self._to_face_units = to_face_units
        self._tones = np.stack([palette.skin, palette.lips]).astype(np.float32)
        self._unit = max(float(palette.skin @ LUMA), MIN_SKIN_BRIGHTNESS)
        self._inputs = np.zeros((1, 7, HEIGHT, WIDTH), np.float32)
        self._inputs[0, 3:6] = self._normalized_crop(image, self.crop_transform(lips))

    def crop_transform(self, lips: np.ndarray) -> np.ndarray:
        """Affine `(2, 3)` from the image to the crop; the skull has carried the lips to `lips` `(40, 2)`."""
        middle = lips.mean(0, dtype=np.float64)
        now, rest = lips - middle, self._centred
        along = (rest * now).sum()
        across = (rest[:, 0] * now[:, 1] - rest[:, 1] * now[:, 0]).sum()
        to_photo = np.array([[along, across], [-across, along]]) * (self._variance / (along**2 + across**2))
        linear = _RESOLUTION * self._to_face_units @ to_photo
        centre = np.array([(WIDTH - 1) / 2, (HEIGHT - 1) / 2 - _RESOLUTION * _CENTRE_BELOW_LIPS])
        return np.column_stack([linear, centre - linear @ middle])

    def predict(self, image: np.ndarray, opening: np.ndarray, lips: np.ndarray) -> np.ndarray | None:
        """The network's output `(5, HEIGHT / 2, WIDTH / 2)` for a frame; None where the lips are not parted.

        Args:
            image: `(H, W, 3)` uint8 with the mouth painted.
            opening: `(20, 2)` px, the contour of the inner lips.
            lips: `(40, 2)` px, where the skull alone would have carried the lips' landmarks.
        """
        if not self._strength(opening):
            return None
        transform = self.crop_transform(lips)
        self._inputs[0, :3] = self._normalized_crop(image, transform)
        contour = opening @ transform[:, :2].T + transform[:, 2]
        self._inputs[0, 6] = compositing.polygon_mask(contour, (0, 0, WIDTH, HEIGHT), 0)
        return _network().run(None, {"mouth": self._inputs})[0][0]

    def apply(self, image: np.ndarray, opening: np.ndarray, lips: np.ndarray, output: np.ndarray) -> None:
        """Correct the mouth of `image`, in place, by the network's output for it or for frames around it."""
        strength = self._strength(opening)
        if not strength:
            return
        transform = self.crop_transform(lips)
        box = _image_box(transform, image)
        if box is None:
            return
        fields = correction_fields(output, strength * self._limits)
        inner = compositing.bounding_box(opening, (image.shape[1], image.shape[0]), 3)
        mask = compositing.polygon_mask(opening, inner, 0.6)
        corner = inner[0] - box[0], inner[1] - box[1]
        to_fields = (compositing.rebased(transform, box, (0.5, 0.5)) / 2).astype(np.float32)
        apply_correction(compositing.crop(image, box), mask, corner, to_fields, fields, self._tones)

    def _strength(self, opening: np.ndarray) -> float:
        """How much of the corrections is applied, 0 to 1."""
        gap = (opening[_UPPER_MIDDLE] - opening[_LOWER_MIDDLE]) @ self._to_face_units.T
        return float(smoothstep(float(np.linalg.norm(gap)), *FADE_IN_GAPS))

    def _normalized_crop(self, image: np.ndarray, transform: np.ndarray) -> np.ndarray:
        """`(3, HEIGHT, WIDTH)` float32 in units of the skin's brightness."""
        cropped = crop_mouth(image, transform)
        return cropped.transpose(2, 0, 1) / np.float32(self._unit) - np.float32(INPUT_OFFSET)


def crop_mouth(image: np.ndarray, transform: np.ndarray) -> np.ndarray:
    """The crop `(HEIGHT, WIDTH, 3)` uint8 of an image by the affine `transform`, averaged if it shrinks."""
    factor = int(np.linalg.det(transform[:, :2]) ** -0.5 + 0.3)
    if factor >= 2:
        box = _image_box(transform, image, margin=2 * factor, multiple=factor)
        if box is not None:
            size = (box[2] - box[0]) // factor, (box[3] - box[1]) // factor
            image = cv2.resize(compositing.crop(image, box), size, interpolation=cv2.INTER_AREA)
            offset = transform[:, :2] @ (np.array(box[:2]) + (factor - 1) / 2) + transform[:, 2]
            transform = np.column_stack([transform[:, :2] * factor, offset])
    return cv2.warpAffine(image, transform, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)


def correction_fields(output: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """The network's output `(5, h, w)` as bounded fields `(h, w, 5)` that fade towards the border.

    Inside the mouth the factor on the image and the shares of the skin's and the lips' colour added to it;
    around it the factor and the share of the skin's. `limits` `(5, 1, 1)`: the largest of each.
    """
    bounded = limits * np.tanh(output) * border_window(*output.shape[1:])
    log_gain, skin, lips, log_gain_around, skin_around = bounded
    return np.stack([np.exp(log_gain), skin, lips, np.exp(log_gain_around), skin_around], -1)


@lru_cache(maxsize=1)
def border_window(height: int, width: int) -> np.ndarray:
    """`(height, width)` float32: 1 inside, falling to 0 at the border."""
    rows, columns = (
        smoothstep(np.minimum(np.arange(size) + 0.5, size - np.arange(size) - 0.5) / _BORDER, 0.1, 1.1)
        for size in (height, width)
    )
    return (rows[:, None] * columns).astype(np.float32)


@lru_cache(maxsize=1)
def _network() -> InferenceSession:
    """The network, loaded once.

    Raises:
        CheckpointError: the file is missing or damaged.
    """
    with loading(MODEL):
        return onnx_session(str(MODEL))


def _image_box(
    transform: np.ndarray, image: np.ndarray, *, margin: int = 0, multiple: int = 1
) -> compositing.Box | None:
    """The crop's bounds in the image, `margin` px wider, sides multiples of `multiple`; None outside it."""
    (a, b, x), (c, d, y) = cv2.invertAffineTransform(transform).tolist()
    height, width = image.shape[:2]
    left, right = _extent(x, a * WIDTH, b * HEIGHT, width, margin, multiple)
    top, bottom = _extent(y, c * WIDTH, d * HEIGHT, height, margin, multiple)
    return None if right - left < 2 or bottom - top < 2 else (left, top, right, bottom)


def _extent(
    start: float, along: float, across: float, size: int, margin: int, multiple: int
) -> tuple[int, int]:
    """First and last pixel of `_image_box` in one dimension, in which the crop's two sides extend so far."""
    low = math.floor(start + min(along, 0.0) + min(across, 0.0)) - margin
    high = math.ceil(start + max(along, 0.0) + max(across, 0.0)) + margin
    low, high = min(max(low, 0), size), min(max(high, 0), size)
    return low, low + (high - low) // multiple * multiple
