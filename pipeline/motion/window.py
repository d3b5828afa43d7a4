"""Windows of speech with the context around them, so that motion is continuous across parts.

A window ends a little before the part of speech that it comes from: its look-ahead is then available, and its
frames can be rendered while the next part is still being synthesised.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from pipeline.motion.articulation import phonetic_features
from pipeline.motion.audio_features import STEPS, SpeakerNormalizer, log_mel, loudness
from pipeline.types import Phone, Speech, join, shift_time

_BEFORE = 1.0
"""Seconds of context before a window."""
_AFTER = 0.25
"""Seconds of context after a window: the look-ahead of all motion."""
_HELD = 0.8
"""Seconds at a part's end that wait for what follows: the look-ahead, and the time to come to rest at the
end."""


@dataclass(frozen=True, eq=False)
class SpeechWindow:
    """A stretch of speech with its features: the input of every layer of motion."""

    fps: int
    """Frames per second."""
    count: int
    """Frames to generate."""
    start: float
    """Seconds of speech before this window."""
    samples: np.ndarray
    """`(N,)` float32 at `rate`, with the context."""
    rate: int
    """Samples per second."""
    spectra: np.ndarray
    """`(K, BANDS)` normalised spectra at `STEPS` per second, with the context."""
    speaking: np.ndarray
    """`(K,)` voice activity in [0, 1]."""
    loudness: np.ndarray
    """`(K,)` loudness in nepers relative to the voice's loud speech."""
    lead: int
    """How many of the spectra lie before the window."""
    phones: tuple[Phone, ...]
    """The phones in the window and its context; times from the window's start."""
    exact: bool
    """Whether the phones are known from a text, not only recognised in the sound."""
    last: bool
    """Whether this is the last window."""

    @property
    def inputs(self) -> np.ndarray:
        """`(K, BANDS + PHONETIC_FEATURES)`, the lip network's input: spectra and phonetic features."""
        times = (np.arange(len(self.spectra)) - self.lead) / STEPS
        return np.concatenate([self.spectra, phonetic_features(self.phones, times)], 1)

    def sound(self, rate: int) -> np.ndarray:
        """`samples` at another rate."""
        import soxr

        return soxr.resample(self.samples, self.rate, rate).astype(np.float32, copy=False)

    @property
    def times(self) -> np.ndarray:
        """`(count,)` times of the frames in s from the window's start."""
        return np.arange(self.count) / self.fps

    def at_frames(self, curve: np.ndarray, per_second: float = STEPS) -> np.ndarray:
        """A curve over `spectra`, `(K,)` or `(K, D)` at `per_second`, interpolated at the frames."""
        at = np.clip((self.times + self.lead / STEPS) * per_second, 0, len(curve) - 1)
        low = np.minimum(at.astype(int), max(len(curve) - 2, 0))
        high = np.minimum(low + 1, len(curve) - 1)
        share = (at - low).astype(np.float32).reshape(-1, *[1] * (curve.ndim - 1))
        return curve[low] * (1 - share) + curve[high] * share


def speech_windows(speech: Iterable[Speech], fps: int) -> Iterator[SpeechWindow]:
    """`speech` in windows, each as soon as the part that it ends in is available."""
    normalizer, past, start = SpeakerNormalizer(), None, 0.0
    for before, part, after in _with_neighbours(_stretches(speech, fps)):
        hop = part.rate // STEPS
        past = _tail(past, before, round(_BEFORE * STEPS) * hop)
        future = after.samples[: round(_AFTER * part.rate)] if after else part.samples[:0]
        samples = np.concatenate([past, part.samples, future])
        spectra = log_mel(samples, part.rate)
        lead = len(past) // hop
        normalizer = normalizer.updated(spectra[lead:])
        yield SpeechWindow(
            fps=fps,
            count=part.frames(fps),
            start=start,
            samples=samples,
            rate=part.rate,
            spectra=normalizer.normalize(spectra),
            speaking=normalizer.speaking(spectra),
            loudness=loudness(spectra) - (normalizer.peak if np.isfinite(normalizer.peak) else 0.0),
            lead=lead,
            phones=_phones_around(before, part, after),
            exact=bool(part.text),
            last=after is None,
        )
        start += part.duration


def _with_neighbours(
    stretches: Iterable[tuple[Speech, Speech | None]],
) -> Iterator[tuple[Speech | None, Speech, Speech | None]]:
    before = None
    for stretch, after in stretches:
        yield before, stretch, after
        before = stretch


def _stretches(speech: Iterable[Speech], fps: int) -> Iterator[tuple[Speech, Speech | None]]:
    """`speech` cut `_HELD` seconds before the end of each part, with what follows so far; then the rest."""
    held: Speech | None = None
    for part in speech:
        whole = join([held, part]) if held else part
        ready = max(whole.frames(fps) - round(_HELD * fps), 0)
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
    """The last `wanted` samples before the part, padded with silence; none before the first part."""
    if before is None:
        return np.zeros(0, np.float32)
    known = before.samples if past is None else np.concatenate([past, before.samples])
    return known[-wanted:] if len(known) >= wanted else np.pad(known, (wanted - len(known), 0))


def _phones_around(before: Speech | None, part: Speech, after: Speech | None) -> tuple[Phone, ...]:
    def near(speech: Speech | None, by: float) -> Iterator[Phone]:
        for phone in speech.phones if speech else ():
            moved = Phone(phone.label, phone.start + by, phone.end + by)
            if moved.end > -_BEFORE and moved.start < part.duration + _AFTER:
                yield moved

    earlier = near(before, -before.duration if before else 0.0)
    return (*earlier, *part.phones, *near(after, part.duration))
