"""Reading video files that people have: upright, at a constant rate, one frame in memory at a time.

PyAV reads whatever FFmpeg reads. Phones store sideways pictures with a rotation beside them and let the
time between frames vary; both are evened out here, so nothing further on needs to know.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

from pipeline.errors import VideoError

_UNTOLD = 2
"""FFmpeg's colour matrix "unspecified"."""


@dataclass(frozen=True)
class VideoInfo:
    """What a video file says of itself."""

    size: tuple[int, int]
    """Width and height in px, upright."""
    fps: float
    """Mean frames per second."""
    duration: float
    """Seconds of picture; 0 where the file does not say."""
    frames: int
    """Number of frames, computed from the duration where the file does not say."""
    codec: str
    rotation: int
    """Degrees clockwise by which the stored picture is turned for display: 0, 90, 180 or 270."""
    has_sound: bool


def probe(path: Path | str) -> VideoInfo:
    """What is in the file, without decoding more than its first frame.

    Raises:
        VideoError: it is missing, no video, damaged, or has no picture.
    """
    with _open(Path(path)) as box:
        stream = _picture(box, Path(path))
        rotation = _rotation(next(_decoded(box, stream, Path(path))))
        size = _square(stream.width, stream.height, stream)
        size = size if rotation % 180 == 0 else size[::-1]
        fps = float(stream.average_rate or stream.guessed_rate or 25)
        duration = _duration(box, stream)
        return VideoInfo(
            size=size,
            fps=fps,
            duration=duration,
            frames=stream.frames or round(duration * fps),
            codec=stream.codec_context.name,
            rotation=rotation,
            has_sound=bool(box.streams.audio),
        )


def read_frames(
    path: Path | str, fps: int | None = None, *, max_side: int | None = None, start: int = 0
) -> Iterator[np.ndarray]:
    """The frames from the first to the last, `(H, W, 3)` uint8 RGB, upright.

    Args:
        fps: resample to this constant rate by repeating or leaving out frames, each output frame showing
            what was on screen in its middle; None gives the frames as they are stored.
        max_side: scale down so that neither side is longer, keeping the proportions and even sides.
        start: number of frames at `fps` to leave out at the beginning, by seeking; wants an `fps`.

    Raises:
        VideoError: the file is missing, no video, has no picture, or is damaged from its first frame. A
            file that is damaged or cut off later on ends where it stops making sense.
    """
    path = Path(path)
    with _open(path) as box:
        stream = _picture(box, path)
        stream.thread_type = "AUTO"
        frames = _decoded(box, stream, path)
        origin = None
        if start and fps:
            origin = _time(next(frames))
            box.seek(int((origin + Fraction(start, fps)) / stream.time_base), stream=stream)
            frames = _decoded(box, stream, path)
        convert = _Convert(stream, max_side)
        for frame in frames if fps is None else _constant(frames, fps, origin, start):
            yield convert(frame)


class _Convert:
    """Turns decoded frames into upright RGB arrays; a repeated frame is converted once."""

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
        plane = smaller.planes[0]
        rows = np.frombuffer(plane, np.uint8).reshape(height, plane.line_size)
        return np.rot90(rows[:, : 3 * width].reshape(height, width, 3), -_rotation(frame) // 90)


def _matrix(frame: av.VideoFrame) -> int:
    """The frame's colour matrix; where it is not told, what players take: BT.709 for HD, else BT.601."""
    if frame.colorspace != _UNTOLD:
        return frame.colorspace
    return Colorspace.ITU709 if frame.height >= 720 or frame.width >= 1280 else Colorspace.ITU601


def _square(width: int, height: int, stream: av.VideoStream) -> tuple[int, int]:
    """The picture's size once its pixels, which old formats store oblong, are square."""
    oblong = stream.sample_aspect_ratio
    return (round(width * oblong / 2) * 2 if oblong and oblong != 1 else width), height


def _fit(width: int, height: int, max_side: int | None) -> tuple[int, int]:
    if max_side is None or max(width, height) <= max_side:
        return width, height
    scale = max_side / max(width, height)
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


def _constant(
    frames: Iterator[av.VideoFrame], fps: int, origin: Fraction | None = None, count: int = 0
) -> Iterator[av.VideoFrame]:
    """Samples the frames at the middle of each output frame's time, from output frame `count` on; the last
    one is shown for as long as it was meant to be. `origin` is the time of output frame 0, if not that of
    the first frame here."""
    step = Fraction(1, fps)
    shown, length = None, step
    for frame in frames:
        at = _time(frame)
        origin = at if origin is None else origin
        while shown is not None and origin + (count + Fraction(1, 2)) * step < at:
            yield shown
            count += 1
        if shown is not None:
            length = at - _time(shown)
        shown = frame
    if shown is not None:
        length = shown.duration * shown.time_base if shown.duration else length
        end = _time(shown) + length
        while count == 0 or origin + (count + Fraction(1, 2)) * step < end:
            yield shown
            count += 1


def _time(frame: av.VideoFrame) -> Fraction:
    return frame.pts * frame.time_base


def _decoded(box: av.container.InputContainer, stream: av.VideoStream, path: Path) -> Iterator[av.VideoFrame]:
    """Decoded frames with a time, in order; broken packets in between are passed over."""
    last = None
    for frame in _surviving(box, stream):
        if frame.pts is None or (last is not None and frame.pts <= last):
            continue
        last = frame.pts
        yield frame
    if last is None:
        raise VideoError(f"{path.name} is damaged: not a single frame of it can be read.")


def _surviving(box: av.container.InputContainer, stream: av.VideoStream) -> Iterator[av.VideoFrame]:
    packets = box.demux(stream)
    while (packet := next(packets, None)) is not None:
        try:
            yield from packet.decode()
        except (av.error.InvalidDataError, av.error.EOFError):
            continue


def _open(path: Path) -> av.container.InputContainer:
    if not path.is_file():
        raise VideoError(f"There is no video {path}; check the name.")
    try:
        return av.open(str(path), metadata_errors="replace")
    except (av.error.InvalidDataError, av.error.EOFError) as error:
        raise VideoError(f"{path.name} is not a video, or it is damaged; try MP4, MOV or WebM.") from error
    except OSError as error:
        raise VideoError(f"{path} cannot be opened: {error.strerror or error}.") from error


def _picture(box: av.container.InputContainer, path: Path) -> av.VideoStream:
    """The picture's stream; a music file's cover image is none."""
    for stream in box.streams.video:
        if not stream.disposition & av.stream.Disposition.attached_pic:
            return stream
    raise VideoError(f"{path.name} has no picture, only sound; give a video of a person.")


def _rotation(frame: av.VideoFrame) -> int:
    """FFmpeg counts the display matrix counter-clockwise; here it is clockwise, to the next quarter."""
    return round(-frame.rotation / 90) * 90 % 360


def _duration(box: av.container.InputContainer, stream: av.VideoStream) -> float:
    if stream.duration:
        return float(stream.duration * stream.time_base)
    return box.duration / av.time_base if box.duration else 0.0
