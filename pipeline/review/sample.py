"""Before a voice is imitated: is this recording of it good enough?

Whatever is in the recording comes back in the voice: noise, music, the harshness of clipped peaks, a second
speaker. What `review.sound` calls poor is therefore refused. Speakers are told apart by their pitch alone, so
two voices of the same pitch pass for one.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

from pipeline.cards import IMITATED_SECONDS
from pipeline.checksums import require_sha256
from pipeline.errors import AudioError, concerning
from pipeline.review.sound import review_beginning, speaking_seconds
from pipeline.types import RATE
from pipeline.video import open_sound

SHORTEST = 5.0
"""Seconds of speech that are needed."""

_GROUNDS = ("level", "voice", "clipping", "noise")
"""Topics of the review that speak against a recording."""
_PITCH_RATE = 16_000
_LOWEST, _HIGHEST = 65.0, 400.0
"""Hz between which a speaker's pitch lies."""
_STRETCH = 0.8
"""Seconds over which a pitch is taken: a few words."""
_APART = 8.0
"""Semitones between the lower and the higher voice; one person's phrases lie within five."""
_SHARE = 0.2
"""Share of the speech that each of two speakers has at least."""
_KEPT = 64
"""Recordings whose judgement is kept."""


def require_sample(path: Path) -> str:
    """The checksum (SHA-256) of a recording whose voice can be imitated.

    What is beyond `cards.IMITATED_SECONDS` does not count.

    Args:
        path: any sound or video file that FFmpeg reads.

    Raises:
        AudioError: it cannot be read, or is too short, silent, clipped or noisy, or music, or several people
            speak.
    """
    with concerning("voice_from"):
        checksum = require_sha256(path, AudioError, "voice_from")
        if (wrong := _mistake(path, checksum)) is not None:
            raise AudioError(f"{path.name} cannot be imitated: {wrong[:1].lower()}{wrong[1:]}")
    return checksum


@lru_cache(_KEPT)
def _mistake(path: Path, checksum: str) -> str | None:
    """What speaks against a recording, as a sentence."""
    samples, findings = review_beginning(open_sound(path), IMITATED_SECONDS)
    found = {finding.topic: finding for finding in findings}
    for topic in _GROUNDS:
        if topic in found and found[topic].verdict == "poor":
            return found[topic].sentence
    spoken = speaking_seconds(samples)
    if spoken < SHORTEST:
        wanted = f"record {SHORTEST:.0f} to {IMITATED_SECONDS:.0f} s of one person"
        return f"It has only {spoken:.1f} s of speech; {wanted}."
    if has_two_speakers(samples):
        return "Several people seem to speak in it; record one person alone."
    return None


def has_two_speakers(samples: np.ndarray) -> bool:
    """Whether a lower and a higher voice seem to speak in turn in a sound, `(N,)` float32 mono at `RATE`."""
    pitches = _pitches(samples)
    if len(pitches) < 4:
        return False
    pitches = np.sort(pitches)
    few = max(round(_SHARE * len(pitches)), 2)
    # The widest gap between neighbours that leaves enough on either side.
    gaps = np.diff(pitches)[few - 1 : len(pitches) - few]
    if not len(gaps):
        return False
    border = few + int(gaps.argmax())
    return bool(np.median(pitches[border:]) - np.median(pitches[:border]) >= _APART and gaps.max() >= 2.0)


def _pitches(samples: np.ndarray) -> np.ndarray:
    """The median pitch, in semitones, of each stretch that is voiced enough."""
    import librosa

    sound = librosa.resample(samples, orig_sr=RATE, target_sr=_PITCH_RATE)
    hop = _PITCH_RATE // 100
    hertz, voiced, _ = librosa.pyin(
        sound, fmin=_LOWEST, fmax=_HIGHEST, sr=_PITCH_RATE, frame_length=1024, hop_length=hop, resolution=0.2
    )
    semitones = 12 * np.log2(np.where(voiced, hertz, 1.0))
    step = round(100 * _STRETCH)
    found = []
    for start in range(0, len(semitones) - step + 1, step):
        inside = voiced[start : start + step]
        if inside.mean() >= 0.3:
            found.append(float(np.median(semitones[start : start + step][inside])))
    return np.array(found)
