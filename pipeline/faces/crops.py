"""Steady face crops for engines that generate the mouth, and pasting the generated crop back into the frame.

Crops are similarity transforms fitted to the landmarks, so no second face detector is needed. Pasting changes
only the pixels under the mask; all others of a frame stay bit-identical.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.faces.landmarks import CHIN, EYE_CORNERS, FOREHEAD, MOUTH_CORNERS
from pipeline.types import Frame

_JUMP = 0.35
"""Movement between two frames, in face heights, above which there must be a cut."""
_WHOLE = 1e-6
"""Distance in px from a whole one that is rounding."""
_GRID = 24
"""Side in cells of the colour correction; a finer one would copy the old mouth's shading into the new one."""


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
        return float(np.sqrt(abs(np.linalg.det(self.into[:, :2]))))

    def cut(self, image: np.ndarray, *, filtered: bool = False) -> np.ndarray:
        """The crop as `(height, width, 3)` uint8; beyond the frame, its edge pixels are repeated.

        It is bilinear, as the published networks see their faces, and that of whole px is the resized slice.

        Args:
            filtered: average areas where it shrinks and interpolate cubically where it enlarges.
        """
        if not filtered and (whole := self._whole(image.shape[1::-1])) is not None:
            return cv2.resize(image[whole], self.size, interpolation=cv2.INTER_LINEAR)
        warp = _warp if filtered else _bilinear
        corners = ((0, 0), self.size)
        # Only what lies under it, with a margin for the interpolation: shrinking all of a 1080p frame is
        # slower.
        box = _extent(self, *corners, image.shape[1::-1], margin=2 + 3 / self.scale)
        if box is None:
            return warp(image, self.into, self.size, cv2.BORDER_REPLICATE)
        into = self.into.copy()
        into[:, 2] += into[:, :2] @ (box[1].start, box[0].start)
        return warp(image[box], into, self.size, cv2.BORDER_REPLICATE)

    def _whole(self, size: tuple[int, int]) -> tuple[slice, slice] | None:
        """The rows and columns of a frame of that size that the crop stretches; None if it does more."""
        linear = self.into[:, :2]
        if linear[0, 1] or linear[1, 0] or linear[0, 0] <= 0 or linear[1, 1] <= 0:
            return None
        start = 0.5 - (self.into[:, 2] + 0.5) / linear.diagonal()
        ends = np.stack([start, start + np.array(self.size) / linear.diagonal()])
        (left, top), (right, bottom) = near = np.rint(ends).astype(int)
        if np.abs(ends - near).max() > _WHOLE or left < 0 or top < 0 or right > size[0] or bottom > size[1]:
            return None
        return slice(top, bottom), slice(left, right)

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


def steady(
    frames: Iterable[Frame], fps: int, *, seconds: float = 0.12
) -> Iterator[tuple[Frame, np.ndarray | None]]:
    """Each frame with its landmarks smoothed over time for placing a crop; None where there is no face.

    The Gaussian window of ± `seconds` is centred on each frame, so that nothing lags; frames are read that
    far ahead. It never reaches across a cut or a frame without a face.

    Yields:
        The frame, unchanged, and `(478, 3)` float32 px or None.
    """
    reach = max(1, round(seconds * fps))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / (0.5 * reach)) ** 2)
    window: deque[Frame | None] = deque([None] * (2 * reach + 1), maxlen=2 * reach + 1)
    for frame in frames:
        window.append(frame)
        if (middle := window[reach]) is not None:
            yield middle, _smoothed(window, weights)
    for _ in range(reach):
        window.append(None)
        if (middle := window[reach]) is not None:
            yield middle, _smoothed(window, weights)


def _smoothed(window: Iterable[Frame | None], weights: np.ndarray) -> np.ndarray | None:
    points = [None if frame is None else frame.landmarks for frame in window]
    middle = len(points) // 2
    if points[middle] is None:
        return None
    used = {middle}
    for step in (-1, 1):
        at = middle
        while 0 <= at + step < len(points) and _follows(points[at], points[at + step]):
            at += step
            used.add(at)
    # The same number on both sides, or the mean would lag or lead while the head moves.
    reach = min(middle - min(used), max(used) - middle)
    kept = slice(middle - reach, middle + reach + 1)
    total = sum(weight * known for weight, known in zip(weights[kept], points[kept], strict=True))
    return (total / sum(weights[kept])).astype(np.float32)


def _follows(one: np.ndarray | None, other: np.ndarray | None) -> bool:
    """Whether two frames' landmarks can be of one face without a cut between them."""
    if one is None or other is None:
        return False
    height = np.linalg.norm(one[FOREHEAD, :2] - one[CHIN, :2])
    moved = np.linalg.norm(one[:, :2].mean(0) - other[:, :2].mean(0))
    return bool(moved < _JUMP * height)


def paste(
    image: np.ndarray,
    painted: np.ndarray,
    crop: Crop,
    mask: np.ndarray,
    *,
    original: np.ndarray | None = None,
) -> np.ndarray:
    """A copy of the frame with `painted` in place of what lies under the mask.

    Brightness and colour of `painted` are matched to the frame along the mask's soft edge, and that
    correction continues smoothly inside it.

    Args:
        image: `(H, W, 3)` uint8 frame.
        painted: `(h, w, 3)` uint8, the generated crop; any size of the crop's proportions.
        crop: where it was cut.
        mask: `(h', w')` float32 weights over the crop; every px outside it stays bit-identical.
        original: `crop.cut(image)` where that is at hand.
    """
    size = crop.size
    if painted.shape[1::-1] != size:
        shrinks = painted.shape[1] > size[0]
        painted = cv2.resize(painted, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
    if mask.shape[::-1] != size:
        mask = cv2.resize(mask, size, interpolation=cv2.INTER_LINEAR)
    box = _extent(crop, *_bounds(mask), image.shape[1::-1])
    result = image.copy()
    if box is None:
        return result
    back: np.ndarray = cv2.invertAffineTransform(crop.into)
    back[:, 2] -= (box[1].start, box[0].start)
    region = image[box]
    into = region.shape[1::-1]
    offset = _offset(painted, crop.cut(image) if original is None else original, mask)
    inside = _warp(painted, back, into, cv2.BORDER_REPLICATE)
    # All further work is on the px under the mask alone: the offset too is spread over these.
    spread = _bilinear(offset, back @ _stretched(offset.shape[1::-1], size), into, cv2.BORDER_REPLICATE)
    weight = _warp(mask, back, into, cv2.BORDER_CONSTANT)
    matched = cv2.add(inside, spread, dtype=cv2.CV_8U)
    result[box] = cv2.blendLinear(region, matched, 1 - weight, weight)
    return result


def _offset(painted: np.ndarray, original: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """`(24, 24, 3)` float32: the smooth colour offset that makes `painted` meet `original` where the mask is
    half open."""
    # Sampled first, a tenth of the cost of averaging areas: the grid's cells and the blur average enough.
    small = (4 * _GRID, 4 * _GRID)
    mask, before, after = (
        cv2.resize(one, small, interpolation=cv2.INTER_LINEAR) for one in (mask, original, painted)
    )
    edge = 4 * mask * (1 - mask)
    gap = (before.astype(np.float32) - after) * edge[:, :, None]
    weight = cv2.resize(edge, (_GRID, _GRID), interpolation=cv2.INTER_AREA) + 1e-6
    gap = cv2.resize(gap, (_GRID, _GRID), interpolation=cv2.INTER_AREA)
    spread = cv2.GaussianBlur(gap, (0, 0), _GRID / 5, borderType=cv2.BORDER_CONSTANT)
    weight = cv2.GaussianBlur(weight, (0, 0), _GRID / 5, borderType=cv2.BORDER_CONSTANT)
    return spread / weight[:, :, None]


def _stretched(size: tuple[int, int], into: tuple[int, int]) -> np.ndarray:
    """`(3, 3)`: px of a picture of `size` to px of it resized to `into`."""
    across, down = into[0] / size[0], into[1] / size[1]
    return np.array([[across, 0, across / 2 - 0.5], [0, down, down / 2 - 0.5], [0, 0, 1]])


def _bounds(mask: np.ndarray) -> tuple[tuple[int, int], tuple[int, int]]:
    """Top left and bottom right of the part of a mask that is not 0."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        return (0, 0), (0, 0)
    return (int(columns[0]) - 1, int(rows[0]) - 1), (int(columns[-1]) + 2, int(rows[-1]) + 2)


def _extent(
    crop: Crop, low: tuple[int, int], high: tuple[int, int], size: tuple[int, int], margin: float = 1.0
) -> tuple[slice, slice] | None:
    """Rows and columns of the frame under the crop px from `low` to `high`; None where that lies outside."""
    if low == high:
        return None
    (left, top), (right, bottom) = low, high
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float64)
    back = cv2.invertAffineTransform(crop.into)
    placed = corners @ back[:, :2].T + back[:, 2]
    first = np.maximum(np.floor(placed.min(0) - margin), 0).astype(int)
    last = np.minimum(np.ceil(placed.max(0) + margin) + 1, size).astype(int)
    if (last <= first).any():
        return None
    return slice(first[1], last[1]), slice(first[0], last[0])


def _warp(image: np.ndarray, matrix: np.ndarray, size: tuple[int, int], border: int) -> np.ndarray:
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    if scale < 0.6 or (scale > 1.2 and image.ndim == 3):
        # A warp only samples points, so fine hair would flicker; and a cubic warp is ten times as slow as
        # a cubic resize.
        width, height = image.shape[1::-1]
        near = max(1, round(scale * width)), max(1, round(scale * height))
        matrix = matrix @ np.linalg.inv(_stretched((width, height), near))
        image = cv2.resize(image, near, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    return _bilinear(image, matrix, size, border)


def _bilinear(image: np.ndarray, matrix: np.ndarray, size: tuple[int, int], border: int) -> np.ndarray:
    return cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR, borderMode=border)
