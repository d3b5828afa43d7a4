"""The running preview: the encoded packets once more, as short MPEG-TS files that play as they come.

A browser plays a growing HLS list of such segments while the rest of the video is still drawn. FFmpeg's
segment muxer cuts them at keyframes, so a preview costs copying some bytes, never a second encode.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import av

SECONDS = 1.0
"""Length of a segment; the encoder sets a keyframe as often."""

_START = 1.0
"""Seconds that the segments' clock is ahead: MPEG-TS knows no negative times, and AAC starts with one."""


class Preview:
    """Cuts a copy of the stream into numbered segments and hands over each one that is whole."""

    def __init__(
        self, picture: av.VideoStream, voice: av.AudioStream, receive: Callable[[Path], None]
    ) -> None:
        self._receive = receive
        self._folder = Path(tempfile.mkdtemp(prefix="preview-"))
        self._done = 0
        self._following = self._segment(1)
        picture.container.start_encoding()
        options = {
            "segment_format": "mpegts",
            "segment_time": str(SECONDS),
            "segment_time_delta": "0.005",
            "individual_header_trailer": "0",
            "output_ts_offset": str(_START),
        }
        self._box = av.open(str(self._folder / "%06d.ts"), "w", format="segment", options=options)
        self._streams = {
            stream.index: self._box.add_stream_from_template(stream) for stream in (picture, voice)
        }

    def put(self, packet: av.Packet) -> None:
        """Takes a copy of one encoded packet; hands over the segment that it completes, if it does."""
        copy = av.Packet(bytes(packet))
        copy.pts, copy.dts, copy.duration = packet.pts, packet.dts, packet.duration
        copy.time_base, copy.is_keyframe = packet.time_base, packet.is_keyframe
        copy.stream = self._streams[packet.stream.index]
        self._box.mux(copy)
        if os.path.exists(self._following):
            self._hand_over()

    def finish(self) -> None:
        """Hands over the last segment."""
        self._box.close()
        if os.path.exists(self._segment(self._done)):
            self._hand_over()

    def release(self) -> None:
        """Removes what was not handed over."""
        try:
            self._box.close()
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _segment(self, number: int) -> str:
        return f"{self._folder}/{number:06d}.ts"

    def _hand_over(self) -> None:
        handle, name = tempfile.mkstemp(prefix="segment-", suffix=".ts")
        os.close(handle)
        os.replace(self._segment(self._done), name)
        self._done += 1
        self._following = self._segment(self._done + 1)
        self._receive(Path(name))
