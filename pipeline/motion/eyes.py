"""Eyes: blinks with their natural shape and rhythm, small saccades, and lids that follow the gaze."""

from __future__ import annotations

import numpy as np

from pipeline.easing import smoothstep
from pipeline.motion import statistics
from pipeline.motion.window import SpeechWindow
from pipeline.types import SHAPE

_SOONEST = 0.9
"""Least seconds between blinks."""
_FIXATION, _FIXATION_SPREAD = 1.3, 0.6
"""Median seconds of a fixation, and the standard deviation of its logarithm."""
_SACCADE = np.array([0.055, 0.035])
"""Standard deviation of gaze sideways and up, in blendshape scores."""
_SACCADE_SECONDS = 0.045
_EYE_CONTACT = 0.03
"""Gaze per degree of head turn, in blendshape scores, by which eyes stay on the camera as speakers' do who
look into it."""
_EDGE = 0.5
"""Seconds without blinks at either end of the speech."""


class Eyes:
    """The eyes of one performance."""

    def __init__(self, random: np.random.Generator, *, blinks: float, expression: float) -> None:
        """`blinks` and `expression` are the factors of `Style`."""
        self._random = random
        self._statistics = statistics.load()
        self._blinks = blinks
        self._expression = expression
        self._next = _EDGE + random.uniform(0.3, 2.0)
        self._shut: list[float] = []
        self._gazes: list[tuple[float, np.ndarray]] = [(-1.0, np.zeros(2))]

    def add(self, window: SpeechWindow, pose: np.ndarray, scores: np.ndarray) -> None:
        """Add blinks and gaze to `scores`, `(T, 52)`, while the head turns by `pose`, `(T, 3)`."""
        times = window.start + window.times
        closed = self._lids(times, window)
        gaze = self._gaze(times) * self._expression
        gaze += pose[:, :2] * [-_EYE_CONTACT, _EYE_CONTACT]
        _look(scores, gaze)
        for side in ("Left", "Right"):
            _raise(scores, f"eyeLookDown{side}", 0.15 * closed)
            lid = scores[:, SHAPE[f"eyeBlink{side}"]]
            lid += np.clip(-gaze[:, 1], -0.1, 0.3) * 0.6
            lid += closed * (1 - lid)

    def _lids(self, times: np.ndarray, window: SpeechWindow) -> np.ndarray:
        """How far the lids are closed at `times`, `(T,)` in [0, 1]."""
        end = window.start + window.count / window.fps
        for pause in _pauses(window):
            if self._last + 1.5 < pause < self._next and self._random.random() < 0.45 * self._blinks:
                self._next = pause
            self._blink_until(pause, window)
        self._blink_until(end - (_EDGE if window.last else self._statistics.blink[0][0]), window)
        self._shut = [at for at in self._shut if at > times[0] - 1.0]
        return np.max([np.zeros(len(times)), *(self._blink(times - at) for at in self._shut)], axis=0)

    @property
    def _last(self) -> float:
        return self._shut[-1] if self._shut else 0.0

    def _blink_until(self, end: float, window: SpeechWindow) -> None:
        while self._blinks > 0 and self._next < end:
            # On a frame, so that one shows the lids shut.
            self._shut.append(np.ceil(self._next * window.fps) / window.fps)
            self._next += max(_SOONEST, self._wait())

    def _wait(self) -> float:
        spread = self._statistics.blink_spread
        mean = 60 / (self._statistics.blinks_per_minute * self._blinks)
        return mean * self._random.lognormal(-(spread**2) / 2, spread)

    def _blink(self, since: np.ndarray) -> np.ndarray:
        """How far the lids are closed `since` the moment they are shut; they close faster than they open."""
        at, shape = self._statistics.blink
        return np.interp(since, at, shape, left=0, right=0)

    def _gaze(self, times: np.ndarray) -> np.ndarray:
        """`(T, 2)` gaze sideways (to the person's left) and up, in blendshape scores."""
        while self._gazes[-1][0] < times[-1]:
            rest = _FIXATION * self._random.lognormal(0, _FIXATION_SPREAD)
            to_camera = self._random.random() < 0.45
            goal = np.zeros(2) if to_camera else self._random.normal(0, 1, 2).clip(-2, 2) * _SACCADE
            self._gazes.append((self._gazes[-1][0] + max(rest, 0.25), goal))
        while len(self._gazes) > 2 and self._gazes[1][0] < times[0] - 0.5:
            self._gazes.pop(0)
        gaze = np.tile(self._gazes[0][1], (len(times), 1))
        for at, goal in self._gazes[1:]:
            gaze += (goal - gaze) * smoothstep((times - at) / _SACCADE_SECONDS, 0, 1)[:, None]
        return gaze


def _pauses(window: SpeechWindow) -> list[float]:
    """Times at which speech stops within the window."""
    calm = window.at_frames(window.speaking) < 0.5
    return [float(at) for at in window.start + window.times[1:][calm[1:] & ~calm[:-1]]]


def _look(scores: np.ndarray, gaze: np.ndarray) -> None:
    """Add `(T, 2)` gaze to the eight look blendshapes."""
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
