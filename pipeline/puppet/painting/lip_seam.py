"""The line between closed lips, where a photo shows them apart and so has no such line to move.

Lips that meet shade each other: without the line a mouth that closes over an open one looks wiped out. The
light that is left there has met lips before: the line is a deep red rather than grey, and soft above, where
the upper lip turns inwards. Its widths follow the median profile of closed lips of 24 speakers.
"""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.easing import smoothstep
from pipeline.faces.landmarks import INNER_UPPER_LIP
from pipeline.puppet.painting import compositing
from pipeline.puppet.painting.palette import LUMA, Palette

_FADE_GAPS = 0.012, 0.04
"""Gaps of the lips, in inter-ocular distances, between which the line gives way to the opening."""
_LIGHT = 0.6
"""Brightness of the line's middle as a share of that of the lips beside it: the median of 20 closed mouths
(0.33 to 0.83), and light enough for a face tracker not to take the line for a slit."""
_TINT = 0.75
"""Exponent of the lips' tint in the light on the line: 0.69 in the same mouths; at 0.85 it glows."""
_CORE, _SHADE = (0.55, 0.009, 0.0), (0.45, 0.022, 0.010)
"""Of the narrow and of the wide part of the line: its share, its width (standard deviation of a Gaussian) and
how far it lies above the place where the lips meet, both in inter-ocular distances."""
_MIN_WIDTH = 0.5
"""Least width in px."""
_FADE = 0.3
"""Share of its length over which it fades into either corner; real lines are as deep a sixth of the way in as
in their middle."""


class LipSeam:
    """The line between one portrait's closed lips."""

    def __init__(self, palette: Palette, scale: float) -> None:
        """`scale`: px per inter-ocular distance."""
        tint = palette.lip_tint**_TINT
        self._missing = (1 - _LIGHT * tint / float(tint @ LUMA)).astype(np.float32)
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
        strength = parted * (1 - float(smoothstep(gap, *_FADE_GAPS)))
        if strength <= 0:
            return
        margin = round(3 * _SHADE[1] * self._scale) + 2
        box = compositing.bounding_box(opening, (image.shape[1], image.shape[0]), margin)
        line = (upper + lower) / 2 - box[:2]
        across = line[-1] - line[0]
        up = np.array([across[1], -across[0]]) / max(float(np.linalg.norm(across)), 1.0)
        mask = np.zeros((box[3] - box[1], box[2] - box[0]), np.float32)
        for share, width, rise in (_CORE, _SHADE):
            mask += share * _soft_line(line + rise * self._scale * up, mask.shape, width * self._scale)
        patch = compositing.crop(image, box)
        compositing.blend(image, box, patch * (1 - self._missing), strength * mask)


def _soft_line(line: np.ndarray, shape: tuple[int, int], width: float) -> np.ndarray:
    """`(h, w)` float32: 1 on the `line` `(K, 2)`, a Gaussian of `width` px beside it, weaker at its ends."""
    width = max(width, _MIN_WIDTH)
    mask = np.zeros(shape, np.uint8)
    cv2.polylines(mask, [np.round(line * 16).astype(np.int32)], False, 255, 1, cv2.LINE_AA, 4)
    soft = cv2.GaussianBlur(mask.astype(np.float32) / 255, (0, 0), width)
    # a line of one px that is spread out is 1 again in its middle
    soft *= np.sqrt(2 * np.pi) * width
    along = np.arange(shape[1])
    ends = np.minimum(along - line[:, 0].min(), line[:, 0].max() - along) / max(
        _FADE * np.ptp(line[:, 0]), 1.0
    )
    return (np.minimum(soft, 1) * smoothstep(ends, 0.0, 1.0)).astype(np.float32)
