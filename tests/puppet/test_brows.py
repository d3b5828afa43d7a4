"""Brows follow small scores as they are, and travel no farther than people's with any."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.faces.landmarks import LOWER_BROW, UPPER_BROW
from pipeline.puppet.geometry.basis import face_basis
from pipeline.puppet.geometry.expression import Expression
from pipeline.puppet.geometry.face_frame import FaceFrame
from pipeline.types import SHAPE

UPS, DOWNS = ("browInnerUp", "browOuterUpLeft", "browOuterUpRight"), ("browDownLeft", "browDownRight")


def lowered(own: dict[str, float], asked: dict[str, float]) -> np.ndarray:
    """`(2, 10)` inter-ocular distances by which right and left brow sink from a photo of the scores `own`."""
    basis, (rest, scores) = face_basis(), np.zeros((2, len(SHAPE)), np.float32)
    for row, named in ((rest, own), (scores, own | asked)):
        row[[SHAPE[name] for name in named]] = list(named.values())
    face = np.asarray(basis.mean, np.float32)
    expression = Expression(face, FaceFrame(1.0, np.eye(3), np.zeros(3)), rest, basis)
    moved = expression.deform(scores[None], np.zeros(1))[0][0] - face
    return np.array([moved[[*UPPER_BROW[side], *LOWER_BROW[side]], 1] for side in UPPER_BROW])


@pytest.mark.parametrize("shown", [0.0, 0.4])
def test_no_sum_of_scores_lifts_or_lowers_brows_farther_than_people_do(shown: float) -> None:
    own = dict.fromkeys(UPS, shown)
    raised = -lowered(own, dict.fromkeys(UPS, 1.0))
    assert 0.09 < raised.max() < 0.15
    sunk = lowered(own, dict.fromkeys(UPS, 0.0) | dict.fromkeys(DOWNS, 1.0))
    shown_lifted = lowered(own, dict.fromkeys(UPS, 0.0))
    assert 0.06 < sunk.max() < 0.12 + shown_lifted.max()


def test_raised_brows_have_farther_to_sink_and_lowered_ones_to_rise() -> None:
    frown, raise_them = dict.fromkeys(DOWNS, 1.0), dict.fromkeys(UPS, 1.0)
    none = dict.fromkeys((*UPS, *DOWNS), 0.0)
    raised = lowered(dict.fromkeys(UPS, 0.7), none | frown).mean()
    assert raised > lowered({}, frown).mean() + 0.02
    sunk = -lowered(dict.fromkeys(DOWNS, 0.7), none | raise_them).mean()
    assert sunk > -lowered({}, raise_them).mean() + 0.02


def test_small_scores_move_them_in_proportion_and_each_side_for_itself() -> None:
    little, twice = (lowered({}, dict.fromkeys(UPS, score)) for score in (0.05, 0.1))
    assert np.allclose(twice, 2 * little, rtol=0.06, atol=1e-4) and little.min() < -0.005
    right, left = lowered({}, {"browDownLeft": 1.0})
    assert left.max() > 0.05 and np.abs(right).max() < 0.3 * left.max()
