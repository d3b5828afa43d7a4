"""The person's own colours at a soft edge, free of what was behind.

After Forte, "Approximate fast foreground colour estimation", 2021: what lies nearby on either side of the
edge says what person and background may look like; the rest of the difference from their mixture is the
person's.
"""

from __future__ import annotations

import cv2
import numpy as np

_WORKING = 640
"""Longest side in px of the copy on which colours are averaged."""
_REACH = 0.05
"""How far colours are carried across the edge, as a share of the longer side."""


def own_colours(image: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """The person's colours `(H, W, 3)` uint8, carried on to where there is little or nothing of the person.

    Args:
        image: `(H, W, 3)` uint8.
        alpha: `(H, W)` float32 in [0, 1].
    """
    size = alpha.shape[::-1]
    scale = min(1.0, _WORKING / max(size))
    small, opacity = (
        cv2.resize(plane, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) for plane in (image, alpha)
    )
    small = small.astype(np.float32) / 255
    front, behind = (
        cv2.resize(_nearby(small, share), size, interpolation=cv2.INTER_LINEAR)
        for share in (opacity, 1 - opacity)
    )
    weight = cv2.merge([alpha] * 3)
    mixture = behind + weight * (front - behind)
    own = front + weight * (image.astype(np.float32) / 255 - mixture)
    return np.round(255 * np.clip(own, 0, 1)).astype(np.uint8)


def _nearby(image: np.ndarray, share: np.ndarray) -> np.ndarray:
    """The mean colour around each pixel of what is wholly of one kind, `(h, w, 3)` float32 in [0, 1]."""
    reach = 2 * round(_REACH * max(image.shape) / 2) + 1
    weight = (share**4)[..., None]
    sums = cv2.blur(np.dstack([image * weight, weight]), (reach, reach))
    return sums[..., :3] / np.maximum(sums[..., 3:], 1e-4)
