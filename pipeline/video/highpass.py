"""A high-pass filter for recordings with a DC offset or rumble, block by block."""

from __future__ import annotations

import numpy as np

_HIGHPASS = 60.0
"""Hz below which rumble is removed, where there is any; the lowest voices begin at 80."""
_REACH = 0.05
"""Seconds around a sample that the filter takes in: nothing is left below 43 Hz, everything above 77."""


class Highpass:
    """Removes what lies below `_HIGHPASS` without moving anything else in time: a FIR filter of linear phase.

    Beyond its ends the sound counts as constant, so that an offset does not click.
    """

    def __init__(self, rate: int) -> None:
        """`rate`: samples per second."""
        from scipy.signal import firwin

        self._reach = round(_REACH * rate)
        """Taps on either side of a sample."""
        cutoff = min(_HIGHPASS, 0.2 * rate)  # a file may claim any rate
        self._taps = firwin(2 * self._reach + 1, cutoff, pass_zero=False, fs=rate)
        self._taps -= self._taps.mean()  # nothing at all is left of an offset
        self._past: np.ndarray | None = None

    def feed(self, samples: np.ndarray) -> np.ndarray:
        """What is certain after the next samples."""
        from scipy.signal import oaconvolve

        if self._past is None:
            self._past = np.full(self._reach, samples[0], np.float32)
        heard = np.concatenate([self._past, samples])
        self._past = heard[max(0, len(heard) - 2 * self._reach) :]
        if len(heard) <= 2 * self._reach:
            return np.zeros(0, np.float32)
        filtered: np.ndarray = oaconvolve(heard, self._taps, mode="valid").astype(np.float32)
        return filtered

    def finish(self) -> np.ndarray:
        """The rest."""
        if self._past is None:
            return np.zeros(0, np.float32)
        return self.feed(np.full(self._reach, self._past[-1], np.float32))
