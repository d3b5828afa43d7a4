"""From photo to the networks' square and back: LivePortrait's crop, and a paste that touches only the square.

Geometry by numpy, warps by OpenCV. A crop is a similarity, kept as the 2x3 matrices both ways.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

SIZE = 512
"""Side in px of the crop that the painter gives; the extractors see it at half of that."""
_FEATHER = 16

_JAW = (127, 234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152)
_JAW = (*_JAW, 377, 400, 378, 379, 365, 397, 288, 361, 323, 454, 356)
_BROWS = (46, 53, 52, 65, 55, 70, 63, 105, 66, 107, 276, 283, 282, 295, 285, 300, 293, 334, 296, 336)
_RIGHT_EYE, _LEFT_EYE = (33, 159, 133, 145), (362, 386, 263, 374)
_LIPS = (61, 291)


@dataclass(frozen=True)
class Crop:
    """A square cut out of a photo, turned and scaled."""

    into: np.ndarray
    """`(2, 3)` float32, photo px to crop px."""
    back: np.ndarray
    """`(2, 3)` float32, crop px to photo px."""


def crop_of(landmarks: np.ndarray) -> Crop:
    """The crop for a face of 478 mesh landmarks `(478, 3)`."""
    return square(*_anchors(landmarks))


def level_crop_of(meshes: Iterable[np.ndarray]) -> Crop:
    """One level crop for all frames of a video that leads: the mean of what each `(478, 3)` would have."""
    crops = [square(*_anchors(mesh), scale=2.2, lift=0.1, upright=False) for mesh in meshes]
    back = np.mean([crop.back for crop in crops], axis=0)
    return Crop(cv2.invertAffineTransform(back).astype(np.float32), back.astype(np.float32))


def _anchors(landmarks: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What `square` wants of a mesh.

    The points are of brows, jaw and ears, as the networks were trained on points that leave out the forehead.
    """
    mesh = np.asarray(landmarks)[:, :2]
    eyes = (mesh[list(_RIGHT_EYE)].mean(0) + mesh[list(_LEFT_EYE)].mean(0)) / 2
    outline = mesh[[*_JAW, *_BROWS, *_RIGHT_EYE, *_LEFT_EYE, *_LIPS]]
    return outline, eyes, mesh[list(_LIPS)].mean(0)


def square(
    points: np.ndarray,
    eyes: np.ndarray,
    lips: np.ndarray,
    *,
    size: int = SIZE,
    scale: float = 2.3,
    lift: float = 0.125,
    upright: bool = True,
) -> Crop:
    """The similarity that brings a face upright into a square.

    Args:
        points: `(N, 2)` px that the square shall hold.
        eyes: `(2,)` px, the middle between the eyes.
        lips: `(2,)` px, the middle of the mouth.
        size: side of the square in px.
        scale: side of the square over the longer side of the points' box, taken along the face.
        lift: how far the square moves from the box's centre towards the eyes, as a share of its side.
        upright: turn the face upright; otherwise only shift and scale.
    """
    down = _unit(lips - eyes)
    axes = np.stack([[down[1], -down[0]], down])
    low, high = ((local := (points - points.mean(0)) @ axes.T).min(0)), local.max(0)
    side = (high - low).max() * scale
    centre = points.mean(0) + (low + high) / 2 @ axes - down * lift * side
    turn = (axes if upright else np.eye(2)) * (size / side)
    into = np.column_stack([turn, size / 2 - turn @ centre])
    return Crop(into.astype(np.float32), cv2.invertAffineTransform(into).astype(np.float32))


def _unit(down: np.ndarray) -> np.ndarray:
    length = float(np.linalg.norm(down))
    return down / length if length > 1e-3 else np.array([0.0, 1.0])


def cut(image: np.ndarray, crop: Crop) -> np.ndarray:
    """The square at the extractors' size: `(256, 256, 3)` uint8."""
    large = cv2.warpAffine(image, crop.into, (SIZE, SIZE), flags=cv2.INTER_LINEAR)
    return cv2.resize(large, (SIZE // 2, SIZE // 2), interpolation=cv2.INTER_AREA)


def mask_template() -> np.ndarray:
    """`(512, 512)` uint8: 255 inside, falling to 0 over the last 16 px with round corners."""
    inset = np.minimum(np.minimum(np.arange(SIZE), SIZE - np.arange(SIZE)), _FEATHER)
    missing = (_FEATHER - inset).astype(np.float64)
    depth = np.clip(_FEATHER - np.hypot(missing[:, None], missing), 0, _FEATHER)
    return np.floor(255 * depth / _FEATHER).astype(np.uint8)


class Paste:
    """Puts painted squares back into one photo: the mask's place and its share of the photo are made once."""

    def __init__(self, photo: np.ndarray, crop: Crop) -> None:
        self._photo = photo
        weight = cv2.warpAffine(mask_template(), crop.back, photo.shape[1::-1], flags=cv2.INTER_LINEAR)
        self._box = _extent(weight)
        self._weight = weight[self._box].astype(np.float32)[..., None] / 255
        self._behind = photo[self._box] * (1 - self._weight)
        origin = np.array([[self._box[1].start], [self._box[0].start]], np.float32)
        self._back = np.hstack([crop.back[:, :2], crop.back[:, 2:] - origin])

    def __call__(self, painted: np.ndarray) -> np.ndarray:
        """The photo with `painted (512, 512, 3)` uint8 in place; bit-identical where the mask is 0."""
        height, width = self._weight.shape[:2]
        inside = cv2.warpAffine(painted, self._back, (width, height), flags=cv2.INTER_LINEAR)
        whole = self._photo.copy()
        whole[self._box] = np.clip(self._weight * inside + self._behind, 0, 255).astype(np.uint8)
        return whole


def _extent(weight: np.ndarray) -> tuple[slice, slice]:
    """The smallest rows and columns that hold all of a mask."""
    rows, columns = (np.flatnonzero(weight.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return slice(0, 0), slice(0, 0)
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
