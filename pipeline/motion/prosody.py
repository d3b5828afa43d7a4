"""Prosody: the stressed syllables, on which heads nod and brows rise, and the ends of phrases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.motion.audio_features import STEPS, smoothed
from pipeline.motion.window import SpeechWindow

ONSET = 0.22
"""Seconds before an accent at which its gesture begins."""
_APART = 0.45
"""Least seconds between two accents."""
_WEAKEST = 0.3
"""Strength below which a peak of loudness is no accent."""

_SLOWEST, _FASTEST = 0.65, 1.25
"""Factors on the speed of a head in silence and in loud speech."""
_HELD_BELOW = -4.0
"""Nepers below loud speech at which a head is as slow as in silence."""
_PAUSE, _PAUSED_BELOW = 0.2, -4.5
"""Seconds of a pause at least, and the nepers below loud speech under which a voice pauses."""
_SMOOTHED, _AHEAD = 0.25, 0.2
"""Seconds over which loudness counts, and by which heads of tracked speakers are ahead of it."""


@dataclass(frozen=True)
class Accent:
    """One stressed syllable."""

    time: float
    """Seconds of the stream."""
    strength: float
    """0 to 1; about 0.5 for an ordinary stress."""


def accents(window: SpeechWindow) -> list[Accent]:
    """The accents, in order, whose gesture begins within the window."""
    level = smoothed(np.maximum(window.loudness, -8) * window.speaking, round(0.08 * STEPS))
    level = level - 8 * (1 - window.speaking)
    peaks = np.flatnonzero((level[1:-1] > level[:-2]) & (level[1:-1] >= level[2:])) + 1
    spoken = level[window.speaking > 0.5]
    if not len(spoken) or not len(peaks):
        return []
    usual, spread = np.median(spoken), max(float(np.std(spoken)), 0.3)
    soonest = ONSET if window.start else 0.0
    end = window.count / window.fps + (0.0 if window.last else ONSET)
    found: list[Accent] = []
    for peak in peaks:
        time = (peak - window.lead) / STEPS
        strength = float(np.clip((level[peak] - usual) / spread / 2, 0, 1))
        if strength < _WEAKEST or not soonest <= time < end:
            continue
        accent = Accent(window.start + time, strength)
        if found and accent.time - found[-1].time < _APART:
            found[-1] = max(found[-1], accent, key=lambda one: one.strength)
        else:
            found.append(accent)
    return found


def phrase_ends(window: SpeechWindow) -> list[float]:
    """Seconds of the stream, in order, at which the voice pauses within the window."""
    steps = round(_PAUSE * STEPS)
    soft = np.pad(window.loudness < _PAUSED_BELOW, (0, steps), constant_values=True)
    stretches = np.lib.stride_tricks.sliding_window_view(soft, steps)[:-1]
    paused = np.asarray(stretches.all(1))
    ends = (np.flatnonzero(paused[1:] & ~soft[: len(paused) - 1]) + 1 - window.lead) / STEPS
    return [float(window.start + end) for end in ends if 0 <= end < window.count / window.fps]


def haste(window: SpeechWindow) -> np.ndarray:
    """`(T,)` factor on the speed of a head, which holds still in pauses and hurries towards stresses."""
    level = smoothed(np.clip(1 - window.loudness / _HELD_BELOW, 0, 1), round(_SMOOTHED * STEPS))
    later = round(_AHEAD * STEPS)
    ahead = np.concatenate([level[later:], np.repeat(level[-1:], later)])
    return _SLOWEST + (_FASTEST - _SLOWEST) * window.at_frames(ahead)
