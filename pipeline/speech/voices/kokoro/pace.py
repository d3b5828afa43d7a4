"""A pace that is kept: Kokoro's network rounds every symbol to whole frames of 25 ms, most to two or three.

Many symbols round alike, so asked for 1.25 times the speed, a phrase may be 1.05 or 1.5 times as fast. The
speed that the network is given is therefore chosen so that the rounded frames add up to what was asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np

Sound = TypeVar("Sound")

_TOLERANCE = 0.02
"""Share of a phrase's length by which it may miss what was asked for without being said again."""
_SPEEDS = np.geomspace(0.6, 1.7, 241)
"""Factors on the pace that are tried."""


def paced(run: Callable[[float], tuple[Sound, np.ndarray]], pace: float) -> tuple[Sound, np.ndarray]:
    """What a network says at a pace: its sound, and the whole frames of each symbol, `(N,)`.

    Args:
        run: says it at a speed; returns the sound, and each symbol's duration before it is rounded to whole
            frames, `(N,)`.
        pace: factor on the speed of speech; at 1, the network is asked once.
    """
    sound, exact = run(pace)
    usual = exact.reshape(-1) * pace
    wanted = float(whole_frames(usual).sum()) / pace
    if abs(float(whole_frames(exact).sum()) - wanted) > _TOLERANCE * wanted:
        speeds = pace * _SPEEDS
        lengths = whole_frames(usual / speeds[:, None]).sum(axis=1)
        closest = np.flatnonzero(np.abs(lengths - wanted) == np.abs(lengths - wanted).min())
        nearest = closest[np.abs(np.log(_SPEEDS[closest])).argmin()]
        sound, exact = run(float(speeds[nearest]))
    return sound, whole_frames(exact.reshape(-1))


def whole_frames(exact: np.ndarray) -> np.ndarray:
    """Durations as the network rounds them: to the nearest frame, and never to none."""
    return np.maximum(np.round(exact), 1)
