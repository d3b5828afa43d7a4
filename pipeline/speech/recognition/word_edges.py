"""Where words beside a pause begin and end, by the sound's level.

The network's own times end the last word before a pause some 0.2 s early, which makes captions vanish and
dubbed lines hurry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pipeline.types import Word

_STEP = 0.01
"""Seconds between the levels."""
_PAUSE = 0.1
"""Seconds without a word that may be a pause."""
_FARTHEST = 0.5
"""Seconds by which an edge is moved at most."""
_CLOSURE = 8
"""Steps of silence within a word, as before a final plosive is released."""
_BELOW, _NEAREST, _ABOVE = 30.0, 12.0, 8.0
"""dB below its peak at which a word ends; in noise so many above it, but at least so many below the peak."""
_FLOOR = 10
"""Percentile of the levels that is taken for the noise."""


def at_their_sound(words: Sequence[Word], sound: np.ndarray, rate: int) -> tuple[Word, ...]:
    """The words, those beside a pause with the edges of their sound, in order and without overlaps.

    Args:
        words: in order, with times in seconds.
        sound: mono samples `(N,)` of the whole recording.
        rate: samples of it per second.
    """
    levels = _levels(sound, round(rate * _STEP))
    floor = np.percentile(levels, _FLOOR) if len(levels) else 0.0
    found = list[Word]()
    for number, word in enumerate(words):
        before = found[-1].end if found else 0.0
        after = words[number + 1].start if number + 1 < len(words) else len(levels) * _STEP
        first, last = round(word.start / _STEP), round(word.end / _STEP)
        inside = levels[first : last + 1]
        if len(inside):
            peak = inside.max()
            heard = levels > max(peak - _BELOW, min(floor + _ABOVE, peak - _NEAREST))
            begins = first + int(heard[first : max((first + last) // 2, first + 1)].argmax())
            start = begins * _STEP if word.start - before > _PAUSE or not found else word.start
            end = _end(heard, last, after) if after - word.end > _PAUSE else word.end
            word = replace(word, start=max(word.start, start), end=max(word.end, end))
        found.append(word)
    return tuple(found)


def _end(heard: np.ndarray, last: int, after: float) -> float:
    """When the sound ends that goes on at a step, in seconds; 0 where it does not, or not before `after`."""
    limit = min(last + round(_FARTHEST / _STEP), round(after / _STEP), len(heard))
    steps = np.flatnonzero(heard[last:limit])
    breaks = np.flatnonzero(np.diff(steps, prepend=-1) > _CLOSURE + 1)
    lasting = steps[: breaks[0]] if len(breaks) else steps
    if not len(lasting) or last + lasting[-1] + 1 == limit < len(heard):
        return 0.0
    return (last + int(lasting[-1]) + 1) * _STEP


def _levels(sound: np.ndarray, step: int) -> np.ndarray:
    """The level of each step of a sound, in dB."""
    steps = sound[: len(sound) // step * step].reshape(-1, step)
    return 10 * np.log10(np.square(steps, dtype=np.float64).mean(1) + 1e-10)
