"""Audio features of speech for the motion networks: log-mel spectra, loudness and voice activity.

Plain numpy: the networks were trained on exactly these spectra, and a hundred short Fourier transforms per
second need no audio library, whose import would delay the first frame. Window and hop are set in seconds, so
that a spectrum is the same at any sampling rate from 16 kHz up.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

STEPS = 100
"""Spectra per second; spectrum k is centred k / STEPS s after the first sample."""
BANDS = 40
"""Mel bands of a spectrum."""
_WINDOW = 0.025
"""Seconds under one spectrum."""
_SPACING = 31.25
"""Hz between the bins of the transform."""
_LOWEST, _HIGHEST = 60.0, 7600.0
"""Hz between which the mel bands lie."""
_SILENCE = np.float32(np.log(1e-9))
"""Log power of a silent band."""
_FLOOR = 16.0
"""Nepers below the loudest speech from which a band counts as silent: recordings have noise there and
synthetic voices nothing, and the difference says nothing about the mouth."""
_LEAST_DYNAMICS = 2.5
"""Nepers between loud and soft moments of speech at least: steady noise has 0.3, people who talk over 4."""
_MEMORY = 12.0
"""Seconds of speech after which a voice's mean spectrum adapts at a constant rate."""


def log_mel(samples: np.ndarray, rate: int) -> np.ndarray:
    """Natural log of the power in `BANDS` mel bands: `(K, BANDS)` float32, K = seconds × STEPS + 1.

    Args:
        samples: `(N,)` float32 in [-1, 1]; before and after them there is silence.
        rate: samples per second, 16,000 or more.
    """
    window, hop, size = round(_WINDOW * rate), rate // STEPS, round(rate / _SPACING)
    count = len(samples) // hop + 1
    padded = np.pad(np.asarray(samples, np.float32), (window // 2, window + hop))
    weights, filters = _analysis(rate, window, size)
    frames = np.lib.stride_tricks.sliding_window_view(padded, window)[::hop][:count]
    spectra = [_power(frames[at : at + 1000], weights, size) @ filters for at in range(0, count, 1000)]
    return np.log(np.concatenate(spectra) + np.float32(1e-9))


def _power(frames: np.ndarray, weights: np.ndarray, size: int) -> np.ndarray:
    spectrum = np.fft.rfft(frames * weights, size, axis=1)
    return (spectrum.real**2 + spectrum.imag**2).astype(np.float32)


@cache
def _analysis(rate: int, window: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    weights = np.hanning(window)
    low, high = _mel(np.array([_LOWEST, _HIGHEST]))
    edges = 700 * (10 ** (np.linspace(low, high, BANDS + 2) / 2595) - 1)
    hz = np.fft.rfftfreq(size, 1 / rate)
    rising = (hz[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - hz[:, None]) / (edges[2:] - edges[1:-1])
    filters = np.clip(np.minimum(rising, falling), 0, None)
    # Power per unit of window, so that a tone reads the same at every sampling rate.
    return (weights / weights.sum() * 100).astype(np.float32), filters.astype(np.float32)


def _mel(hz: np.ndarray) -> np.ndarray:
    return 2595 * np.log10(1 + hz / 700)


def loudness(spectra: np.ndarray) -> np.ndarray:
    """`(K,)` loudness of spectra from `log_mel`, in nepers of power."""
    return np.logaddexp.reduce(spectra, axis=1)


@dataclass(frozen=True)
class SpeakerNormalizer:
    """Running statistics of a voice's spectra, which remove speaker, microphone and level from them.

    `SpeakerNormalizer()` has no statistics yet; `updated` returns one with more.
    """

    seconds: float = 0.0
    """Speech that the statistics are from."""
    mean: np.ndarray | None = None
    """`(BANDS,)` mean log power during speech."""
    square: np.ndarray | None = None
    """`(BANDS,)` mean squared log power during speech."""
    peak: float = -np.inf
    """Loudness of loud speech so far."""

    def updated(self, spectra: np.ndarray) -> SpeakerNormalizer:
        """The statistics after `(K, BANDS)` spectra; those without speech do not count."""
        level = loudness(spectra)
        soft, loud = np.percentile(level, [10, 95])
        peak = max(self.peak, float(loud))
        floored = np.maximum(spectra, peak - _FLOOR)
        spoken = floored[level > peak - 6.0]
        if loud < _SILENCE + 6.0 or loud - soft < _LEAST_DYNAMICS or not len(spoken):
            return self
        known = min(self.seconds, _MEMORY)
        new = len(spoken) / STEPS
        mean, square = spoken.mean(0), (spoken**2).mean(0)
        if self.mean is not None and self.square is not None:
            share = new / (known + new)
            mean = self.mean + share * (mean - self.mean)
            square = self.square + share * (square - self.square)
        return SpeakerNormalizer(known + new, mean, square, peak)

    def normalize(self, spectra: np.ndarray) -> np.ndarray:
        """`(K, BANDS)` spectra with mean 0 and standard deviation 1 over this voice's speech."""
        if self.mean is None or self.square is None:
            return np.full_like(spectra, -3.0)
        deviation = np.sqrt(np.maximum(self.square - self.mean**2, 0.01))
        return ((np.maximum(spectra, self.peak - _FLOOR) - self.mean) / deviation).astype(np.float32)

    def speaking(self, spectra: np.ndarray) -> np.ndarray:
        """Voice activity `(K,)`, float32 in [0, 1]: 1 during speech, 0 a third of a second away from it."""
        level = loudness(spectra)
        if self.mean is None:
            return np.zeros(len(level), np.float32)
        loud = np.clip((level - (self.peak - 8.0)) / 1.5, 0, 1)
        return _widened(loud, round(0.2 * STEPS), round(0.12 * STEPS))


def _widened(curve: np.ndarray, hold: int, fade: int) -> np.ndarray:
    """The maximum within `hold` steps on either side, with smooth flanks of `fade` steps."""
    padded = np.pad(curve, hold)
    return smoothed(np.lib.stride_tricks.sliding_window_view(padded, 2 * hold + 1).max(1), fade)


def smoothed(curve: np.ndarray, reach: int) -> np.ndarray:
    """`(K,)` smoothed by a Hann window of ± `reach` steps; the ends are extended."""
    window = np.hanning(2 * reach + 3)[1:-1]
    padded = np.pad(curve, reach, mode="edge")
    return np.convolve(padded, window / window.sum(), "valid").astype(np.float32)
