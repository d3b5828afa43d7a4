"""Brows that rise with stress, and the colour that an emotion gives to the whole face."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from pipeline.motion import statistics
from pipeline.motion.prosody import ONSET, Accent
from pipeline.motion.spectral_noise import Drift
from pipeline.motion.window import SpeechWindow
from pipeline.types import SHAPE

RAISE = 0.22
"""Score by which a strong accent lifts the brows."""
_BROWS = {"browInnerUp": 0.8, "browOuterUpLeft": 1.0, "browOuterUpRight": 1.0}


@dataclass(frozen=True)
class Emotion:
    """What an emotion adds to a face and does to its motion."""

    scores: dict[str, float] = field(default_factory=dict)
    """Added to the subject's own."""
    head: float = 1.0
    brows: float = 1.0
    mouth: float = 1.0
    """Factor on how large the mouth articulates."""

    def offset(self) -> np.ndarray:
        """`(52,)` to add."""
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
        self._random = random
        self._scale = scale
        self._manner = statistics.load()
        self._drift = Drift(random, self._manner.hertz, self._manner.brows["browOuterUpLeft"])
        self._raises: list[tuple[float, float, float]] = []

    def play(self, heard: SpeechWindow, accents: list[Accent], pose: np.ndarray, scores: np.ndarray) -> None:
        """Lift the brows in `scores`, `(T, 52)`, while the head turns by `pose`, `(T, 3)`."""
        times = heard.start + heard.times
        for accent in accents:
            if self._random.random() < 0.25 + 0.5 * accent.strength:
                height = RAISE * accent.strength * self._random.lognormal(0, 0.4)
                self._raises.append(
                    (max(accent.time, times[0] + ONSET), height, self._random.uniform(0.25, 0.7))
                )
        self._raises = [one for one in self._raises if one[0] + one[2] + 0.5 > times[0]]
        lift = self._drift(times)
        for at, height, held in self._raises:
            lift = lift + height * _raised(times - at, held)
        for name, share in _BROWS.items():
            scores[:, SHAPE[name]] += self._scale * (
                share * lift + pose @ self._manner.brows_per_degree[name]
            )


def _raised(since: np.ndarray, held: float) -> np.ndarray:
    up = np.clip((since + ONSET) / 0.28, 0, 1)
    down = np.clip((since - held) / 0.4, 0, 1)
    return up * up * (3 - 2 * up) * (1 - down * down * (3 - 2 * down))
