"""Head pose: a drift with the spectrum of real speakers, nods on stress, and breath."""

from __future__ import annotations

import numpy as np

from pipeline.motion import statistics
from pipeline.motion.audio_features import STEPS, smoothed
from pipeline.motion.prosody import ONSET, Accent
from pipeline.motion.spectral_noise import Drift
from pipeline.motion.window import SpeechWindow

SILENT = 0.4
"""How much of a speaker's motion is left while nobody speaks."""
MOODS = np.array([0.15, 0.35]), np.array([0.06, 0.06])
"""Hz and variance of the logarithm of how much a head moves: people hold still, then move a lot."""
REACH = np.array([7.0, 6.0, 5.0])
"""Degrees of yaw, pitch, roll that are approached but never passed: who talks to a camera faces it."""
NOD = 0.9
"""Degrees that a strong accent pulls the head down."""
BREATH = np.array([0.21, 0.27]), np.array([3e-5, 2e-5])
"""Hz and variance of how breathing lifts the shoulders, in inter-ocular distances."""
SWAY = np.array([0.09, 0.2]), np.array([6e-5, 3e-5])
"""The same for the sway of the body. What a head shifts by turning on its neck is the head engine's."""


class HeadMotion:
    """The head of one performance."""

    def __init__(self, random: np.random.Generator, *, scale: float) -> None:
        self._manner = statistics.load()
        self._drifts = [Drift(random, self._manner.hertz, power) for power in self._manner.pose]
        self._mood = Drift(random, *MOODS)
        self._sways = [Drift(random, *SWAY) for _ in range(2)]
        self._breath = Drift(random, *BREATH)
        self._random = random
        self._scale = scale
        self._nods: list[tuple[float, float]] = []

    def play(self, heard: SpeechWindow, accents: list[Accent]) -> tuple[np.ndarray, np.ndarray]:
        """Pose `(T, 3)` in degrees and shift `(T, 2)` in inter-ocular distances."""
        times = heard.start + heard.times
        lively = (SILENT + (1 - SILENT) * _slowed(heard)) * np.exp(self._mood(times))
        pose = np.stack([drift(times) for drift in self._drifts], 1) * lively[:, None]
        pose[:, 1] += self._nodding(times, accents)
        pose = REACH * np.tanh(pose / REACH)
        shift = np.stack([drift(times) for drift in self._sways], 1) * lively[:, None]
        shift[:, 1] += self._breath(times)
        return self._scale * pose, self._scale * shift

    def _nodding(self, times: np.ndarray, accents: list[Accent]) -> np.ndarray:
        for accent in accents:
            depth = NOD * accent.strength * self._random.lognormal(-0.2, 0.5)
            self._nods.append((max(accent.time, times[0] + ONSET), min(depth, 2 * NOD)))
        self._nods = [nod for nod in self._nods if nod[0] > times[0] - 1.0]
        return sum((depth * _nod(times - at) for at, depth in self._nods), np.zeros(len(times)))


def _nod(since: np.ndarray) -> np.ndarray:
    """Down by a tenth of a second after the stress, back over the next half second, without a corner."""
    down = np.clip((since + ONSET) / 0.32, 0, 1)
    back = np.clip((since - 0.1) / 0.5, 0, 1)
    return _smooth(down) - _smooth(back)


def _smooth(x: np.ndarray) -> np.ndarray:
    return x * x * x * (x * (6 * x - 15) + 10)


def _slowed(heard: SpeechWindow) -> np.ndarray:
    """Speaking, as slowly as a head calms down."""
    return heard.at_frames(smoothed(heard.speaking, round(0.4 * STEPS)))
