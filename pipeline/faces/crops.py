"""What engines that repaint a square around the mouth need: steady crops, and putting the square back.

Crops come from our own landmarks by a similarity, so no second detector is needed. Pasting touches only the
pixels under the mask; all others of a frame stay bit-identical.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.types import Frame

# fmt: off
OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)
# fmt: on
"""The face's outline in MediaPipe's numbering, clockwise in the picture from the top of the forehead."""

_JUMP = 0.35
"""Face heights that landmarks move between frames only at a cut."""
_GRID = 24
"""Side in cells of the colour correction: finer would copy the old mouth's shading into the new."""


@dataclass(frozen=True)
class Crop:
    """A turned, scaled and shifted rectangle of a frame."""

    into: np.ndarray
    """`(2, 3)` float64: frame px to crop px."""
    size: tuple[int, int]
    """Width and height in px of the crop."""

    @property
    def scale(self) -> float:
        """Crop px per frame px."""
        return float(np.sqrt(abs(np.linalg.det(self.into[:, :2]))))

    def cut(self, image: np.ndarray) -> np.ndarray:
        """The `(height, width, 3)` uint8 picture under the crop; the frame's edge is repeated outside it."""
        corners = ((0, 0), self.size)
        # Only what lies under it, a little wider for the interpolation: shrinking all of 1080p takes longer.
        box = _extent(self, *corners, image.shape[1::-1], margin=2 + 3 / self.scale)
        if box is None:
            return _warp(image, self.into, self.size, cv2.BORDER_REPLICATE)
        into = self.into.copy()
        into[:, 2] += into[:, :2] @ (box[1].start, box[0].start)
        return _warp(image[box], into, self.size, cv2.BORDER_REPLICATE)

    def place(self, landmarks: np.ndarray) -> np.ndarray:
        """`(N, 2)` crop px of `(N, 2 or more)` frame px."""
        return landmarks[:, :2] @ self.into[:, :2].T + self.into[:, 2]


def square_crop(
    landmarks: np.ndarray, *, size: int, scale: float = 1.5, lift: float = 0.0, upright: bool = True
) -> Crop:
    """The square around a face of `(478, 3)` landmarks.

    Args:
        size: its side in px.
        scale: its side over the longer side of the landmarks' box, taken along the face's axes.
        lift: how far it moves from the face's middle towards the forehead, as a share of its side.
        upright: the face stands upright in it; otherwise its axes are the frame's.
    """
    points = np.asarray(landmarks, np.float64)[:, :2]
    down = points[[33, 133, 263, 362]].mean(0) * -1 + points[[61, 291]].mean(0)
    down = down / max(np.linalg.norm(down), 1e-6) if upright else np.array([0.0, 1.0])
    axes = np.array([[down[1], -down[0]], down])
    along = points @ axes.T
    low, high = along.min(0), along.max(0)
    side = float((high - low).max()) * scale
    linear = axes * (size / side)
    centre = ((low + high) / 2 - [0.0, lift * side]) @ axes
    return Crop(np.column_stack([linear, size / 2 - linear @ centre]), (size, size))


def box_crop(box: tuple[float, float, float, float], *, size: tuple[int, int]) -> Crop:
    """An upright rectangle `(left, top, right, bottom)` in frame px, stretched to `size`.

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

    A Gaussian window of ± `seconds` lies evenly around each frame, so that nothing lags; it reads that far
    ahead. It never reaches over a cut or a frame without a face.

    Yields:
        The frame, unchanged, and `(478, 3)` float32 px or None.
    """
    reach = max(1, round(seconds * fps))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / (0.5 * reach)) ** 2)
    window: deque[Frame | None] = deque([None] * (2 * reach + 1), maxlen=2 * reach + 1)
    for frame in frames:
        window.append(frame)
        if window[reach] is not None:
            yield window[reach], _smoothed(window, weights)
    for _ in range(reach):
        window.append(None)
        if window[reach] is not None:
            yield window[reach], _smoothed(window, weights)


def _smoothed(window: deque[Frame | None], weights: np.ndarray) -> np.ndarray | None:
    middle = len(window) // 2
    if window[middle].landmarks is None:
        return None
    used = {middle}
    for step in (-1, 1):
        at = middle
        while 0 <= at + step < len(window) and _follows(window[at], window[at + step]):
            at += step
            used.add(at)
    # The same number on both sides, or the mean would lag or lead while the head moves.
    reach = min(middle - min(used), max(used) - middle)
    kept = range(middle - reach, middle + reach + 1)
    total = sum(weights[at] * window[at].landmarks for at in kept)
    return (total / sum(weights[at] for at in kept)).astype(np.float32)


def _follows(one: Frame, other: Frame | None) -> bool:
    if other is None or other.landmarks is None:
        return False
    height = np.linalg.norm(one.landmarks[10, :2] - one.landmarks[152, :2])
    moved = np.linalg.norm(one.landmarks[:, :2].mean(0) - other.landmarks[:, :2].mean(0))
    return bool(moved < _JUMP * height)


def box_mask(size: tuple[int, int], *, feather: float = 0.1, top: float = 0.0) -> np.ndarray:
    """`(height, width)` float32 in [0, 1]: 1 inside, falling to 0 at the border.

    Args:
        size: width and height in px.
        feather: width of the fall as a share of the shorter side.
        top: share of the height at the top that stays out.
    """
    width, height = size
    soft = max(1.0, feather * min(size))
    across = np.minimum(np.arange(width), np.arange(width)[::-1]) / soft
    down = np.minimum(np.arange(height) - top * height, np.arange(height)[::-1]) / soft
    ramp = np.clip(np.minimum(across[None], down[:, None]), 0, 1)
    return (ramp * ramp * (3 - 2 * ramp)).astype(np.float32)


def lower_face_mask(
    points: np.ndarray, size: tuple[int, int], *, feather: float = 0.07, chin: float = 0.06
) -> np.ndarray:
    """`(height, width)` float32 in [0, 1]: the face from the middle of the nose to below the chin.

    Args:
        points: `(478, 2)` landmarks in crop px, as `Crop.place` gives them.
        size: width and height of the crop in px.
        feather: softness as a share of the face's height; the fall lies inside the face at the cheeks.
        chin: room below the chin for a jaw that opens, as a share of the face's height.
    """
    top, bridge, tip, end = (points[index].astype(np.float64) for index in (10, 6, 4, 152))
    tall = max(float(np.linalg.norm(end - top)), 1.0)
    down = (end - top) / tall
    soft = max(1, round(feather * tall))
    outline = points[list(OVAL)].astype(np.float64)
    depth = outline @ down
    level, mouth = (0.6 * bridge + 0.4 * tip) @ down, tip @ down
    # The forehead is drawn down to a line across the nose, the chin further down the more it is chin.
    lower = np.clip((depth - mouth) / max(end @ down - mouth, 1e-6), 0, 1)
    outline += (np.maximum(0, level - depth) + lower * (chin * tall + soft))[:, None] * down
    mask = np.zeros(size[::-1], np.uint8)
    cv2.fillPoly(mask, [np.round(outline * 16).astype(np.int32)], 255, cv2.LINE_AA, shift=4)
    # The crop ends the mask too, or its border would show where it cuts the face.
    mask[[0, -1]] = mask[:, [0, -1]] = 0
    # The fall lies inside the outline, so that no background is repainted; the blur takes the steps that
    # distances to a mask of pixels have.
    depth = cv2.distanceTransform((mask > 127).astype(np.uint8), cv2.DIST_L2, 5)
    fall = np.clip((depth - 0.5 * soft) / (1.5 * soft), 0, 1)
    return cv2.blur(fall * fall * (3 - 2 * fall), (soft | 1, soft | 1))


def paste(image: np.ndarray, painted: np.ndarray, crop: Crop, mask: np.ndarray) -> np.ndarray:
    """A copy of the frame with `painted` in place of what lies under the mask.

    Args:
        image: `(H, W, 3)` uint8 frame.
        painted: `(h, w, 3)` uint8, the crop repainted; any size of the crop's proportions.
        crop: where it was cut.
        mask: `(h', w')` float32 weights over the crop; every px outside it stays bit-identical.

    Brightness and colour of `painted` are matched to the frame along the mask's soft edge, and that
    correction runs smoothly on inside it.
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
    shift = np.array([box[1].start, box[0].start], np.float64)
    back = cv2.invertAffineTransform(crop.into)
    back[:, 2] -= shift
    region = image[box]
    into = region.shape[1::-1]
    matched = _matched(painted, crop.cut(image), mask)
    inside = _warp(matched, back, into, cv2.BORDER_REPLICATE)
    weight = _warp(mask, back, into, cv2.BORDER_CONSTANT)
    blended = cv2.blendLinear(region, inside, 1 - weight, weight)
    result[box] = np.where(weight[:, :, None] > 0, blended, region)
    return result


def _matched(painted: np.ndarray, original: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """`painted` plus the smooth field that makes it meet `original` where the mask is half open."""
    small = (4 * _GRID, 4 * _GRID)
    edge = cv2.resize(4 * mask * (1 - mask), small, interpolation=cv2.INTER_AREA)
    before, after = (cv2.resize(one, small, interpolation=cv2.INTER_AREA) for one in (original, painted))
    gap = (before.astype(np.float32) - after) * edge[:, :, None]
    weight = cv2.resize(edge, (_GRID, _GRID), interpolation=cv2.INTER_AREA) + 1e-6
    gap = cv2.resize(gap, (_GRID, _GRID), interpolation=cv2.INTER_AREA)
    spread = cv2.GaussianBlur(gap, (0, 0), _GRID / 5, borderType=cv2.BORDER_CONSTANT)
    weight = cv2.GaussianBlur(weight, (0, 0), _GRID / 5, borderType=cv2.BORDER_CONSTANT)
    field = cv2.resize(spread / weight[:, :, None], painted.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return cv2.add(painted, field, dtype=cv2.CV_8U)


def _bounds(mask: np.ndarray) -> tuple[tuple[int, int], tuple[int, int]]:
    """Left top and right bottom of what is not 0 in a mask."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        return (0, 0), (0, 0)
    return (int(columns[0]) - 1, int(rows[0]) - 1), (int(columns[-1]) + 2, int(rows[-1]) + 2)


def _extent(
    crop: Crop, low: tuple[int, int], high: tuple[int, int], size: tuple[int, int], margin: float = 1.0
) -> tuple[slice, slice] | None:
    """Rows and columns of the frame under the crop's px from `low` to `high`; None where it lies outside."""
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
    if scale < 0.6:
        # A warp only samples: shrink by areas first, or fine hair flickers from frame to frame.
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        matrix = matrix @ np.array([[1 / scale, 0, 0], [0, 1 / scale, 0], [0, 0, 1]])
    method = cv2.INTER_CUBIC if scale > 1.2 and image.ndim == 3 else cv2.INTER_LINEAR
    return cv2.warpAffine(image, matrix, size, flags=method, borderMode=border)
