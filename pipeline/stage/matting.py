"""Presenters without their background: a soft alpha for a photo, and for every frame made of it.

The embedded segmentation says roughly where the person is. Around its edge, closed-form matting finds how
much of each pixel is hair, and what colour that hair has without the wall behind it. Once this is done for
the photo, the puppet moves the alpha with the hair; frames of other engines and of footage are segmented one
by one (`pipeline.stage.frame_matting`).
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from pipeline.easing import smoothstep
from pipeline.errors import PhotoError
from pipeline.faces.segmentation import person
from pipeline.stage.closed_form import solve_alpha
from pipeline.stage.foreground import own_colours
from pipeline.stage.frame_matting import FrameMatte
from pipeline.stage.framing import FaceBox
from pipeline.stage.layout import PresenterFrame
from pipeline.types import Face, Frame, Portrait

_SURE, _LIKELY = 0.95, 0.2
"""Confidences of the segmentation from which a pixel is the person's, and may be."""
_INWARDS, _OUTWARDS = 0.10, 0.26
"""How far the unknown band reaches to either side of the segmented edge, in inter-ocular distances."""
_BLACK, _WHITE = 0.10, 0.93
"""Alpha that counts as none and as all: closed-form matting leaves a haze where colours are alike."""
_BLACK_OUTSIDE = 0.75
"""Alpha that counts as none at the outer end of the band, where only a strand can be so far from the head."""
_LARGEST = 700_000
"""Pixels of the copy that is solved, in some three seconds; a larger photo's alpha is brought to its size
along its edges."""
_MARGIN = 0.12
"""Room around the person in the part of the photo that is looked at again, as a share of its sides."""
_MIN_FACE_SHARE = 0.8
"""Share of the face's box that must be segmented for the photo to be cut out at all."""


class Matte:
    """Alpha for the frames of one presenter, in order."""

    def __init__(self, face: FaceBox | None) -> None:
        """`face`: of the subject at rest, as in `PresenterFrame`: a portrait's, or a footage's first one."""
        self._face = face
        self._segmented = FrameMatte(face)

    def cut(self, frame: Frame) -> PresenterFrame:
        """The presenter of the next frame: by the frame's own alpha, or else segmented."""
        if frame.alpha is not None:
            return PresenterFrame(frame.image, frame.alpha.astype(np.float32) / 255, self._face)
        image, alpha = self._segmented.cut(frame.image)
        return PresenterFrame(image, alpha, self._face)


def cut_out(portrait: Portrait) -> Portrait:
    """The portrait with its `alpha`, and with the person's own colours wherever that is not 0.

    Raises:
        PhotoError: the person cannot be told from the background.
    """
    part = _person_part(portrait)
    image = portrait.image[part]
    confidence = person(image)
    alpha = _soft_alpha(image, confidence, portrait.face.interocular)
    whole = np.zeros(portrait.image.shape[:2], np.uint8)
    whole[part] = np.round(255 * alpha)
    colours = portrait.image.copy()
    colours[part] = np.where(whole[part][..., None] > 0, own_colours(image, alpha), image)
    return replace(portrait, image=colours, alpha=whole)


def _person_part(portrait: Portrait) -> tuple[slice, slice]:
    """The part of the photo in which the person is: segmented again, it is seen more closely."""
    confidence = person(portrait.image)
    people = _with_face(confidence > 0.5, portrait.face)
    if people is None:
        raise PhotoError(
            "The person in the photo cannot be told from the background; use another photo, or a layout and "
            "a background that show the photo as it is.",
            parameter="subject",
        )
    height, width = people.shape
    rows, columns = np.flatnonzero(people.any(1)), np.flatnonzero(people.any(0))
    down, across = _MARGIN * (rows[-1] - rows[0]), _MARGIN * (columns[-1] - columns[0])
    return (
        slice(max(int(rows[0] - down), 0), min(int(rows[-1] + down) + 1, height)),
        slice(max(int(columns[0] - across), 0), min(int(columns[-1] + across) + 1, width)),
    )


def _with_face(people: np.ndarray, face: Face) -> np.ndarray | None:
    """The connected part of a mask `(h, w)` bool that holds the face; None where the face is not in it."""
    left, top, right, bottom = (max(int(side), 0) for side in face.box)
    _, labels = cv2.connectedComponents(people.astype(np.uint8))
    inside = labels[top:bottom, left:right]
    counts = np.bincount(inside.ravel())
    if counts[1:].sum() < _MIN_FACE_SHARE * inside.size:
        return None
    return labels == 1 + counts[1:].argmax()


def _soft_alpha(image: np.ndarray, confidence: np.ndarray, unit: float) -> np.ndarray:
    """Alpha `(h, w)` float32 of a picture by its segmentation; `unit`: an inter-ocular distance in px."""
    scale = min(1.0, (_LARGEST / confidence.size) ** 0.5)
    size = round(scale * image.shape[1]), round(scale * image.shape[0])
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    sure = cv2.resize(confidence, size, interpolation=cv2.INTER_AREA)
    solved = solve_alpha(small.astype(np.float32) / 255, _trimap(sure, scale * unit), sure)
    outside = cv2.distanceTransform((sure < 0.5).astype(np.uint8), cv2.DIST_L2, 5) / (scale * unit)
    black = _BLACK + (_BLACK_OUTSIDE - _BLACK) * smoothstep(outside, 0, _OUTWARDS).astype(np.float32)
    alpha = np.clip((solved - black) / (_WHITE - black), 0, 1)
    return alpha if scale == 1 else _enlarged(alpha, image)


def _trimap(confidence: np.ndarray, unit: float) -> np.ndarray:
    """1 where the person surely is, 0 where surely not, and 0.5 between: `(h, w)` float64."""
    person_inside = cv2.erode((confidence > _SURE).astype(np.uint8), _disc(_INWARDS * unit))
    person_about = cv2.dilate((confidence > _LIKELY).astype(np.uint8), _disc(_OUTWARDS * unit))
    return (person_inside + person_about.astype(np.float64)) / 2


def _disc(radius: float) -> np.ndarray:
    side = 2 * max(round(radius), 1) + 1
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))


def _enlarged(alpha: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Alpha at the size of the picture and along its edges, by a guided filter (He, Sun and Tang, 2010)."""
    height, width = image.shape[:2]
    large = cv2.resize(alpha, (width, height), interpolation=cv2.INTER_CUBIC)
    guide = image.astype(np.float32) / 255
    return np.clip(cv2.ximgproc.guidedFilter(guide, large, radius=2, eps=1e-5), 0, 1)
