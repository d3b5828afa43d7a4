"""How wide one portrait's mouth has to be drawn, how tightly shut and how far up at its corners, to be seen
as it was asked to be.

Lips of another shape, a beard or a painter's hand make the same opening look wider or narrower. Motions come
from a face tracker, so the tracker is shown two openings of the portrait before the first frame, and most of
what it sees too much or too little is made up for. Lips that meet are shown too, and where the tracker, or a
viewer, could take them for parted they are pressed together. A smile is shown last: on corners that hang, or
on a face that is turned, it may be too faint to be seen as one.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pipeline.errors import NoFaceError
from pipeline.faces.landmarks import LOWER_LIP, UPPER_LIP
from pipeline.types import SHAPE, Face

_JAWS = 0.12, 0.30
"""The two openings, as scores of `jawOpen`."""
_WEIGHTS = np.array([2, 1]) / 3
"""How much each of them counts: speech opens the mouth little more often than wide."""
_PLAUSIBLE = 0.6, 1.6
"""Least and largest factor for one opening: under a moustache the tracker may miss a small one altogether."""
_USUAL = 1.07
"""Factor where both openings look as wide as they are: in motion they are seen a little less wide."""
_SHARE = 0.6
"""Exponent of the correction: the tracker is itself unsure of unusual mouths."""
_MARGIN = 0.4
"""How much of what is around the face the tracker is shown, as a share of the face's size."""
_MIN_GAP = 0.01
"""Gap of the lips, in inter-ocular distances, below which nothing is compared."""
_LIMITS = 0.85, 1.3
"""Least and largest correction."""
_SLIVER = 0.03
"""A small opening, as a score of `jawOpen`: lips about 0.1 inter-ocular distances apart."""
_UNSURE, _MOST_HIDDEN = 0.015, 0.03
"""Inter-ocular distances of it that a tracker may miss of any mouth, and that are made up for at most."""
_BILABIAL = {
    "mouthPressLeft": 0.16,
    "mouthPressRight": 0.16,
    "mouthRollLower": 0.14,
    "mouthRollUpper": 0.10,
    "mouthShrugLower": 0.10,
}
"""Scores of lips that meet for p, b or m."""
_PRESSURES = 0.0, 0.5, 1.0
"""How strongly such lips may be pressed together besides."""
_SURELY_CLOSED = 0.010
"""Gap, in inter-ocular distances, up to which lips are seen closed beyond doubt: the median of real ones."""
_EFFORT = 0.002
"""How much less of a gap has to be seen for the strongest pressure to be worth it."""
_SMILE = 0.7
"""Score of a smile that nobody should miss."""
_SMILES = 1.0, 1.6
"""Factors by which it may be drawn larger."""
_SEEN_SMILE = 0.6
"""Score from which it is not missed."""


def openings(blendshapes: np.ndarray) -> np.ndarray:
    """The face's scores `(52,)` with closed lips and with those of the two openings, `(3, 52)`."""
    rows = np.repeat(_without_mouth(blendshapes)[None], 1 + len(_JAWS), 0)
    for row, jaw in zip(rows[1:], _JAWS, strict=True):
        _open(row, jaw)
    return rows


def sliver(blendshapes: np.ndarray) -> np.ndarray:
    """The face's scores `(52,)` with lips that are a little apart."""
    return _open(_without_mouth(blendshapes), _SLIVER)


def hidden_gap(image: np.ndarray, landmarks: np.ndarray, gain: float) -> float:
    """How much of an opening is not seen at all, in inter-ocular distances, as the upper edge is covered.

    `image` `(H, W, 3)` uint8 and `landmarks` `(478, 3)` px: the `sliver` as it was drawn; `gain`: the
    `aperture_gain`, which explains a part of what is missing.
    """
    face = _tracked(image, landmarks)
    if face is None:
        return 0.0
    expected = _gap(landmarks, face.interocular) * min(_USUAL / gain, 1.0)
    return float(np.clip(expected - _gap(face.landmarks, face.interocular) - _UNSURE, 0, _MOST_HIDDEN))


def contact(blendshapes: np.ndarray) -> np.ndarray:
    """The face's scores `(52,)` with lips that meet as they do in speech."""
    row = _without_mouth(blendshapes)
    for name, score in _BILABIAL.items():
        row[SHAPE[name]] = score
    return row


def contact_pressure(draw: Callable[[float], tuple[np.ndarray, np.ndarray]]) -> float:
    """How strongly lips have to be pressed together for the tracker to see them closed, 0 to 1.

    `draw`: the image `(H, W, 3)` uint8 and the landmarks `(478, 3)` px of the `contact` under a pressure.
    """
    best, least = 0.0, np.inf
    for pressure in _PRESSURES:
        image, landmarks = draw(pressure)
        face = _tracked(image, landmarks)
        if face is None:
            break
        gap = _gap(face.landmarks, face.interocular)
        if gap + _EFFORT * pressure < least:
            best, least = pressure, gap + _EFFORT * pressure
        if gap <= _SURELY_CLOSED:
            break
    return best


def aperture_gain(frames: list[tuple[np.ndarray, np.ndarray]]) -> float:
    """The factor on the gap of the lips, from frames of the three `openings`.

    `frames`: of each the image `(H, W, 3)` uint8 and the landmarks `(478, 3)` px that were drawn.
    """
    drawn, seen = [], []
    for image, landmarks in frames:
        face = _tracked(image, landmarks)
        if face is None:
            return _USUAL
        drawn.append(_gap(landmarks, face.interocular))
        seen.append(_gap(face.landmarks, face.interocular))
    asked, got = (np.maximum(np.array(gaps[1:]) - gaps[0], _MIN_GAP) for gaps in (drawn, seen))
    ratios = np.clip(asked / got, *_PLAUSIBLE)
    ratio = float(np.exp(_WEIGHTS @ np.log(ratios)))
    return _USUAL * float(np.clip(ratio**_SHARE, *_LIMITS))


def smiling(blendshapes: np.ndarray) -> np.ndarray:
    """The face's scores `(52,)` with a smile that shows a little of the teeth."""
    row = sliver(blendshapes)
    row[[SHAPE["mouthSmileLeft"], SHAPE["mouthSmileRight"]]] = _SMILE
    return row


def smile_gain(draw: Callable[[float], tuple[np.ndarray, np.ndarray]]) -> float:
    """The factor on the smile from which the tracker sees one.

    `draw`: the image `(H, W, 3)` uint8 and the landmarks `(478, 3)` px of the `smiling` face under a factor.
    """
    smaller, less = _SMILES[0], 0.0
    for gain in _SMILES:
        face = _tracked(*draw(gain))
        if face is None:
            return _SMILES[0]
        seen = float(face.blendshapes[[SHAPE["mouthSmileLeft"], SHAPE["mouthSmileRight"]]].mean())
        if seen >= _SEEN_SMILE:
            share = (_SEEN_SMILE - less) / (seen - less)
            return smaller + share * (gain - smaller)
        smaller, less = gain, seen
    return _SMILES[-1]


def _without_mouth(blendshapes: np.ndarray) -> np.ndarray:
    row = np.array(blendshapes, np.float32)
    row[[index for name, index in SHAPE.items() if name.startswith(("mouth", "jaw"))]] = 0
    return row


def _open(row: np.ndarray, jaw: float) -> np.ndarray:
    row[[SHAPE["mouthLowerDownLeft"], SHAPE["mouthLowerDownRight"]]] = jaw / 2
    row[SHAPE["jawOpen"]] = jaw
    return row


def _tracked(image: np.ndarray, landmarks: np.ndarray) -> Face | None:
    """The face that the tracker finds where it was drawn; its landmarks are px of a part of the image."""
    from pipeline.faces import find

    points = landmarks[:, :2]
    margin = _MARGIN * np.ptp(points, 0).max()
    left, top = np.maximum(points.min(0) - margin, 0).astype(int)
    right, bottom = (points.max(0) + margin).astype(int)
    try:
        return find(np.ascontiguousarray(image[top:bottom, left:right]), others=False)[0]
    except NoFaceError:
        return None


def _gap(landmarks: np.ndarray, interocular: float) -> float:
    return float(np.linalg.norm(landmarks[UPPER_LIP] - landmarks[LOWER_LIP])) / interocular
