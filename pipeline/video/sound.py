"""Reads the sound of a recording or a video as mono samples at any rate."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import av
import numpy as np

from pipeline.errors import AudioError
from pipeline.video.container import decoded, duration, open_media, timestamp


def read_sound(path: Path | str, rate: int) -> Iterator[np.ndarray]:
    """The first sound track as consecutive `(N,)` float32 blocks, mono at `rate` Hz, nominally in [-1, 1].

    In a video, sample 0 belongs to the first frame: sound that starts later is preceded by silence, and sound
    before the picture is left out. Damaged packets are skipped.

    Raises:
        AudioError: the file is missing, unreadable, has no sound track, or nothing of it can be decoded.
    """
    path = Path(path)
    with _open(path) as box:
        frames = decoded(box, box.streams.audio[0])
        first = next(frames, None)
        if first is None:
            raise AudioError(
                f"{path.name} is damaged: none of its sound can be read; record or export it again."
            )
        late = round(((first.time or 0.0) - _origin(box, first)) * rate)
        if late > 0:
            yield np.zeros(late, np.float32)
        resampler = av.AudioResampler(format="flt", layout="mono", rate=rate)
        early = max(0, -late)
        for frame in chain((first,), frames, (None,)):
            for block in resampler.resample(frame):
                samples = block.to_ndarray()[0]
                if early < len(samples):
                    yield samples[early:]
                early = max(0, early - len(samples))


def sound_seconds(path: Path | str) -> float:
    """The length that the sound track states, in seconds; 0 where it states none.

    Raises:
        AudioError: the file is missing, unreadable, or has no sound track.
    """
    with _open(Path(path)) as box:
        return duration(box, box.streams.audio[0])


def _open(path: Path) -> av.container.InputContainer:
    box: av.container.InputContainer = open_media(
        path, AudioError, what="recording", formats="WAV, MP3 or M4A"
    )
    if not box.streams.audio:
        box.close()
        raise AudioError(f"{path.name} has no sound track; use a recording, or a video with sound.")
    return box


def _origin(box: av.container.InputContainer, first: av.AudioFrame) -> float:
    """When the picture starts, on the file's clock; in a file without picture, when the sound does."""
    for stream in box.streams.video:
        if stream.start_time is not None and not stream.disposition & av.stream.Disposition.attached_pic:
            return float(timestamp(stream.start_time, stream.time_base))
    return first.time or 0.0
