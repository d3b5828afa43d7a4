"""MuseTalk's blending mask: jaw and mouth as segmented by a face parser, with soft edges.

The rules are those of MuseTalk 1.5, on label maps of 512 x 512 px with the classes of face-parsing
(CelebAMask-HQ, Lee et al., CVPR 2020). OpenCV does the morphology.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

import cv2
import numpy as np

SKIN, NOSE, NECK = 1, 10, 14
MOUTH = (11, 12, 13)
"""Inner mouth, upper and lower lip."""

Region = Literal["raw", "neck", "jaw"]
"""What is repainted: skin and mouth, the same with the neck, or the jaw with room to open."""

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in px."""

_CHEEK = 90
"""Px to either side of the middle within which the region is dilated; further out it is eroded."""


def region_mask(labels: np.ndarray, region: Region = "jaw") -> np.ndarray:
    """`(512, 512)` class labels to `(512, 512)` uint8: 255 where the repainted face may show."""
    mask = (labels == SKIN).astype(np.uint8) * 255
    if region == "jaw":
        mask = _jaw(mask)
        mask[labels == NOSE] = 0
    shown = MOUTH if region != "neck" else (*MOUTH, NECK)
    mask[np.isin(labels, shown)] = 255
    return mask


def _jaw(skin: np.ndarray) -> np.ndarray:
    """Skin dilated around the jaw, but eroded over the cheeks, where hair and ears begin."""
    grown = cv2.dilate(skin, jaw_kernel())
    shrunk = cv2.erode(grown, cheek_kernel(), iterations=2)
    middle = skin.shape[1] // 2
    inner = slice(middle - _CHEEK + 1, middle + _CHEEK)
    shrunk[:, inner] = grown[:, inner]
    return shrunk


@cache
def jaw_kernel() -> np.ndarray:
    """`(33, 33)` uint8: a triangle that widens downwards into a bar; dilates more upwards than down."""
    kernel = np.zeros((33, 33), np.uint8)
    for row in range(10, 33):
        half = min(row - 10, 10)
        kernel[row, 16 - half : 17 + half] = 1
    return kernel


@cache
def cheek_kernel() -> np.ndarray:
    """`(3, 35)` uint8: a flat ellipse."""
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (35, 3))


def face_box(outline: np.ndarray, bridge: float) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of a box whose lower half begins at the nose bridge.

    Args:
        outline: `(N, 2)` px along the jaw, from ear to ear.
        bridge: y of the lower nose bridge in px.
    """
    (left, _), (right, bottom) = outline.min(0).tolist(), outline.max(0).tolist()
    return left, 2 * bridge - bottom, right, bottom


def expand_box(
    box: tuple[float, float, float, float], *, factor: float = 1.5
) -> tuple[float, float, float, float]:
    """The square around a face box that the parser segments; it may extend beyond the frame."""
    left, top, right, bottom = box
    x, y = (left + right) / 2, (top + bottom) / 2
    half = max(right - left, bottom - top) / 2 * factor
    return x - half, y - half, x + half, y + half


def feather_mask(mask: np.ndarray, face: Box, *, softness: float = 0.05) -> np.ndarray:
    """Opacity `(H, W)` uint8 of the repainted face in the expanded square.

    Args:
        mask: `(H, W)` uint8 from `region_mask`, at the square's size.
        face: where in the square the face lies.
        softness: width of the blur as a share of the square's.
    """
    left, top, right, bottom = face
    upper = max(top, int(0.5 * len(mask)))
    kept = np.zeros_like(mask)
    kept[upper:bottom, left:right] = mask[upper:bottom, left:right]
    side = int(softness * mask.shape[1] // 2 * 2) + 1
    return cv2.GaussianBlur(kept, (side, side), 0)
