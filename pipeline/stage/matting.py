"""Presenters without their background: a soft alpha for a photo, and for every frame made of it.

A matting engine (`pipeline.stage.mattes`) says how much of each pixel is the person, and what is nearby which
colour the hair has without the wall behind it. Once this is done for the photo, the puppet moves the alpha
with the hair; frames of other engines and of footage are cut out one by one (`pipeline.stage.frame_matting`).
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from pipeline.errors import PhotoError
from pipeline.faces.segmentation import person
from pipeline.protocols import Matting
from pipeline.stage.foreground import own_colours
from pipeline.stage.frame_matting import FrameMatte
from pipeline.stage.framing import FaceBox
from pipeline.stage.layout import PresenterFrame
from pipeline.stage.mattes.segmented import EmbeddedMatting
from pipeline.types import Face, Frame, Portrait

_MARGIN = 0.12
"""Room around the person in the part of the photo that is looked at again, as a share of its sides."""
_MIN_FACE_SHARE = 0.8
"""Share of the face's box that must be segmented for the photo to be cut out at all."""


class Matte:
    """Alpha for the frames of one presenter, in order."""

    def __init__(self, face: FaceBox | None, matting: Matting | None = None) -> None:
        """`face`: of the subject at rest, as in `PresenterFrame`: a portrait's, or a footage's first one;
        `matting`: for frames without alpha, the embedded one if left out.
        """
        self._face = face
        self._segmented = FrameMatte(face, matting)

    def cut(self, frame: Frame) -> PresenterFrame:
        """The presenter of the next frame: by the frame's own alpha, or else segmented."""
        if frame.alpha is not None:
            return PresenterFrame(frame.image, frame.alpha.astype(np.float32) / 255, self._face)
        image, alpha = self._segmented.cut(frame.image)
        return PresenterFrame(image, alpha, self._face)


def cut_out(portrait: Portrait, matting: Matting | None = None) -> Portrait:
    """The portrait with its `alpha`, and with the person's own colours wherever that is not 0.

    Args:
        matting: the engine; the embedded one if left out.

    Raises:
        StudioError: the engine does not fit into the device's memory.
        PhotoError: the person cannot be told from the background.
    """
    part = _person_part(portrait)
    image = portrait.image[part]
    alpha = (matting or EmbeddedMatting()).photo(image, portrait.face.interocular)
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
