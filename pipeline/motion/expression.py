"""Brows, squints and smiles: matched real motion, and beats on stressed syllables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.easing import smoothstep
from pipeline.motion.emotions import Emotion
from pipeline.motion.motion_clips import CHANNELS
from pipeline.motion.personality import Personality
from pipeline.motion.prosody import ONSET, Accent
from pipeline.motion.window import SpeechWindow
from pipeline.types import SHAPE

_FLASH = 2.2
"""Height of the brows' beat on a strong accent, in the performer's own deviations."""
_RISE, _FALL = 0.24, 0.4
"""Seconds in which they rise and fall."""
_FROWN = 0.45
"""Height of a frown, relative to a raise."""
_SQUINT = 0.22
"""Share of the tracked squint that is played: the rest is the tracker's confusion with gaze and brows."""
_SMILE = 0.15
"""Share of tracked smiles that is added: the rest of them is articulation, which the lips have already."""
_BROADEST = 0.6
"""Score that a passing smile approaches."""
_CHEEKS = 0.6
"""Score of the cheeks per score of a passing smile."""
_UNIT = {"browInnerUp": 1.14, "browOuterUp": 1.14, "browDown": 0.28}
"""Deviation of each brow blendshape, relative to the performer's."""


@dataclass(frozen=True)
class _Flash:
    time: float
    """Seconds of the stream of the accent."""
    height: float
    """In the performer's deviations; below 0 a frown."""
    held: float
    """Seconds."""


class Expression:
    """Brows, lids' squint and passing smiles of one performance."""

    def __init__(
        self,
        random: np.random.Generator,
        performer: Personality,
        emotion: Emotion,
        *,
        scale: float,
        tempo: float,
    ) -> None:
        """`scale` is a factor on all motion, `tempo` on how often brows beat."""
        self._random = random
        self._performer = performer
        self._brows = emotion.brows * scale
        self._smiles = _SMILE * emotion.smiles * scale * performer.smile
        self._scale = scale
        self._tempo = tempo
        self._flashes: list[_Flash] = []

    def smile(self, matched: np.ndarray) -> np.ndarray:
        """`(T,)` score of passing smiles, given the matched motion as in `add`."""
        smile = self._smiles * np.maximum(matched[:, CHANNELS.index("mouthSmile")], 0)
        return _BROADEST * np.tanh(smile / _BROADEST)

    def add(
        self, window: SpeechWindow, accents: list[Accent], matched: np.ndarray, scores: np.ndarray
    ) -> None:
        """Add the expression to `scores`, `(T, 52)`.

        `matched`: `(T, len(CHANNELS) - 1)` matched motion, each channel with a standard deviation of 1.
        """
        raised, frowned = self._beats(window.start + window.times, accents)
        size = self._brows * self._performer.brows
        inner, outer, down = (matched[:, CHANNELS.index(name)] for name in _UNIT)
        lowered = _UNIT["browDown"] * np.maximum(down, 0) + frowned
        _add(scores, "browInnerUp", size * (_UNIT["browInnerUp"] * inner + raised - frowned))
        _add(scores, "browOuterUp", size * (_UNIT["browOuterUp"] * outer + raised - frowned))
        _add(scores, "browDown", size * lowered)
        squint = _SQUINT * self._performer.squint * np.maximum(matched[:, CHANNELS.index("eyeSquint")], 0)
        _add(scores, "eyeSquint", self._scale * squint + 0.3 * size * frowned)
        _add(scores, "cheekSquint", _CHEEKS * self.smile(matched))

    def _beats(self, times: np.ndarray, accents: list[Accent]) -> tuple[np.ndarray, np.ndarray]:
        """`(T,)` raises and frowns on accents, in the performer's deviations."""
        for accent in accents:
            chance, height = self._random.random(), _FLASH * self._random.lognormal(0, 0.35)
            frown, held = self._random.random() < self._performer.frowns, self._random.uniform(0.2, 0.7)
            if chance < 2 * accent.strength * self._performer.brow_flashes * self._tempo:
                at = max(accent.time, times[0] + ONSET)
                size = height * (0.3 + 0.7 * accent.strength) * (-_FROWN if frown else 1.0)
                self._flashes.append(_Flash(at, size, held))
        self._flashes = [flash for flash in self._flashes if flash.time + flash.held + 0.5 > times[0]]
        raised = frowned = np.zeros(len(times))
        for flash in self._flashes:
            curve = abs(flash.height) * _flash_curve(times - flash.time, flash.held)
            raised, frowned = (raised + curve, frowned) if flash.height > 0 else (raised, frowned + curve)
        return raised, frowned


def _add(scores: np.ndarray, name: str, by: np.ndarray) -> None:
    """Add to a blendshape, or to both of a pair."""
    for column in (name,) if name in SHAPE else (f"{name}Left", f"{name}Right"):
        scores[:, SHAPE[column]] += by


def _flash_curve(since: np.ndarray, held: float) -> np.ndarray:
    """How far brows are moved `since` an accent that holds them for `held` seconds."""
    return smoothstep((since + ONSET) / _RISE, 0, 1) * (1 - smoothstep((since - held) / _FALL, 0, 1))
