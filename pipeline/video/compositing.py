"""Drawing on frames that are transparent in places, whose colours are not multiplied by alpha."""

from __future__ import annotations

import numpy as np


def draw_over(front: np.ndarray, alpha: np.ndarray, region: np.ndarray) -> None:
    """Draw a picture over a part of a frame, in place (Porter and Duff's "over", 1984).

    Args:
        front: `(h, w, 3)` uint8.
        alpha: of `front`, `(h, w)` float32 in [0, 1].
        region: `(h, w, 4)` uint8 RGBA.
    """
    alpha = np.clip(alpha, 0, 1)  # cubic scaling overshoots
    if not region[..., 3].any():  # its colours are kept where it is transparent: no dark edge when scaled
        region[..., :3] = front
        region[..., 3] = np.round(255 * alpha)
        return
    behind = region[..., 3].astype(np.float32) / 255
    united = alpha + behind * (1 - alpha)
    share = (alpha / np.maximum(united, 1e-6))[..., None]
    region[..., :3] = np.round(share * front + (1 - share) * region[..., :3])
    region[..., 3] = np.round(255 * united)


def opaque(image: np.ndarray) -> np.ndarray:
    """A frame `(H, W, 3)` uint8 RGB as one with alpha, `(H, W, 4)`, which shows all of it."""
    return np.dstack([image, np.full(image.shape[:2], 255, np.uint8)])
