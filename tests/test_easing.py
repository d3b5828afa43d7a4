"""Fades: one number and an array of them."""

from __future__ import annotations

import numpy as np

from pipeline.easing import smoothstep


def test_a_number_fades_to_the_bit_as_in_an_array() -> None:
    numbers = np.linspace(-0.5, 1.5, 41)
    single = [float(smoothstep(float(x), 0.1, 0.7)) for x in numbers]
    assert single == smoothstep(numbers, 0.1, 0.7).tolist()
    assert single[0] == 0 and single[-1] == 1
    assert np.isnan(smoothstep(float("nan"), 0.1, 0.7))
