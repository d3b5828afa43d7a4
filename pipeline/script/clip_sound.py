"""The sound of music and of intro and outro clips, in stereo: as a stream, and repeated without end."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from types import TracebackType

import av
import numpy as np

from pipeline.errors import AudioError
from pipeline.speech.audio.loudness import LevelMeter, Levels
from pipeline.types import RATE

_MEASURED = 600 * RATE
"""Samples of a file that are measured: ten minutes."""


def read_stereo(path: Path) -> Generator[np.ndarray, None, None]:
    """A file's sound as `(N, 2)` float32 blocks at 48 kHz; nothing for a file without sound.

    Raises:
        AudioError: it cannot be read.
    """
    try:
        with av.open(str(path)) as box:
            if not box.streams.audio:
                return
            resampler = av.AudioResampler(format="fltp", layout="stereo", rate=RATE)
            for frame in box.decode(audio=0):
                frame.pts = None
                for piece in resampler.resample(frame):
                    yield piece.to_ndarray().T
            for piece in resampler.resample(None):
                yield piece.to_ndarray().T
    except (av.FFmpegError, OSError) as error:
        raise AudioError(
            f"The sound of {path.name} cannot be read; convert it to WAV, MP3 or M4A."
        ) from error


def loudness_of(path: Path) -> float:
    """Integrated loudness of a file in LUFS.

    Raises:
        AudioError: it cannot be read, or nothing is to be heard in it.
    """
    meters, count = (LevelMeter(), LevelMeter()), 0
    with closing(read_stereo(path)) as blocks:
        for block in blocks:
            for meter, channel in zip(meters, block.T, strict=True):
                meter.add(channel)
            count += len(block)
            if count >= _MEASURED:
                break
    left, right = (meter.finish() for meter in meters)
    loudness = Levels(left.peaks, left.powers + right.powers).loudness()
    if not np.isfinite(loudness):
        raise AudioError(f"There is nothing to hear in {path.name}; choose another file.")
    return loudness


class Looped:
    """A file's sound, again from its beginning whenever it ends; a context manager."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._blocks = read_stereo(path)
        self._rest = np.zeros((0, 2), np.float32)

    def read(self, count: int) -> np.ndarray:
        """The next `(count, 2)` samples; silence where the file holds none.

        Raises:
            AudioError: the file cannot be read.
        """
        pieces, wanted, empty = [self._rest], count - len(self._rest), False
        while wanted > 0:
            block = next(self._blocks, None)
            if block is None:
                if empty:
                    pieces.append(np.zeros((wanted, 2), np.float32))
                    break
                self._blocks, empty = read_stereo(self._path), True
                continue
            empty = False
            pieces.append(block)
            wanted -= len(block)
        joined = np.concatenate(pieces)
        self._rest = joined[count:]
        return joined[:count].copy()

    def close(self) -> None:
        """Close the file."""
        self._blocks.close()

    def __enter__(self) -> Looped:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
