"""What reading pictures and reading sound share: opening a file, its streams, their times and damaged
packets."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

import av

from pipeline.errors import StudioError

Stream = TypeVar("Stream", av.VideoStream, av.AudioStream)

_UNREADABLE = (av.error.InvalidDataError, av.error.EOFError)
"""What FFmpeg raises for data that it cannot make sense of."""

_TEXT_FORMATS = {"tty"}
"""Formats under which FFmpeg takes any text for a video."""


def open_media(path: Path, error_type: type[StudioError], *, what: str, formats: str) -> Any:
    """The file as an `av.container.InputContainer`.

    Args:
        path: any file.
        error_type: the error to raise.
        what: how a person calls it: "video", "recording".
        formats: some that a person could use instead.

    Raises:
        StudioError: of `error_type`: it is missing, cannot be opened, or is no media file.
    """
    if not path.is_file():
        raise error_type(f"There is no {what} at {path}; check the name.")
    unreadable = f"{path.name} is not a {what}, or it is damaged; try {formats}."
    try:
        box = av.open(str(path), metadata_errors="replace")
    except _UNREADABLE as error:
        raise error_type(unreadable) from error
    except OSError as error:
        sentence = f"{path} cannot be opened: {error.strerror or error}; check its permissions."
        raise error_type(sentence) from error
    if box.format.name in _TEXT_FORMATS or not (box.streams.video or box.streams.audio):
        box.close()
        raise error_type(unreadable)
    return box


def picture_stream(box: av.container.InputContainer) -> av.VideoStream | None:
    """The first stream of moving pictures; the cover image of a music file is none."""
    for stream in box.streams.video:
        if not stream.disposition & av.stream.Disposition.attached_pic:
            return stream
    return None


def decoded(box: av.container.InputContainer, stream: av.VideoStream | av.AudioStream) -> Iterator[Any]:
    """The stream's frames in order; damaged packets are skipped."""
    packets = box.demux(stream)
    while (packet := next(packets, None)) is not None:
        try:
            yield from packet.decode()
        except _UNREADABLE:
            continue


def timestamp(ticks: int | None, time_base: Fraction | None) -> Fraction:
    """Seconds, exactly; 0 where the file states no time."""
    return Fraction(0) if ticks is None or time_base is None else ticks * time_base


def duration(box: av.container.InputContainer, stream: av.VideoStream | av.AudioStream) -> float:
    """Seconds of a stream, or of the file where the stream does not say; 0 where neither does."""
    if stream.duration:
        return float(timestamp(stream.duration, stream.time_base))
    return box.duration / av.time_base if box.duration else 0.0
