"""Where a person's teeth hang, read from pictures in which they speak or smile.

Each picture is its own model: the inside of the mouth is drawn into the opening that it shows, with the teeth
at one height after the other, and compared with what is there. The heights that fit all pictures best are the
person's.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import replace

import cv2
import numpy as np

from pipeline.faces.landmarks import INNER_LIPS, LIPS, LOWER_LIP, UPPER_LIP
from pipeline.puppet.geometry.basis import face_basis
from pipeline.puppet.geometry.expression import Expression
from pipeline.puppet.geometry.face_frame import fit_face_frame
from pipeline.puppet.painting import compositing
from pipeline.puppet.painting.mouth import MouthInterior
from pipeline.puppet.painting.palette import LUMA, read_palette
from pipeline.types import BLENDSHAPES, Face, ToothLines

_UPPER = (None, 0.0, 0.025, 0.05, 0.075, 0.10)
_LOWER = (None, 0.05, 0.09, 0.14)
_LIGHT = (0.75, 0.95, 1.15)
"""The heights and the light that are tried."""
_CANDIDATES = tuple(
    ToothLines(upper, lower, light) for light, upper, lower in itertools.product(_LIGHT, _UPPER, _LOWER)
)
_COMMON = ToothLines(0.010, 0.095)
"""About the middle of those of many speakers."""
_CAUTION = 0.02
"""What it costs a candidate to be unusual: few pictures tell little, and may show what is seldom seen."""
_FAR_HEIGHT, _FAR_LIGHT = 0.06, 0.4
"""Differences from the common that are unusual, as is a row that never shows."""
_SCALE = 64.0
"""Most px between the eyes at which pictures are compared."""
_MARGIN = 0.35
"""Share of the face's box that is kept around it."""
_MIN_PIXELS = 25
"""Least size of an opening that tells anything."""
_SPREAD_WEIGHT = 0.3
"""Weight of the lightest place and of the spread of light beside the error, of which grey has the least."""
_MIN_GAIN = 0.12
"""Share of the error without any teeth by which teeth must lower it to be there."""
_MIN_GAIN_LOWER = 0.24
"""The same for a lower row alone, which a tongue in the light resembles."""


def read_tooth_lines(seen: Iterable[tuple[np.ndarray, Face]]) -> ToothLines | None:
    """The lines of the one person in these pictures; None where no teeth are seen.

    `seen`: pictures `(H, W, 3)` uint8, each with its face, the mouth open.
    """
    costs = [cost for image, face in seen if (cost := _costs(*cut_face(image, face))) is not None]
    if not costs:
        return None
    fit = np.mean(costs, 0)
    best = int((fit + _CAUTION * _UNUSUAL).argmin())
    lines = _CANDIDATES[best]
    wanted = _MIN_GAIN_LOWER if lines.upper is None else _MIN_GAIN
    return lines if fit[best] < (1 - wanted) * fit[_TOOTHLESS].min() else None


def _unusual(lines: ToothLines) -> float:
    """How unusual these lines are, 0 to about 3."""
    away = abs(lines.light - _COMMON.light) / _FAR_LIGHT
    for height, often in ((lines.upper, _COMMON.upper), (lines.lower, _COMMON.lower)):
        away += 1.0 if height is None or often is None else min(abs(height - often) / _FAR_HEIGHT, 1.5)
    return away


_TOOTHLESS = np.array([lines.upper is lines.lower is None for lines in _CANDIDATES])
_UNUSUAL = np.array([_unusual(lines) for lines in _CANDIDATES])


def cut_face(image: np.ndarray, face: Face) -> tuple[np.ndarray, Face]:
    """The face cut out with some margin, no larger than is compared: the image `(h, w, 3)` and the face."""
    left, top, right, bottom = face.box
    margin = _MARGIN * np.array([right - left, bottom - top])
    low = np.maximum(np.array([left, top]) - margin, 0).astype(int)
    high = np.minimum(np.array([right, bottom]) + margin, image.shape[1::-1]).astype(int)
    cut = image[low[1] : high[1], low[0] : high[0]]
    share = min(_SCALE / face.interocular, 1.0)
    size = np.maximum(np.round(share * (high - low)), 1).astype(int)
    small = cv2.resize(cut, tuple(size.tolist()), interpolation=cv2.INTER_AREA)
    landmarks = (face.landmarks - [*low, 0]) * [*(size / (high - low)), share]
    return small, replace(face, landmarks=landmarks.astype(np.float32))


def _costs(image: np.ndarray, face: Face) -> np.ndarray | None:
    """How badly each candidate fits one picture, `(len(_CANDIDATES),)`; None where its lips hide too much."""
    landmarks = face.landmarks
    opening, lips = (landmarks[list(points), :2].astype(np.float64) for points in (INNER_LIPS, LIPS))
    box = compositing.bounding_box(opening, image.shape[1::-1], 4)
    inside = compositing.polygon_mask(opening, box, 0) > 0.5
    if inside.sum() < _MIN_PIXELS:
        return None
    mouth, jaw, depth = _mouth(image, face)
    shown = compositing.crop(image, box).copy()
    unit = max(float(np.median(shown @ LUMA)), 1.0)
    real = shown[inside] @ LUMA
    corner, costs = np.array(box[:2]), []
    for lines in _CANDIDATES:
        mouth.hang(lines)
        drawn = shown.copy()
        mouth.paint(drawn, opening - corner, lips - corner, jaw, depth=depth)
        costs.append(_difference(drawn[inside] @ LUMA, real))
    return np.array(costs) / unit


def _difference(drawn: np.ndarray, real: np.ndarray) -> float:
    lightest = abs(float(np.percentile(drawn, 97) - np.percentile(real, 97)))
    spread = abs(float(drawn.std() - real.std()))
    return float(np.sqrt(np.mean((drawn - real) ** 2))) + _SPREAD_WEIGHT * (lightest + spread)


def _mouth(image: np.ndarray, face: Face) -> tuple[MouthInterior, np.ndarray, np.ndarray]:
    """The inside of the mouth for the face in its own picture, the offset `(2,)` of its jaw, and `(2,)` px
    by which depth is seen (see `MouthInterior.paint`)."""
    basis = face_basis()
    frame = fit_face_frame(face.landmarks, basis)
    expression = Expression(face.landmarks, frame, face.blendshapes, basis)
    rest = np.zeros(len(BLENDSHAPES), np.float32)
    closed, _ = expression.deform(rest, np.zeros((), np.float32))
    origin = closed[[UPPER_LIP, LOWER_LIP], :2].mean(0).astype(np.float64)
    to_face_units = np.linalg.inv(frame.rotation[:2, :2] * frame.scale)
    lips = (face.landmarks[list(LIPS), :2] - origin) @ to_face_units.T
    palette = read_palette(image, face.landmarks, frame.scale)
    jaw = to_face_units @ -expression.jaw_offset(rest)[:2]
    return MouthInterior(lips, frame.scale, palette, None), jaw, frame.scale * frame.rotation[:2, 2]
