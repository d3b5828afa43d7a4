"""The types that travel hold what their docstrings promise."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.types import BLENDSHAPES, FRAME_RATES, RATE, SHAPE, Phone, Speech, Word, join


def test_a_frame_is_a_whole_number_of_samples() -> None:
    assert all(RATE % fps == 0 for fps in FRAME_RATES)


def test_blendshapes_are_arkits_52() -> None:
    assert len(set(BLENDSHAPES)) == 52
    assert {"jawOpen", "eyeBlinkLeft", "mouthSmileRight", "tongueOut"} <= set(BLENDSHAPES)
    assert BLENDSHAPES[SHAPE["jawOpen"]] == "jawOpen"


def test_join_moves_times_along() -> None:
    first = Speech(np.zeros(RATE, np.float32), (Phone("a", 0.1, 0.4),), (Word("Ah", 0.1, 0.4),), "Ah.")
    second = Speech(np.ones(RATE // 2, np.float32), (Phone("m", 0.0, 0.2),), (), "Mm.")
    whole = join([first, second])
    assert whole.duration == pytest.approx(1.5)
    assert [(phone.label, phone.start) for phone in whole.phones] == [("a", 0.1), ("m", 1.0)]
    assert whole.text == "Ah. Mm."
    assert whole.samples[RATE] == 1
