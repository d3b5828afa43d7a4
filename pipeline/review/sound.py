"""Before a render: is this recording good enough to be spoken by the face?

Voice, level, clipping, noise and pauses are measured on the samples; the speaking rate needs phones and is
left out where they are not known. Level and pauses use the studio's own loudness meter (ITU-R BS.1770), by
which the sound is normalised later.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pipeline.findings import Finding, Verdict
from pipeline.review.voice import has_voice
from pipeline.speech.audio.loudness import levels
from pipeline.speech.audio.recording import beginning
from pipeline.types import RATE, Phone
from pipeline.video import Sound, open_sound

_STEPS = 100
"""Level values per second."""
_NATURAL_RATE = (9.0, 17.0)
"""Phones per second of speech, without pauses: read speech has 12 to 13."""
_NEAR = 15
"""Level values on either side of speech that still count as speech."""
_LONG_PAUSE = 2.0
"""Seconds of silence from which a pause is pointed out."""
_VERY_LONG_PAUSE = 5.0
_REVIEWED = 180.0
"""Seconds of a recording that are reviewed."""


def review_recording(path: Path | str) -> tuple[Finding, ...]:
    """Judge the first three minutes of a recording, or of a video's sound, topic by topic.

    Raises:
        AudioError: it is missing, unreadable, or has no sound.
    """
    sound = open_sound(path)
    findings, damage = review_beginning(sound, _REVIEWED)[1], sound.damage
    return findings if damage is None else (*findings, Finding("damage", "fair", damage, sound.survey.lost))


def review_beginning(sound: Sound, seconds: float) -> tuple[np.ndarray, tuple[Finding, ...]]:
    """The first seconds of a recording, `(N,)` float32 mono at `RATE`, and what is found in them.

    Raises:
        AudioError: nothing of it can be decoded.
    """
    samples = beginning(sound, seconds)
    # Clipping makes frequencies that pass for rumble, and what removes them bends the flat peaks.
    recorded = beginning(sound, seconds, highpass=False) if sound.survey.rumbles else None
    return samples, review_sound(samples, recorded=recorded)


def review_sound(
    samples: np.ndarray,
    rate: int = RATE,
    *,
    phones: Sequence[Phone] = (),
    recorded: np.ndarray | None = None,
) -> tuple[Finding, ...]:
    """Judge a recording, topic by topic.

    Args:
        samples: `(N,)` float32 mono in [-1, 1], as recorded: before its loudness is normalised.
        rate: samples per second.
        phones: what is said in it, for the speaking rate.
        recorded: the samples before rumble was removed from them, where it was; clipping shows in these.
    """
    samples = np.asarray(samples, np.float32)
    if rate != RATE:
        import librosa

        samples = librosa.resample(samples, orig_sr=rate, target_sr=RATE)
    meter = levels(samples)
    decibels = np.maximum(meter.decibels, -100.0)
    loudness = meter.heard_loudness()
    if loudness == -np.inf:
        return (Finding("level", "poor", "The recording is silent; check the microphone and record again."),)
    if not has_voice(samples):
        # Noise, clipping and pauses are measured against the voice, so they mean nothing without one.
        sentence = (
            "No speech was found, only a steady tone or noise; record a voice, close to the microphone."
        )
        return (Finding("voice", "poor", sentence), _level(loudness))
    speaking = _speaking(decibels)
    findings = [
        Finding("voice", "good", "There is a voice in it."),
        _level(loudness),
        _clipping(samples, recorded),
        _noise(decibels, speaking),
        _pauses(speaking),
    ]
    pace = _pace(phones)
    return tuple(findings + ([pace] if pace else []))


def speaking_seconds(samples: np.ndarray) -> float:
    """How long somebody speaks in a recording, `(N,)` float32 mono at `RATE`, without the pauses."""
    decibels = np.maximum(levels(samples).decibels, -100.0)
    return float(_speaking(decibels).sum() / _STEPS) if len(decibels) else 0.0


def _speaking(decibels: np.ndarray) -> np.ndarray:
    """`(S,)` bool per 10 ms: within 0.15 s of a level that is nearer to the speech than to the floor."""
    loud, floor = np.percentile(decibels, [95, 5])
    active = decibels > max(loud - 30, floor + 0.4 * (loud - floor))
    return np.convolve(active, np.ones(2 * _NEAR + 1))[_NEAR : _NEAR + len(active)] > 0


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
    return Finding("level", "good", f"The level is right ({value} LUFS).", value)


def _clipping(samples: np.ndarray, recorded: np.ndarray | None) -> Finding:
    """The higher share of loud samples close to the peak, with and without rumble."""
    share = max(_share_at_peak(each) for each in (samples, recorded) if each is not None and len(each))
    if share < 0.07:
        return Finding("clipping", "good", "Nothing is clipped.", share)
    return Finding(
        "clipping",
        "fair" if share < 0.2 else "poor",
        "Loud peaks are clipped and sound harsh; record again at a lower gain.",
        share,
    )


def _share_at_peak(samples: np.ndarray) -> float:
    """Share of the loud samples that are close to the peak, where unclipped speech seldom is."""
    level = np.abs(samples - samples.mean())
    peak = float(np.quantile(level, 0.99998))
    return float((level >= 0.93 * peak).sum() / max((level >= 0.5 * peak).sum(), 1))


def _noise(decibels: np.ndarray, speaking: np.ndarray) -> Finding:
    """Speech level over the level between words; with hardly a pause, over the quietest moments."""
    rests = decibels[~speaking]
    floor = np.median(rests) if len(rests) >= _STEPS // 5 else np.percentile(decibels, 3)
    ratio = float(np.percentile(decibels[speaking], 75) - floor) if speaking.any() else 0.0
    if ratio >= 24:
        return Finding("noise", "good", f"The background is quiet ({ratio:.0f} dB below the voice).", ratio)
    verdict: Verdict = "fair" if ratio >= 14 else "poor"
    return Finding(
        "noise",
        verdict,
        f"The background is only {ratio:.0f} dB below the voice; record in a quieter place, without music.",
        ratio,
    )


def _pauses(speaking: np.ndarray) -> Finding:
    """Silence at either end counts too: the face would wait there."""
    edges = np.flatnonzero(np.diff(np.concatenate([[True], speaking, [True]]).astype(int)))
    longest = float((edges[1::2] - edges[::2]).max(initial=0) / _STEPS)
    if longest <= _LONG_PAUSE:
        return Finding("pauses", "good", f"No pause is longer than {max(longest, 0.1):.1f} s.", longest)
    return Finding(
        "pauses",
        "fair" if longest < _VERY_LONG_PAUSE else "poor",
        f"There is a silence of {longest:.1f} s; cut it unless the face should wait there.",
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
