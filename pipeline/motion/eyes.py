"""Eyes: blinks with their real shape and rhythm, small shifts of gaze, lids that follow."""

from __future__ import annotations

import numpy as np

from pipeline.motion import statistics
from pipeline.motion.window import SpeechWindow
from pipeline.types import SHAPE

SOONEST = 0.9
"""Seconds between blinks at least."""
FIXATION, FIXATION_SPREAD = 1.3, 0.6
"""Median seconds that a gaze rests and the deviation of its logarithm."""
GLANCE = np.array([0.055, 0.035])
"""Deviation of gaze sideways and up, in blendshape scores."""
HELD = 0.03
"""Gaze, in blendshape scores, that a degree of head turn is answered with, so that eyes stay on the camera:
what speakers do who look into it."""
EDGE = 0.5
"""Seconds at either end of a stream that stay free of blinks."""


class Eyes:
    """The eyes of one performance."""

    def __init__(self, random: np.random.Generator, *, blinks: float, expression: float) -> None:
        self._random = random
        self._manner = statistics.load()
        self._blinks = blinks
        self._expression = expression
        self._next = EDGE + random.uniform(0.3, 2.0)
        self._shut: list[float] = []
        self._gazes: list[tuple[float, np.ndarray]] = [(-1.0, np.zeros(2))]

    def play(self, heard: SpeechWindow, pose: np.ndarray, scores: np.ndarray) -> None:
        """Blink and look around in `scores`, `(T, 52)`, while the head turns by `pose`, `(T, 3)`."""
        times = heard.start + heard.times
        closed = self._lids(times, heard)
        gaze = self._gaze(times) * self._expression
        gaze += pose[:, :2] * [-HELD, HELD]
        _look(scores, gaze)
        for side in ("Left", "Right"):
            _raise(scores, f"eyeLookDown{side}", 0.15 * closed)
            lid = scores[:, SHAPE[f"eyeBlink{side}"]]
            lid += np.clip(-gaze[:, 1], -0.1, 0.3) * 0.6
            lid += closed * (1 - lid)

    def _lids(self, times: np.ndarray, heard: SpeechWindow) -> np.ndarray:
        """How far the lids are closed at `times`, `(T,)` in [0, 1]."""
        end = heard.start + heard.count / heard.fps
        for pause in _pauses(heard):
            if self._last + 1.5 < pause < self._next and self._random.random() < 0.45 * self._blinks:
                self._next = pause
            self._blink_until(pause, heard)
        self._blink_until(end - (EDGE if heard.last else self._manner.blink[0][0]), heard)
        self._shut = [at for at in self._shut if at > times[0] - 1.0]
        return np.max([np.zeros(len(times)), *(self._blink(times - at) for at in self._shut)], axis=0)

    @property
    def _last(self) -> float:
        return self._shut[-1] if self._shut else 0.0

    def _blink_until(self, end: float, heard: SpeechWindow) -> None:
        while self._blinks > 0 and self._next < end:
            # On a frame, so that the lids are seen shut.
            self._shut.append(np.ceil(self._next * heard.fps) / heard.fps)
            self._next += max(SOONEST, self._wait())

    def _wait(self) -> float:
        spread = self._manner.blink_spread
        mean = 60 / (self._manner.blinks_per_minute * self._blinks)
        return mean * self._random.lognormal(-(spread**2) / 2, spread)

    def _blink(self, since: np.ndarray) -> np.ndarray:
        """How far the lids are closed `since` the moment they are shut: fast down, slower up."""
        at, shape = self._manner.blink
        return np.interp(since, at, shape, left=0, right=0)

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


def _pauses(heard: SpeechWindow) -> list[float]:
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
