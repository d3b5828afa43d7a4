"""The mel spectrogram around each frame, while the speech is still coming in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from pipeline.networks import mel
from pipeline.types import RATE, Speech

SILENCE = np.full((mel.BANDS, mel.COLUMNS), mel.LOWEST, np.float32)
"""The window of a silent frame."""


def frame_mels(speech: Iterable[Speech], fps: int, *, offset: float = 0.0) -> Iterator[np.ndarray]:
    """The `(80, 16)` float32 log-mel window of every frame of `speech`.

    A window starts with its frame, or `offset` frames later, and lasts 0.2 s; near the end it is the last
    0.2 s. A part of the speech is read only when a window reaches into it.
    """
    columns, dropped, frame = np.zeros((0, mel.BANDS), np.float32), 0, 0
    for arrived, total, ended in _columns(speech, fps):
        columns = np.concatenate([columns, arrived])
        if ended and len(columns) < mel.COLUMNS:
            lacking = mel.COLUMNS - len(columns)
            columns = np.pad(columns, ((0, lacking), (0, 0)), constant_values=mel.LOWEST)
        last = len(columns) + dropped - mel.COLUMNS
        while frame < total:
            first = max(mel.first_column(frame, fps, offset=offset), 0)
            if first > last and not ended:
                break
            at = min(first, last) - dropped
            yield columns[at : at + mel.COLUMNS].T
            frame += 1
        used = max(min(first, last) - mel.COLUMNS, dropped) if frame else 0
        columns, dropped = columns[used - dropped :], used


def _columns(speech: Iterable[Speech], fps: int) -> Iterator[tuple[np.ndarray, int, bool]]:
    """New columns `(n, 80)`, how many frames of speech have arrived, and whether that is all."""
    import soxr

    resampler = soxr.ResampleStream(RATE, mel.RATE, 1, dtype="float32")
    spectrogram, total = mel.MelStream(), 0
    for part in speech:
        total += part.frames(fps)
        yield spectrogram.push(resampler.resample_chunk(part.samples)), total, False
    rest = spectrogram.push(resampler.resample_chunk(np.zeros(0, np.float32), last=True))
    yield np.concatenate([rest, spectrogram.finish()]), total, True
