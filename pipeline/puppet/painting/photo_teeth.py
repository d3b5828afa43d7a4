"""The upper teeth that an open mouth shows in the photo, cut out to be shown again."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.faces.landmarks import INNER_LIPS, LOWER_LIP, UPPER_LIP
from pipeline.puppet.painting.palette import LUMA
from pipeline.puppet.painting.teeth import TeethImage, resolution

_MIN_GAP = 0.06
"""Gap of the lips, in inter-ocular distances, from which teeth are looked for."""
_MIN_LIGHT = 0.55
"""Least brightness of teeth as a share of the skin's."""
_MAX_REDNESS = 0.7
"""Most redness of teeth as a share of the skin's."""
_MIN_SHARE = 0.45
"""Least share of the mouth's opening that teeth take up in a photo that lends them."""
_INCISORS = 0.12
"""Half the width of the middle incisors, in inter-ocular distances."""


@dataclass(frozen=True)
class PhotoTeeth:
    """The upper teeth of a photo that shows them."""

    image: TeethImage
    """The opening between the photo's lips, positioned from where closed lips meet."""
    tip: float
    """How far below that point the incisors end, in inter-ocular distances."""
    colour: np.ndarray
    """`(3,)` RGB."""
    lip_gap: float
    """How far the photo's lips are apart, in inter-ocular distances."""


def find_teeth(
    image: np.ndarray,
    rest: np.ndarray,
    origin: np.ndarray,
    to_face_units: np.ndarray,
    scale: float,
    skin: np.ndarray,
) -> PhotoTeeth | None:
    """The teeth in a photo; None if it shows little of them.

    Args:
        image: `(H, W, 3)` uint8.
        rest: `(N, 3)` px, landmarks first.
        origin: `(2,)` px, where closed lips meet.
        to_face_units: `(2, 2)`, from px to inter-ocular distances of the upright face.
        scale: px between the eyes.
        skin: `(3,)`, the colour against which teeth are bright.
    """
    gap = float(np.linalg.norm(rest[UPPER_LIP] - rest[LOWER_LIP])) / scale
    if gap < _MIN_GAP:
        return None
    outline = (rest[list(INNER_LIPS), :2] - origin) @ to_face_units.T
    opening = _cut_opening(image, outline, origin, to_face_units, resolution(scale))
    colour, core = opening.rgba[..., :3], opening.rgba[..., 3] >= 0.6
    light = colour @ LUMA
    # teeth are paler than skin; lips, tongue and gums are not
    pale = core & (light > _MIN_LIGHT * float(skin @ LUMA))
    pale &= _redness(colour) < 1 + _MAX_REDNESS * (_redness(skin) - 1) + 0.03
    if pale.sum() < max(20, _MIN_SHARE * core.sum()):
        return None
    bright = pale & (light > np.median(light[pale]))
    incisors = np.abs(np.arange(core.shape[1]) / opening.resolution + opening.left) < _INCISORS
    rows = np.flatnonzero((bright & incisors).any(1))
    tip = float((rows[-1] if len(rows) else len(core)) / opening.resolution + opening.top) + 0.01
    return PhotoTeeth(opening, tip, np.median(colour[bright], 0).astype(np.float32), gap)


def _redness(colour: np.ndarray) -> np.ndarray:
    """How much more red than green and blue there is in colours `(…, 3)`: 1 for grey."""
    return 2 * colour[..., 0] / np.maximum(colour[..., 1] + colour[..., 2], 1.0)


def _cut_opening(
    image: np.ndarray, outline: np.ndarray, origin: np.ndarray, to_face_units: np.ndarray, per_unit: float
) -> TeethImage:
    """What the photo shows within `outline` `(K, 2)` face units, fading towards its edge."""
    low, high = outline.min(0) - 0.02, outline.max(0) + 0.02
    size = np.ceil((high - low) * per_unit).astype(int)
    to_photo = np.linalg.inv(to_face_units)
    colour = cv2.warpAffine(
        image, np.column_stack([to_photo / per_unit, origin + to_photo @ low]), size.tolist(),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    mask = np.zeros(size[::-1], np.uint8)
    cv2.fillPoly(mask, [np.round((outline - low) * per_unit).astype(np.int32)], 255)
    alpha = np.clip(cv2.distanceTransform(mask, cv2.DIST_L2, 3) / (0.012 * per_unit), 0, 1)
    rgba = np.dstack([colour, alpha]).astype(np.float32)
    return TeethImage(rgba, float(low[0]), float(low[1]), per_unit)
