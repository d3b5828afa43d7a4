"""The live preview: the encoded packets once more, as short MPEG-TS segments.

A browser plays them as a growing HLS playlist while the rest of the video is rendered. FFmpeg's segment muxer
cuts at keyframes, so a preview costs copying some bytes, never a second encode.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av

_SECONDS = 1.0
"""Length of a segment; the encoder sets a keyframe as often."""

_START = 1.0
"""Seconds by which timestamps are shifted: MPEG-TS has no negative ones, and AAC starts with one."""


class Preview:
    """Cuts a copy of the streams into numbered segments and hands over each one when it is complete."""

    def __init__(self, video: av.VideoStream, audio: av.AudioStream, receive: Callable[[Path], None]) -> None:
        """Copies packets of `video` and `audio`, and calls `receive` with each segment."""
        self._receive = receive
        self._folder = Path(tempfile.mkdtemp(prefix="preview-"))
        self._count = 0
        self._following = self._segment(1)
        container: Any = video.container
        container.start_encoding()
        options = {
            "segment_format": "mpegts",
            "segment_time": str(_SECONDS),
            "segment_time_delta": "0.005",
            "individual_header_trailer": "0",
            "output_ts_offset": str(_START),
        }
        self._box = av.open(str(self._folder / "%06d.ts"), "w", format="segment", options=options)
        self._streams = {
            stream.index: self._box.add_stream_from_template(stream) for stream in (video, audio)
        }

    def put(self, packet: av.Packet) -> None:
        """Copy one encoded packet; hand over the segment that it completes, if any."""
        copy = av.Packet(bytes(packet))
        copy.pts, copy.dts, copy.duration = packet.pts, packet.dts, packet.duration
        copy.time_base, copy.is_keyframe = packet.time_base, packet.is_keyframe
        copy.stream = self._streams[packet.stream.index]
        self._box.mux(copy)
        if os.path.exists(self._following):
            self._hand_over()

    def finish(self) -> None:
        """Hand over the last segment."""
        self._box.close()
        if os.path.exists(self._segment(self._count)):
            self._hand_over()

    def release(self) -> None:
        """Remove what was not handed over."""
        try:
            self._box.close()
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _segment(self, number: int) -> str:
        return f"{self._folder}/{number:06d}.ts"

    def _hand_over(self) -> None:
        handle, name = tempfile.mkstemp(prefix="segment-", suffix=".ts")
        os.close(handle)
        os.replace(self._segment(self._count), name)
        self._count += 1
        self._following = self._segment(self._count + 1)
        self._receive(Path(name))
