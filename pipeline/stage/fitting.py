"""Pictures of any shape brought to the size of the frame: filling it, or whole on a matching backdrop."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.stage.slots import Area

_EDGE = 0.01
"""Width of the border whose colour a backdrop takes, as a share of the picture's shorter side."""
_PLAIN = 12.0
"""Mean deviation from its median colour, in levels, up to which a border counts as of one colour."""
_BLUR = 0.06
"""Standard deviation of the blurred backdrop, as a share of the frame's shorter side."""
_DIMMED = 0.72
"""Brightness of a blurred backdrop, so that what lies on it stands out."""
_WORKING = 96
"""Longer side in px of the copy that is blurred; after such a blur, nothing finer is left to lose."""


def cover(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The middle of a picture `(h, w, 3)`, filling a width and height in px to the edges."""
    (height, width), (wide, tall) = image.shape[:2], size
    if (width, height) == size:
        return image
    scale = max(wide / width, tall / height)
    across, down = min(round(wide / scale), width), min(round(tall / scale), height)
    left, top = (width - across) // 2, (height - down) // 2
    part = image[top : top + down, left : left + across]
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.resize(part, size, interpolation=method)


def fit(image: np.ndarray, size: tuple[int, int], area: Area) -> np.ndarray:
    """The whole picture `(h, w, 3)` in the middle of an area, on a backdrop that fills the frame.

    Args:
        image: no larger than the area; it is not scaled.
        size: width and height of the frame in px.
        area: of the frame.
    """
    height, width = image.shape[:2]
    if (width, height) == size:
        return image
    frame = _backdrop(image, size)
    left, top = area.left + (area.width - width) // 2, area.top + (area.height - height) // 2
    frame[top : top + height, left : left + width] = image
    return frame


def blurred(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The picture `(h, w, 3)` uint8 out of focus and dimmed, filling a width and height in px."""
    scale = _WORKING / max(size)
    small_size = max(round(size[0] * scale), 2), max(round(size[1] * scale), 2)
    small = cover(image, small_size).astype(np.float32)
    soft = cv2.GaussianBlur(small, (0, 0), _BLUR * min(small_size), borderType=cv2.BORDER_REPLICATE)
    large = cv2.resize(soft, size, interpolation=cv2.INTER_CUBIC)
    return np.clip(_DIMMED * large + 0.5, 0, 255).astype(np.uint8)


def _backdrop(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The colour of the picture's border where it has one, or else the picture blurred."""
    edge = max(1, round(_EDGE * min(image.shape[:2])))
    sides = image[:edge], image[-edge:], image[:, :edge], image[:, -edge:]
    border = np.concatenate([side.reshape(-1, 3) for side in sides]).astype(np.float32)
    colour = np.median(border, axis=0)
    if np.abs(border - colour).mean() > _PLAIN:
        return blurred(image, size)
    return np.full((size[1], size[0], 3), colour, np.uint8)
