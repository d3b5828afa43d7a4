"""Sound files made on the spot."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.io import wavfile


def write_wav(path: Path, samples: np.ndarray, rate: int = 16_000) -> Path:
    """A mono 16-bit WAV of samples in [-1, 1]."""
    wavfile.write(path, rate, (np.clip(samples, -1, 1) * 32767).astype(np.int16))
    return path
