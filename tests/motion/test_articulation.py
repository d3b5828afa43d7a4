"""What phones require of lips and tongue."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.motion.articulation import articulation
from pipeline.types import Phone

TIMES = np.arange(25) / 25


@pytest.mark.parametrize(("phone", "height"), [("θ", 0.5), ("l", 0.3), ("t", 0.2), ("m", 0.0), ("", 0.0)])
def test_the_tongue_comes_up_for_the_sounds_that_it_makes(phone: str, height: float) -> None:
    tongue = articulation([Phone("a", 0, 0.4), Phone(phone, 0.4, 0.5), Phone("a", 0.5, 1)], TIMES, 25).tongue
    assert tongue.max() == pytest.approx(height, abs=0.02)
    assert tongue[0] == tongue[-1] == 0
