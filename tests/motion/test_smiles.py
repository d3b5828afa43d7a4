"""Smiles in speech: with rounded lips, with lips wide apart, and with neither."""

from __future__ import annotations

import numpy as np

from pipeline.motion import lip_network
from pipeline.motion.blendshape_groups import columns
from pipeline.motion.smiles import as_spoken

SMILE, PUCKER, UPPER = columns("smile"), columns("pucker"), columns("upper")
PREDICTOR = lip_network.load()


def mouth(**groups: float) -> np.ndarray:
    """`(1, 52)` scores of groups of blendshapes."""
    scores = np.zeros((1, 52), np.float32)
    for group, score in groups.items():
        scores[:, columns(group)] = score
    return scores


def opening(scores: np.ndarray) -> float:
    groups = [scores[0, columns(group)].mean() for group in ("jaw", "lower", "upper")]
    rows = PREDICTOR.measures_per_score[[0, 13, 14], 0]
    return float(np.dot(groups, rows))


def test_lips_are_spread_or_rounded_but_not_both() -> None:
    rounded = as_spoken(mouth(smile=0.4, pucker=0.95), PREDICTOR)
    assert rounded[0, SMILE].max() < 0.02 < rounded[0, PUCKER].min()
    spread = as_spoken(mouth(smile=0.8, pucker=0.3), PREDICTOR)
    assert spread[0, PUCKER].max() == 0 and 0.4 < spread[0, SMILE].max() < 0.8


def test_who_plays_an_emotion_holds_some_of_the_smile_in_rounded_lips() -> None:
    smiling = mouth(smile=0.45, pucker=0.95)
    held = as_spoken(smiling, PREDICTOR, 0.4)
    assert as_spoken(smiling, PREDICTOR)[0, SMILE].max() < 0.1 < 0.39 < held[0, SMILE].min() < 0.41
    np.testing.assert_allclose(as_spoken(mouth(pucker=0.95), PREDICTOR, 0.4), mouth(pucker=0.95), atol=1e-6)


def test_a_smile_over_open_lips_raises_the_upper_one_and_keeps_their_opening() -> None:
    wide = mouth(smile=0.8, jaw=0.2, lower=0.3)
    smiling = as_spoken(wide, PREDICTOR)
    assert smiling[0, UPPER].min() > 0.3
    assert abs(opening(smiling) - opening(wide)) < 0.005


def test_a_frown_eases_over_open_lips_and_stays_on_closed_ones() -> None:
    frown = columns("frown")
    eased = as_spoken(mouth(frown=0.5, jaw=0.3, lower=0.3), PREDICTOR)
    assert 0.1 < eased[0, frown].max() < 0.3
    np.testing.assert_allclose(as_spoken(mouth(frown=0.5), PREDICTOR)[0, frown], 0.5)


def test_other_mouths_stay_as_they_are() -> None:
    for unsmiling in (mouth(jaw=0.3, lower=0.3), mouth(pucker=0.8), mouth(smile=0.5)):
        np.testing.assert_allclose(as_spoken(unsmiling, PREDICTOR), unsmiling, atol=1e-6)


def test_lips_are_pressed_where_they_meet_and_hardly_where_they_part() -> None:
    press = columns("press")
    meeting = as_spoken(mouth(press=0.95, rollLower=0.2, shrugLower=0.1), PREDICTOR)
    apart = as_spoken(mouth(press=0.95, jaw=0.2, lower=0.2), PREDICTOR)
    assert 0.45 < meeting[0, press].min() < 0.65 and apart[0, press].max() < 0.3
