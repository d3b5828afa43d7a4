"""Before a render: is this recording good enough to speak from?

Level, clipping, noise and pauses are read from the samples; the speaking rate needs phones and is left out
where they are not known.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.speech.audio.loudness import levels
from pipeline.types import RATE, Finding, Phone

_STEPS = 100
"""Level values per second."""
_NATURAL_RATE = (9.0, 17.0)
"""Phones per second of speech, pauses left out: read speech lies around 12 to 13."""
_LONG_PAUSE = 2.0


def review_sound(
    samples: np.ndarray, rate: int = RATE, *, phones: Sequence[Phone] = ()
) -> tuple[Finding, ...]:
    """What to expect of a recording, topic by topic.

    Args:
        samples: `(N,)` float32 mono in [-1, 1], as recorded: before any loudness is normalised.
        rate: samples per second.
        phones: what is said in it, for the speaking rate.
    """
    samples = np.asarray(samples, np.float32)
    if rate != RATE:
        from scipy.signal import resample_poly

        samples = resample_poly(samples, RATE, rate).astype(np.float32)
    heard = levels(samples)
    decibels = np.maximum(heard.decibels, -100.0)
    loudness = heard.loudness()
    if loudness < -60 or not len(decibels):
        return (Finding("level", "poor", "The recording is silent; check the microphone and record again."),)
    speaking = _speaking(decibels)
    findings = [
        _level(loudness),
        _clipping(samples),
        _noise(decibels, speaking),
        _pauses(speaking),
    ]
    pace = _pace(phones)
    return tuple(findings + ([pace] if pace else []))


def _speaking(decibels: np.ndarray) -> np.ndarray:
    """`(S,)` bool per 10 ms: within 0.15 s of a level that is closer to the speech than to the floor."""
    loud, floor = np.percentile(decibels, [95, 5])
    active = decibels > max(loud - 30, floor + 0.4 * (loud - floor))
    return np.convolve(active, np.ones(31), mode="same") > 0


def _level(loudness: float) -> Finding:
    value = round(loudness, 1)
    if loudness < -36:
        return Finding(
            "level",
            "poor",
            f"The voice is very quiet ({value} LUFS); record closer to the microphone.",
            value,
        )
    if loudness < -29:
        return Finding(
            "level",
            "fair",
            f"The voice is rather quiet ({value} LUFS); a closer microphone would help.",
            value,
        )
    return Finding("level", "good", f"The level is fine ({value} LUFS).", value)


def _clipping(samples: np.ndarray) -> Finding:
    """Of all loud samples, how many are crowded at the very top, where speech hardly ever is."""
    level = np.abs(samples)
    peak = float(np.quantile(level, 0.99998))
    share = float((level >= 0.93 * peak).sum() / max((level >= 0.5 * peak).sum(), 1))
    if share < 0.07:
        return Finding("clipping", "good", "No peaks are cut off.", share)
    return Finding(
        "clipping",
        "fair" if share < 0.2 else "poor",
        "Loud peaks are cut off and sound harsh; record again at a lower gain.",
        share,
    )


def _noise(decibels: np.ndarray, speaking: np.ndarray) -> Finding:
    """Speech level over the level between the words; with hardly a pause, over the quietest moments."""
    rests = decibels[~speaking]
    floor = np.median(rests) if len(rests) >= _STEPS // 5 else np.percentile(decibels, 3)
    ratio = float(np.percentile(decibels[speaking], 75) - floor) if speaking.any() else 0.0
    if ratio >= 24:
        return Finding("noise", "good", f"The background is quiet ({ratio:.0f} dB below the voice).", ratio)
    verdict = "fair" if ratio >= 14 else "poor"
    return Finding(
        "noise",
        verdict,
        f"The background is only {ratio:.0f} dB below the voice; record in a quieter room, without music.",
        ratio,
    )


def _pauses(speaking: np.ndarray) -> Finding:
    """Silence at either end counts as well: the face would wait there."""
    edges = np.flatnonzero(np.diff(np.concatenate([[True], speaking, [True]]).astype(int)))
    longest = float((edges[1::2] - edges[::2]).max(initial=0) / _STEPS)
    if longest <= _LONG_PAUSE:
        return Finding("pauses", "good", f"No pause is longer than {max(longest, 0.1):.1f} s.", longest)
    return Finding(
        "pauses",
        "fair" if longest < 5 else "poor",
        f"There is a silence of {longest:.1f} s; cut it out unless the face is meant to wait.",
        longest,
    )


def _pace(phones: Sequence[Phone]) -> Finding | None:
    spoken = [phone for phone in phones if phone.label]
    seconds = sum(phone.end - phone.start for phone in spoken)
    if len(spoken) < 10 or seconds <= 0:
        return None
    rate = len(spoken) / seconds
    slow, fast = _NATURAL_RATE
    if slow <= rate <= fast:
        return Finding("pace", "good", f"The pace is natural ({rate:.0f} speech sounds a second).", rate)
    how, advice = ("slow", "speak a little faster") if rate < slow else ("fast", "speak a little slower")
    return Finding("pace", "fair", f"The speech is {how} ({rate:.0f} sounds a second); {advice}.", rate)
