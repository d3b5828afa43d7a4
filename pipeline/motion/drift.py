"""Slow random motion with a given spectrum, that can be read at any time without being run up to it.

A sum of sinusoids with random phases (Rice, 1944, "Mathematical analysis of random noise"): continuous over
the joins of parts, free of state, and the same for the same seed.
"""

from __future__ import annotations

import numpy as np


class Drift:
    """One curve with deviation 1, or the spectrum's, over a long time."""

    def __init__(self, random: np.random.Generator, hertz: np.ndarray, power: np.ndarray) -> None:
        """`power`: the share of the variance in the band around each of `hertz`."""
        edges = np.sqrt(hertz[:-1] * hertz[1:])
        low = np.concatenate([hertz[:1] ** 2 / edges[:1], edges])
        high = np.concatenate([edges, hertz[-1:] ** 2 / edges[-1:]])
        # A frequency of its own within each band, so that the sum does not repeat.
        self._hertz = low + (high - low) * random.random(len(hertz))
        self._phase = 2 * np.pi * random.random(len(hertz))
        self._height = np.sqrt(2 * power)

    def __call__(self, times: np.ndarray) -> np.ndarray:
        """`(T,)` at `times`, `(T,)` s."""
        angles = 2 * np.pi * times[:, None] * self._hertz + self._phase
        return (np.sin(angles) * self._height).sum(1)
