"""Stretches of speech with what lies around them, so that motion runs on across the joins.

A stretch ends a little before the part of speech it comes from: its look-ahead is then at hand, and its
frames can be drawn while the next part is still being synthesised.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from pipeline.motion.articulation import traits
from pipeline.motion.audio_features import STEPS, SpeakerNormalizer, log_mel, loudness
from pipeline.types import Phone, Speech, join, shift_time

BEFORE = 1.0
"""Seconds of the speech before a stretch that stay in memory."""
AFTER = 0.25
"""Seconds behind a stretch that are heard early: the look-ahead of all motion."""
HELD = 0.8
"""Seconds at a part's end that wait for what follows: the look-ahead, and time to come to rest at the end."""


@dataclass(frozen=True)
class SpeechWindow:
    """One stretch of speech as the motion layers hear it."""

    fps: int
    count: int
    """Frames to play."""
    start: float
    """Seconds of the stream before this stretch."""
    spectra: np.ndarray
    """`(K, BANDS)` normalised spectra at `STEPS` per second, from before the stretch until after it."""
    speaking: np.ndarray
    """`(K,)` in [0, 1]: whether somebody speaks."""
    loudness: np.ndarray
    """`(K,)` loudness in nepers below or above the voice's loud speech, which is 0."""
    lead: int
    """How many of the spectra lie before the stretch."""
    phones: tuple[Phone, ...]
    """The stretch's sounds, with those shortly before and after it; times from its start."""
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
        """`(count,)` s of the frames from the stretch's start."""
        return np.arange(self.count) / self.fps

    def at_frames(self, curve: np.ndarray, per_second: float = STEPS) -> np.ndarray:
        """A curve over `spectra`, `(K,)` or `(K, D)` at `per_second`, read at the frames."""
        at = np.clip((self.times + self.lead / STEPS) * per_second, 0, len(curve) - 1)
        low = np.minimum(at.astype(int), max(len(curve) - 2, 0))
        high = np.minimum(low + 1, len(curve) - 1)
        share = (at - low).astype(np.float32).reshape(-1, *[1] * (curve.ndim - 1))
        return curve[low] * (1 - share) + curve[high] * share


def hear(speech: Iterable[Speech], fps: int) -> Iterator[SpeechWindow]:
    """`speech` in stretches with their surroundings, each as soon as the part that it ends in is there."""
    ear, past, start = SpeakerNormalizer(), None, 0.0
    for before, part, after in _neighbours(_stretches(speech, fps)):
        hop = part.rate // STEPS
        past = _tail(past, before, round(BEFORE * STEPS) * hop)
        future = after.samples[: round(AFTER * part.rate)] if after else part.samples[:0]
        spectra = log_mel(np.concatenate([past, part.samples, future]), part.rate)
        lead = len(past) // hop
        ear = ear.heard(spectra[lead:])
        yield SpeechWindow(
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


def _neighbours(
    stretches: Iterable[tuple[Speech, Speech | None]],
) -> Iterator[tuple[Speech | None, Speech, Speech | None]]:
    before = None
    for stretch, after in stretches:
        yield before, stretch, after
        before = stretch


def _stretches(speech: Iterable[Speech], fps: int) -> Iterator[tuple[Speech, Speech | None]]:
    """`speech` cut `HELD` before the end of each part, with what is known to follow; at last the rest."""
    held: Speech | None = None
    for part in speech:
        whole = join([held, part]) if held else part
        ready = max(whole.frames(fps) - round(HELD * fps), 0)
        stretch, held = _cut(whole, ready * whole.rate // fps)
        if ready:
            yield stretch, held
    if held and len(held.samples):
        yield held, None


def _cut(speech: Speech, at: int) -> tuple[Speech, Speech]:
    """The first `at` samples with the phones that begin in them, and the rest."""
    seconds = at / speech.rate
    first = tuple(phone for phone in speech.phones if phone.start < seconds)
    rest = tuple(shift_time(phone, -seconds) for phone in speech.phones[len(first) :])
    return (
        replace(speech, samples=speech.samples[:at], phones=first),
        replace(speech, samples=speech.samples[at:], phones=rest),
    )


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
