"""The sound of a recording or a video, as mono samples at the rate that is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import av
import numpy as np

from pipeline.errors import AudioError


def read_sound(path: Path | str, rate: int) -> Iterator[np.ndarray]:
    """The first sound track as consecutive `(N,)` float32 blocks, mono at `rate` Hz, nominally in [-1, 1].

    In a video, sample 0 belongs to the first frame: sound that starts later is preceded by silence, what
    lies before the picture is left out. Broken packets are passed over.

    Raises:
        AudioError: the file is missing, unreadable, has no sound track, or nothing of it can be decoded.
    """
    path = Path(path)
    with _open(path) as box:
        frames = _decoded(box)
        first = next(frames, None)
        if first is None:
            raise AudioError(f"{path.name} is damaged: nothing in its sound track can be read.")
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
    """How long the sound track says it is, in seconds; 0 where the file does not say.

    Raises:
        AudioError: the file is missing, unreadable, or has no sound track.
    """
    with _open(Path(path)) as box:
        stream = box.streams.audio[0]
        if stream.duration:
            return float(stream.duration * stream.time_base)
        return box.duration / av.time_base if box.duration else 0.0


def _open(path: Path) -> av.container.InputContainer:
    if not path.is_file():
        raise AudioError(f"There is no recording {path}; check the name.")
    try:
        box = av.open(str(path), metadata_errors="replace")
    except (av.error.InvalidDataError, av.error.EOFError) as error:
        raise AudioError(f"{path.name} is not a recording, or it is damaged; try WAV, MP3 or M4A.") from error
    except OSError as error:
        raise AudioError(f"{path} cannot be opened: {error.strerror or error}.") from error
    if not box.streams.audio:
        box.close()
        raise AudioError(f"{path.name} has no sound track; give a recording, or a video with sound.")
    return box


def _decoded(box: av.container.InputContainer) -> Iterator[av.AudioFrame]:
    for packet in box.demux(box.streams.audio[0]):
        try:
            yield from packet.decode()
        except (av.error.InvalidDataError, av.error.EOFError):
            continue


def _origin(box: av.container.InputContainer, first: av.AudioFrame) -> float:
    """When the picture starts, in the file's clock; without a picture, when the sound does."""
    for stream in box.streams.video:
        if stream.start_time is not None and not stream.disposition & av.stream.Disposition.attached_pic:
            return float(stream.start_time * stream.time_base)
    return first.time or 0.0
