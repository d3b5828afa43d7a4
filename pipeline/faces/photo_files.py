"""Photo files: what they are by their content, their bytes up to a limit, and the colours they state."""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, UnidentifiedImageError

from pipeline.errors import PhotoError, VideoError
from pipeline.video import has_picture
from pipeline.video.container import require_file

if TYPE_CHECKING:
    from pillow_heif import HeifFile

_FORMATS = (
    "JPEG",
    "PNG",
    "GIF",
    "WEBP",
    "TIFF",
    "BMP",
    "DIB",
    "AVIF",
    "JPEG2000",
    "PPM",
    "QOI",
    "ICO",
)
"""What Pillow may open: formats of photos that it decodes itself, without a program such as Ghostscript."""
_MAX_BYTES = 512_000_000
"""Largest file that is read: the largest photo that is decoded, with 16 bits of four channels."""
_VIDEO_SUFFIXES = frozenset(
    (
        *(".mp4", ".mov", ".m4v", ".webm", ".mkv", ".avi", ".mpg", ".mpeg", ".ts", ".mts", ".m2ts", ".3gp"),
        *(".wmv", ".asf", ".flv", ".f4v", ".ogv", ".vob", ".mxf", ".dv"),
    )
)
"""Names that mean a video where the content says nothing, as in a damaged file."""
_HEIC = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_AVIF = {b"avif", b"avis"}
_RAW = {b"crx "}
_OTHER_PICTURES = {
    "a JPEG XL picture": (b"\xff\x0a", b"\0\0\0\x0cJXL "),
    "a camera's raw file": (b"FUJIFILMCCD-RAW", b"II*\0\x10\0\0\0CR", b"IIRO", b"IIU\0"),
    "a Photoshop document": (b"8BPS",),
    "a drawing (SVG)": (b"<svg",),
}
"""First bytes of pictures that are not read, by what they are called."""
_HEAD = 512
"""Bytes at the start that show the kind of a file."""


def is_video(path: Path | str) -> bool:
    """Whether a file is a video, by its content; its name counts only where it is damaged or missing."""
    path = Path(path)
    if not path.is_file():
        return path.suffix.lower() in _VIDEO_SUFFIXES
    state = path.stat()
    return _is_video(path, state.st_size, state.st_mtime_ns)


@lru_cache(512)  # each row of a table asks
def _is_video(path: Path, size: int, modified: int) -> bool:
    named = path.suffix.lower() in _VIDEO_SUFFIXES
    if is_photo(path):
        return False
    try:
        return has_picture(path)
    except VideoError:
        return looks_like_video(_head(path)) or named


def is_photo(path: Path | str) -> bool:
    """Whether a file begins like a photo of a known format; it may still be damaged further on."""
    path = Path(path)
    if not path.is_file():
        return False
    try:
        head = _head(path)
        if head[4:8] == b"ftyp":
            return bool(_brands(head) & (_HEIC | _AVIF))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            Image.open(path, formats=_FORMATS).close()
    except Image.DecompressionBombError:
        return True
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        # JPEG, PNG and GIF are photos even where nothing behind their first bytes can be read.
        return _head(path)[:3] in (b"\xff\xd8\xff", b"\x89PN", b"GIF")
    return True


def load(path: Path) -> bytes:
    """All bytes of a photo's file.

    Raises:
        PhotoError: it is missing, no regular file, too large, or cannot be read.
    """
    require_file(path, PhotoError, what="photo", parameter=None)
    try:
        with path.open("rb") as file:
            # A file that is still growing is read no further than the limit.
            data = file.read(min(path.stat().st_size, _MAX_BYTES) + 1)
    except OSError as error:
        raise PhotoError(
            f"The photo {path} cannot be read: {error.strerror or error}; check its permissions."
        ) from error
    if len(data) > _MAX_BYTES:
        raise PhotoError(
            f"{path.name} is too large; the limit is {_MAX_BYTES // 1_000_000} MB, so scale it down first."
        )
    return data


def open_photo(data: bytes) -> Image.Image | HeifFile:
    """Opens the picture by its header; nothing is decoded yet. Raises what Pillow and pillow_heif raise."""
    brands = _brands(data) if data[4:8] == b"ftyp" else set()
    if brands & _HEIC and not brands & _AVIF:
        from pillow_heif import open_heif

        return open_heif(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        return Image.open(io.BytesIO(data), formats=_FORMATS)


def stated_colours(data: bytes) -> tuple[int, int] | None:
    """Transfer curve and primaries by number of ITU-T H.273: of an AVIF's nclx box or a PNG's cICP chunk."""
    if data[4:8] == b"ftyp":
        try:
            return _nclx(data)
        except (struct.error, IndexError, StopIteration):
            return None
    if data[:4] == b"\x89PNG":
        at = data.find(b"cICP", 8, max(8, data.find(b"IDAT")))
        return (data[at + 5], data[at + 4]) if at > 0 else None
    return None


def what_it_is(data: bytes) -> str:
    """What data is that is no photo."""
    if data[8:12] in (b"M4A ", b"M4B ", b"WAVE") or data[:4] in (b"fLaC", b"OggS") or data[:3] == b"ID3":
        return "is a recording, not a photo"
    for kind, starts in _OTHER_PICTURES.items():
        if data.startswith(starts):
            return f"is {kind}, which cannot be read"
    if data[4:8] == b"ftyp" and _brands(data) & _RAW:
        return "is a camera's raw file, which cannot be read"
    if data.lstrip().startswith(b"<?xml") and b"<svg" in data[:_HEAD]:
        return "is a drawing (SVG), which cannot be read"
    if looks_like_video(data):
        return "is a video, not a photo"
    return "is a PDF, not a photo" if data[:5] == b"%PDF-" else "is not an image"


def looks_like_video(data: bytes) -> bool:
    """By its first bytes: MP4 and MOV, Matroska and WebM, AVI, MPEG program stream."""
    if data[4:8] == b"ftyp":
        return not _brands(data) & (_HEIC | _AVIF | _RAW)
    if data[4:8] in (b"moov", b"mdat", b"wide"):
        return True
    return data[:4] in (b"\x1aE\xdf\xa3", b"\x00\x00\x01\xba") or data[:4] + data[8:12] == b"RIFFAVI "


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD)


def _brands(data: bytes) -> set[bytes]:
    """The kinds that an ISO media file claims to be."""
    end = min(int.from_bytes(data[:4], "big"), len(data), _HEAD)
    return {data[8:12], *(data[at : at + 4] for at in range(16, end - 3, 4))}


def _nclx(data: bytes) -> tuple[int, int] | None:
    """Curve and primaries of the primary item: `pitm` names it, `ipma` lists its properties in `ipco`."""
    meta = next(body for kind, body in _boxes(data) if kind == b"meta")[4:]
    boxes = dict(_boxes(meta))
    primary = int.from_bytes(boxes[b"pitm"][4:] if b"pitm" in boxes else b"", "big")
    properties = dict(_boxes(boxes.get(b"iprp", b"")))
    stored = list(_boxes(properties.get(b"ipco", b"")))
    for index in _associated(properties.get(b"ipma", b""), primary):
        kind, body = stored[index - 1] if 0 < index <= len(stored) else (b"", b"")
        if kind == b"colr" and body[:4] == b"nclx":
            primaries, curve = struct.unpack(">HH", body[4:8])
            return curve, primaries
    return None


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and content of the boxes of an ISO media file."""
    at = 0
    while at + 8 <= len(data):
        size, header = int.from_bytes(data[at : at + 4], "big"), 8
        if size == 1:
            size, header = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        size = size or len(data) - at
        if size < header:
            return
        yield data[at + 4 : at + 8], data[at + header : at + size]
        at += size


def _associated(ipma: bytes, item: int) -> list[int]:
    """The properties of an item, counted from 1."""
    if not ipma:
        return []
    wide_id, wide_index = ipma[0] >= 1, ipma[3] & 1
    count, at = int.from_bytes(ipma[4:8], "big"), 8
    id_size, index_size = (4 if wide_id else 2), (2 if wide_index else 1)
    for _ in range(count):
        found = int.from_bytes(ipma[at : at + id_size], "big")
        number = ipma[at + id_size]
        at += id_size + 1
        entries = [
            int.from_bytes(ipma[at + index_size * n : at + index_size * (n + 1)], "big")
            for n in range(number)
        ]
        if found == item:
            return [entry & (0x7FFF if wide_index else 0x7F) for entry in entries]
        at += index_size * number
    return []
