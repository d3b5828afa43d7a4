"""Loudness and the limiter."""

import numpy as np
import pytest

from pipeline.speech.audio.loudness import (
    TARGET_LUFS,
    apply_limiter,
    levels,
    limiter_gains,
    peak_envelope,
    target_gain,
)
from pipeline.types import RATE


def bursts(level: float = 0.1) -> np.ndarray:
    """Five seconds of noise whose level changes every second."""
    noise = np.random.default_rng(0).normal(0, level, RATE * 5)
    return (noise * np.repeat([1, 0.01, 0.5, 1, 0.001], RATE)).astype(np.float32)


def test_loudness_agrees_with_another_implementation() -> None:
    import pyloudnorm

    reference = pyloudnorm.Meter(RATE).integrated_loudness(bursts().astype(np.float64))
    assert levels(bursts()).loudness() == pytest.approx(reference, abs=0.15)


def test_silence_has_no_loudness() -> None:
    assert levels(np.zeros(RATE, np.float32)).loudness() == -np.inf


@pytest.mark.parametrize("gain", [0.5, 1.0, 20.0])
def test_no_sample_exceeds_the_ceiling(gain: float) -> None:
    sound = bursts(0.3)
    limited = apply_limiter(sound, limiter_gains(peak_envelope(sound), gain))
    assert np.abs(limited).max() <= 10 ** (-1 / 20) + 1e-6


def test_a_quiet_sound_is_only_amplified() -> None:
    sound = bursts(0.001)
    limited = apply_limiter(sound, limiter_gains(peak_envelope(sound), 2.0))
    assert np.allclose(limited, 2 * sound)


def test_a_part_of_a_sound_is_levelled_as_within_the_whole() -> None:
    sound = bursts(0.3)
    gains = limiter_gains(peak_envelope(sound), 8.0)
    whole = apply_limiter(sound, gains)
    assert np.array_equal(apply_limiter(sound[12_345:], gains, 12_345), whole[12_345:])


def test_the_target_gain_reaches_the_target_at_any_rate() -> None:
    sound = bursts(0.02)[::2]
    gain = target_gain(sound, RATE // 2)
    import soxr

    limited = soxr.resample(sound, RATE // 2, RATE)
    limited = apply_limiter(limited, limiter_gains(peak_envelope(limited), gain))
    assert levels(limited).loudness() == pytest.approx(TARGET_LUFS, abs=0.5)
