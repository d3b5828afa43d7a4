"""Face crops for engines that generate the mouth or the face; `pasting` puts them back into the frame.

Crops are similarity transforms fitted to the landmarks, so no second face detector is needed. Several threads
cut at once, so the small sums here are plain Python: OpenCV and numpy would hand on Python's lock for each.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.faces.landmarks import EYE_CORNERS, MOUTH_CORNERS

_WHOLE = 1e-6
"""Distance in px from a whole one that is rounding."""


@dataclass(frozen=True)
class Crop:
    """A rotated, scaled and shifted rectangle of a frame."""

    into: np.ndarray
    """`(2, 3)` float64: frame px to crop px."""
    size: tuple[int, int]
    """Width and height in px of the crop."""

    @property
    def scale(self) -> float:
        """Crop px per frame px."""
        return scale(self.into)

    def cut(self, image: np.ndarray, *, filtered: bool = False) -> np.ndarray:
        """The crop as `(height, width, 3)` uint8; beyond the frame, its edge pixels are repeated.

        It is bilinear, as the published networks see their faces, and that of whole px is the resized slice.

        Args:
            filtered: average areas where it shrinks and interpolate cubically where it enlarges.
        """
        if not filtered and (whole := self._whole(image.shape[1::-1])) is not None:
            return cv2.resize(image[whole], self.size, interpolation=cv2.INTER_LINEAR)
        resample = warp if filtered else bilinear
        # Only what lies under it, with a margin for the interpolation: shrinking all of a 1080p frame is
        # slower.
        box = extent(self.into, (0, 0, *self.size), image.shape[1::-1], margin=2 + 3 / self.scale)
        if box is None:
            return resample(image, self.into, self.size)
        into = self.into.copy()
        into[:, 2] += into[:, :2] @ (box[1].start, box[0].start)
        return resample(image[box], into, self.size)

    def _whole(self, size: tuple[int, int]) -> tuple[slice, slice] | None:
        """The rows and columns of a frame of that size that the crop stretches; None if it does more."""
        (across, turned, x), (slanted, down, y) = self.into.tolist()
        if turned or slanted or across <= 0 or down <= 0:
            return None
        left, top = 0.5 - (x + 0.5) / across, 0.5 - (y + 0.5) / down
        ends = left, top, left + self.size[0] / across, top + self.size[1] / down
        near = [round(end) for end in ends]
        if max(abs(end - whole) for end, whole in zip(ends, near, strict=True)) > _WHOLE:
            return None
        if near[0] < 0 or near[1] < 0 or near[2] > size[0] or near[3] > size[1]:
            return None
        return slice(near[1], near[3]), slice(near[0], near[2])

    def place(self, landmarks: np.ndarray) -> np.ndarray:
        """`(N, 2)` crop px of `(N, 2 or more)` frame px."""
        return landmarks[:, :2] @ self.into[:, :2].T + self.into[:, 2]


def square_crop(
    landmarks: np.ndarray, *, size: int, scale: float = 1.5, lift: float = 0.0, upright: bool = True
) -> Crop:
    """The square around a face.

    Args:
        landmarks: `(478, 3)` px.
        size: side of the crop in px.
        scale: side of the square over the longer side of the landmarks' box along the face's axes.
        lift: shift from the face's centre towards the forehead, as a share of the square's side.
        upright: rotate the crop so that the face stands upright in it.
    """
    points = np.asarray(landmarks, np.float64)[:, :2]
    eyes = [*EYE_CORNERS["Right"], *EYE_CORNERS["Left"]]
    down = points[eyes].mean(0) * -1 + points[list(MOUTH_CORNERS)].mean(0)
    down = down / max(np.linalg.norm(down), 1e-6) if upright else np.array([0.0, 1.0])
    axes = np.array([[down[1], -down[0]], down])
    along = points @ axes.T
    low, high = along.min(0), along.max(0)
    side = float((high - low).max()) * scale
    linear = axes * (size / side)
    centre = ((low + high) / 2 - [0.0, lift * side]) @ axes
    return Crop(np.column_stack([linear, size / 2 - linear @ centre]), (size, size))


def box_crop(box: tuple[float, float, float, float], *, size: tuple[int, int]) -> Crop:
    """An axis-aligned rectangle `(left, top, right, bottom)` in frame px, stretched to `size`.

    Pixel centres are mapped as `cv2.resize` does, so that the crop of whole px is the resized slice.
    """
    left, top, right, bottom = box
    across, down = size[0] / (right - left), size[1] / (bottom - top)
    into = [[across, 0, (0.5 - left) * across - 0.5], [0, down, (0.5 - top) * down - 0.5]]
    return Crop(np.array(into, np.float64), size)


def scale(matrix: np.ndarray) -> float:
    """How many times longer a `(2, 3)` similarity makes distances; of another map, the geometric mean."""
    (a, b, _), (c, d, _) = matrix.tolist()
    return math.sqrt(abs(a * d - b * c))


def inverse(matrix: np.ndarray) -> np.ndarray:
    """The `(2, 3)` map back."""
    (a, b, x), (c, d, y) = matrix.tolist()
    size = a * d - b * c
    back = ((d / size, -b / size), (-c / size, a / size))
    return np.array([[*row, -row[0] * x - row[1] * y] for row in back])


def stretched(size: tuple[int, int], into: tuple[int, int]) -> np.ndarray:
    """`(3, 3)`: px of a picture of `size` to px of it resized to `into`."""
    across, down = into[0] / size[0], into[1] / size[1]
    return np.array([[across, 0, across / 2 - 0.5], [0, down, down / 2 - 0.5], [0, 0, 1]])


def extent(
    into: np.ndarray, box: tuple[int, int, int, int], size: tuple[int, int], margin: float
) -> tuple[slice, slice] | None:
    """Rows and columns of a frame of that width and height under a part of a crop; None where that is empty.

    Args:
        into: frame px to crop px.
        box: left, top, right, bottom of the part in crop px.
        margin: px of the frame around it that belong to it.
    """
    (a, b, x), (c, d, y) = inverse(into).tolist()
    left, top, right, bottom = box
    if right <= left:
        return None
    corners = (left, top), (right, top), (right, bottom), (left, bottom)
    rows, columns = (
        slice(max(math.floor(min(along) - margin), 0), min(math.ceil(max(along) + margin) + 1, most))
        for along, most in (
            ([c * u + d * v + y for u, v in corners], size[1]),
            ([a * u + b * v + x for u, v in corners], size[0]),
        )
    )
    return None if rows.stop <= rows.start or columns.stop <= columns.start else (rows, columns)


def warp(
    image: np.ndarray, matrix: np.ndarray, size: tuple[int, int], border: int = cv2.BORDER_REPLICATE
) -> np.ndarray:
    """`bilinear`, but of the resized image where it shrinks or a picture is enlarged.

    A warp only samples points, so fine hair would flicker; and a cubic warp is ten times as slow as a cubic
    resize.
    """
    by = scale(matrix)
    if by < 0.6 or (by > 1.2 and image.ndim == 3):
        width, height = image.shape[1::-1]
        near = max(1, round(by * width)), max(1, round(by * height))
        matrix = matrix @ np.linalg.inv(stretched((width, height), near))
        image = cv2.resize(image, near, interpolation=cv2.INTER_AREA if by < 1 else cv2.INTER_CUBIC)
    return bilinear(image, matrix, size, border)


def bilinear(
    image: np.ndarray, matrix: np.ndarray, size: tuple[int, int], border: int = cv2.BORDER_REPLICATE
) -> np.ndarray:
    """The image under a map `(2, 3)` to a picture of that width and height."""
    # OpenCV takes Python's lock once more to make an array of its own.
    made = np.empty((size[1], size[0], *image.shape[2:]), image.dtype)
    return cv2.warpAffine(image, matrix, size, dst=made, flags=cv2.INTER_LINEAR, borderMode=border)
