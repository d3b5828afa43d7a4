"""Where a speaker puts weight: the syllables that stand out, on which heads nod and brows rise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.motion.audio_features import STEPS, smoothed
from pipeline.motion.window import SpeechWindow

APART = 0.45
"""Seconds between two accents at least."""
ONSET = 0.22
"""Seconds before an accent in which a gesture on it sets in."""


@dataclass(frozen=True)
class Accent:
    """One stressed syllable."""

    time: float
    """Seconds of the stream."""
    strength: float
    """0 to 1; about 0.5 for an ordinary stress."""


def accents(heard: SpeechWindow) -> list[Accent]:
    """The accents on which a gesture sets in within the stretch, in order."""
    level = smoothed(np.maximum(heard.loudness, -8) * heard.speaking, round(0.08 * STEPS))
    level = level - 8 * (1 - heard.speaking)
    peaks = np.flatnonzero((level[1:-1] > level[:-2]) & (level[1:-1] >= level[2:])) + 1
    spoken = level[heard.speaking > 0.5]
    if not len(spoken) or not len(peaks):
        return []
    usual, spread = np.median(spoken), max(float(np.std(spoken)), 0.3)
    soonest = ONSET if heard.start else 0.0
    end = heard.count / heard.fps + (0.0 if heard.last else ONSET)
    found: list[Accent] = []
    for peak in peaks:
        time = (peak - heard.lead) / STEPS
        strength = float(np.clip((level[peak] - usual) / spread / 2, 0, 1))
        if strength < 0.3 or not soonest <= time < end:
            continue
        accent = Accent(heard.start + time, strength)
        if found and accent.time - found[-1].time < APART:
            found[-1] = max(found[-1], accent, key=lambda one: one.strength)
        else:
            found.append(accent)
    return found
