"""Reads video files as they are shown: upright, deinterlaced, SDR, at a constant frame rate.

PyAV reads whatever FFmpeg reads. Phones store rotated pictures with a display matrix and vary the time
between frames; camcorders interlace; files lie about their length. All of it is corrected here, one frame in
memory at a time, so that no other module needs to know.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, islice
from pathlib import Path

import av
import numpy as np

from pipeline.errors import VideoError
from pipeline.video.container import (
    LONGEST_GAP,
    Decoder,
    open_media,
    picture_stream,
    report_loss,
    sound_streams,
    timestamp,
)
from pipeline.video.deinterlace import deinterlaced
from pipeline.video.orientation import orientation
from pipeline.video.picture import Converter, square
from pipeline.video.timeline import STEP_BACK, timeline

_SEEK_MARGINS = (0, 1, 4, 16, 64, 100_000)
"""Seconds ahead of the wanted time from which a file is read; the last is its start."""
_RATE_ERROR = 3.0
"""Stated over counted frame rate, or the reverse, from which the header is wrong."""


@dataclass(frozen=True)
class VideoInfo:
    """What a video file is; lengths are counted, not taken from its header."""

    size: tuple[int, int]
    """Width and height in px, upright."""
    fps: float
    """Mean frames per second."""
    duration: float
    """Seconds."""
    frames: int
    """Number of frames stored."""
    codec: str
    """FFmpeg's name of the video codec."""
    rotation: int
    """Clockwise degrees by which the stored picture is rotated for display: 0, 90, 180 or 270."""
    mirrored: bool
    """Whether it is mirrored as well."""
    has_sound: bool
    """Whether there is a sound track."""


def probe(path: Path | str) -> VideoInfo:
    """Size, frame rate and length of a video, decoding no more than its first frame.

    Raises:
        VideoError: it is missing, damaged, not a video, or has no picture.
    """
    path = Path(path)
    with _open(path) as box:
        stream = _picture(box, path)
        shown = orientation(next(_Frames(box, stream, path).decoded()))
        size = square(stream.width, stream.height, stream)
        counted = timeline(path, "video")
        return VideoInfo(
            size=size[::-1] if shown.transposed else size,
            fps=_rate(stream, counted.packets, counted.seconds),
            duration=counted.seconds,
            frames=counted.packets,
            codec=stream.codec_context.name,
            rotation=shown.rotation,
            mirrored=shown.mirrored,
            has_sound=bool(sound_streams(box)),
        )


def has_picture(path: Path | str) -> bool:
    """Whether a media file holds moving pictures, not only sound.

    Raises:
        VideoError: it is missing, or no media file.
    """
    with _open(Path(path)) as box:
        return picture_stream(box) is not None


def read_frames(
    path: Path | str, fps: int | None = None, *, max_side: int | None = None, start: int = 0
) -> Iterator[np.ndarray]:
    """The frames of a video in order, `(H, W, 3)` uint8 RGB, upright.

    Args:
        path: any video that FFmpeg reads.
        fps: resample to this constant rate by repeating or dropping frames, each output frame showing what
            was on screen at the middle of its time; None gives the frames as they are stored.
        max_side: scale down so that neither side is longer, keeping the proportions and even sides.
        start: number of frames at `fps` to skip at the beginning, by seeking; needs `fps`.

    Raises:
        VideoError: the file is missing, not a video, has no picture, or is damaged from its first frame on. A
            file that is damaged or incomplete further on ends there.
    """
    path = Path(path)
    with _open(path) as box:
        stream = _picture(box, path)
        stream.thread_type = "AUTO"
        convert = Converter(stream, max_side)
        for frame in _frames(box, stream, path, fps, start):
            yield convert(frame)


def _frames(
    box: av.container.InputContainer, stream: av.VideoStream, path: Path, fps: int | None, start: int
) -> Iterator[av.VideoFrame]:
    """The decoded frames, at a constant rate where one is wanted, from output frame `start` on."""
    reader = _Frames(box, stream, path)
    if fps is None:
        return reader.all()
    if not start:
        return _constant(reader.all(), fps)
    if not timeline(path, "video").seekable:
        return islice(_constant(reader.all(), fps), start, None)
    origin = _time(next(reader.decoded()))
    return _constant(_sought(box, stream, reader, origin + Fraction(start, fps)), fps, origin, start)


def _sought(
    box: av.container.InputContainer, stream: av.VideoStream, reader: _Frames, at: Fraction
) -> Iterator[av.VideoFrame]:
    """The frames from the one that is on screen at `at`, or from one before.

    MPEG streams have no index: a seek may land behind the last keyframe before `at`, so it is tried again
    from further ahead.
    """
    for margin in _SEEK_MARGINS:
        box.seek(int(max(Fraction(0), at - margin) / (stream.time_base or 1)), stream=stream)
        frames = reader.all()
        try:
            first = next(frames)
        except VideoError:
            continue
        if _time(first) <= at:
            return chain((first,), frames)
    return reader.all()


class _Frames:
    """Decodes the frames of a stream, with times that only rise."""

    def __init__(self, box: av.container.InputContainer, stream: av.VideoStream, path: Path) -> None:
        self._box, self._stream, self._path = box, stream, path

    def all(self) -> Iterator[av.VideoFrame]:
        """All frames from the current position on, deinterlaced."""
        return deinterlaced(self.decoded(), self._stream)

    def decoded(self) -> Iterator[av.VideoFrame]:
        """All frames from the current position on; damaged packets are skipped.

        A leap of more than `LONGEST_GAP`, or a step back to the start of another recording, is closed.
        """
        decoder = Decoder(self._box, self._stream)
        step = min(Fraction(1), 1 / Fraction(self._stream.average_rate or self._stream.guessed_rate or 25))
        last: Fraction | None = None
        shift = Fraction(0)
        for frame in decoder.frames():
            base = frame.time_base or Fraction(1, 1000)
            following = Fraction(0) if last is None else last + step
            at = following if frame.pts is None else frame.pts * base + shift
            if last is not None and (at - last > LONGEST_GAP or at < last - STEP_BACK):
                shift += following - at
                at = following
            if last is not None and at <= last:
                continue
            if shift or frame.pts is None:
                frame.time_base, frame.pts = base, round(at / base)
            last = at
            yield frame
        report_loss(self._path, decoder.lost)
        if last is None:
            raise VideoError(
                f"{self._path.name} is damaged: none of its frames can be read; copy or export it again."
            )


def _constant(
    frames: Iterator[av.VideoFrame], fps: int, origin: Fraction | None = None, count: int = 0
) -> Iterator[av.VideoFrame]:
    """Resamples to a constant rate: what is on screen at the middle of each output frame's time.

    The last frame stays for its own duration.

    Args:
        frames: decoded frames in order.
        fps: output rate.
        origin: time of output frame 0, if not that of the first frame here.
        count: the first output frame wanted.
    """
    step = Fraction(1, fps)
    shown: av.VideoFrame | None = None
    length = step
    for frame in frames:
        at = _time(frame)
        origin = at if origin is None else origin
        while shown is not None and origin + (count + Fraction(1, 2)) * step < at:
            yield shown
            count += 1
        if shown is not None:
            length = at - _time(shown)
        shown = frame
    if shown is not None and origin is not None:
        length = min(timestamp(shown.duration, shown.time_base) or length, Fraction(LONGEST_GAP))
        end = _time(shown) + length
        while count == 0 or origin + (count + Fraction(1, 2)) * step < end:
            yield shown
            count += 1


def _time(frame: av.VideoFrame) -> Fraction:
    return timestamp(frame.pts, frame.time_base)


def _rate(stream: av.VideoStream, frames: int, seconds: float) -> float:
    """Mean frames per second: as the header says, unless what was counted contradicts it."""
    stated = float(stream.average_rate or stream.guessed_rate or 25)
    counted = frames / seconds if seconds and frames > 1 else stated
    return stated if 1 / _RATE_ERROR <= stated / counted <= _RATE_ERROR else counted


def _open(path: Path) -> av.container.InputContainer:
    box: av.container.InputContainer = open_media(path, VideoError, what="video", formats="MP4, MOV or WebM")
    return box


def _picture(box: av.container.InputContainer, path: Path) -> av.VideoStream:
    stream = picture_stream(box)
    if stream is None:
        raise VideoError(f"{path.name} has no picture, only sound; use a video of a person.")
    return stream
