"""The sound of each frame as the spectrogram networks hear it, while the speech is still coming in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from pipeline.networks import mel
from pipeline.types import RATE, Speech

SILENCE = np.full((mel.BANDS, mel.COLUMNS), -4, np.float32)
"""The window of a frame in which nothing is heard."""


def frame_mels(speech: Iterable[Speech], fps: int, *, offset: float = 0.0) -> Iterator[np.ndarray]:
    """The `(80, 16)` float32 log-mel window of every frame of `speech`.

    A window begins with its frame, or `offset` frames later, and lasts 0.2 s; near the end it is the last
    0.2 s. Parts of the speech are read only when a window reaches into them.
    """
    hearing = _Hearing()
    columns, dropped, frame = np.zeros((0, mel.BANDS), np.float32), 0, 0
    for heard, total, ended in hearing.columns(speech, fps):
        columns = np.concatenate([columns, heard])
        if ended and len(columns) < mel.COLUMNS:
            columns = np.pad(columns, ((0, mel.COLUMNS - len(columns)), (0, 0)), constant_values=-4)
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


class _Hearing:
    """48 kHz speech to columns."""

    def columns(self, speech: Iterable[Speech], fps: int) -> Iterator[tuple[np.ndarray, int, bool]]:
        """New columns `(n, 80)`, the number of frames heard so far, and whether that is all."""
        import soxr

        resampler = soxr.ResampleStream(RATE, mel.RATE, 1, dtype="float32")
        spectrogram, total = mel.MelStream(), 0
        for part in speech:
            total += part.frames(fps)
            yield spectrogram.push(resampler.resample_chunk(part.samples)), total, False
        rest = spectrogram.push(resampler.resample_chunk(np.zeros(0, np.float32), last=True))
        yield np.concatenate([rest, spectrogram.finish()]), total, True
