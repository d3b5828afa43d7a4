"""The pace of a network that rounds to whole frames."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.speech.voices.kokoro.pace import paced, whole_frames


@pytest.mark.parametrize("pace", [0.5, 0.85, 1.1, 1.25, 1.5, 2.0])
def test_symbols_that_round_alike_still_keep_the_pace(pace: float) -> None:
    usual = np.random.default_rng(0).normal(np.tile([2.0, 3.0, 5.0], 20), 0.05)
    speeds = []

    def run(speed: float) -> tuple[str, np.ndarray]:
        speeds.append(speed)
        return f"at {speed}", usual / speed

    sound, frames = paced(run, pace)
    assert sound == f"at {speeds[-1]}" and len(speeds) <= 2
    assert frames.sum() == whole_frames(usual / speeds[-1]).sum()
    assert frames.sum() == pytest.approx(whole_frames(usual).sum() / pace, rel=0.03)


def test_at_the_usual_pace_the_network_is_asked_once() -> None:
    speeds: list[float] = []
    _, frames = paced(lambda speed: speeds.append(speed) or ("", np.array([0.2, 2.5, 3.5])), 1.0)  # type: ignore[func-returns-value]
    assert speeds == [1.0] and frames.tolist() == [1, 2, 4]
