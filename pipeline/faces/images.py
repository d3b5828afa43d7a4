"""Reads photos of any common format as upright sRGB arrays, or refuses them with a sentence.

Pillow decodes them: it knows every common format, gives the size before decoding, and applies colour
profiles. HEIC, which iPhones write, is decoded by pillow_heif, which brings libheif in one small wheel.
"""

from __future__ import annotations

import io
import logging
import struct
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from pipeline.errors import PhotoError

if TYPE_CHECKING:
    from pillow_heif import HeifFile

log = logging.getLogger(__name__)

MAX_PIXELS = 64_000_000
"""Largest photo that is decoded: 8000 × 8000 px, more than most phones make, 192 MB as RGB."""

_MIN_SIDE = 64
"""Shortest side in px below which no face can be used."""

BACKDROP = (224, 224, 224)
"""Light grey behind transparent pixels, which suits dark and light hair alike."""

_KINDS = "JPEG, PNG, HEIC, WebP, TIFF, BMP or GIF"
_VIDEO_SUFFIXES = {".mp4", ".mov", ".m4v", ".webm", ".mkv", ".avi", ".mpg", ".mpeg", ".ts", ".3gp", ".wmv"}
_HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_HEIF_BRANDS = (*_HEIC, b"avif", b"avis")
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, RuntimeError, struct.error)
"""What Pillow's decoders and pillow_heif raise on damaged data."""


def read_image(source: Path | str | bytes | np.ndarray) -> np.ndarray:
    """The photo as `(H, W, 3)` uint8 RGB, upright by its EXIF tag and in sRGB.

    Args:
        source: a file, its bytes, or an array: `(H, W)`, `(H, W, 3)` or `(H, W, 4)`, uint8, uint16 or
            float in [0, 1]. An animation gives its first frame; transparent pixels show `BACKDROP`.

    Raises:
        PhotoError: not an image, damaged, empty, over `MAX_PIXELS`, or a side under 64 px.
    """
    image = _from_array(source) if isinstance(source, np.ndarray) else _from_file(source)
    height, width = image.shape[:2]
    if min(height, width) < _MIN_SIDE:
        raise PhotoError(
            f"The photo is only {width} × {height} pixels; use one with at least {_MIN_SIDE} pixels on each "
            "side, and better 512."
        )
    return image


def is_video(path: Path | str) -> bool:
    """Whether a file is a video: by its first bytes, and by its suffix where they do not say."""
    path = Path(path)
    head = b""
    if path.is_file():
        with path.open("rb") as file:
            head = file.read(16)
    if head[:3] in (b"\xff\xd8\xff", b"\x89PN", b"GIF"):
        return False
    return _looks_like_video(head) or path.suffix.lower() in _VIDEO_SUFFIXES


def is_photo(path: Path | str) -> bool:
    """Whether a file begins like a photo of a known format; it may still be damaged further on."""
    path = Path(path)
    try:
        with path.open("rb") as file:
            head = file.read(16)
        if head[4:8] == b"ftyp":
            return head[8:12] in _HEIF_BRANDS
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            Image.open(path).close()
    except Image.DecompressionBombError:
        return True
    except (UnidentifiedImageError, OSError):
        return False
    return not _looks_like_video(head)


def _from_file(source: Path | str | bytes) -> np.ndarray:
    name, data = ("The photo", source) if isinstance(source, bytes) else _load(Path(source))
    if not data:
        raise PhotoError(f"{name} is empty (0 bytes); choose another photo.")
    try:
        image = _open(data)
    except Image.DecompressionBombError as error:
        raise _too_large(name, "more than 178") from error
    except UnidentifiedImageError as error:
        raise PhotoError(f"{name} {_what(data)}; choose a {_KINDS} photo.") from error
    except _BROKEN as error:
        raise _damaged(name) from error
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise _too_large(name, f"{width} × {height}, {width * height / 1e6:.0f}")
    try:
        return _decode(image if isinstance(image, Image.Image) else image.to_pillow())
    except _BROKEN as error:
        raise _damaged(name) from error


def _open(data: bytes) -> Image.Image | HeifFile:
    """Opens the picture by its header; nothing is decoded yet."""
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC:
        from pillow_heif import open_heif

        return open_heif(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        return Image.open(io.BytesIO(data))


def _load(path: Path) -> tuple[str, bytes]:
    try:
        return path.name, path.read_bytes()
    except FileNotFoundError as error:
        raise PhotoError(f"There is no photo at {path}; check the name.") from error
    except OSError as error:
        raise PhotoError(f"The photo {path} cannot be read: {error.strerror or error}.") from error


def _decode(image: Image.Image) -> np.ndarray:
    image.seek(0)
    image.load()
    image = ImageOps.exif_transpose(image)
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return _from_deep(np.asarray(image))
    profile = image.info.get("icc_profile")
    if image.mode in ("P", "PA", "LA", "La", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
    if image.mode == "RGBA":
        backdrop = Image.new("RGBA", image.size, (*BACKDROP, 255))
        image = Image.alpha_composite(backdrop, image).convert("RGB")
    return np.array(_to_srgb(image, profile))


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if profile:
        try:
            converted = ImageCms.profileToProfile(
                image,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode="RGB",
            )
            return converted if converted is not None else image.convert("RGB")
        except (ImageCms.PyCMSError, OSError) as error:
            # Profiles that do not fit their picture are common; viewers then ignore them too.
            log.debug("Colour profile ignored: %s", error)
    return image.convert("RGB")


def _from_deep(values: np.ndarray) -> np.ndarray:
    """8-bit RGB from one channel of 16-bit integers, or of floats in [0, 1], [0, 255] or [0, 65535]."""
    values = np.nan_to_num(values.astype(np.float32))
    peak = float(values.max(initial=0.0))
    scale = 255.0 if peak <= 1.0 else 1.0 if peak <= 255.0 else 1 / 257.0
    grey = np.clip(values * scale + 0.5, 0, 255).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)


def _from_array(array: np.ndarray) -> np.ndarray:
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (1, 3, 4)) or not array.size:
        raise PhotoError(
            f"An array of shape {array.shape} is not a picture; give (H, W), (H, W, 3) or (H, W, 4)."
        )
    if array.dtype == np.uint16:
        array = (array.astype(np.float32) / 257.0 + 0.5).astype(np.uint8)
    elif np.issubdtype(array.dtype, np.floating):
        array = (np.clip(np.nan_to_num(array), 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)
    elif array.dtype != np.uint8:
        raise PhotoError(f"A picture of {array.dtype} cannot be used; give uint8, uint16 or float in [0, 1].")
    if array.ndim == 2 or array.shape[2] == 1:
        return np.repeat(array.reshape(*array.shape[:2], 1), 3, axis=2)
    if array.shape[2] == 4:
        return _decode(Image.fromarray(array))
    return np.ascontiguousarray(array)


def _what(data: bytes) -> str:
    """What data is that Pillow does not know as a photo."""
    if _looks_like_video(data):
        return "is a video, not a photo"
    return "is a PDF, not a photo" if data[:5] == b"%PDF-" else "is not an image"


def _looks_like_video(data: bytes) -> bool:
    """By its first bytes: MP4 and MOV, Matroska and WebM, AVI, MPEG program stream."""
    if data[4:8] == b"ftyp":
        return data[8:12] not in _HEIF_BRANDS
    if data[4:8] in (b"moov", b"mdat", b"wide"):
        return True
    return data[:4] in (b"\x1aE\xdf\xa3", b"\x00\x00\x01\xba") or data[:4] + data[8:12] == b"RIFFAVI "


def _too_large(name: str, size: str) -> PhotoError:
    return PhotoError(
        f"{name} is too large ({size} megapixels); the limit is {MAX_PIXELS // 1_000_000} megapixels, "
        "so scale it down first."
    )


def _damaged(name: str) -> PhotoError:
    return PhotoError(f"{name} is damaged or incomplete; copy or export it again.")
