"""Brows that rise on stressed syllables, and what an emotion adds to the whole face."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from pipeline.easing import smoothstep
from pipeline.motion import statistics
from pipeline.motion.prosody import ONSET, Accent
from pipeline.motion.spectral_noise import SpectralNoise
from pipeline.motion.window import SpeechWindow
from pipeline.types import SHAPE

_RAISE = 0.22
"""Score by which a strong accent raises the brows."""
_RISE, _FALL = 0.28, 0.4
"""Seconds in which they rise and fall."""
_BROWS = {"browInnerUp": 0.8, "browOuterUpLeft": 1.0, "browOuterUpRight": 1.0}
"""Share of the raise in each blendshape."""


@dataclass(frozen=True)
class Emotion:
    """What an emotion adds to a face and does to its motion."""

    scores: dict[str, float] = field(default_factory=dict)
    """Blendshape scores added to the subject's own; a name without a side means both."""
    head: float = 1.0
    """Factor on head motion."""
    brows: float = 1.0
    """Factor on brow motion."""
    mouth: float = 1.0
    """Factor on the amplitude of articulation."""

    def offset(self) -> np.ndarray:
        """`(52,)` scores to add."""
        offset = np.zeros(len(SHAPE), np.float32)
        for name, value in self.scores.items():
            for side in ("Left", "Right") if name not in SHAPE else ("",):
                offset[SHAPE[name + side]] = value
        return offset


EMOTIONS: dict[str, Emotion] = {
    "neutral": Emotion(),
    "warm": Emotion(
        {"mouthSmile": 0.55, "cheekSquint": 0.20, "eyeSquint": 0.15, "browOuterUp": 0.10}, head=1.1
    ),
    "serious": Emotion(
        {"browDown": 0.45, "eyeSquint": 0.12, "mouthPress": 0.08, "mouthFrown": 0.12}, head=0.75, brows=0.5
    ),
    "excited": Emotion(
        {"mouthSmile": 0.35, "browInnerUp": 0.24, "browOuterUp": 0.30, "eyeWide": 0.25},
        head=1.35,
        brows=1.5,
        mouth=1.15,
    ),
}


class Brows:
    """The brows of one performance."""

    def __init__(self, random: np.random.Generator, *, scale: float) -> None:
        """`scale` is a factor on their motion."""
        self._random = random
        self._scale = scale
        self._statistics = statistics.load()
        self._noise = SpectralNoise(random, self._statistics.hertz, self._statistics.brows["browOuterUpLeft"])
        self._raises: list[tuple[float, float, float]] = []

    def add(self, window: SpeechWindow, accents: list[Accent], pose: np.ndarray, scores: np.ndarray) -> None:
        """Add brow motion to `scores`, `(T, 52)`, while the head turns by `pose`, `(T, 3)`."""
        times = window.start + window.times
        for accent in accents:
            if self._random.random() < 0.25 + 0.5 * accent.strength:
                height = _RAISE * accent.strength * self._random.lognormal(0, 0.4)
                self._raises.append(
                    (max(accent.time, times[0] + ONSET), height, self._random.uniform(0.25, 0.7))
                )
        self._raises = [one for one in self._raises if one[0] + one[2] + 0.5 > times[0]]
        lift = self._noise(times)
        for at, height, held in self._raises:
            lift = lift + height * _raise_curve(times - at, held)
        for name, share in _BROWS.items():
            scores[:, SHAPE[name]] += self._scale * (
                share * lift + pose @ self._statistics.brows_per_degree[name]
            )


def _raise_curve(since: np.ndarray, held: float) -> np.ndarray:
    """How far brows are raised `since` an accent that holds them for `held` seconds."""
    return smoothstep((since + ONSET) / _RISE, 0, 1) * (1 - smoothstep((since - held) / _FALL, 0, 1))
