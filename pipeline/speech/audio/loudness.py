"""Loudness measurement and levelling, with a limiter that prevents clipping.

Loudness follows ITU-R BS.1770-4 (K-weighting, gated mean of 400 ms blocks). It is measured in a stream, so
ten minutes of sound take no more memory than one second. scipy filters the samples; a voice whose gain is
known is levelled without it.
"""

from __future__ import annotations

import numpy as np

from pipeline.types import RATE

TARGET_LUFS = -16.0
"""Loudness of all speech, synthetic or recorded: usual for mono speech on the web."""
STEP = RATE // 100
"""Samples per step of the level curves: 10 ms."""
LARGEST_GAIN = 10 ** (30 / 20)
"""Upper limit of the gain (30 dB) of a sound with noise; beyond it, noise is amplified rather than speech."""

_CEILING = 10 ** (-1.0 / 20)
"""Highest absolute sample after limiting: -1 dBFS."""
_QUIET, _FAINTEST = -60.0, -80.0
"""LUFS below which speech has to stand out from its noise to be heard, and below which it is lost in the
steps of 16 bits."""
_STANDING_OUT = 8.0
"""dB between loud and soft moments of a quiet sound that is more than noise, which varies by 2 to 3."""
_NOISE_CEILING = -50.0
"""Level up to which a quiet recording's noise may be raised, in dB relative to full scale."""
_SMOOTH_STEPS = 5
"""Steps on each side over which the limiter's gain is smoothed."""
_ABSOLUTE_GATE, _RELATIVE_GATE = -70.0, -10.0
"""Gates of BS.1770 in LUFS, and in LU relative to the ungated mean."""
_BLOCK_STEPS, _HOP_STEPS = 40, 10
"""Length and hop of BS.1770's blocks: 400 ms every 100 ms."""

# K-weighting at 48 kHz, BS.1770-4 tables 1 and 2: high shelf, then high-pass; rows are b0 b1 b2 a0 a1 a2.
_K_WEIGHTING = np.array(
    [
        [1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585],
        [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621],
    ]
)


class LevelMeter:
    """Measures the level curves of a mono sound at `RATE` that arrives in blocks."""

    def __init__(self) -> None:
        self._state = np.zeros((len(_K_WEIGHTING), 2))
        self._rest = np.zeros(0, np.float32)
        self._peaks: list[np.ndarray] = []
        self._powers: list[np.ndarray] = []

    def add(self, samples: np.ndarray) -> None:
        """Append the next `(N,)` samples."""
        samples = np.concatenate([self._rest, samples])
        whole = len(samples) // STEP * STEP
        self._rest = samples[whole:]
        self._measure(samples[:whole])

    def finish(self) -> Levels:
        """The curves of all samples added so far; the last step is padded with silence."""
        if len(self._rest):
            self._measure(np.pad(self._rest, (0, STEP - len(self._rest))))
            self._rest = self._rest[:0]
        empty = [np.zeros(0, np.float32)]
        return Levels(np.concatenate(self._peaks or empty), np.concatenate(self._powers or empty))

    def _measure(self, samples: np.ndarray) -> None:
        from scipy.signal import sosfilt

        if not len(samples):
            return
        weighted, self._state = sosfilt(_K_WEIGHTING, samples, zi=self._state)
        self._peaks.append(peak_envelope(samples))
        self._powers.append((weighted.reshape(-1, STEP) ** 2).mean(1).astype(np.float32))


class Levels:
    """The level curves of a sound, one value per 10 ms."""

    def __init__(self, peaks: np.ndarray, powers: np.ndarray) -> None:
        self.peaks = peaks
        """`(S,)` highest absolute sample of each step."""
        self.powers = powers
        """`(S,)` mean square of the K-weighted sound in each step."""

    @property
    def decibels(self) -> np.ndarray:
        """`(S,)` K-weighted level in dB relative to full scale, not below -120."""
        return 10 * np.log10(self.powers + 1e-12)

    def loudness(self, gate: float = _ABSOLUTE_GATE) -> float:
        """Integrated loudness in LUFS; -inf for silence. A sound under 400 ms counts as one block.

        Args:
            gate: LUFS below which a block is silence.
        """
        powers = self.powers
        if len(powers) < _BLOCK_STEPS:
            powers = np.pad(powers, (0, _BLOCK_STEPS - len(powers)))
        sums = np.concatenate([[0.0], np.cumsum(powers, dtype=np.float64)])
        blocks = (sums[_BLOCK_STEPS:] - sums[:-_BLOCK_STEPS])[::_HOP_STEPS] / _BLOCK_STEPS
        loud = blocks[_lufs(blocks) > gate]
        if not len(loud):
            return -np.inf
        loud = loud[_lufs(loud) > _lufs(loud.mean()) + _RELATIVE_GATE]
        return float(_lufs(loud.mean()))

    def heard_loudness(self) -> float:
        """As `loudness`, below its gate too where something stands out from the noise; -inf where nothing can
        be heard.
        """
        loudness = self.loudness()
        if loudness >= _QUIET or not len(self.powers):
            return loudness
        soft, loud = np.percentile(self.decibels, (5, 95))
        return self.loudness(_FAINTEST) if loud - soft >= _STANDING_OUT else -np.inf

    def recording_gain(self, loudness: float) -> float:
        """The gain that brings a recording of this loudness (LUFS) to `TARGET_LUFS`, as far as its noise
        allows.
        """
        floor = float(np.percentile(self.decibels, 5))
        largest = max(LARGEST_GAIN, _factor(_NOISE_CEILING - floor))
        return min(_factor(TARGET_LUFS - loudness), largest)


def limiter_gains(peaks: np.ndarray, gain: float) -> np.ndarray:
    """`(S + 1,)` gains at the edges of 10 ms steps that apply `gain` and keep every sample under -1 dBFS.

    Args:
        peaks: `(S,)` highest absolute sample of each step, from `peak_envelope`.
        gain: the factor wanted. Interpolated linearly between two edges, the result never exceeds what the
            peak of the step allows.
    """
    allowed = np.minimum(1.0, _CEILING / np.maximum(peaks * gain, 1e-9))
    edges = np.minimum(np.append(allowed, 1.0), np.insert(allowed, 0, 1.0))
    smooth = _neighbours(_neighbours(edges).min(1)).mean(1)
    return (gain * np.minimum(smooth, edges)).astype(np.float32)


def _neighbours(values: np.ndarray) -> np.ndarray:
    """`(N, 2 * _SMOOTH_STEPS + 1)`: each value with its neighbours; the ends are repeated."""
    padded = np.pad(values, _SMOOTH_STEPS, mode="edge")
    return np.lib.stride_tricks.sliding_window_view(padded, 2 * _SMOOTH_STEPS + 1)


def peak_envelope(samples: np.ndarray) -> np.ndarray:
    """`(S,)` highest absolute sample of each 10 ms step of `(N,)` samples at `RATE`."""
    whole = np.pad(np.abs(samples), (0, -len(samples) % STEP))
    return whole.reshape(-1, STEP).max(1)


def apply_limiter(samples: np.ndarray, gains: np.ndarray, start: int = 0) -> np.ndarray:
    """`(N,)` float32 samples, from sample `start` of a sound on, times its `limiter_gains`."""
    at = (start + np.arange(len(samples), dtype=np.float64)) / STEP
    return (samples * np.interp(at, np.arange(len(gains)), gains)).astype(np.float32)


def levels(samples: np.ndarray) -> Levels:
    """The level curves of a whole sound at `RATE`."""
    meter = LevelMeter()
    meter.add(samples)
    return meter.finish()


def target_gain(samples: np.ndarray, rate: int) -> float:
    """The gain that brings a `(N,)` sound at `rate` to `TARGET_LUFS` after limiting."""
    import soxr

    sound = soxr.resample(samples, rate, RATE)
    curves = levels(sound)
    gain = _factor(TARGET_LUFS - curves.loudness())
    limited = levels(apply_limiter(sound, limiter_gains(curves.peaks, gain))).loudness()
    return float(min(gain * _factor(TARGET_LUFS - limited), LARGEST_GAIN))


def _lufs(power: np.ndarray | float) -> np.ndarray:
    return -0.691 + 10 * np.log10(np.maximum(power, 1e-12))


def _factor(decibels: float) -> float:
    return float(10 ** (decibels / 20))
