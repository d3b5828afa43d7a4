"""Speech cut or padded to a length."""

import numpy as np
import pytest

from pipeline.speech.fitting import fit_length
from pipeline.types import RATE, Speech


def tone(frames: int) -> Speech:
    """A part that lasts so many frames at 25 fps."""
    return Speech(np.ones(frames * RATE // 25, np.float32))


@pytest.mark.parametrize("frames", [1, 10, 15, 30, 700])
def test_speech_lasts_exactly_as_many_frames(frames: int) -> None:
    parts = list(fit_length(iter([tone(10), tone(5)]), frames, 25))
    assert sum(part.frames(25) for part in parts) == frames
    assert sum(part.samples.sum() for part in parts) == min(frames, 15) * RATE // 25
