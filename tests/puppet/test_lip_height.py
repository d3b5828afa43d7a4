"""Lips follow slight presses as they are, and stay lips under any."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.faces.landmarks import INNER_LOWER_LIP, INNER_UPPER_LIP, OUTER_LOWER_LIP, OUTER_UPPER_LIP
from pipeline.puppet.geometry.basis import face_basis
from pipeline.puppet.geometry.expression import Expression
from pipeline.puppet.geometry.face_frame import FaceFrame
from pipeline.types import SHAPE

PRESSED = "mouthPressLeft", "mouthPressRight"


def kept(fullness: float, **asked: float) -> np.ndarray:
    """Shares of their height that an upper and a lower lip, `fullness` times as high as usual, keep."""
    basis, scores = face_basis(), np.zeros((2, len(SHAPE)), np.float32)
    scores[1, [SHAPE[name] for name in asked]] = list(asked.values())
    face = basis.mean.astype(np.float32)
    for inner, outer in ((INNER_UPPER_LIP, OUTER_UPPER_LIP), (INNER_LOWER_LIP, OUTER_LOWER_LIP)):
        edge, away = list(inner[1:-1]), list(outer[1:-1])
        face[away] += (fullness - 1) * (face[away] - face[edge])
    expression = Expression(face, FaceFrame(1.0, np.eye(3), np.zeros(3)), scores[0], basis)
    shown = expression.deform(scores, np.zeros(2))[0]
    upper = shown[:, INNER_UPPER_LIP[5], 1] - shown[:, OUTER_UPPER_LIP[5], 1]
    lower = shown[:, OUTER_LOWER_LIP[5], 1] - shown[:, INNER_LOWER_LIP[5], 1]
    return np.array([upper[1] / upper[0], lower[1] / lower[0]])


@pytest.mark.parametrize("fullness", [0.5, 1.0, 1.5])
def test_lips_keep_most_of_their_height_however_they_are_pressed_and_rolled(fullness: float) -> None:
    asked = dict.fromkeys([*PRESSED, "mouthRollLower", "mouthRollUpper", "mouthShrugUpper"], 1.0)
    assert (kept(fullness, **asked) > 0.5).all()


def test_slight_presses_thin_them_in_proportion() -> None:
    little, twice = (1 - kept(1.0, **dict.fromkeys(PRESSED, score)) for score in (0.05, 0.1))
    assert (little > 0.01).all() and np.allclose(twice, 2 * little, rtol=0.1)
