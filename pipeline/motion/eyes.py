"""Eyes: blinks with their natural shape and rhythm, looks away and at the camera, lids that follow gazes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from pipeline.easing import smoothstep
from pipeline.motion import statistics
from pipeline.motion.personality import Personality
from pipeline.motion.prosody import phrase_ends
from pipeline.motion.window import SpeechWindow
from pipeline.types import SHAPE

_SOONEST = 0.9
"""Least seconds between blinks."""
_FIXATION, _FIXATION_SPREAD = 1.2, 0.6
"""Median seconds of a fixation, and the standard deviation of its logarithm."""
_SACCADE = np.array([0.10, 0.07])
"""Standard deviation of gaze sideways and up, in blendshape scores."""
_SACCADE_SECONDS = 0.045
_EYE_CONTACT = np.array([-0.033, 0.027])
"""Gaze sideways and up per degree of yaw and pitch, in blendshape scores, by which eyes stay on the camera as
those of 15 tracked speakers do."""
_LIDS_FOLLOW = 0.45
"""Score of the lids per score of gaze down, of tracked speakers. Over eyes that only stay on the camera while
the head nods, lids stay where they are."""
_AVERSION = np.array([0.32, 0.19])
"""Standard deviation of gaze sideways and up where a speaker looks away to think, in blendshape scores."""
_LARGE_SHIFT = 0.2
"""Change of gaze, in blendshape scores, that often comes with a blink."""
_HEAD_SHARE, _HEAD_SECONDS = 0.2, 0.45
"""Share of a large change of gaze that the head takes over, and the seconds in which it does."""
_AT_CAMERA, _LOOKS = 0.85, 0.6
"""Probability of a look at the camera at the end of a phrase, and its seconds at least."""
_HALF = (0.2, 0.42)
"""Scores of the lids in half a blink: eyes are shut from 0.55."""
_AT_PAUSES, _WITH_GAZE, _WITH_HEAD = 0.3, 0.4, 0.4
"""Probability of a blink at the end of a phrase, with a large change of gaze, and with a turn of the head, of
a performer who blinks as often as most."""
_DUE = 0.5
"""Seconds before a blink at which it comes at any such moment."""
_QUICK_TURN = 16.0
"""Degrees per second from which a turn of the head counts."""
_RESTORED = 1.1
"""Factor that makes up for the blinks that the ends of a clip and the least wait take from the rate."""
_EDGE = 0.5
"""Seconds without blinks at either end of the speech."""


class Eyes:
    """The eyes of one performance."""

    def __init__(
        self,
        random: np.random.Generator,
        performer: Personality,
        *,
        blinks: float = 1.0,
        expression: float = 1.0,
        tempo: float = 1.0,
    ) -> None:
        """`blinks`, `expression` and `tempo` are the factors of `Style`."""
        self._random = random
        self._statistics = statistics.load()
        self._performer = performer
        self._blinks = blinks
        self._expression = expression
        self._tempo = tempo
        self._next = _EDGE + random.uniform(0, 1) * 60 / performer.blinks
        self._shut: list[tuple[float, float]] = []
        self._gazes: list[tuple[float, np.ndarray]] = [(-1.0, np.zeros(2))]

    def glance(self, window: SpeechWindow) -> np.ndarray:
        """`(T, 2)` degrees of yaw and pitch by which the head goes along as the eyes look away; to be called
        before `add`."""
        times = window.start + window.times
        self._look_ahead(times, window)
        turned = self._gaze(times, _HEAD_SECONDS)
        return -_HEAD_SHARE * self._expression * turned / _EYE_CONTACT

    def add(self, window: SpeechWindow, pose: np.ndarray, scores: np.ndarray) -> None:
        """Add blinks and gaze to `scores`, `(T, 52)`, while the head turns by `pose`, `(T, 3)`."""
        times = window.start + window.times
        gaze = self._gaze(times, _SACCADE_SECONDS) * self._expression
        closed = self._lids(times, window, pose)
        _look(scores, gaze + pose[:, :2] * _EYE_CONTACT)
        for side in ("Left", "Right"):
            _raise(scores, f"eyeLookDown{side}", 0.15 * closed)
            _raise(scores, f"eyeSquint{side}", self._statistics.squint_per_blink * closed)
            lid = scores[:, SHAPE[f"eyeBlink{side}"]]
            lid += _LIDS_FOLLOW * np.clip(-gaze[:, 1], -0.1, 0.3)
            lid += closed * (1 - lid)

    def _lids(self, times: np.ndarray, window: SpeechWindow, pose: np.ndarray) -> np.ndarray:
        """How far the lids are closed at `times`, `(T,)` in [0, 1]."""
        end = window.start + window.count / window.fps
        often = self._blinks * self._performer.blinks / self._statistics.habits["blinks"].median
        for cue, chance in self._cues(window, times, pose):
            self._blink_until(cue, window)
            chance = 1.0 if self._next - cue < _DUE else chance * often
            if self._last + 1.2 < cue < self._next and self._random.random() < chance:
                self._next = cue
        self._blink_until(end - (_EDGE if window.last else self._statistics.blink[0][0]), window)
        self._shut = [blink for blink in self._shut if blink[0] > times[0] - 1.0]
        return np.max(
            [np.zeros(len(times)), *(full * self._blink(times - at) for at, full in self._shut)], axis=0
        )

    def _cues(self, window: SpeechWindow, times: np.ndarray, pose: np.ndarray) -> list[tuple[float, float]]:
        """Times at which a blink is likely, and how likely: ends of phrases, large changes of gaze, and quick
        turns of the head."""
        cues = [(end, _AT_PAUSES) for end in phrase_ends(window)]
        for (_, before), (at, goal) in pairwise(self._gazes):
            if times[0] <= at <= times[-1] and np.abs(goal - before).max() > _LARGE_SHIFT:
                cues.append((at, _WITH_GAZE))
        speed = np.linalg.norm(np.diff(pose, axis=0), axis=1) * window.fps
        quickest = (speed[1:-1] > np.maximum(speed[:-2], _QUICK_TURN)) & (speed[1:-1] >= speed[2:])
        return sorted(cues + [(float(at), _WITH_HEAD) for at in times[1:-2][quickest]])

    @property
    def _last(self) -> float:
        return self._shut[-1][0] if self._shut else 0.0

    def _blink_until(self, end: float, window: SpeechWindow) -> None:
        while self._blinks > 0 and self._next < end:
            # On a frame, so that one shows the lids shut.
            half = self._random.random() < self._statistics.half_blinks
            full = self._random.uniform(*_HALF) if half else 1.0
            self._shut.append((np.ceil(self._next * window.fps) / window.fps, full))
            self._next += max(_SOONEST, self._wait())

    def _wait(self) -> float:
        spread = self._statistics.blink_spread
        mean = 60 / (_RESTORED * self._performer.blinks * self._blinks)
        return mean * self._random.lognormal(-(spread**2) / 2, spread)

    def _blink(self, since: np.ndarray) -> np.ndarray:
        """How far the lids are closed `since` the moment they are shut; they close faster than they open."""
        at, shape = self._statistics.blink
        return np.interp(since, at, shape, left=0, right=0)

    def _look_ahead(self, times: np.ndarray, window: SpeechWindow) -> None:
        """Decide where the eyes look until the end of the window."""
        speaking = window.at_frames(window.speaking)
        while self._gazes[-1][0] < times[-1]:
            rest = _FIXATION / self._tempo * self._random.lognormal(0, _FIXATION_SPREAD)
            away = self._gazes[-1][1].any() and np.abs(self._gazes[-1][1]).max() > _LARGE_SHIFT
            at = self._gazes[-1][0] + (min(max(rest, 0.25), 0.9) if away else max(rest, 0.25))
            spoken = bool(np.interp(at, times, speaking) > 0.5)
            self._gazes.append((at, np.zeros(2) if away else self._fixation(spoken)))
        for end in phrase_ends(window):
            if self._random.random() < _AT_CAMERA:
                others = [gaze for gaze in self._gazes if not end <= gaze[0] < end + _LOOKS]
                self._gazes = sorted([*others, (end, np.zeros(2))], key=lambda gaze: gaze[0])
        while len(self._gazes) > 2 and self._gazes[1][0] < times[0] - 0.5:
            self._gazes.pop(0)

    def _gaze(self, times: np.ndarray, seconds: float) -> np.ndarray:
        """`(T, 2)` gaze sideways (to the person's left) and up, in blendshape scores, of what takes `seconds`
        to go from one fixation to the next."""
        gaze = np.tile(self._gazes[0][1], (len(times), 1))
        for at, goal in self._gazes[1:]:
            gaze += (goal - gaze) * smoothstep((times - at) / seconds, 0, 1)[:, None]
        return gaze

    def _fixation(self, spoken: bool) -> np.ndarray:
        """Where the eyes look next, `(2,)`: the camera, close to it, or away to think."""
        chance, goal = self._random.random(), self._random.normal(0, 1, 2).clip(-2, 2)
        if not spoken:
            return np.zeros(2) if chance < 0.7 else goal * _SACCADE
        away = 0.6 * self._performer.aversion * self._tempo
        if chance < away:
            return np.sign(goal) * np.maximum(np.abs(goal), 0.6) * _AVERSION
        return goal * _SACCADE if chance < away + 0.45 else np.zeros(2)


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
