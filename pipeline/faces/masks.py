"""Soft masks over a crop: which of its pixels a generated mouth may replace."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.easing import smoothstep
from pipeline.faces.landmarks import CHIN, FACE_OVAL, FOREHEAD, NASION, NOSE_TIP


def box_mask(size: tuple[int, int], *, feather: float = 0.1, top: float = 0.0) -> np.ndarray:
    """`(height, width)` float32 in [0, 1]: 1 inside, falling to 0 at the border.

    Args:
        size: width and height in px.
        feather: width of the fall-off as a share of the shorter side.
        top: share of the height at the top that is left out.
    """
    width, height = size
    soft = max(1.0, feather * min(size))
    across = np.minimum(np.arange(width), np.arange(width)[::-1]) / soft
    down = np.minimum(np.arange(height) - top * height, np.arange(height)[::-1]) / soft
    return smoothstep(np.minimum(across[None], down[:, None]), 0, 1).astype(np.float32)


def lower_face_mask(
    points: np.ndarray, size: tuple[int, int], *, feather: float = 0.07, chin: float = 0.06
) -> np.ndarray:
    """`(height, width)` float32 in [0, 1]: the face from the middle of the nose to below the chin.

    Args:
        points: `(478, 2)` landmarks in crop px, as `Crop.place` gives them.
        size: width and height of the crop in px.
        feather: softness as a share of the face's height; at the cheeks the fall-off lies inside the face.
        chin: room below the chin for a jaw that opens, as a share of the face's height.
    """
    landmarks = (FOREHEAD, NASION, NOSE_TIP, CHIN)
    top, bridge, tip, end = (points[index].astype(np.float64) for index in landmarks)
    tall = max(float(np.linalg.norm(end - top)), 1.0)
    down = (end - top) / tall
    soft = max(1, round(feather * tall))
    outline = points[list(FACE_OVAL)].astype(np.float64)
    depth = outline @ down
    level, mouth = (0.6 * bridge + 0.4 * tip) @ down, tip @ down
    # The forehead is pulled down to a line across the nose, and the outline is extended more towards the
    # chin.
    lower = np.clip((depth - mouth) / max(end @ down - mouth, 1e-6), 0, 1)
    outline += (np.maximum(0, level - depth) + lower * (chin * tall + soft))[:, None] * down
    mask = np.zeros(size[::-1], np.uint8)
    cv2.fillPoly(mask, [np.round(outline * 16).astype(np.int32)], 255, cv2.LINE_AA, shift=4)
    # The mask ends where the crop does, or the crop's border would show where it cuts the face.
    mask[0] = mask[-1] = mask[:, 0] = mask[:, -1] = 0
    # The fall-off lies inside the outline, so that no background is replaced; the blur removes the steps that
    # distances to a pixel mask have.
    inside = cv2.distanceTransform((mask > 127).astype(np.uint8), cv2.DIST_L2, 5)
    return cv2.blur(smoothstep(inside, 0.5 * soft, 2 * soft), (soft | 1, soft | 1))
