"""LivePortrait's crop of a photo, and pasting it back without touching anything outside the square.

Geometry in NumPy, warps by OpenCV. A crop is a similarity transform, stored as 2x3 matrices both ways.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.faces.landmarks import (
    BROWS,
    EYE_CORNERS,
    EYES,
    JAW,
    LEFT_TEMPLE,
    LOWER_LID_MIDDLE,
    MOUTH_CORNERS,
    RIGHT_TEMPLE,
    UPPER_LID_MIDDLE,
)

SIZE = 512
"""Side in px of the generated crop; the extractors take it at half of that."""
_FEATHER = 16
"""Width in px of the mask's soft border."""

_EYES = [(*EYE_CORNERS[eye], UPPER_LID_MIDDLE[eye], LOWER_LID_MIDDLE[eye]) for eye in EYES]
"""Corners and lid middles of the right and the left eye."""
_OUTLINE = (RIGHT_TEMPLE, *JAW, LEFT_TEMPLE, *BROWS, *_EYES[0], *_EYES[1], *MOUTH_CORNERS)
"""What the crop should contain. Without the forehead, which the landmarks of the training do not have."""


@dataclass(frozen=True)
class Crop:
    """A rotated and scaled square of a photo."""

    into: np.ndarray
    """`(2, 3)` float32, photo px to crop px."""
    back: np.ndarray
    """`(2, 3)` float32, crop px to photo px."""


def face_crop(landmarks: np.ndarray) -> Crop:
    """The crop for a face with landmarks `(478, 3)`."""
    return similarity_crop(*_crop_points(landmarks))


def driving_crop(tracks: Iterable[np.ndarray]) -> Crop:
    """One unrotated crop for all frames of a driving video: the mean over all landmarks `(478, 3)`."""
    crops = [
        similarity_crop(*_crop_points(landmarks), scale=2.2, shift_up=0.1, upright=False)
        for landmarks in tracks
    ]
    back = np.mean([crop.back for crop in crops], axis=0)
    return Crop(cv2.invertAffineTransform(back).astype(np.float32), back.astype(np.float32))


def _crop_points(landmarks: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The outline, the point between the eyes and the middle of the mouth, for `similarity_crop`."""
    points = np.asarray(landmarks)[:, :2]
    eyes = (points[list(_EYES[0])].mean(0) + points[list(_EYES[1])].mean(0)) / 2
    return points[list(_OUTLINE)], eyes, points[list(MOUTH_CORNERS)].mean(0)


def similarity_crop(
    points: np.ndarray,
    eyes: np.ndarray,
    lips: np.ndarray,
    *,
    size: int = SIZE,
    scale: float = 2.3,
    shift_up: float = 0.125,
    upright: bool = True,
) -> Crop:
    """The similarity transform that brings a face upright into a square.

    Args:
        points: `(N, 2)` px that the square should contain.
        eyes: `(2,)` px, the point between the eyes.
        lips: `(2,)` px, the middle of the mouth.
        size: side of the square in px.
        scale: side of the square over the longer side of the points' bounding box along the face's axes.
        shift_up: shift of the square from the box's centre towards the eyes, as a share of its side.
        upright: rotate the face upright; otherwise only translate and scale.
    """
    down = _unit(lips - eyes)
    axes = np.stack([[down[1], -down[0]], down])
    low, high = ((local := (points - points.mean(0)) @ axes.T).min(0)), local.max(0)
    side = (high - low).max() * scale
    centre = points.mean(0) + (low + high) / 2 @ axes - down * shift_up * side
    turn = (axes if upright else np.eye(2)) * (size / side)
    into = np.column_stack([turn, size / 2 - turn @ centre])
    return Crop(into.astype(np.float32), cv2.invertAffineTransform(into).astype(np.float32))


def _unit(down: np.ndarray) -> np.ndarray:
    length = float(np.linalg.norm(down))
    return down / length if length > 1e-3 else np.array([0.0, 1.0])


def network_crop(image: np.ndarray, crop: Crop) -> np.ndarray:
    """The square at the extractors' size: `(256, 256, 3)` uint8."""
    large = cv2.warpAffine(image, crop.into, (SIZE, SIZE), flags=cv2.INTER_LINEAR)
    return cv2.resize(large, (SIZE // 2, SIZE // 2), interpolation=cv2.INTER_AREA)


def mask_template() -> np.ndarray:
    """`(512, 512)` uint8: 255 inside, falling to 0 over the last 16 px, with rounded corners."""
    inset = np.minimum(np.minimum(np.arange(SIZE), SIZE - np.arange(SIZE)), _FEATHER)
    missing = (_FEATHER - inset).astype(np.float64)
    depth = np.clip(_FEATHER - np.hypot(missing[:, None], missing), 0, _FEATHER)
    return np.floor(255 * depth / _FEATHER).astype(np.uint8)


class PasteBack:
    """Pastes generated squares back into one photo; the mask and the masked photo are computed once."""

    def __init__(self, photo: np.ndarray, crop: Crop) -> None:
        self._photo = photo
        weight = cv2.warpAffine(mask_template(), crop.back, photo.shape[1::-1], flags=cv2.INTER_LINEAR)
        self._box = _extent(weight)
        self._weight = np.repeat(weight[self._box].astype(np.float32)[..., None] / 255, 3, axis=2)
        self._behind = photo[self._box] * (1 - self._weight)
        origin = np.array([[self._box[1].start], [self._box[0].start]], np.float32)
        self._back = np.hstack([crop.back[:, :2], crop.back[:, 2:] - origin])

    def __call__(self, square: np.ndarray) -> np.ndarray:
        """The photo with `square (512, 512, 3)` uint8 pasted in; bit-identical where the mask is 0."""
        height, width = self._weight.shape[:2]
        inside = cv2.warpAffine(square, self._back, (width, height), flags=cv2.INTER_LINEAR)
        whole = self._photo.copy()
        blended = cv2.multiply(inside, self._weight, dtype=cv2.CV_32F)
        # A mean of two pictures is in their range, so there is nothing to clip.
        whole[self._box] = cv2.add(blended, self._behind, dst=blended).astype(np.uint8)
        return whole


def _extent(weight: np.ndarray) -> tuple[slice, slice]:
    """The rows and columns of a mask's bounding box."""
    rows, columns = (np.flatnonzero(weight.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return slice(0, 0), slice(0, 0)
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
