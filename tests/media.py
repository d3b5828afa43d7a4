"""Media files that tests make: pictures in any codec and container, and sound with any number of tracks."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np


def write_film(
    path: Path,
    frames: Iterable[np.ndarray | av.VideoFrame],
    *,
    codec: str = "libx264",
    layout: str = "yuv420p",
    container: str | None = None,
    times: Iterable[int] | None = None,
    options: dict[str, str] | None = None,
    tags: dict[str, Any] | None = None,
    sound: np.ndarray | None = None,
    metadata: dict[str, str] | None = None,
) -> Path:
    """A video at 25 frames per second of `(H, W, 3 or 4)` uint8 pictures, or of frames as they are.

    `times` are milliseconds, `tags` attributes of the codec, `sound` mono at 48 kHz.
    """
    base = Fraction(1, 25) if times is None else Fraction(1, 1000)
    with av.open(str(path), "w", format=container) as box:
        stream: Any = box.add_stream(codec, rate=25, options=options or {})
        stream.metadata.update(metadata or {})
        track = None if sound is None else box.add_stream("aac", rate=48_000, layout="mono")
        every = iter(times or ())
        for index, picture in enumerate(frames):
            frame = picture if isinstance(picture, av.VideoFrame) else _frame(picture, layout)
            if not index:
                stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, layout
                stream.codec_context.time_base = base
                stream.codec_context.thread_count = 1
                for name, value in (tags or {}).items():
                    setattr(stream.codec_context, name, value)
            frame.pts, frame.time_base = (index if times is None else next(every)), base
            box.mux(stream.encode(frame))
        box.mux(stream.encode(None))
        if track is not None and sound is not None:
            _push(box, track, sound[None], 48_000, "mono")
    return path


def write_tracks(
    path: Path,
    *tracks: np.ndarray,
    codec: str = "pcm_s16le",
    rate: int = 48_000,
    container: str | None = None,
    metadata: dict[str, str] | None = None,
) -> Path:
    """A recording with one track for each `(N,)` or `(C, N)` float array; one or two channels or six."""
    layouts = {1: "mono", 2: "stereo", 6: "5.1"}
    options = {"write_xing": "0", "id3v2_version": "0"} if container == "mp3" else {}
    with av.open(str(path), "w", format=container, options=options) as box:
        box.metadata.update(metadata or {})
        pairs = []
        for track in map(np.atleast_2d, tracks):
            layout = layouts[len(track)]
            pairs.append((box.add_stream(codec, rate=rate, layout=layout), track, layout))
        for stream, track, layout in pairs:
            _push(box, stream, track, rate, layout)
    return path


def mirror_matrix(path: Path, matrix: tuple[int, int, int, int]) -> Path:
    """Write `a b c d` as the display matrix into the first track header of an MP4."""
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 44
    for offset, value in zip((0, 4, 12, 16), matrix, strict=True):
        data[at + offset : at + offset + 4] = (value << 16 & 0xFFFFFFFF).to_bytes(4, "big")
    path.write_bytes(data)
    return path


def voice(seconds: float, rate: int = 48_000) -> np.ndarray:
    """`(N,)` float32 that changes like speech: a buzz at 120 Hz in syllables of a quarter of a second."""
    t = np.arange(round(seconds * rate)) / rate
    buzz = sum(np.sin(2 * np.pi * 120 * n * t) / n for n in range(1, 20))
    return (0.15 * buzz * np.maximum(0, np.sin(2 * np.pi * 4 * t)) ** 2).astype(np.float32)


def _frame(picture: np.ndarray, layout: str) -> av.VideoFrame:
    kind = "rgba" if picture.shape[2] == 4 else "rgb24"
    return av.VideoFrame.from_ndarray(picture, format=kind).reformat(format=layout)


def _push(box: Any, stream: Any, samples: np.ndarray, rate: int, layout: str) -> None:
    fitted = av.AudioResampler(
        format=stream.codec_context.format.name,
        layout=layout,
        rate=rate,
        frame_size=stream.codec_context.frame_size or 1024,
    )
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples, np.float32), "fltp", layout)
    frame.rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
    for piece in [*fitted.resample(frame), *fitted.resample(None)]:
        box.mux(stream.encode(piece))
    box.mux(stream.encode(None))
