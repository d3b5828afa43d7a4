"""Random motion with a given spectrum, which can be evaluated at any time.

A sum of sinusoids with random phases (Rice, 1944, "Mathematical analysis of random noise"): continuous across
parts of speech, without state, and the same for the same seed.
"""

from __future__ import annotations

import numpy as np

_PER_BAND = 2
"""Sinusoids in each band."""


class SpectralNoise:
    """One random curve around zero."""

    def __init__(self, random: np.random.Generator, hertz: np.ndarray, variance: np.ndarray) -> None:
        """`variance`: of the motion in the band around each of `hertz`, both `(B,)`, evenly spaced in
        octaves."""
        reach = np.sqrt(hertz[1] / hertz[0])
        # A random frequency in each half of a band, so that the sum does not repeat.
        places = (np.arange(_PER_BAND) + random.random((len(hertz), _PER_BAND))) / _PER_BAND * 2 - 1
        self._hertz = (hertz[:, None] * reach**places).ravel()
        self._phase = 2 * np.pi * random.random(self._hertz.shape)
        self._amplitude = np.sqrt(2 * np.repeat(variance, _PER_BAND) / _PER_BAND)

    def __call__(self, times: np.ndarray) -> np.ndarray:
        """`(T,)` at `times`, `(T,)` s."""
        return np.sin(2 * np.pi * times[:, None] * self._hertz + self._phase) @ self._amplitude
