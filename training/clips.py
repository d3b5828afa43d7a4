"""Tracked clips as training data of the lip network: audio features, mouth measures, and the lag between
them.

Public clips are rarely in sync: the sound is 20 to 240 ms late. A linear filter from the sound encoder's
states to the mouth's opening, fitted on clips that are in sync, finds each clip's lag; clips whose lag is
uncertain are left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from pipeline.faces.landmarks import EYE_CORNERS, LOWER_LIP, MOUTH_CORNERS, UPPER_LIP
from pipeline.motion.articulation import phonetic_features
from pipeline.motion.audio_features import STEPS, SpeakerNormalizer, log_mel
from pipeline.motion.blendshape_groups import GROUPS
from pipeline.motion.lip_network import RATE
from pipeline.motion.sound_encoder import STATES, SoundEncoder
from pipeline.types import Phone
from training.track import SOUND_RATE, Track

TARGETS = ("aperture", "width", *GROUPS)
"""What the network predicts, in standard deviations from the speaker's own mean."""
CLOSED, OPEN = 0.15, 0.3
"""Shares of a speaker's range of opening: of lips that meet, and of lips that are apart before and after."""
_INNER_LIPS = (UPPER_LIP, LOWER_LIP)
_OFFSETS = np.array([-0.08, 0.0, 0.08])
"""Seconds around a frame that the filter for the lag hears."""
_RIDGE = 0.05
"""Regularisation of that filter, as a share of the mean power of what it hears."""
_LEAST_DEVIATION = 0.01


@dataclass(frozen=True, eq=False)
class Clip:
    """One speaker's clip."""

    name: str
    """Of the file, without suffix."""
    spectra: np.ndarray
    """`(K, BANDS)` log-mel spectra, `STEPS` per second."""
    phonetics: np.ndarray
    """`(K, PHONETIC_FEATURES)` of the recognised phones."""
    states: np.ndarray
    """`(K', SIZE)` states of the sound encoder, `STATES` per second."""
    sound_start: float
    """Time of the first sample in s."""
    time: np.ndarray
    """`(T,)` s of the frames with a face."""
    measures: np.ndarray
    """`(T, len(TARGETS))` opening and width in inter-ocular distances, then blendshape scores."""
    lag: float = 0.0
    """Seconds by which the sound is late."""

    @property
    def speaking(self) -> np.ndarray:
        """`(T,)` bool: whether there is speech at this frame."""
        normalizer = SpeakerNormalizer().updated(self.spectra)
        at = (self.time + self.lag - self.sound_start) * STEPS
        return np.interp(at, np.arange(len(self.spectra)), normalizer.speaking(self.spectra)) > 0.5

    def normalized(self) -> np.ndarray:
        """`measures` with mean 0 and standard deviation 1 over the speech."""
        spoken = self.measures[self.speaking]
        deviation = np.maximum(spoken.std(0), _LEAST_DEVIATION)
        return (self.measures - spoken.mean(0)) / deviation

    def closures(self) -> np.ndarray:
        """Times of brief lip closures: minima of the opening as p, b and m cause them."""
        opening, speaking = self.measures[:, 0], self.speaking
        low, high = np.percentile(opening[speaking], [5, 95])
        share = (opening - low) / max(high - low, 1e-6)
        found: list[float] = []
        for first, last in _runs((share <= CLOSED) & speaking):
            before = (self.time >= self.time[first] - 0.25) & (self.time < self.time[first])
            after = (self.time > self.time[last]) & (self.time <= self.time[last] + 0.25)
            parted = all(side.any() and share[side].max() >= OPEN for side in (before, after))
            if parted and self.time[last] - self.time[first] <= 0.4:
                found.append(float(self.time[first + int(np.argmin(share[first : last + 1]))]))
        return np.array(found)

    def at_outputs(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Targets `(K', D)`, closures `(K',)` and weights `(K',)` at the times of the network's outputs."""
        at = self.sound_start - self.lag + np.arange(len(self.spectra) // 2) / RATE
        targets = np.stack([np.interp(at, self.time, column) for column in self.normalized().T], 1)
        closed = np.zeros(len(self.time))
        for time in self.closures():
            closed = np.maximum(closed, np.abs(self.time - time) < 0.045)
        seen = (at > self.time[0] - 0.02) & (at < self.time[-1] + 0.02)
        weight = seen * (0.15 + 0.85 * np.interp(at, self.time, self.speaking))
        closed = np.interp(at, self.time, closed)
        return (
            np.clip(targets, -3, 3).astype(np.float32),
            closed.astype(np.float32),
            weight.astype(np.float32),
        )


def from_track(track: Track, encoder: SoundEncoder) -> Clip:
    """The training data of a track, its lag unknown."""
    seen = track.face_ok
    points = track.landmarks[seen]
    eyes = [points[:, list(corners)].mean(1) for corners in EYE_CORNERS.values()]
    apart = np.linalg.norm(eyes[0] - eyes[1], axis=1)
    opening, width = (
        np.linalg.norm(points[:, first] - points[:, second], axis=1) / apart
        for first, second in (_INNER_LIPS, MOUTH_CORNERS)
    )
    index = {name: at for at, name in enumerate(track.names)}
    scores = [
        track.blendshapes[seen][:, [index[name] for name in names]].mean(1) for names in GROUPS.values()
    ]
    spectra = log_mel(track.samples, SOUND_RATE)
    measures = np.stack([opening, width, *scores], 1)
    phones = [
        Phone(label, *times) for label, times in zip(track.phones, track.phone_times.tolist(), strict=True)
    ]
    phonetics = phonetic_features(phones, np.arange(len(spectra)) / STEPS)
    return Clip(
        track.name,
        spectra,
        phonetics,
        encoder(track.samples),
        track.sound_start,
        track.time[seen],
        measures,
    )


def in_sync(aligned: list[Clip], others: Iterable[Clip], rounds: int = 3) -> list[Clip]:
    """Those of `others` whose lag is certain, with it; each round is fitted on those found before as well."""
    others = [clip for clip in others if clip.speaking.any()]
    found: list[Clip] = []
    for _ in range(rounds):
        weights = _filter([*aligned, *found])
        found = [late for late in (_with_lag(clip, weights) for clip in others) if late is not None]
    return found


def _filter(clips: list[Clip]) -> np.ndarray:
    size = len(_OFFSETS) * clips[0].states.shape[1]
    square, product = np.zeros((size, size)), np.zeros(size)
    for clip in clips:
        inputs = _inputs(clip, clip.time + clip.lag)
        square += inputs.T @ inputs
        product += inputs.T @ clip.normalized()[:, 0]
    return np.linalg.solve(square + _RIDGE * np.trace(square) / size * np.eye(size), product)


def _inputs(clip: Clip, times: np.ndarray) -> np.ndarray:
    states = clip.states - clip.states.mean(0)
    at = (times[:, None] + _OFFSETS - clip.sound_start) * STATES
    low = np.clip(at.astype(int), 0, len(states) - 2)
    share = np.clip(at - low, 0, 1)[..., None]
    return (states[low] * (1 - share) + states[low + 1] * share).reshape(len(times), -1)


def _with_lag(clip: Clip, weights: np.ndarray) -> Clip | None:
    lags = np.arange(-0.5, 0.501, 0.01)
    grid = np.arange(clip.time[0] - 0.6, clip.time[-1] + 0.6, 0.01)
    curve = _inputs(clip, grid) @ weights
    fits = np.array(
        [_correlation(np.interp(clip.time + lag, grid, curve), clip.measures[:, 0]) for lag in lags]
    )
    best = int(np.argmax(np.where((lags > -0.081) & (lags < 0.301), fits, -1)))
    rival = fits[np.abs(lags - lags[best]) > 0.12].max()
    certain = fits[best] >= 0.4 and fits[best] >= rival + 0.1
    return replace(clip, lag=float(lags[best])) if certain else None


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(one, other)[0, 1])


def _runs(flags: np.ndarray) -> list[tuple[int, int]]:
    """First and last index of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(int)))
    return [(int(first), int(last) - 1) for first, last in zip(edges[::2], edges[1::2], strict=True)]
