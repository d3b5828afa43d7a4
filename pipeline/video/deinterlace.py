"""Interlaced frames become whole pictures: FFmpeg's bwdif, one picture per frame.

Camcorders, DVDs and broadcasts weave two fields, a fiftieth of a second apart, into each frame. Progressive
frames pass untouched, and without a filter in the way until the first interlaced one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import av

_FIELD_ORDERS = frozenset((2, 3, 4, 5))
"""FFmpeg's `AVFieldOrder` of interlaced streams: tt, bb, tb, bt."""


def deinterlaced(frames: Iterator[av.VideoFrame], stream: av.VideoStream) -> Iterator[av.VideoFrame]:
    """The frames of a stream, of which interlaced ones are deinterlaced; their times stay."""
    # Some decoders do not mark frames; then the container's word counts for all of them.
    every = int(stream.codec_context.field_order or 0) in _FIELD_ORDERS
    graph: _Graph | None = None
    for frame in frames:
        if graph is not None and not graph.takes(frame):
            yield from graph.flush()
            graph = None
        if graph is None and (every or frame.interlaced_frame):
            graph = _Graph(frame, stream, every=every)
        if graph is None:
            yield frame
        else:
            yield from graph.filter(frame)
    if graph is not None:
        yield from graph.flush()


class _Graph:
    """bwdif for frames of one size and format."""

    def __init__(self, frame: av.VideoFrame, stream: av.VideoStream, *, every: bool) -> None:
        self._shape = _shape(frame)
        self._graph: Any = av.filter.Graph()
        source = self._graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base
        )
        which = "all" if every else "interlaced"
        bwdif = self._graph.add("bwdif", f"mode=send_frame:parity=auto:deint={which}")
        sink = self._graph.add("buffersink")
        source.link_to(bwdif)
        bwdif.link_to(sink)
        self._graph.configure()

    def takes(self, frame: av.VideoFrame) -> bool:
        return _shape(frame) == self._shape

    def filter(self, frame: av.VideoFrame) -> Iterator[av.VideoFrame]:
        self._graph.vpush(frame)
        yield from self._pull()

    def flush(self) -> Iterator[av.VideoFrame]:
        self._graph.vpush(None)
        yield from self._pull()

    def _pull(self) -> Iterator[av.VideoFrame]:
        while True:
            try:
                yield self._graph.vpull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return


def _shape(frame: av.VideoFrame) -> tuple[int, int, str]:
    return frame.width, frame.height, frame.format.name
