"""The log-mel spectrogram of Wav2Lip and SadTalker, computed as a stream.

Sound at 16 kHz, 80 columns a second, 80 bands from 55 to 7600 Hz, scaled to [-4, 4] (the settings that
Tacotron-style vocoders share). NumPy's FFT in double precision, so that a stream and a whole file give
identical numbers.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

import numpy as np

RATE = 16_000
HOP = 200
"""Samples from one column to the next."""
COLUMNS = 16
"""Columns in the window of one frame: 0.2 s."""
BANDS = 80
LOWEST = -4.0
"""Value of silence."""

Padding = Literal["reflect", "constant"]

_WINDOW = 800
_HALF = _WINDOW // 2
_EDGES = (55.0, 7600.0)
_PREEMPHASIS = 0.97
_FLOOR = 1e-5
_AT_ONCE = 512
"""Columns transformed at a time, so that memory does not grow with the length of a recording."""


class MelStream:
    """The spectrogram's columns as the sound comes in.

    `padding` is how the sound is padded at both ends: reflected, as for Wav2Lip's published weights, or with
    silence, as for SadTalker's.
    """

    def __init__(self, *, padding: Padding = "reflect") -> None:
        self._padding = padding
        self._last = 0.0
        self._count = 0
        self._done = 0
        self._started = False
        self._waiting = np.zeros(0)

    def push(self, samples: np.ndarray) -> np.ndarray:
        """Takes `(N,)` samples in [-1, 1]; returns the columns `(n, 80)` float32 that are complete now."""
        samples = np.asarray(samples, np.float64)
        if len(samples):
            previous = np.concatenate([[self._last], samples[:-1]])
            self._last, self._count = samples[-1], self._count + len(samples)
            self._waiting = np.concatenate([self._waiting, samples - _PREEMPHASIS * previous])
        if not self._started and len(self._waiting) > _HALF:
            self._start()
        return self._columns() if self._started else np.zeros((0, BANDS), np.float32)

    def finish(self) -> np.ndarray:
        """The remaining columns after the end of the sound; in all there are 1 + samples // 200."""
        if not self._started:
            self._start()
        self._waiting = np.pad(self._waiting, (0, _HALF), mode=self._padding)
        left = 1 + self._count // HOP - self._done
        return self._columns()[:left]

    def _start(self) -> None:
        # An empty sound cannot be reflected.
        mode = self._padding if self._count else "constant"
        self._waiting = np.pad(self._waiting, (_HALF, 0), mode=mode)
        self._started = True

    def _columns(self) -> np.ndarray:
        count = (len(self._waiting) - _WINDOW) // HOP + 1
        if count <= 0:
            return np.zeros((0, BANDS), np.float32)
        windows = np.lib.stride_tricks.sliding_window_view(self._waiting, _WINDOW)[: count * HOP : HOP]
        blocks = [_log_mel(windows[at : at + _AT_ONCE]) for at in range(0, count, _AT_ONCE)]
        self._waiting = self._waiting[count * HOP :]
        self._done += count
        return np.concatenate(blocks)


def log_mel(samples: np.ndarray, *, padding: Padding = "reflect") -> np.ndarray:
    """`(80, 1 + N // 200)` float32 in [-4, 4] of `(N,)` samples in [-1, 1] at `RATE`."""
    stream = MelStream(padding=padding)
    return np.concatenate([stream.push(samples), stream.finish()]).T


def first_column(frame: int, fps: float, *, offset: float = 0.0) -> int:
    """The column at which the window of a frame starts, `offset` frames later; negative before the sound.

    Truncated towards zero in double precision, as the published programs do.
    """
    return int(BANDS * ((frame + offset) / fps)) if offset else int(frame * (BANDS / fps))


@cache
def filterbank() -> np.ndarray:
    """`(80, 401)` triangular filters of equal area, evenly spaced on Slaney's mel scale (1998)."""
    low, high = (_to_mel(edge) for edge in _EDGES)
    corners = _to_hertz(np.linspace(low, high, BANDS + 2))
    bins = np.linspace(0, RATE / 2, _WINDOW // 2 + 1)
    left, middle, right = (corners[at : at + BANDS, None] for at in range(3))
    rising, falling = (bins - left) / (middle - left), (right - bins) / (right - middle)
    return np.maximum(0, np.minimum(rising, falling)) * (2 / (right - left))


def _log_mel(windows: np.ndarray) -> np.ndarray:
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_WINDOW) / _WINDOW)
    magnitude = np.abs(np.fft.rfft(windows * hann))
    decibels = 20 * np.log10(np.maximum(_FLOOR, magnitude @ filterbank().T)) - 20
    return np.clip(8 * (decibels + 100) / 100 - 4, LOWEST, 4).astype(np.float32)


# Slaney's scale is linear up to 1000 Hz (3 mel per 200 Hz), then logarithmic (27 mel per factor of 6.4).
_KNEE_HERTZ, _KNEE_MEL, _LOG_STEP = 1000.0, 15.0, np.log(6.4) / 27


def _to_mel(hertz: float) -> float:
    if hertz < _KNEE_HERTZ:
        return hertz * 3 / 200
    return _KNEE_MEL + float(np.log(hertz / _KNEE_HERTZ)) / _LOG_STEP


def _to_hertz(mel: np.ndarray) -> np.ndarray:
    return np.where(mel < _KNEE_MEL, mel * 200 / 3, _KNEE_HERTZ * np.exp(_LOG_STEP * (mel - _KNEE_MEL)))
