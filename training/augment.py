"""Data augmentation on log-mel spectra: other voices, microphones, rooms, noise and paces."""

from __future__ import annotations

import numpy as np

from pipeline.motion.audio_features import STEPS, loudness

Random = np.random.Generator


def voice(spectra: np.ndarray, random: Random) -> np.ndarray:
    """Another vocal tract and pitch: bands stretched by up to 15% and shifted by up to two."""
    bands = spectra.shape[1]
    source = np.arange(bands) * (1 + random.uniform(-0.15, 0.15)) + random.uniform(-2, 2)
    source = np.clip(source, 0, bands - 1)
    low = np.minimum(source.astype(int), bands - 2)
    share = (source - low).astype(np.float32)
    return spectra[:, low] * (1 - share) + spectra[:, low + 1] * share


def microphone(spectra: np.ndarray, random: Random) -> np.ndarray:
    """Another frequency response."""
    return spectra + 0.5 * np.cumsum(random.normal(0, 0.25, spectra.shape[1])).astype(np.float32)


def noise(spectra: np.ndarray, random: Random) -> np.ndarray:
    """Steady noise 17 to 52 dB below loud speech, brighter or darker."""
    level = np.percentile(loudness(spectra), 95) - random.uniform(4, 12) - np.log(spectra.shape[1])
    tilt = np.linspace(random.uniform(-1, 3), random.uniform(-3, 1), spectra.shape[1])
    grain = random.normal(0, 0.6, spectra.shape)
    return np.logaddexp(spectra, level + tilt + grain).astype(np.float32)


def room(spectra: np.ndarray, random: Random) -> np.ndarray:
    """Reverberation."""
    seconds, strength = random.uniform(0.05, 0.25), random.uniform(0.05, 0.3)
    tail = strength * np.exp(-np.arange(1, round(3 * seconds * STEPS)) / (seconds * STEPS))
    power = np.exp(spectra)
    kernel = np.concatenate([[1.0], tail / tail.sum() * strength])
    smeared = [np.convolve(band, kernel)[: len(band)] for band in power.T]
    return np.log(np.stack(smeared, 1)).astype(np.float32)


def augmented(spectra: np.ndarray, random: Random) -> np.ndarray:
    """Each of the augmentations, with its own probability."""
    for change, probability in ((voice, 0.6), (microphone, 0.7), (noise, 0.3), (room, 0.2)):
        if random.random() < probability:
            spectra = change(spectra, random)
    return spectra


def time_stretched(values: np.ndarray, pace: float) -> np.ndarray:
    """`(K, …)` at another pace, linearly interpolated."""
    at = np.clip(np.arange(int(len(values) / pace)) * pace, 0, len(values) - 1)
    low = np.minimum(at.astype(int), len(values) - 2)
    share = (at - low).astype(np.float32).reshape(-1, *[1] * (values.ndim - 1))
    return values[low] * (1 - share) + values[low + 1] * share
