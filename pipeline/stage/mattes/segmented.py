"""The embedded matte: the segmentation says roughly where the person is, and the picture where each hair.

In a photo, closed-form matting finds around the segmented edge how much of each pixel is hair. Frames of a
video, of which there are many, are refined by a guided filter (He, Sun and Tang, 2010), quick rather than
exact.
"""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.easing import smoothstep
from pipeline.faces.segmentation import person
from pipeline.stage.closed_form import solve_alpha
from pipeline.stage.mattes.enlarging import enlarged

_SURE, _LIKELY = 0.95, 0.2
"""Confidences of the segmentation from which a pixel is the person's, and may be."""
_INWARDS, _OUTWARDS = 0.10, 0.26
"""How far the unknown band reaches to either side of the segmented edge, in inter-ocular distances."""
_BLACK, _WHITE = 0.10, 0.93
"""Alpha that counts as none and as all: closed-form matting leaves a haze where colours are alike."""
_BLACK_OUTSIDE = 0.75
"""Alpha that counts as none at the outer end of the band, where only a strand can be so far from the head."""
_TRUST = 1e-3
"""Weight of the segmentation in closed-form matting: hair before a background of its own colour ends where it
says, instead of in a haze, and single strands keep their own alpha."""
_LARGEST = 700_000
"""Pixels of the copy that is solved, in some three seconds; a larger photo's alpha is brought to its size
along its edges."""
_RADIUS = 0.008
"""Of the guided filter on a frame, as a share of the copy's longer side."""
_EPSILON = 2e-4
"""Its regularisation: differences below some 3 levels of 255 are no edges."""
_NONE, _ALL = 0.12, 0.88
"""What it gives that counts as no alpha and as all."""


class EmbeddedMatting:
    """See `pipeline.protocols.Matting`."""

    longest = 640

    def photo(self, image: np.ndarray, unit: float) -> np.ndarray:
        return _soft_alpha(image, person(image), unit)

    def frame(self, small: np.ndarray) -> np.ndarray:
        return person(small)

    def finished(self, alpha: np.ndarray, small: np.ndarray, image: np.ndarray) -> np.ndarray:
        radius = max(2, round(_RADIUS * max(small.shape)))
        guide = small.astype(np.float32) / 255
        soft = cv2.ximgproc.guidedFilter(guide, alpha, radius, _EPSILON)
        stretched = np.clip((soft - _NONE) / (_ALL - _NONE), 0, 1)
        return cv2.resize(stretched, image.shape[1::-1], interpolation=cv2.INTER_LINEAR)


def _soft_alpha(image: np.ndarray, confidence: np.ndarray, unit: float) -> np.ndarray:
    """Alpha `(h, w)` float32 of a picture by its segmentation; `unit`: an inter-ocular distance in px."""
    scale = min(1.0, (_LARGEST / confidence.size) ** 0.5)
    size = round(scale * image.shape[1]), round(scale * image.shape[0])
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    sure = cv2.resize(confidence, size, interpolation=cv2.INTER_AREA)
    solved = solve_alpha(small.astype(np.float32) / 255, _trimap(sure, scale * unit), sure, trust=_TRUST)
    outside = cv2.distanceTransform((sure < 0.5).astype(np.uint8), cv2.DIST_L2, 5) / (scale * unit)
    black = _BLACK + (_BLACK_OUTSIDE - _BLACK) * smoothstep(outside, 0, _OUTWARDS).astype(np.float32)
    alpha = np.clip((solved - black) / (_WHITE - black), 0, 1)
    return alpha if scale == 1 else enlarged(alpha, image)


def _trimap(confidence: np.ndarray, unit: float) -> np.ndarray:
    """1 where the person surely is, 0 where surely not, and 0.5 between: `(h, w)` float64."""
    person_inside = cv2.erode((confidence > _SURE).astype(np.uint8), _disc(_INWARDS * unit))
    person_about = cv2.dilate((confidence > _LIKELY).astype(np.uint8), _disc(_OUTWARDS * unit))
    return (person_inside + person_about.astype(np.float64)) / 2


def _disc(radius: float) -> np.ndarray:
    side = 2 * max(round(radius), 1) + 1
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
