"""The line between closed lips, where a photo shows them apart and so has no such line to move.

Lips that meet shade each other: without the line a mouth that closes over an open one looks wiped out.
"""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.easing import smoothstep
from pipeline.faces.landmarks import INNER_UPPER_LIP
from pipeline.puppet.painting import compositing
from pipeline.puppet.painting.palette import Palette

_FADE_GAPS = 0.012, 0.04
"""Gaps of the lips, in inter-ocular distances, between which the line gives way to the opening."""
_WIDTH = 0.014
"""Width of the line in inter-ocular distances."""
_SHADE = 0.45
"""Light on the line as a share of that on the lips."""
_OPACITY = 0.5
"""Of the line in its middle."""
_FADE = 0.3
"""Share of its length over which it fades into either corner."""


class LipSeam:
    """The line between one portrait's closed lips."""

    def __init__(self, palette: Palette, scale: float) -> None:
        """`scale`: px per inter-ocular distance."""
        self._colour = 0.5 * palette.lips + 0.15 * palette.dark
        self._scale = scale

    def paint(self, image: np.ndarray, opening: np.ndarray, parted: float = 1.0) -> None:
        """Draw the line into `image` `(H, W, 3)` uint8, in place, where the lips meet.

        Args:
            image: the picture.
            opening: `(20, 2)` px, the contour of the inner lips (`INNER_LIPS`).
            parted: 0 to 1, how far apart the lips were in the picture from which the skin is; those that met
                have a line of their own.
        """
        corner = len(INNER_UPPER_LIP)
        upper, lower = opening[:corner], opening[[0, *range(len(opening) - 1, corner - 2, -1)]]
        gap = np.linalg.norm(upper - lower, axis=1).max() / self._scale
        strength = _OPACITY * parted * (1 - float(smoothstep(gap, *_FADE_GAPS)))
        if strength <= 0:
            return
        width = max(_WIDTH * self._scale, 1.2)
        box = compositing.bounding_box(opening, (image.shape[1], image.shape[0]), round(2 * width) + 2)
        mask = _line_mask((upper + lower) / 2 - box[:2], (box[3] - box[1], box[2] - box[0]), width)
        # half of it is shade on the lips as they are here, in their own light
        patch = (self._colour + _SHADE * compositing.crop(image, box)) / 2
        compositing.blend(image, box, patch.astype(np.float32), strength * mask)


def _line_mask(line: np.ndarray, shape: tuple[int, int], width: float) -> np.ndarray:
    """`(h, w)` float32: 1 on the `line` `(K, 2)`, falling off over `width` px and towards its ends."""
    mask = np.zeros(shape, np.uint8)
    cv2.polylines(mask, [np.round(line * 16).astype(np.int32)], False, 255, 1, cv2.LINE_AA, 4)
    soft = 1.25 * width * cv2.GaussianBlur(mask.astype(np.float32) / 255, (0, 0), width / 2)
    along = np.arange(shape[1])
    ends = np.minimum(along - line[:, 0].min(), line[:, 0].max() - along) / max(
        _FADE * np.ptp(line[:, 0]), 1.0
    )
    return (np.minimum(soft, 1) * smoothstep(ends, 0.0, 1.0)).astype(np.float32)
