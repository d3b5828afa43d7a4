"""Whether the whole face is in the picture, or its edge cuts a part off.

The landmarker places all of a face's landmarks, also those that lie outside the picture, and is about right:
on portraits cut on purpose, the share of the face's outline found outside was within 0.05 of the true one.
Bars of one colour at the edges, as in screenshots and letterboxed stills, count as outside.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from pipeline.errors import PhotoError
from pipeline.faces.landmarks import FACE_OVAL, LOWER_JAW, OUTER_LIPS
from pipeline.findings import Finding, Verdict
from pipeline.types import Face

TOPIC = "whole face"

_LIPS_REFUSED, _CHIN_REFUSED = 0.04, 0.3
"""Shares of the lips' and of the lower jaw's area outside the picture from which there is no mouth to move: a
cut along the lower lip leaves out a third of the jaw."""
_CHIN_POOR, _FACE_POOR = 0.035, 0.09
"""Shares of the lower jaw and of the whole face from which what is missing shows when the head moves."""
_CHIN_FAIR, _FACE_FAIR = 0.015, 0.03
_BAR_SPREAD = 8
"""Levels, of 255, that the pixels across a bar differ by at most; JPEG changes a plain bar by less."""

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in px."""


def review_framing(image: np.ndarray, face: Face) -> Finding:
    """Judge how much of a face the picture's edge cuts off.

    Args:
        image: `(H, W, 3)` uint8 RGB.
        face: one found in it.

    Raises:
        PhotoError: the mouth is cut off, so that there is nothing to move.
    """
    box = _without_bars(image)
    lips, chin, whole = (_outside(face, part, box) for part in (OUTER_LIPS, LOWER_JAW, FACE_OVAL))
    if lips >= _LIPS_REFUSED or chin >= _CHIN_REFUSED:
        raise PhotoError(
            "The picture's edge cuts off the mouth, so there are no lips to move; use a photo that shows the "
            "whole face with some space around it.",
            parameter="subject",
        )
    if chin < _CHIN_FAIR and whole < _FACE_FAIR:
        return Finding(TOPIC, "good", "The whole face is in the picture.", whole)
    verdict: Verdict = "poor" if chin >= _CHIN_POOR or whole >= _FACE_POOR else "fair"
    part = "chin" if chin >= _CHIN_FAIR else "face"
    effect = "shows when the head moves" if verdict == "poor" else "may show when the head moves"
    sentence = f"The picture's edge cuts off part of the {part}, which {effect}; leave some space around it."
    return Finding(TOPIC, verdict, sentence, max(chin, whole))


def _outside(face: Face, outline: Sequence[int], box: Box) -> float:
    """Share of the area inside these landmarks that lies outside `box`."""
    points = face.landmarks[list(outline), :2]
    low = np.floor(points.min(0)).astype(int)
    width, height = np.ceil(points.max(0)).astype(int) - low + 1
    area = np.zeros((height, width), np.uint8)
    cv2.fillPoly(area, [np.round(points - low).astype(np.int32)], 1)
    left, top, right, bottom = box
    columns, rows = np.arange(width) + low[0], np.arange(height) + low[1]
    inside = ((rows >= top) & (rows < bottom))[:, None] & ((columns >= left) & (columns < right))
    return 1 - float(area[inside].sum()) / max(int(area.sum()), 1)


def _without_bars(image: np.ndarray) -> Box:
    """The part of the picture inside rows and columns of one colour at its edges."""
    left, top, right, bottom = 0, 0, image.shape[1], image.shape[0]
    while True:
        rows = _first_and_last(image[top:bottom, left:right], across=1)
        top, bottom = top + rows[0], top + rows[1]
        columns = _first_and_last(image[top:bottom, left:right], across=0)
        left, right = left + columns[0], left + columns[1]
        if rows[0] == columns[0] == 0 and rows[1] == bottom - top and columns[1] == right - left:
            return left, top, right, bottom


def _first_and_last(image: np.ndarray, *, across: int) -> tuple[int, int]:
    """Where the lines that are not of one colour begin and end; all lines where there are none."""
    spread = image.max(across).astype(np.int16) - image.min(across)
    varied = np.flatnonzero((spread > _BAR_SPREAD).any(1))
    return (int(varied[0]), int(varied[-1]) + 1) if len(varied) else (0, len(spread))
