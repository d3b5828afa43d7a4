"""Eyes: blinks with their real shape and rhythm, small shifts of gaze, lids that follow."""

from __future__ import annotations

import numpy as np

from pipeline.motion.heard import Heard
from pipeline.types import SHAPE

CLOSING, SHUT, OPENING = 0.08, 0.03, 0.17
"""Seconds of a blink's three phases."""
INTERVAL, INTERVAL_SPREAD = 3.2, 0.55
"""Median seconds between blinks and the deviation of their logarithm."""
SOONEST = 0.7
FIXATION, FIXATION_SPREAD = 1.3, 0.6
"""Median seconds that a gaze rests and the deviation of its logarithm."""
GLANCE = np.array([0.055, 0.035])
"""Deviation of gaze sideways and up, in blendshape scores."""
EDGE = 0.5
"""Seconds at either end of a stream that stay free of blinks."""


class Eyes:
    """The eyes of one performance."""

    def __init__(self, random: np.random.Generator, *, blinks: float, expression: float) -> None:
        self._random = random
        self._blinks = blinks
        self._expression = expression
        self._next = EDGE + random.uniform(0.3, 2.0)
        self._shut: list[float] = []
        self._gazes: list[tuple[float, np.ndarray]] = [(-1.0, np.zeros(2))]

    def play(self, heard: Heard, scores: np.ndarray) -> None:
        """Blink and look around in `scores`, `(T, 52)`."""
        times = heard.start + heard.times
        closed = self._lids(times, heard)
        gaze = self._gaze(times) * self._expression
        _look(scores, gaze)
        for side in ("Left", "Right"):
            _raise(scores, f"eyeLookDown{side}", 0.15 * closed)
            lid = scores[:, SHAPE[f"eyeBlink{side}"]]
            lid += np.clip(-gaze[:, 1], -0.1, 0.3) * 0.6
            lid += closed * (1 - lid)

    def _lids(self, times: np.ndarray, heard: Heard) -> np.ndarray:
        """How far the lids are closed at `times`, `(T,)` in [0, 1]."""
        end = heard.start + heard.count / heard.fps
        for pause in _pauses(heard):
            if self._last + 1.5 < pause < self._next and self._random.random() < 0.45 * self._blinks:
                self._next = pause
            self._blink_until(min(pause, end), heard)
        self._blink_until(end - (EDGE if heard.last else 0.0), heard)
        self._shut = [at for at in self._shut if at > times[0] - 1.0]
        return np.max([np.zeros(len(times)), *(_blink(times - at) for at in self._shut)], axis=0)

    @property
    def _last(self) -> float:
        return self._shut[-1] if self._shut else 0.0

    def _blink_until(self, end: float, heard: Heard) -> None:
        while self._blinks > 0 and self._next < end:
            # On a frame, so that the lids are seen shut.
            self._shut.append(np.ceil(self._next * heard.fps) / heard.fps)
            wait = INTERVAL * self._random.lognormal(0, INTERVAL_SPREAD) / self._blinks
            self._next += max(SOONEST, wait)

    def _gaze(self, times: np.ndarray) -> np.ndarray:
        """`(T, 2)` sideways (to the person's left) and up."""
        while self._gazes[-1][0] < times[-1]:
            rest = FIXATION * self._random.lognormal(0, FIXATION_SPREAD)
            home = self._random.random() < 0.45
            goal = np.zeros(2) if home else self._random.normal(0, 1, 2).clip(-2, 2) * GLANCE
            self._gazes.append((self._gazes[-1][0] + max(rest, 0.25), goal))
        while len(self._gazes) > 2 and self._gazes[1][0] < times[0] - 0.5:
            self._gazes.pop(0)
        gaze = np.tile(self._gazes[0][1], (len(times), 1))
        for at, goal in self._gazes[1:]:
            moved = np.clip((times - at) / 0.045, 0, 1)[:, None]
            gaze += (goal - gaze) * moved * moved * (3 - 2 * moved)
        return gaze


def _blink(since: np.ndarray) -> np.ndarray:
    """A blink shut at 0: fast down, a moment shut, slower up."""
    down = np.clip((since + CLOSING) / CLOSING, 0, 1)
    up = np.clip((since - SHUT) / OPENING, 0, 1)
    return down * down * (3 - 2 * down) * (1 - up) ** 2 * (1 + 2 * up)


def _pauses(heard: Heard) -> list[float]:
    """Stream times at which speech stops within the part."""
    calm = heard.at_frames(heard.speaking) < 0.5
    return [float(at) for at in heard.start + heard.times[1:][calm[1:] & ~calm[:-1]]]


def _look(scores: np.ndarray, gaze: np.ndarray) -> None:
    left, up = gaze.T
    _raise(scores, "eyeLookOutLeft", left)
    _raise(scores, "eyeLookInRight", left)
    _raise(scores, "eyeLookInLeft", -left)
    _raise(scores, "eyeLookOutRight", -left)
    for side in ("Left", "Right"):
        _raise(scores, f"eyeLookUp{side}", up)
        _raise(scores, f"eyeLookDown{side}", -up)


def _raise(scores: np.ndarray, name: str, by: np.ndarray) -> None:
    scores[:, SHAPE[name]] += np.maximum(by, 0)
