"""Parts of speech with what lies around them, so that motion runs on across the joins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from pipeline.motion.articulation import traits
from pipeline.motion.hearing import STEPS, Ear, log_mel, loudness
from pipeline.types import Phone, Speech

BEFORE = 1.0
"""Seconds of the speech before a part that stay in memory."""
AFTER = 0.25
"""Seconds of the next part that are heard early: the look-ahead of all motion."""


@dataclass(frozen=True)
class Heard:
    """One part of speech as the motion layers hear it."""

    fps: int
    count: int
    """Frames to play."""
    start: float
    """Seconds of the stream before this part."""
    spectra: np.ndarray
    """`(K, BANDS)` normalised spectra at `STEPS` per second, from before the part until after it."""
    speaking: np.ndarray
    """`(K,)` in [0, 1]: whether somebody speaks."""
    loudness: np.ndarray
    """`(K,)` loudness in nepers below or above the voice's loud speech, which is 0."""
    lead: int
    """How many of the spectra lie before the part."""
    phones: tuple[Phone, ...]
    """The part's sounds, with those shortly before and after it; times from the part's start."""
    exact: bool
    """The phones were known from a text, not only recognised in the sound."""
    last: bool
    """Nothing follows."""

    @property
    def inputs(self) -> np.ndarray:
        """`(K, BANDS + TRAITS)` what the lip network hears: the spectra and the sounds found in them."""
        times = (np.arange(len(self.spectra)) - self.lead) / STEPS
        return np.concatenate([self.spectra, traits(self.phones, times)], 1)

    @property
    def times(self) -> np.ndarray:
        """`(count,)` s of the frames from the part's start."""
        return np.arange(self.count) / self.fps

    def at_frames(self, curve: np.ndarray, per_second: float = STEPS) -> np.ndarray:
        """A curve over `spectra`, `(K,)` or `(K, D)` at `per_second`, read at the frames."""
        at = np.clip((self.times + self.lead / STEPS) * per_second, 0, len(curve) - 1)
        low = np.minimum(at.astype(int), max(len(curve) - 2, 0))
        high = np.minimum(low + 1, len(curve) - 1)
        share = (at - low).astype(np.float32).reshape(-1, *[1] * (curve.ndim - 1))
        return curve[low] * (1 - share) + curve[high] * share


def hear(speech: Iterable[Speech], fps: int) -> Iterator[Heard]:
    """The parts of `speech` with their surroundings, reading one part ahead."""
    ear, past, start = Ear(), None, 0.0
    for before, part, after in _neighbours(speech):
        hop = part.rate // STEPS
        past = _tail(past, before, round(BEFORE * STEPS) * hop)
        future = after.samples[: round(AFTER * part.rate)] if after else part.samples[:0]
        spectra = log_mel(np.concatenate([past, part.samples, future]), part.rate)
        lead = len(past) // hop
        ear = ear.heard(spectra[lead:])
        yield Heard(
            fps=fps,
            count=part.frames(fps),
            start=start,
            spectra=ear.normal(spectra),
            speaking=ear.speaking(spectra),
            loudness=loudness(spectra) - (ear.peak if np.isfinite(ear.peak) else 0.0),
            lead=lead,
            phones=_phones_around(before, part, after),
            exact=bool(part.text),
            last=after is None,
        )
        start += part.duration


def _neighbours(speech: Iterable[Speech]) -> Iterator[tuple[Speech | None, Speech, Speech | None]]:
    before, part = None, None
    for after in speech:
        if part is not None:
            yield before, part, after
            before = part
        part = after
    if part is not None:
        yield before, part, None


def _tail(past: np.ndarray | None, before: Speech | None, wanted: int) -> np.ndarray:
    """The last `wanted` samples before the part; a whole number of spectra."""
    if before is None:
        return np.zeros(0, np.float32)
    known = before.samples if past is None else np.concatenate([past, before.samples])
    return known[-wanted:] if len(known) >= wanted else np.pad(known, (wanted - len(known), 0))


def _phones_around(before: Speech | None, part: Speech, after: Speech | None) -> tuple[Phone, ...]:
    def near(speech: Speech | None, by: float) -> Iterator[Phone]:
        for phone in speech.phones if speech else ():
            moved = Phone(phone.label, phone.start + by, phone.end + by)
            if moved.end > -BEFORE and moved.start < part.duration + AFTER:
                yield moved

    earlier = near(before, -before.duration if before else 0.0)
    return (*earlier, *part.phones, *near(after, part.duration))
