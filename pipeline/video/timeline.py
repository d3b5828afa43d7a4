"""How long a stream really is: counted from its packets, because headers lie.

Packets are read but not decoded, which takes milliseconds a minute. The counts of a file are kept until it
changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Literal

import av

from pipeline.video.container import LONGEST_GAP, packets, picture_stream, sound_streams, timestamp

STEP_BACK = 1
"""Seconds by which time stamps may run back; a larger step is the start of another recording."""


@dataclass(frozen=True)
class Timeline:
    """What the packets of a stream add up to."""

    seconds: float
    """Length; leaps over `LONGEST_GAP` and steps back are left out."""
    packets: int
    """Number of packets that are shown."""
    seekable: bool
    """Whether every packet has a time, and time only moves on, so that seeking finds its place."""


def count_packets(box: av.container.InputContainer, stream: av.VideoStream | av.AudioStream) -> Timeline:
    """Read all packets of a stream."""
    spans = _Spans(_packet_length(stream))
    for packet in packets(box, stream):
        if packet.size and not packet.is_discard:
            spans.add(packet)
    return spans.timeline()


def timeline(path: Path, kind: Literal["video", "audio"], *, track: int = 0) -> Timeline:
    """The timeline of a file's picture, or of one of its `sound_streams`; counted once per state of the file.

    The file must be one that `open_media` opens.
    """
    state = path.stat()
    return _timeline(path, state.st_mtime_ns, state.st_size, kind, track)


@lru_cache(maxsize=32)
def _timeline(path: Path, modified: int, size: int, kind: str, track: int) -> Timeline:
    from pipeline.errors import VideoError
    from pipeline.video.container import open_media

    with open_media(path, VideoError, what="video", formats="MP4, MOV or WebM") as box:
        stream = picture_stream(box) if kind == "video" else sound_streams(box)[track]
        return count_packets(box, stream) if stream is not None else Timeline(0.0, 0, False)


class _Spans:
    """Stretches in which time moves on without a leap."""

    def __init__(self, packet_length: Fraction) -> None:
        self._packet_length = packet_length
        self._done = Fraction(0)
        self._start: Fraction | None = None
        self._end = self._last = Fraction(0)
        self._packets = self._timeless = 0
        self._leaps = False

    def add(self, packet: av.Packet) -> None:
        self._packets += 1
        ticks = packet.pts if packet.pts is not None else packet.dts
        if ticks is None:
            self._timeless += 1
            return
        at = timestamp(ticks, packet.time_base)
        order = timestamp(packet.dts if packet.dts is not None else ticks, packet.time_base)
        if self._start is None or order - self._last > LONGEST_GAP or order < self._last - STEP_BACK:
            self._leaps |= self._start is not None
            self._close()
            self._start, self._end = at, at
        self._start, self._last = min(self._start, at), order
        length = timestamp(packet.duration, packet.time_base) or self._packet_length
        self._end = max(self._end, at + min(length, Fraction(LONGEST_GAP)))

    def timeline(self) -> Timeline:
        self._close()
        seconds = self._done + self._timeless * self._packet_length
        return Timeline(float(seconds), self._packets, not (self._leaps or self._timeless))

    def _close(self) -> None:
        if self._start is not None:
            self._done += self._end - self._start


def _packet_length(stream: av.VideoStream | av.AudioStream) -> Fraction:
    """Seconds of a packet that states none."""
    if isinstance(stream, av.VideoStream):
        rate = stream.average_rate or stream.guessed_rate
        return 1 / Fraction(rate) if rate else Fraction(1, 25)
    return Fraction(stream.codec_context.frame_size or 0, stream.rate or 1)
