"""What becomes of smiles, frowns and pressed lips in speech: a smile gives way to rounded lips and draws the
upper lip up over open ones, where a frown eases and lips are hardly pressed.

An emotion adds its smile to whatever the lips are doing, and a sum of the two is a mouth that nobody has:
corners drawn up to points while the lips are rounded, or below an upper lip that stays straight. The figures
are from 20 tracked speakers, of whom eight smile while they speak (3,700 frames).
"""

from __future__ import annotations

import numpy as np

from pipeline.motion.blendshape_groups import GROUPS, columns
from pipeline.motion.lip_predictor import LipPredictor

_GROUPS = list(GROUPS)
_SMILE, _PUCKER, _UPPER, _FROWN, _PRESS = (
    columns(group) for group in ("smile", "pucker", "upper", "frown", "press")
)
_MOST = 0.85
"""Largest smile in speech: the 95th percentile of frames with the lips apart, among those who smile."""
_UPPER_PER_SMILE, _UPPER_FROM = 0.58, 0.10
"""Score of the raised upper lip per score of the smile above the second figure, over lips wide apart."""
_RAISED = 0.10, 0.25
"""Opening, in inter-ocular distances, from which a smile begins to raise the upper lip, and does so fully."""
_EASED = 0.6
"""Share of a frown that lips wide apart lose: hanging corners belong to a mouth at rest, and make a grimace
of one that opens. Chosen by eye; hardly anybody frowns in the clips."""
_MOST_PRESSED = 0.58, 0.29
"""Largest score of pressed lips, where they meet and where they are apart: the 99th percentiles."""
_APART = 0.02, 0.06
"""Opening, in inter-ocular distances, from which lips begin to count as apart, and surely are."""
_OPENING_SHARES = {"jaw": 0.4, "lower": 0.6}
"""Shares of the other groups in what a raised upper lip opens, which they give up."""


def as_spoken(scores: np.ndarray, predictor: LipPredictor, held: float = 0.0) -> np.ndarray:
    """`(T, 52)` scores with the smile that people have over such lips, as wide and as far apart as before.

    `held`: score of a smile that rounded lips leave as it is.
    """
    spoken = scores.copy()
    spoken[:, _SMILE] = np.minimum(scores[:, _SMILE], _MOST)
    _yield_to_rounding(spoken, predictor, held)
    spoken[:, _PRESS] = np.minimum(scores[:, _PRESS], _MOST_PRESSED[0])
    parted = _parted(spoken, predictor)
    pressed = np.interp(parted, _APART, _MOST_PRESSED)[:, None]
    spoken[:, _PRESS] = np.minimum(spoken[:, _PRESS], pressed)
    wide = np.clip((parted - _RAISED[0]) / (_RAISED[1] - _RAISED[0]), 0, 1)
    spoken[:, _FROWN] *= 1 - _EASED * wide[:, None]
    _raise_upper_lip(spoken, wide, predictor)
    return spoken


def _yield_to_rounding(scores: np.ndarray, predictor: LipPredictor, held: float) -> None:
    """Take the smile and the rounding off each other, in place, until one is left: lips spread or they are
    rounded (where people round them, 95 % of frames have a smile under 0.02).

    A smile takes the average speaker's rounding off for nothing: those who smile have none (0.02 of 0.10).
    """
    width, pucker_row = predictor.measures_per_score[:, 1], _GROUPS.index("pucker")
    exchange = -width[pucker_row] / width[_GROUPS.index("smile")]
    smile, pucker = scores[:, _SMILE].mean(1), scores[:, _PUCKER].mean(1)
    lost = np.minimum(
        np.maximum(smile - held, 0), exchange * np.maximum(pucker - predictor.mean[2 + pucker_row], 0)
    )
    scores[:, _SMILE] *= 1 - (lost / np.maximum(smile, 1e-6))[:, None]
    scores[:, _PUCKER] = np.maximum(scores[:, _PUCKER] - (smile / exchange)[:, None], 0)


def _parted(scores: np.ndarray, predictor: LipPredictor) -> np.ndarray:
    """`(T,)` inter-ocular distances by which the lips are apart."""
    groups = np.stack([scores[:, columns(group)].mean(1) for group in GROUPS], 1)
    return np.asarray(predictor.measures_at_zero[0] + groups @ predictor.measures_per_score[:, 0])


def _raise_upper_lip(scores: np.ndarray, wide: np.ndarray, predictor: LipPredictor) -> None:
    """Raise the upper lip as far as a smile does over parted lips, in place, and lower the other one less."""
    opening = predictor.measures_per_score[:, 0]
    smile = np.maximum(scores[:, _SMILE].mean(1) - _UPPER_FROM, 0)
    missing = np.maximum(wide * _UPPER_PER_SMILE * smile - scores[:, _UPPER].mean(1), 0)
    scores[:, _UPPER] += missing[:, None]
    surplus = missing * opening[_GROUPS.index("upper")]
    for group, share in _OPENING_SHARES.items():
        less = share * surplus / opening[_GROUPS.index(group)]
        scores[:, columns(group)] = np.maximum(scores[:, columns(group)] - less[:, None], 0)
