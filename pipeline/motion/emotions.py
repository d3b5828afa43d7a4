"""Emotions: what each adds to a face and does to its motion.

A stranger names an emotion from one frame by what the face shows, not by how it differs from the photo. So an
emotion first takes back much of what the photo's own brows, eyes and mouth express: a raised brow or a frown
would otherwise be seen in all four.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from pipeline.motion.lips import SMILE
from pipeline.types import SHAPE

_PLAYED = {
    "brow": 0.8,
    "eyeSquint": 0.6,
    "eyeWide": 0.6,
    "mouthSmile": 0.8,
    "mouthFrown": 0.8,
    "mouthPress": 0.6,
    "mouthRoll": 0.6,
    "mouthShrug": 0.6,
    "mouthPucker": 0.6,
}
"""Share of the photo's own scores, by the first part of their names, that gives way to an emotion."""
_RELAXED = _PLAYED | {"brow": 0.55, "browDown": 1.0}
"""The same where brows relax: a frown goes, while raised brows sink by about half, as lowered ones make a
sneer of a smile."""


@dataclass(frozen=True)
class Emotion:
    """What an emotion adds to a face and does to its motion."""

    scores: dict[str, float] = field(default_factory=dict)
    """Blendshape scores added to the subject's own; a name without a side means both."""
    eased: dict[str, float] = field(default_factory=lambda: _PLAYED)
    """Share of the subject's own scores, by the first part of their names, that is taken back before;
    the longest of several that fit counts."""
    head: float = 1.0
    """Factor on head motion."""
    brows: float = 1.0
    """Factor on brow motion."""
    tempo: float = 1.0
    """Factor on how quickly the head moves, and how often head, brows and gaze beat."""
    mouth: float = 1.0
    """Factor on the amplitude of articulation."""
    smile: float = SMILE
    """Share of the smile that stays in speech."""
    held: float = 0.0
    """Score of a smile that rounded lips leave as it is."""
    smiles: float = 1.0
    """Factor on passing smiles."""

    def over(self, own: np.ndarray, strength: float) -> np.ndarray:
        """`(52,)` scores of a face of the scores `own` that plays this emotion by `strength`, 0 to 1."""
        played = own.astype(np.float32)
        for column, name in enumerate(SHAPE):
            part = max((part for part in self.eased if name.startswith(part)), key=len, default="")
            played[column] *= 1 - strength * self.eased.get(part, 0.0)
        for name, score in self.scores.items():
            for side in ("Left", "Right") if name not in SHAPE else ("",):
                played[SHAPE[name + side]] += strength * score
        return np.clip(played, 0, 1)


EMOTIONS: dict[str, Emotion] = {
    "neutral": Emotion(eased={"brow": 0.35}, smiles=0.7),
    "warm": Emotion(
        {
            "mouthSmile": 1.0,
            "mouthPucker": -0.6,
            "cheekSquint": 0.9,
            "eyeSquint": 0.72,
            "mouthDimple": 0.15,
            "browInnerUp": 0.10,
        },
        eased=_RELAXED,
        head=1.05,
        brows=0.6,
        smile=1.0,
        held=0.4,
        smiles=0.5,
    ),
    "serious": Emotion(
        {
            "browDown": 1.0,
            "eyeSquint": 0.45,
            "mouthPress": 0.80,
            "mouthRollLower": 0.25,
            "mouthShrugLower": 0.30,
            "mouthFrown": 0.25,
        },
        head=0.75,
        brows=0.4,
        tempo=0.8,
        mouth=0.9,
        smiles=0.0,
    ),
    "excited": Emotion(
        {
            "mouthSmile": 1.0,
            "mouthPucker": -0.6,
            "mouthUpperUp": 0.30,
            "cheekSquint": 0.35,
            "browInnerUp": 0.85,
            "browOuterUp": 0.80,
            "eyeWide": 0.13,
        },
        head=1.35,
        brows=1.2,
        tempo=1.35,
        mouth=1.2,
        smile=1.0,
        held=0.4,
        smiles=0.5,
    ),
}
