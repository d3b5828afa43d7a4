"""Motion matching: stretches of real motion, chosen by how the speech sounds, played one after the other.

After Clavet (2016, "Motion matching and the road to next-gen animation"): the next stretch is the one in the
database whose loudness runs most like that of the speech and whose pose continues the present one. Each
performance draws its own clips to choose from, so that no two have the same repertoire.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.easing import smootherstep
from pipeline.motion import motion_clips
from pipeline.motion.audio_features import STEPS, smoothed
from pipeline.motion.motion_clips import RATE, SOFTEST
from pipeline.motion.prosody import haste
from pipeline.motion.window import SpeechWindow

_SHORTEST, _LONGEST = 1.2, 2.4
"""Seconds of a stretch."""
_FADE = 0.7
"""Seconds in which one stretch passes into the next: a turn of the head takes as long."""
_REPERTOIRE = 28
"""Clips that one performance chooses from."""
_CONSIDERED = 0.5
"""Share of the possible stretches that are considered each time, so that loudness alone does not decide."""
_LOUDNESS, _POSE, _RECENT = 0.7, 0.3, 1.0
"""Weights of a stretch's distance: per neper of loudness, per unit of pose, and for a clip just used."""
_CALM = 0.83
"""Speed at which clips are played at a tempo of 1: the transitions between them add fast motion."""
_HASTE = 0.4
"""Power of the tempo by which the clips are played faster: most of it is in how often something happens."""
_MEMORY = 4
"""Stretches whose clips count as just used."""
_CENTRED = 0.8
"""Share of a stretch's mean yaw that is taken out: a presenter faces the camera again sooner than speakers of
interviews, and slow turns are what makes two performances look alike."""
_SIGNED = (0, 2)
"""Channels that change sign in the mirror: yaw and roll."""


@dataclass(frozen=True)
class _Stretch:
    start: float
    """Seconds of the stream."""
    clock: float
    """Seconds of played motion before it."""
    sample: int
    """First sample in the database."""
    mirrored: bool
    turned: float
    """Yaw that is taken out."""


class MotionMatcher:
    """The real motion that one performance is made of."""

    def __init__(self, random: np.random.Generator, *, tempo: float = 1.0) -> None:
        """`tempo`: how quickly one stretch follows another, and how fast they are played."""
        self._random = random
        self._tempo = tempo
        self._clips = motion_clips.load()
        self._rate = RATE * _CALM * tempo**_HASTE
        count = int(self._clips.clip[-1]) + 1
        repertoire = random.permutation(count)[:_REPERTOIRE]
        self._allowed = np.isin(self._clips.clip, repertoire)
        self._stretches: list[_Stretch] = []
        self._recent: list[int] = []
        self._next = 0.0
        self._clock = 0.0
        """Seconds of motion played before the window."""

    def generate(self, window: SpeechWindow) -> np.ndarray:
        """`(T, len(CHANNELS) - 1)`: the channels of the database but loudness, at the window's frames."""
        times = window.start + window.times
        elapsed = self._clock + np.concatenate([[0.0], np.cumsum(haste(window)) / window.fps])
        clock, self._clock = elapsed[:-1], float(elapsed[-1])
        while self._next <= times[-1]:
            self._append(window, float(np.interp(self._next, times, clock)))
        while len(self._stretches) > 2 and self._stretches[1].start + _FADE < times[0]:
            self._stretches.pop(0)
        return self._at(times, clock)

    def _at(self, times: np.ndarray, clock: np.ndarray) -> np.ndarray:
        played = self._played(self._stretches[0], clock)
        for stretch in self._stretches[1:]:
            weight = smootherstep(np.clip((times - stretch.start) / _FADE, 0, 1))[:, None]
            played = played + weight * (self._played(stretch, clock) - played)
        return played

    def _played(self, stretch: _Stretch, clock: np.ndarray) -> np.ndarray:
        """One stretch at times of the `clock`, interpolated; it stands still where its clip ends."""
        last = stretch.sample + int(self._clips.left[stretch.sample])
        at = np.clip(stretch.sample + (clock - stretch.clock) * self._rate, stretch.sample, last)
        whole = np.minimum(at.astype(int), max(last - 1, stretch.sample))
        share = (at - whole)[:, None].astype(np.float32)
        before, here, there, after = (
            self._clips.curves[np.clip(whole + step, stretch.sample, last)] for step in (-1, 0, 1, 2)
        )
        rise, curve = 0.5 * (there - before), before - 2.5 * here + 2 * there - 0.5 * after
        bend = 1.5 * (here - there) + 0.5 * (after - before)
        values = here + share * (rise + share * (curve + share * bend))
        values[:, 0] -= stretch.turned
        if stretch.mirrored:
            values[:, _SIGNED] *= -1
        return values

    def _append(self, window: SpeechWindow, clock: float) -> None:
        """Choose the stretch that begins at `_next`, which is `clock` seconds of played motion."""
        length = self._random.uniform(_SHORTEST, _LONGEST) / self._tempo
        needed = int((length + _FADE) * self._rate)
        mirrored = bool(self._random.random() < 0.5)
        possible = np.flatnonzero(self._allowed & (self._clips.left >= needed))
        if not len(possible):
            possible = np.flatnonzero(self._allowed & (self._clips.left >= RATE))
        possible = possible[self._random.random(len(possible)) < _CONSIDERED]
        distance = self._distance(window, clock, possible, length, mirrored)
        chosen = int(possible[np.argmin(distance)])
        self._recent = [*self._recent[1 - _MEMORY :], int(self._clips.clip[chosen])]
        turned = _CENTRED * float(self._clips.curves[chosen : chosen + needed + 1, 0].mean())
        self._stretches.append(_Stretch(self._next, clock, chosen, mirrored, turned))
        self._next += length

    def _distance(
        self, window: SpeechWindow, clock: float, samples: np.ndarray, length: float, mirrored: bool
    ) -> np.ndarray:
        heard = _heard(window, self._next, length, self._rate)
        steps = np.minimum(np.arange(len(heard)), self._clips.left[samples, None])
        distance = _LOUDNESS * np.abs(self._clips.loudness[samples[:, None] + steps] - heard).mean(1)
        distance += _RECENT * np.isin(self._clips.clip[samples], self._recent)
        if self._stretches:
            soon = np.array([_FADE / 2])
            pose = self._at(self._next + soon, clock + soon)[0, :3]
            sign = np.array([-1, 1, -1]) if mirrored else np.ones(3)
            distance += _POSE * np.linalg.norm(self._clips.curves[samples, :3] * sign - pose, axis=1)
        return distance


def _heard(window: SpeechWindow, start: float, length: float, rate: float) -> np.ndarray:
    """Loudness of the speech from `start`, as the database has it, as far as it is known."""
    level = np.clip(window.loudness, SOFTEST, 0)
    level = smoothed(level, round(0.1 * STEPS))
    at = (start - window.start + np.arange(0, length, 1 / rate)) * STEPS + window.lead
    at = at[at < len(level)]
    return np.interp(at if len(at) else [len(level) - 1], np.arange(len(level)), level)
