"""Which of several sound tracks holds the voice: the first that is loud and changes at the rate of syllables.

Screen recorders write microphone and desktop sound as tracks of their own, some of them empty.
"""

from __future__ import annotations

from collections.abc import Iterator

import av
import numpy as np

from pipeline.video.container import Decoder, packets, sound_streams, timestamp
from pipeline.video.sound_survey import Mixer

_LISTENED = 60.0
"""Seconds of each track that are heard before one is chosen; more where all are silent so far."""
_LONGEST = 600.0
"""Seconds after which a file counts as silent throughout."""
_STEP = 1 / 50
"""Seconds of a level value."""
_SILENT = -55.0
"""Decibels relative to full scale below which a track counts as silent."""
_FAINT = 30.0
"""Decibels below the loudest track from which one counts as silent beside it."""
_SYLLABLES = (2.0, 10.0)
"""Hz at which syllables follow each other."""
_MODULATION = 1.2
"""Decibels by which the level of speech at least changes at that rate (root mean square)."""


def choose_track(box: av.container.InputContainer) -> int:
    """The index among `sound_streams` of the track to use; only where there are several is any of it read."""
    streams = sound_streams(box)
    if len(streams) < 2:
        return 0
    curves = _levels(box, streams)
    loud = [_loudness(curve) for curve in curves]
    heard = [index for index, level in enumerate(loud) if level > max(_SILENT, max(loud) - _FAINT)]
    spoken = [index for index in heard if _modulation(curves[index]) >= _MODULATION]
    return (spoken or heard or [0])[0]


def _levels(box: av.container.InputContainer, streams: list[av.AudioStream]) -> list[np.ndarray]:
    """The level of each track in dB, `1 / _STEP` values a second."""
    decoders = {stream.index: Decoder(box, stream) for stream in streams}
    levels: dict[int, list[float]] = {stream.index: [] for stream in streams}
    start: float | None = None
    for packet in packets(box, *streams):
        for frame in decoders[packet.stream_index].decode(packet):
            levels[packet.stream_index] += _frame_levels(frame)
        at = float(timestamp(packet.dts, packet.time_base))
        start = at if start is None else start
        heard = any(_loudness(np.array(found)) > _SILENT for found in levels.values()) if levels else False
        if at - start > _LONGEST or (at - start > _LISTENED and heard):
            break
    return [np.array(levels[stream.index]) for stream in streams]


def _frame_levels(frame: av.AudioFrame) -> Iterator[float]:
    """The levels of a frame's steps, of its loudest channel, without any offset."""
    channels = Mixer(frame, np.eye(frame.layout.nb_channels, dtype=np.float32))
    for samples in channels.mix(frame):
        for step in np.array_split(samples, max(1, round(samples.shape[1] / frame.rate / _STEP)), axis=1):
            power = np.nan_to_num(step.var(axis=1, dtype=np.float64)).max(initial=0.0)
            yield 10 * np.log10(power + 1e-8)


def _loudness(levels: np.ndarray) -> float:
    """The level of the louder moments."""
    return float(np.percentile(levels, 95)) if len(levels) else -np.inf


def _modulation(levels: np.ndarray) -> float:
    """How much a level curve changes at the rate of syllables, in dB."""
    if len(levels) < 2:
        return 0.0
    levels = np.maximum(levels, levels.max() - 60)
    window = np.hanning(len(levels))
    power = np.abs(np.fft.rfft((levels - levels.mean()) * window)) ** 2
    hertz = np.fft.rfftfreq(len(levels), _STEP)
    inside = power[(hertz >= _SYLLABLES[0]) & (hertz <= _SYLLABLES[1])].sum()
    return float(np.sqrt(2 * inside / max((window**2).sum() * len(levels), 1e-9)))
