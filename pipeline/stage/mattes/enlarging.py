"""Alpha of a small copy, brought to the size of the picture."""

from __future__ import annotations

import cv2
import numpy as np


def enlarged(alpha: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Alpha `(h, w)` float32 at the size of the picture `(H, W, 3)` uint8 and along its edges, by a guided
    filter (He, Sun and Tang, 2010).
    """
    height, width = image.shape[:2]
    large = cv2.resize(alpha, (width, height), interpolation=cv2.INTER_CUBIC)
    guide = image.astype(np.float32) / 255
    return np.clip(cv2.ximgproc.guidedFilter(guide, large, radius=2, eps=1e-5), 0, 1)
