"""Squares cut out of frames and painted mouths put back, so that nobody sees where the paint ends.

OpenCV for resizing; the rest is a few small arrays. What lies outside the mask stays bit-identical.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

LEAST = 24
"""Least side in px of a box worth painting."""

_TOP = (0.40, 0.56)
"""Where the paint begins and is full, as shares of the box's height: under the eyes, above the lip."""
_EDGE = (0.72, 1.0)
"""Where the paint begins to fade and has gone, as shares of the way from the face's middle to its outline."""
_MIDDLE = (0.5, 0.5)
_RADII = (0.47, 0.49)


@dataclass(frozen=True)
class Patch:
    """A part of a picture as a network sees it."""

    place: tuple[slice, slice]
    """Its rows and columns in the picture."""
    pixels: np.ndarray
    """`(size, size, 3)` uint8."""

    def painted(self, image: np.ndarray, paint: np.ndarray) -> np.ndarray:
        """A copy of the picture that the patch was cut from, with the lower face of `paint` blended in.

        `paint` is `(size, size, 3)` float32 in 0..255; its colours are matched to what surrounds it.
        """
        part = image[self.place].astype(np.float32)
        height, width = part.shape[:2]
        matched = paint + _colour_shift(self.pixels - paint)
        method = cv2.INTER_CUBIC if width > paint.shape[1] else cv2.INTER_AREA
        large = np.clip(cv2.resize(matched, (width, height), interpolation=method), 0, 255)
        mask = cv2.resize(_mask(len(paint)), (width, height), interpolation=cv2.INTER_LINEAR)[..., None]
        whole = image.copy()
        whole[self.place] = np.rint(part + mask * (large - part)).astype(np.uint8)
        return whole


def cut(image: np.ndarray, box: np.ndarray, size: int) -> Patch | None:
    """What a box (left, top, right, bottom in px) holds, squeezed to a square of `size` px.

    None where less than `LEAST` px of the box is in the picture.
    """
    height, width = image.shape[:2]
    left, top, right, bottom = np.rint(np.clip(box, 0, [width, height, width, height])).astype(int)
    if min(right - left, bottom - top) < LEAST:
        return None
    part = image[top:bottom, left:right]
    # A bilinear look-up only samples when it shrinks by more than half; areas keep a large face smooth.
    method = cv2.INTER_AREA if min(part.shape[:2]) > 2 * size else cv2.INTER_LINEAR
    return Patch(
        (slice(top, bottom), slice(left, right)), cv2.resize(part, (size, size), interpolation=method)
    )


def _colour_shift(difference: np.ndarray) -> np.ndarray:
    """A plane per channel through what painted and original differ by where the paint fades out.

    A plane, not a mean: light that falls from one side is painted too even.
    """
    design, solve = _ring(len(difference))
    return (design @ (solve @ difference.reshape(-1, 3))).reshape(difference.shape)


@cache
def _mask(size: int) -> np.ndarray:
    """`(size, size)` float32 in [0, 1]: the lower half of an ellipse in the box, faded at its edge."""
    across, down = np.meshgrid(*[(np.arange(size) + 0.5) / size] * 2)
    out = np.hypot((across - _MIDDLE[0]) / _RADII[0], (down - _MIDDLE[1]) / _RADII[1])
    return (_ramp(down, *_TOP) * (1 - _ramp(out, *_EDGE))).astype(np.float32)


@cache
def _ring(size: int) -> tuple[np.ndarray, np.ndarray]:
    """`(size², 3)` planes and the `(3, size²)` weighted least squares that finds their factors."""
    across, down = np.meshgrid(*[np.linspace(-1, 1, size)] * 2)
    design = np.stack([np.ones_like(across), across, down], -1).reshape(-1, 3)
    mask = _mask(size).ravel()
    weighted = design * (mask * (1 - mask))[:, None]
    return design.astype(np.float32), np.linalg.solve(weighted.T @ design, weighted.T).astype(np.float32)


def _ramp(x: np.ndarray, start: float, end: float) -> np.ndarray:
    """0 before `start`, 1 from `end` on, smooth between."""
    t = np.clip((x - start) / (end - start), 0, 1)
    return t * t * (3 - 2 * t)
