"""Lip sync measured as a viewer could: from the gap between the lips and from the sound alone.

A fixed linear filter over log-mel spectra estimates from the sound how far a speaker's mouth is open. It
knows no words and no language, and no engine moves its lips by it, so that none is judged by itself. On
speakers that it was not trained on, the estimate correlates with the tracked lips by 0.58 on average and 0.45
at least; with another speaker's lips by 0.24. `training/lip_review.py` trains it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from pipeline.assets import MODELS
from pipeline.inference.weights import read_arrays
from pipeline.motion.audio_features import STEPS, SpeakerNormalizer, log_mel
from pipeline.review.sampling import SOUND_RATE, Stretch
from pipeline.types import Phone

MODEL = MODELS / "lip_review.npz"

LAGS = np.arange(-40, 41) / 100
"""Seconds by which the picture may be late: the range that is searched."""
_USUAL_LAG = 0.1
"""Standard deviation of expected lags in s. A few seconds of speech may fit the lips at a wrong lag by
chance; the evidence against this prior grows with the length of the speech."""
_INDEPENDENT = 5.0
"""Independent samples of a mouth's opening per second."""
_BILABIALS = frozenset("pbm")
_CLOSURE_RATE = 0.8
"""Clearest closures that are taken from the sound, per second of speech."""
_APART = 0.13
"""Least time between them in s."""
_LEAST_FRAMES = 25
"""Frames with speech and a face below which a stretch says nothing."""
_STILL = 0.01
"""Opening in inter-ocular distances below which a mouth does not move."""
_NEAR, _CLOSED = 0.06, 0.2
"""A closure is seen where the gap reaches the lowest fifth of its range within so many seconds."""


@dataclass(frozen=True)
class LipMeasures:
    """How well lips and sound agree."""

    seconds: float
    """Speech with a face in view."""
    lag: float
    """Seconds by which the picture is late; negative where it is early."""
    correlation: float
    """Correlation of the lips' gap with the one estimated from the sound, at that lag; real speakers 0.44 to
    0.7."""
    closures: int
    """Lip closures in the sound."""
    hit: float
    """Share of them that the picture shows."""
    chance: float
    """Share that it would show of arbitrary moments."""
    opening: float
    """Range of the gap in inter-ocular distances, 5th to 95th percentile; real speakers 0.1 to 0.35."""
    shut: float
    """Share of the speech with the gap in the lowest fifth of that range; real speakers 0.13 to 0.43."""


def measure_lips(stretches: Sequence[Stretch], phones: Sequence[Phone] = ()) -> LipMeasures | None:
    """Compare lips and sound; None where there is too little speech with a face in view.

    Args:
        stretches: of one video.
        phones: what is said, timed from the start of the video; makes the closures certain.
    """
    spoken = [curves for curves in map(_Curves, stretches) if len(curves.time) >= _LEAST_FRAMES]
    if not spoken:
        return None
    weights = np.array([len(curves.time) for curves in spoken], float)
    table = np.array([[curves.correlation(lag) for lag in LAGS] for curves in spoken])
    by_lag = weights @ table / weights.sum()
    seconds = sum(curves.seconds for curves in spoken)
    best = int(np.argmax(_likelihood(by_lag, seconds)))
    lag = float(LAGS[best])
    closures = [curves.closures(phones, lag) for curves in spoken]
    hits = np.concatenate([hit for hit, _ in closures])
    return LipMeasures(
        seconds=seconds,
        lag=lag,
        correlation=float(by_lag[best]),
        closures=len(hits),
        hit=float(hits.mean()) if len(hits) else 0.0,
        chance=float(np.average([chance for _, chance in closures], weights=weights)),
        opening=float(np.average([curves.opening for curves in spoken], weights=weights)),
        shut=float(np.average([curves.closed.mean() for curves in spoken], weights=weights)),
    )


def _likelihood(by_lag: np.ndarray, seconds: float) -> np.ndarray:
    """`(K,)` log-likelihood of each of `LAGS`, up to a constant, from the correlation at each."""
    explained = np.clip(by_lag, 0, 0.99) ** 2
    return -0.5 * (_INDEPENDENT * seconds * np.log(1 - explained) + (LAGS / _USUAL_LAG) ** 2)


def expected_aperture(sound: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Estimate the opening of the mouth from the sound.

    Args:
        sound: `(N,)` float32 at 16 kHz.

    Returns:
        `(K,)` the expected gap, without unit, and `(K,)` bool, whether there is speech, at 100 per second.
    """
    spectra = log_mel(sound, SOUND_RATE)
    normalizer = SpeakerNormalizer().updated(spectra)
    expected = apply_filter(normalizer.normalize(spectra), *_filter())
    return expected, normalizer.speaking(spectra) > 0.5


def apply_filter(spectra: np.ndarray, weights: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """`(K,)`: the sum over `offsets` (in steps) of `(K, BANDS)` spectra times `weights`."""
    reach = int(np.abs(offsets).max())
    padded = np.pad(spectra, ((reach, reach), (0, 0)), mode="edge")
    count = len(spectra)
    parts = (
        padded[reach + offset : reach + offset + count] @ column
        for offset, column in zip(offsets, weights, strict=True)
    )
    return np.sum(list(parts), axis=0)


@cache
def _filter() -> tuple[np.ndarray, np.ndarray]:
    stored = read_arrays(MODEL)
    return stored["weights"], stored["offsets"]


class _Curves:
    """The gap seen and the gap expected in one stretch, where there is speech and a face."""

    def __init__(self, stretch: Stretch) -> None:
        self.expected, speaking = expected_aperture(stretch.sound)
        self.grid = stretch.sound_start + np.arange(len(self.expected)) / STEPS
        spoken = np.interp(stretch.time, self.grid, speaking) > 0.5
        self.time, self.seen = stretch.time[spoken], stretch.aperture[spoken]
        self.speaking = speaking
        self.seconds = len(self.time) / stretch.fps
        low, high = np.percentile(self.seen, [5, 95]) if len(self.seen) else (0.0, 0.0)
        self.opening = float(high - low)
        self.closed = (self.seen - low) <= _CLOSED * self.opening
        self.span = stretch.start, stretch.start + stretch.seconds

    def correlation(self, lag: float) -> float:
        """Correlation of both curves when the picture is late by `lag` seconds."""
        expected = np.interp(self.time - lag, self.grid, self.expected)
        deviations = expected.std() * self.seen.std()
        # A mouth that moves by less than a hundredth of the inter-ocular distance does not speak.
        if deviations < 1e-9 or self.opening < _STILL:
            return 0.0
        return float(((expected - expected.mean()) * (self.seen - self.seen.mean())).mean() / deviations)

    def closures(self, phones: Sequence[Phone], lag: float) -> tuple[np.ndarray, float]:
        """Which closures of the sound are seen, and the share of all moments that would pass for one."""
        if phones:
            middles = [(phone.start + phone.end) / 2 for phone in phones if phone.label in _BILABIALS]
            closures = [at for at in middles if self.span[0] <= at < self.span[1]]
        else:
            closures = self._clearest()
        if self.opening < _STILL:
            return np.zeros(len(closures), bool), 0.0
        return np.array([self._shut(at + lag) for at in closures], bool), float(
            np.mean([self._shut(at) for at in self.time])
        )

    def _shut(self, at: float) -> bool:
        return bool(self.closed[np.abs(self.time - at) <= _NEAR + 1e-9].any())

    def _clearest(self) -> list[float]:
        """Times of the deepest minima of the expected gap in speech, deepest first."""
        curve = np.convolve(self.expected, np.ones(3) / 3, mode="same")
        dips = np.flatnonzero((curve[1:-1] <= curve[:-2]) & (curve[1:-1] < curve[2:])) + 1
        wanted = _CLOSURE_RATE * self.speaking.sum() / STEPS
        chosen: list[int] = []
        for dip in sorted(dips[self.speaking[dips]], key=lambda step: curve[step]):
            if len(chosen) >= wanted:
                break
            if all(abs(dip - other) > _APART * STEPS for other in chosen):
                chosen.append(int(dip))
        return [float(self.grid[step]) for step in chosen]
