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

_UPPER = 0.5
"""Share of the square at its top where the repainted face never shows."""
_REACH = 16
"""Rows above a part of the mask that its morphology looks at, and as many for what is resized from it."""
_CHEEK = 90
"""Px to either side of the middle within which the region is dilated; further out it is eroded."""


def region_mask(labels: np.ndarray, region: Region = "jaw") -> np.ndarray:
    """`(512, 512)` class labels to `(512, 512)` uint8: 255 where the repainted face may show."""
    mask = _of_classes(labels, (SKIN,))
    if region == "jaw":
        mask = cv2.bitwise_and(_jaw(mask), cv2.bitwise_not(_of_classes(labels, (NOSE,))))
    return cv2.bitwise_or(mask, _of_classes(labels, MOUTH if region != "neck" else (*MOUTH, NECK)))


def lower_region_mask(labels: np.ndarray) -> np.ndarray:
    """`region_mask` of the lower half, all that `feather_mask` lets show; 0 above."""
    above = int(_UPPER * len(labels)) - _REACH
    return np.pad(region_mask(labels[above:])[_REACH // 2 :], ((above + _REACH // 2, 0), (0, 0)))


def _of_classes(labels: np.ndarray, classes: tuple[int, ...]) -> np.ndarray:
    """`(H, W)` uint8: 255 where the label is one of these."""
    table = np.zeros(256, np.uint8)
    table[list(classes)] = 255
    found: np.ndarray = cv2.LUT(labels, table)
    return found


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
    upper = max(top, int(_UPPER * len(mask)))
    side = int(softness * mask.shape[1] // 2 * 2) + 1
    # Elsewhere it is 0, and so are the rows and columns next to it, unless the square ends there.
    near = slice(max(upper - side, 0), bottom + side), slice(max(left - side, 0), right + side)
    kept = np.zeros_like(mask)
    kept[upper:bottom, left:right] = mask[upper:bottom, left:right]
    kept[near] = cv2.GaussianBlur(kept[near], (side, side), 0)
    return kept
