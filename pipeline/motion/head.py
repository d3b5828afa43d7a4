"""Head pose: matched real motion in a performer's amplitude, beats on stressed syllables, and breathing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.easing import smootherstep
from pipeline.motion.audio_features import STEPS, smoothed
from pipeline.motion.personality import Personality
from pipeline.motion.prosody import ONSET, Accent, haste, phrase_ends
from pipeline.motion.spectral_noise import SpectralNoise
from pipeline.motion.window import SpeechWindow

_SILENT = 0.45
"""Share of the motion that is left in silence."""
_LOOKS = 0.65
"""Share of its turn by which the head comes back to the camera at the end of a phrase."""
_COMES, _STAYS, _LEAVES = 0.4, 0.3, 0.9
"""Seconds in which it does, stays there, and goes on, at a tempo of 1."""
_FRONTAL_REACH = np.array([11.0, 10.0, 9.0])
"""Degrees of yaw, pitch and roll that a photo taken from the front carries: approached, never exceeded."""
_LEAST_REACH = np.array([[3.0, 4.0, 5.0], [6.0, 4.0, 5.0]])
"""The same for a photo that is itself turned: back towards the camera, which uncovers what the photo does not
show, and farther away from it, which hides more of that side."""
_REACH_PER_DEGREE = np.array([[0.45, 0.25, 0.15], [0.15, 0.25, 0.15]])
"""Degrees of reach, back and away, that each degree of the photo's own pose takes."""
_RESTORED = np.array([1.45, 1.27, 1.52])
"""Factors that make up for what silence, reach and the ends of a clip take from each axis's deviation."""
_BEAT = 1.2
"""Degrees of a beat on a strong accent, for a performer of average amplitude."""
_ATTACK, _RELEASE = 0.26, 0.36
"""Seconds of a beat's movement into the accent, and out of it."""
_HIT = 0.04
"""Seconds after the accent at which a beat is complete."""
_BEAT_AXES = np.array([[0, 1, 0], [0, -0.8, 0], [0, 0, 0.9], [0.9, 0.25, 0]])
"""Yaw, pitch, roll of a nod, a lift of the chin, a tilt and a turn."""
_KIND_PER_TEMPO = np.array([0, 1, 2, 2])
"""Power of the tempo by which each kind comes more often: calm heads nod, lively ones tilt and turn too."""
_EITHER_SIDE = 2
"""The first of the beats that go to either side."""
_TREMOR = np.array([2.2, 2.6, 3.1, 3.6]), np.full(4, 0.026)
"""Hz, and variance in square degrees, of the small quick turns of a head that speaks, for a performer of
average amplitude: the matched motion is too smooth for them."""
_QUICKER = 0.5
"""Power of the tempo by which these are quicker, and larger."""
_POSTURE = np.array([0.06, 0.12]), np.array([0.1, 0.1])
"""Hz and variance of the slow changes of pitch and roll, in the performer's own deviations: the clips that
motion is matched from are without drift."""
_BREATHING = np.array([0.21, 0.27]), np.array([1.4e-4, 1.1e-4])
"""Hz and variance of the rise and fall with the breath, in inter-ocular distances."""
_SWAY = np.array([0.09, 0.2, 0.5]), np.array([25e-4, 22e-4, 17e-4])
"""The same for the sway of the body sideways. Head engines add the shift of a head that turns on its neck."""
_BOB = 0.42
"""Size of the sway up and down, relative to that sideways."""
_LEAN = 0.01
"""Inter-ocular distances by which the body leans to the side per degree of the head's roll: heads of tracked
speakers move 0.026 per degree, of which 0.016 are due to the neck."""


@dataclass(frozen=True)
class _Beat:
    time: float
    """Seconds of the stream of the accent."""
    turn: np.ndarray
    """`(3,)` degrees."""


class HeadMotion:
    """The head of one performance."""

    def __init__(
        self,
        random: np.random.Generator,
        performer: Personality,
        *,
        scale: float,
        tempo: float,
        own: np.ndarray,
    ) -> None:
        """Prepare the head of a performer.

        Args:
            random: source of everything random.
            performer: whose habits it has.
            scale: factor on its motion.
            tempo: factor on how often it beats.
            own: `(3,)` yaw, pitch, roll of the subject's picture in degrees, which limit how far it turns.
        """
        self._sways = [SpectralNoise(random, *_SWAY) for _ in range(2)]
        self._breathing = SpectralNoise(random, *_BREATHING)
        self._tremor = [SpectralNoise(random, *_TREMOR) for _ in range(3)]
        self._posture = [SpectralNoise(random, *_POSTURE) for _ in range(2)]
        self._random = random
        self._performer = performer
        self._scale = scale
        self._tempo = tempo
        kinds = performer.beats * tempo**_KIND_PER_TEMPO
        self._kinds = kinds / kinds.sum()
        back, away = np.maximum(_FRONTAL_REACH - _REACH_PER_DEGREE * np.abs(own), _LEAST_REACH)
        self._reach = np.where(own < 0, [away, back], [back, away])
        self._typical = float(np.sqrt(performer.turns.mean() / 2))
        """Size of beats and quick turns, relative to that of an average performer."""
        self._beats: list[_Beat] = []
        self._ends: list[float] = []

    def generate(
        self, window: SpeechWindow, accents: list[Accent], matched: np.ndarray, glance: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Pose `(T, 3)` in degrees and shift `(T, 2)` in inter-ocular distances.

        `matched`: `(T, 3)` yaw, pitch, roll of the matched motion, each with a standard deviation of 1;
        `glance`: `(T, 2)` degrees of yaw and pitch by which the head goes along with the eyes.
        """
        times = window.start + window.times
        amplitude = (_SILENT + (1 - _SILENT) * _slow_activity(window))[:, None]
        pose = matched * _RESTORED * self._performer.turns * amplitude + self._beat_pose(times, accents)
        pose[:, 1:] += self._performer.turns[1:] * _rows(self._posture, times)
        quick = self._tempo**_QUICKER
        size = quick * self._typical * amplitude * haste(window)[:, None]
        pose += size * _rows(self._tremor, quick * times)
        pose[:, :2] = pose[:, :2] * self._attention(window, times)[:, None] + glance
        reach = np.where(pose < 0, *self._reach)
        pose = reach * np.tanh(self._scale * pose / reach)
        shift = _rows(self._sways, times) * amplitude * [1, _BOB]
        shift[:, 1] += self._breathing(times)
        shift *= self._scale
        shift[:, 0] += _LEAN * pose[:, 2]
        return pose, shift

    def _attention(self, window: SpeechWindow, times: np.ndarray) -> np.ndarray:
        """`(T,)` share of the turn that is left by looks at the camera at the ends of phrases."""
        comes, stays, leaves = np.array([_COMES, _STAYS, _LEAVES]) / self._tempo
        self._ends += phrase_ends(window)
        self._ends = [end for end in self._ends if end > times[0] - comes - stays - leaves]
        share = np.ones(len(times))
        for end in self._ends:
            there = smootherstep(np.clip((times - end) / comes, 0, 1))
            gone = smootherstep(np.clip((times - end - comes - stays) / leaves, 0, 1))
            share = np.minimum(share, 1 - _LOOKS * (there - gone))
        return share

    def _beat_pose(self, times: np.ndarray, accents: list[Accent]) -> np.ndarray:
        """`(T, 3)` degrees."""
        typical = _BEAT * self._typical
        for accent in accents:
            chance, depth = self._random.random(), typical * self._random.lognormal(-0.1, 0.35)
            kind = self._random.choice(len(_BEAT_AXES), p=self._kinds)
            side = self._random.choice([-1.0, 1.0]) if kind >= _EITHER_SIDE else 1.0
            if chance < (0.25 + 0.6 * accent.strength) * self._tempo:
                strength = depth * (0.4 + 0.6 * accent.strength) * side
                at = max(accent.time, times[0] + ONSET)
                self._beats.append(_Beat(at, strength * _BEAT_AXES[kind]))
        self._beats = [beat for beat in self._beats if beat.time > times[0] - 1.0]
        turned = np.zeros((len(times), 3))
        for beat in self._beats:
            turned += _beat_curve(times - beat.time)[:, None] * beat.turn
        return turned


def _rows(noises: list[SpectralNoise], times: np.ndarray) -> np.ndarray:
    """`(T, len(noises))` at `times`."""
    return np.stack([noise(times) for noise in noises], 1)


def _beat_curve(since: np.ndarray) -> np.ndarray:
    """Quickly into the accent, and back a little slower."""
    there = np.clip((since - _HIT + _ATTACK) / _ATTACK, 0, 1)
    back = np.clip((since - _HIT) / _RELEASE, 0, 1)
    return smootherstep(there) - smootherstep(back)


def _slow_activity(window: SpeechWindow) -> np.ndarray:
    """Voice activity, smoothed to how slowly a head calms down."""
    return window.at_frames(smoothed(window.speaking, round(0.4 * STEPS)))
