"""What reading pictures and reading sound share: opening a file by its content, its streams, their packets.

A file is opened with local files as the only protocol and without the formats that name other files or
devices, so that nothing but the file itself is ever read.
"""

from __future__ import annotations

import logging
import stat
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import av

from pipeline.errors import StudioError

log = logging.getLogger(__name__)

Stream = TypeVar("Stream", av.VideoStream, av.AudioStream)

LONGEST_GAP = 300
"""Seconds between two time stamps that still count as a pause; larger leaps are damage and are closed."""

_NOTEWORTHY = 1.0
"""Seconds of damaged packets from which their loss is reported."""

DERIVED_TIMES = frozenset(("aac", "loas", "mp3", "ac3", "eac3", "dts", "amr", "amrnb", "amrwb"))
"""Formats without time stamps: FFmpeg derives them from the first rate, wrongly where the rate changes."""
_UNBROKEN = frozenset(("flac", "ogg"))
"""Formats of one stream without pauses, so that missing time is damage."""
_READ_ERRORS = 50
"""Failed reads in a file after which it counts as ended."""

# fmt: off
_REFUSED = frozenset((
    "applehttp", "hls", "dash", "webm_dash_manifest", "concat", "imf", "sdp", "sdns", "rtp", "rtsp", "sap",
    "live_flv", "mpjpeg", "image2", "image2pipe", "alias_pix", "brender_pix", "lavfi", "fbdev", "kmsgrab",
    "x11grab", "xcbgrab", "video4linux2", "v4l2", "alsa", "oss", "pulse", "jack", "sndio", "openal",
    "avfoundation", "dshow", "gdigrab", "vfwcap", "android_camera", "decklink", "libdc1394", "iec61883",
    "libcdio", "tty", "bin", "xbin", "adf", "idf", "ico", "ffmetadata", "data", "rcwt",
))
# fmt: on
"""Formats that open other files, addresses or devices, or take any text for a video."""
_STILLS = "_pipe"
"""How FFmpeg calls its readers of single pictures, which are photos here."""


def open_media(
    path: Path, error_type: type[StudioError], *, what: str, formats: str, parameter: str | None = None
) -> Any:
    """The file as an `av.container.InputContainer`.

    Args:
        path: any file; its content decides what it is, not its name.
        error_type: the error to raise.
        what: how a person calls it: "video", "recording".
        formats: some that a person could use instead.
        parameter: the parameter that the error concerns.

    Raises:
        StudioError: of `error_type`: it is missing, no regular file, cannot be opened, or is no media file.
    """
    require_file(path, error_type, what=what, parameter=parameter)
    unreadable = f"{path.name} is not a {what}, or it is damaged; try {formats}."
    try:
        box = _opened(path)
    except PermissionError as error:
        sentence = f"{path} cannot be opened: {error.strerror or error}; check its permissions."
        raise error_type(sentence, parameter=parameter) from error
    except (av.FFmpegError, OSError, ValueError) as error:
        raise error_type(unreadable, parameter=parameter) from error
    if not (box.streams.video or box.streams.audio):
        box.close()
        raise error_type(unreadable, parameter=parameter)
    return box


def require_file(path: Path, error_type: type[StudioError], *, what: str, parameter: str | None) -> None:
    """Refuse a path at which there is nothing, and folders, pipes and devices, which may never end.

    Raises:
        StudioError: of `error_type`.
    """
    try:
        mode = path.stat().st_mode
    except PermissionError as error:
        sentence = f"{path} cannot be opened: {error.strerror or error}; check its permissions."
        raise error_type(sentence, parameter=parameter) from error
    except (OSError, ValueError) as error:
        raise error_type(f"There is no {what} at {path}; check the name.", parameter=parameter) from error
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "a pipe or device"
        raise error_type(f"{path} is {kind}, not a file; give a {what}.", parameter=parameter)


def picture_stream(box: av.container.InputContainer) -> av.VideoStream | None:
    """The first stream of moving pictures that can be decoded; the cover image of a music file is none."""
    for stream in box.streams.video:
        if not stream.disposition & av.stream.Disposition.attached_pic and _decodable(stream):
            return stream
    return None


def sound_streams(box: av.container.InputContainer) -> list[av.AudioStream]:
    """The sound tracks that can be decoded, those meant to be played by default first."""
    streams = [stream for stream in box.streams.audio if _decodable(stream) and stream.rate]
    return sorted(streams, key=lambda stream: not stream.disposition & av.stream.Disposition.default)


def packets(box: av.container.InputContainer, *streams: av.VideoStream | av.AudioStream) -> Iterator[Any]:
    """The packets of some streams; where a read fails, reading goes on behind it."""
    source = box.demux(*streams)
    for _ in range(_READ_ERRORS):
        try:
            yield from source
            return
        except (av.FFmpegError, OSError):
            source = box.demux(*streams)


class Decoder:
    """Decodes one stream; damaged packets are skipped, and counted."""

    def __init__(self, box: av.container.InputContainer, stream: av.VideoStream | av.AudioStream) -> None:
        self._box, self._stream = box, stream
        self._codec: Any = alpha_decoder(stream) or stream.codec_context
        self._size = 0
        """Bytes of the last packet that was not damaged."""
        self._next: float | None = None
        """When the next packet should follow, in s."""
        self.lost = 0.0
        """Seconds that could not be read."""

    def frames(self) -> Iterator[Any]:
        """All frames in order."""
        for packet in packets(self._box, self._stream):
            yield from self.decode(packet)
        yield from self.decode(None)

    def decode(self, packet: av.Packet | None) -> list[Any]:
        """The frames that a packet completes; none where it is damaged."""
        try:
            frames = list(self._codec.decode(packet))
        except av.error.EOFError:
            return []  # flushed before, by the empty packet behind the last one
        except (av.FFmpegError, ValueError):
            self.lost += 0.0 if packet is None else self._seconds(packet)
            return []
        if packet is not None and packet.size:
            self._size = packet.size
            self.lost += self._gap(packet)
        return frames

    def _seconds(self, packet: av.Packet) -> float:
        """Length of a damaged packet; without time stamps, all that FFmpeg passed over comes in one."""
        seconds = float(timestamp(packet.duration, packet.time_base))
        passed_over = self._box.format.name in DERIVED_TIMES and self._size
        return seconds * max(1.0, packet.size / self._size) if passed_over else seconds

    def _gap(self, packet: av.Packet) -> float:
        """Seconds missing before a packet, in formats in which that is damage."""
        if self._box.format.name not in _UNBROKEN or packet.pts is None:
            return 0.0
        at, seconds = (float(timestamp(ticks, packet.time_base)) for ticks in (packet.pts, packet.duration))
        gap = 0.0 if self._next is None else at - self._next
        self._next = at + seconds
        return gap if seconds < gap < LONGEST_GAP else 0.0


def loss(path: Path, seconds: float) -> str | None:
    """What is said of a file of which so many seconds are damaged; None where it is not worth a note."""
    if seconds <= _NOTEWORTHY:
        return None
    return f"{path.name} is damaged: {seconds:.1f} s of it cannot be read and were left out."


def report_loss(path: Path, seconds: float) -> None:
    """Log how much of a file is damaged, where it is worth a note."""
    if sentence := loss(path, seconds):
        log.warning("%s", sentence)


def timestamp(ticks: int | None, time_base: Fraction | None) -> Fraction:
    """Seconds, exactly; 0 where the file states no time."""
    return Fraction(0) if ticks is None or time_base is None else ticks * time_base


def _opened(path: Path) -> Any:
    """The file as FFmpeg knows it by its content alone; by its name as well only where that says nothing."""
    options = {"format_whitelist": _allowed_formats()}
    with path.open("rb") as file:
        nameless = {**options, "protocol_whitelist": "fd", "fd": str(file.fileno())}
        try:
            return av.open("fd:", options=nameless, metadata_errors="replace")
        except (av.error.InvalidDataError, av.error.ArgumentError):
            named = {**options, "protocol_whitelist": "file"}
            return av.open(f"file:{path.absolute()}", options=named, metadata_errors="replace")


@cache
def _allowed_formats() -> str:
    """FFmpeg's list of the formats that may be opened: all that it reads but `_REFUSED` and stills."""
    names = {name for entry in av.formats_available for name in entry.split(",")}
    return ",".join(sorted(name for name in names - _REFUSED if not name.endswith(_STILLS)))


def _decodable(stream: av.VideoStream | av.AudioStream) -> bool:
    return getattr(stream, "codec_context", None) is not None


def alpha_decoder(stream: av.VideoStream | av.AudioStream) -> Any:
    """libvpx for VP8 and VP9 with transparency, which FFmpeg's own decoders drop; else None."""
    name = {"vp8": "libvpx", "vp9": "libvpx-vp9"}.get(stream.codec_context.name)
    tags = {key.lower(): value for key, value in stream.metadata.items()}
    if name is None or tags.get("alpha_mode") != "1" or name not in av.codecs_available:
        return None
    codec: Any = av.CodecContext.create(name, "r")
    codec.extradata = stream.codec_context.extradata
    return codec


def read_tags(path: Path) -> dict[str, str]:
    """The metadata of a file, such as what the studio wrote into it; none of one that cannot be opened."""
    try:
        with av.open(str(path), metadata_errors="replace") as box:
            return {str(name): str(value) for name, value in box.metadata.items()}
    except (OSError, av.FFmpegError):
        return {}
