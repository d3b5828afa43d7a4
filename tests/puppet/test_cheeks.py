"""Cheeks rise by their own score, the lower lid a little with them, and neither the eye nor the mouth."""

from __future__ import annotations

import numpy as np

from pipeline.faces.landmarks import IRIS, LIPS, LOWER_LID_MIDDLE, UPPER_LID
from pipeline.puppet.geometry.basis import face_basis
from pipeline.puppet.geometry.cheeks import add_cheeks
from pipeline.puppet.geometry.expression import Expression
from pipeline.puppet.geometry.face_frame import FaceFrame
from pipeline.types import SHAPE

APPLES = {"Right": 118, "Left": 347}


def risen(name: str) -> np.ndarray:
    """`(478,)` inter-ocular distances by which the mean face rises with one score."""
    basis, scores = face_basis(), np.zeros((2, len(SHAPE)), np.float32)
    face = np.asarray(basis.mean, np.float32)
    expression = Expression(face, FaceFrame(1.0, np.eye(3), np.zeros(3)), scores[0], basis)
    scores[1, SHAPE[name]] = 1
    return (face - expression.deform(scores[1:], np.zeros(1))[0][0])[:, 1]


def test_a_squint_of_the_cheek_raises_it_on_its_side_and_pushes_the_lower_lid_up() -> None:
    for side, other in (("Right", "Left"), ("Left", "Right")):
        up = risen(f"cheekSquint{side}")
        assert up[APPLES[side]] > 0.05 > 0.003 > abs(up[APPLES[other]])
        assert 0.008 < up[LOWER_LID_MIDDLE[side]] < up[APPLES[side]]


def test_the_eye_and_the_mouth_stay_where_they_are() -> None:
    shapes = np.zeros_like(face_basis().shapes)
    add_cheeks(shapes, face_basis().mean)
    for side in IRIS:
        assert not shapes[:, [*IRIS[side], *UPPER_LID[side]]].any()
    assert np.abs(shapes[:, list(LIPS)]).max() < 0.004
