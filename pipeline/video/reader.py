"""Reads video files: upright, at a constant frame rate, with one frame in memory at a time.

PyAV reads whatever FFmpeg reads. Phones store rotated pictures with a display matrix and vary the time
between frames; both are corrected here, so that no other module needs to know.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

from pipeline.errors import VideoError
from pipeline.video.container import decoded, duration, open_media, picture_stream, timestamp

_UNSPECIFIED = 2
"""FFmpeg's colour matrix "unspecified"."""


@dataclass(frozen=True)
class VideoInfo:
    """What a video file states about itself."""

    size: tuple[int, int]
    """Width and height in px, upright."""
    fps: float
    """Mean frames per second."""
    duration: float
    """Seconds; 0 where the file does not say."""
    frames: int
    """Number of frames, computed from the duration where the file does not say."""
    codec: str
    """FFmpeg's name of the video codec."""
    rotation: int
    """Clockwise degrees by which the stored picture is rotated for display: 0, 90, 180 or 270."""
    has_sound: bool
    """Whether there is a sound track."""


def probe(path: Path | str) -> VideoInfo:
    """Size, frame rate and length of a video, decoding no more than its first frame.

    Raises:
        VideoError: it is missing, damaged, not a video, or has no picture.
    """
    with _open(Path(path)) as box:
        stream = _picture(box, Path(path))
        rotation = _rotation(next(_decoded(box, stream, Path(path))))
        size = _square(stream.width, stream.height, stream)
        size = size if rotation % 180 == 0 else size[::-1]
        fps = float(stream.average_rate or stream.guessed_rate or 25)
        seconds = duration(box, stream)
        return VideoInfo(
            size=size,
            fps=fps,
            duration=seconds,
            frames=stream.frames or round(seconds * fps),
            codec=stream.codec_context.name,
            rotation=rotation,
            has_sound=bool(box.streams.audio),
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
        frames = _decoded(box, stream, path)
        origin = None
        if start and fps:
            origin = _time(next(frames))
            ticks = (origin + Fraction(start, fps)) / (stream.time_base or 1)
            box.seek(int(ticks), stream=stream)
            frames = _decoded(box, stream, path)
        convert = _Converter(stream, max_side)
        for frame in frames if fps is None else _constant(frames, fps, origin, start):
            yield convert(frame)


class _Converter:
    """Converts decoded frames to upright RGB arrays; a repeated frame is converted once."""

    def __init__(self, stream: av.VideoStream, max_side: int | None) -> None:
        self._stream = stream
        self._max_side = max_side
        self._scaler = VideoReformatter()
        self._last: tuple[av.VideoFrame, np.ndarray] | None = None

    def __call__(self, frame: av.VideoFrame) -> np.ndarray:
        if self._last is None or self._last[0] is not frame:
            self._last = frame, self._upright(frame)
        return np.array(self._last[1], order="C")

    def _upright(self, frame: av.VideoFrame) -> np.ndarray:
        width, height = _fit(*_square(frame.width, frame.height, self._stream), self._max_side)
        smaller = self._scaler.reformat(
            frame,
            width=width,
            height=height,
            format="rgb24",
            src_colorspace=_matrix(frame),
            dst_color_range=ColorRange.JPEG,
            interpolation=Interpolation.AREA if width < frame.width else Interpolation.BICUBIC,
        )
        plane: Any = smaller.planes[0]
        rows = np.frombuffer(plane, np.uint8).reshape(height, plane.line_size)
        return np.rot90(rows[:, : 3 * width].reshape(height, width, 3), -_rotation(frame) // 90)


def _matrix(frame: av.VideoFrame) -> int:
    """The frame's colour matrix; where it is unspecified, what players assume: BT.709 for HD, else BT.601."""
    if frame.colorspace != _UNSPECIFIED:
        return frame.colorspace
    return Colorspace.ITU709 if frame.height >= 720 or frame.width >= 1280 else Colorspace.ITU601


def _square(width: int, height: int, stream: av.VideoStream) -> tuple[int, int]:
    """The size of the picture with square pixels: some formats store other pixel aspect ratios."""
    aspect = stream.sample_aspect_ratio
    return (round(width * aspect / 2) * 2 if aspect and aspect != 1 else width), height


def _fit(width: int, height: int, max_side: int | None) -> tuple[int, int]:
    if max_side is None or max(width, height) <= max_side:
        return width, height
    scale = max_side / max(width, height)
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


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
        length = timestamp(shown.duration, shown.time_base) or length
        end = _time(shown) + length
        while count == 0 or origin + (count + Fraction(1, 2)) * step < end:
            yield shown
            count += 1


def _time(frame: av.VideoFrame) -> Fraction:
    return timestamp(frame.pts, frame.time_base)


def _decoded(box: av.container.InputContainer, stream: av.VideoStream, path: Path) -> Iterator[av.VideoFrame]:
    """Decoded frames with rising times; damaged packets in between are skipped."""
    last = None
    for frame in decoded(box, stream):
        if frame.pts is None or (last is not None and frame.pts <= last):
            continue
        last = frame.pts
        yield frame
    if last is None:
        raise VideoError(f"{path.name} is damaged: none of its frames can be read; copy or export it again.")


def _rotation(frame: av.VideoFrame) -> int:
    """Clockwise, to the nearest quarter turn; FFmpeg counts counter-clockwise."""
    return round(-frame.rotation / 90) * 90 % 360


def _open(path: Path) -> av.container.InputContainer:
    box: av.container.InputContainer = open_media(path, VideoError, what="video", formats="MP4, MOV or WebM")
    return box


def _picture(box: av.container.InputContainer, path: Path) -> av.VideoStream:
    stream = picture_stream(box)
    if stream is None:
        raise VideoError(f"{path.name} has no picture, only sound; use a video of a person.")
    return stream
