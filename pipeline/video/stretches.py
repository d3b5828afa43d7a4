"""AAC on several cores: a long sound is cut where it is silent, and its stretches are encoded side by side.

An AAC frame overlaps with its neighbours, so sound can be cut only where both sides are digital silence: the
windows of the two encoders then overlap in zeros, and nothing is heard of the seam. Where a sound is never
silent, as under music, one encoder takes it from beginning to end. The cuts depend on the sound alone, not on
the number of cores, so the same sound gives the same bytes everywhere.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from fractions import Fraction

import av
import numpy as np

from pipeline.prefetch import map_ahead
from pipeline.types import RATE

_FRAME = 1024
"""Samples of an AAC frame; its window reaches one frame further."""
_LEAST = 8 * RATE // _FRAME
"""Frames of a stretch before it is cut: each encoder needs a few until it works as one that runs on."""
_MOST = 30 * RATE // _FRAME
"""Frames that wait for a silence; then they go to the encoder, which goes on with what follows."""
_SILENT = 4
"""Silent frames in a row in whose middle a sound is cut."""
_THREADS = 2
_BLOCK = RATE
"""Samples given to an encoder at a time."""

NewEncoder = Callable[[], av.AudioCodecContext]


@dataclass(eq=False)
class _Stretch:
    """Samples for one encoder; the following stretch may go on with the same one."""

    samples: np.ndarray
    """`(N, channels)` float32."""
    start: int
    """The sample of the whole sound at which it starts."""
    encoder: av.AudioCodecContext
    ends: bool
    """Whether the encoder gets nothing after it."""
    keep_from: int
    """Packets before this sample repeat what the encoder before has encoded."""
    after: threading.Event | None
    """Set once the encoder is free."""
    done: threading.Event = field(default_factory=threading.Event)


def encoded(
    sound: Iterator[np.ndarray], new_encoder: NewEncoder, start: int = 0
) -> Generator[list[av.Packet], None, None]:
    """The packets of a sound in order, some at a time.

    Args:
        sound: consecutive blocks at 48 kHz, `(N, channels)` float32 in [-1, 1].
        new_encoder: gives an AAC encoder that was not used yet.
        start: the sample at which it starts, a whole number of frames.
    """
    with ThreadPoolExecutor(_THREADS, "sound") as pool:
        for _, packets in map_ahead(_encode, _stretches(sound, new_encoder, start), pool, _THREADS):
            yield packets


def _stretches(sound: Iterator[np.ndarray], new_encoder: NewEncoder, start: int) -> Iterator[_Stretch]:
    encoder, keep_from, after = new_encoder(), start if start else -_FRAME, None
    for samples, silent in _pieces(sound):
        stretch = _Stretch(samples, start, encoder, silent, keep_from, after)
        yield stretch
        start += len(samples)
        after = stretch.done
        if silent:
            encoder, keep_from, after = new_encoder(), start, None


def _pieces(sound: Iterator[np.ndarray]) -> Iterator[tuple[np.ndarray, bool]]:
    """The sound in pieces, and whether an encoder may stop after each: in silence, and at the end."""
    waiting: list[np.ndarray] = []
    count = 0
    for block in sound:
        waiting.append(block)
        count += len(block)
        if count < _LEAST * _FRAME:
            continue
        joined = np.concatenate(waiting)
        cut = _silence(joined)
        at = cut if cut is not None else (_MOST * _FRAME if count >= _MOST * _FRAME else 0)
        waiting, count = [joined[at:]], count - at
        if at:
            yield joined[:at], cut is not None
    yield np.concatenate(waiting) if waiting else np.zeros((0, 1), np.float32), True


def _silence(samples: np.ndarray) -> int | None:
    """The sample, a whole number of frames, at which a sound can be cut; None where there is none."""
    whole = len(samples) // _FRAME
    peaks = np.abs(samples[: whole * _FRAME]).reshape(whole, -1).max(axis=1)
    highest = np.lib.stride_tricks.sliding_window_view(peaks, _SILENT).max(axis=1)
    first = _LEAST - _SILENT
    found = np.flatnonzero(highest[first:] == 0)
    return int(first + found[0] + _SILENT // 2) * _FRAME if len(found) else None


def _encode(stretch: _Stretch) -> list[av.Packet]:
    if stretch.after is not None:
        stretch.after.wait()
    try:
        found: list[av.Packet] = []
        for at in range(0, len(stretch.samples), _BLOCK):
            planes = np.ascontiguousarray(stretch.samples[at : at + _BLOCK].T)
            frame = av.AudioFrame.from_ndarray(planes, "fltp", stretch.encoder.layout.name)
            frame.rate, frame.pts, frame.time_base = RATE, stretch.start + at, Fraction(1, RATE)
            found += stretch.encoder.encode(frame)
        if stretch.ends:
            found += stretch.encoder.encode(None)
        return [packet for packet in found if (packet.pts or 0) >= stretch.keep_from]
    finally:
        stretch.done.set()
