"""Head pose: random motion with the spectrum of real speakers, nods on stressed syllables, and breathing."""

from __future__ import annotations

import numpy as np

from pipeline.easing import smootherstep
from pipeline.motion import statistics
from pipeline.motion.audio_features import STEPS, smoothed
from pipeline.motion.prosody import ONSET, Accent
from pipeline.motion.spectral_noise import SpectralNoise
from pipeline.motion.window import SpeechWindow

_SILENT = 0.4
"""Share of the motion that is left in silence."""
_LIVELINESS = np.array([0.15, 0.35]), np.array([0.06, 0.06])
"""Hz and variance of the logarithm of the amplitude: people hold still for a while, then move a lot."""
_REACH = np.array([7.0, 6.0, 5.0])
"""Degrees of yaw, pitch and roll that are approached but never exceeded: speakers face the camera."""
_NOD = 0.9
"""Degrees by which a strong accent lowers the head."""
_BREATHING = np.array([0.21, 0.27]), np.array([3e-5, 2e-5])
"""Hz and variance of the head's rise and fall with the breath, in inter-ocular distances."""
_SWAY = np.array([0.09, 0.2]), np.array([6e-5, 3e-5])
"""The same for the sway of the body. Head engines add the shift of a head that turns on its neck."""


class HeadMotion:
    """The head of one performance."""

    def __init__(self, random: np.random.Generator, *, scale: float) -> None:
        """`scale` is a factor on its motion."""
        self._statistics = statistics.load()
        self._turns = [
            SpectralNoise(random, self._statistics.hertz, power) for power in self._statistics.pose
        ]
        self._liveliness = SpectralNoise(random, *_LIVELINESS)
        self._sways = [SpectralNoise(random, *_SWAY) for _ in range(2)]
        self._breathing = SpectralNoise(random, *_BREATHING)
        self._random = random
        self._scale = scale
        self._nods: list[tuple[float, float]] = []

    def generate(self, window: SpeechWindow, accents: list[Accent]) -> tuple[np.ndarray, np.ndarray]:
        """Pose `(T, 3)` in degrees and shift `(T, 2)` in inter-ocular distances."""
        times = window.start + window.times
        amplitude = (_SILENT + (1 - _SILENT) * _slow_activity(window)) * np.exp(self._liveliness(times))
        pose = np.stack([noise(times) for noise in self._turns], 1) * amplitude[:, None]
        pose[:, 1] += self._nod_pitch(times, accents)
        pose = _REACH * np.tanh(pose / _REACH)
        shift = np.stack([noise(times) for noise in self._sways], 1) * amplitude[:, None]
        shift[:, 1] += self._breathing(times)
        return self._scale * pose, self._scale * shift

    def _nod_pitch(self, times: np.ndarray, accents: list[Accent]) -> np.ndarray:
        """`(T,)` degrees of pitch."""
        for accent in accents:
            depth = _NOD * accent.strength * self._random.lognormal(-0.2, 0.5)
            self._nods.append((max(accent.time, times[0] + ONSET), min(depth, 2 * _NOD)))
        self._nods = [nod for nod in self._nods if nod[0] > times[0] - 1.0]
        return sum((depth * _nod_curve(times - at) for at, depth in self._nods), np.zeros(len(times)))


def _nod_curve(since: np.ndarray) -> np.ndarray:
    """Down by a tenth of a second after the accent, and back over the next half second."""
    down = np.clip((since + ONSET) / 0.32, 0, 1)
    back = np.clip((since - 0.1) / 0.5, 0, 1)
    return smootherstep(down) - smootherstep(back)


def _slow_activity(window: SpeechWindow) -> np.ndarray:
    """Voice activity, smoothed to how slowly a head calms down."""
    return window.at_frames(smoothed(window.speaking, round(0.4 * STEPS)))
