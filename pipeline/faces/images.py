"""Reads photos of any common format as upright sRGB arrays, or refuses them with a sentence.

Pillow decodes them: it knows every common format, gives the size before decoding, and applies colour
profiles. HEIC, which iPhones write, is decoded by pillow_heif, which brings libheif in one small wheel.
"""

from __future__ import annotations

import io
import logging
import struct
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from pipeline.errors import PhotoError
from pipeline.faces.photo_files import load, open_photo, stated_colours, what_it_is
from pipeline.video.dynamic_range import is_hdr, is_wide, to_sdr
from pipeline.video.picture import BACKDROP

log = logging.getLogger(__name__)

MAX_PIXELS = 64_000_000
"""Largest photo that is decoded: 8000 × 8000 px, more than most phones make, 192 MB as RGB."""

_MIN_SIDE = 64
"""Shortest side in px below which no face can be used."""

_MAX_SIDE = 30_000
"""Longest side in px: beyond it OpenCV cannot warp a picture."""

_KINDS = "JPEG, PNG, HEIC, WebP, TIFF, BMP or GIF"
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, RuntimeError, struct.error)
"""What Pillow's decoders and pillow_heif raise on damaged data."""
_PHOTOMETRIC, _YCBCR = 262, 6
"""TIFF's tag for the kind of colours, and its value for YCbCr."""


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
            "side, ideally 512."
        )
    return image


def _from_file(source: Path | str | bytes) -> np.ndarray:
    if isinstance(source, bytes):
        name, data = "The photo", source
    else:
        name, data = Path(source).name, load(Path(source))
    if not data:
        raise PhotoError(f"{name} is empty (0 bytes); choose another photo.")
    try:
        image = open_photo(data)
        _check_size(name, *image.size)
        return _decode_file(image, data)
    except Image.DecompressionBombError as error:
        raise _too_large(name, "more than 178") from error
    except UnidentifiedImageError as error:
        raise PhotoError(f"{name} {what_it_is(data)}; choose a {_KINDS} photo.") from error
    except _BROKEN as error:
        raise PhotoError(f"{name} is damaged or incomplete; copy or export it again.") from error


def _check_size(name: str, width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise _too_large(name, f"{width} × {height}, {width * height / 1e6:.0f}")
    if max(width, height) > _MAX_SIDE:
        raise PhotoError(
            f"{name} is too long, {width} × {height} pixels; crop it to sides of at most {_MAX_SIDE} pixels."
        )


def _decode_file(image: Any, data: bytes) -> np.ndarray:
    """Decodes a Pillow image or a `HeifFile`, of which `data` are the bytes."""
    if isinstance(image, Image.Image):
        try:
            return _decode(_lifted(image, data), stated_colours(data))
        except _BROKEN:
            if getattr(image, "tag_v2", {}).get(_PHOTOMETRIC) == _YCBCR:
                return _ycbcr_tiff(data)
            raise
    nclx = image.info.get("nclx_profile") or {}
    colours = nclx.get("transfer_characteristics", 2), nclx.get("color_primaries", 2)
    if is_hdr(colours[0]) and image.info.get("bit_depth", 8) > 8:
        from pillow_heif import open_heif

        deep = np.asarray(open_heif(data, convert_hdr_to_8bit=False))
        image = Image.fromarray(_sdr(deep, colours))
        return _decode(image)
    return _decode(image.to_pillow(), colours)


def _decode(image: Image.Image, colours: tuple[int, int] | None = None) -> np.ndarray:
    """The first picture, upright, in sRGB and on the backdrop; `colours` as `stated_colours` gives them."""
    image.seek(0)
    image.load()
    image = ImageOps.exif_transpose(image)
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        values = np.asarray(image)
        picture = _from_deep(values)
        if isinstance(key := image.info.get("transparency"), int):
            picture[values == key] = BACKDROP
        return picture
    profile = image.info.get("icc_profile")
    if image.mode in ("P", "PA", "LA", "La", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
    # An ICC profile describes the colours better than numbers do, except for HDR.
    if colours is not None and is_wide(*colours) and (is_hdr(colours[0]) or not profile):
        image = Image.fromarray(
            _sdr(np.asarray(image if image.mode == "RGBA" else image.convert("RGB")), colours)
        )
        profile = None
    if image.mode == "RGBA":
        backdrop = Image.new("RGBA", image.size, (*BACKDROP, 255))
        image = Image.alpha_composite(backdrop, image).convert("RGB")
    return np.array(_to_srgb(image, profile))


def _lifted(image: Image.Image, data: bytes) -> Image.Image:
    """The picture, in full brightness where its 16 bits hold the 10 or 12 of a camera or a scanner.

    Pillow keeps the upper 8 bits of colours, in which next to nothing is left of these.
    """
    image.load()
    if image.mode not in ("RGB", "RGBA"):
        return image
    if np.asarray(image)[..., :3].max() >= 1 << 12 - 8:
        return image
    deep = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if deep is None or deep.dtype != np.uint16 or deep.ndim != 3 or deep.shape[2] < 3:
        return image
    colours = deep[..., 2::-1]
    picture = np.clip(colours * _scale_of(float(colours.max())) + 0.5, 0, 255).astype(np.uint8)
    lifted = Image.fromarray(picture)
    if image.mode == "RGBA":
        lifted.putalpha(image.getchannel("A"))
    lifted.info = {**image.info, "exif": image.getexif().tobytes()}
    return lifted


def _scale_of(peak: float) -> float:
    """What brings 16-bit values to 8 bits, by the largest of them."""
    depth = next((bits for bits in (10, 12) if peak < 1 << bits), 16)
    return 255.0 / ((1 << depth) - 1)


def _sdr(image: np.ndarray, colours: tuple[int, int]) -> np.ndarray:
    """`(H, W, 3 or 4)` uint8 in sRGB, of 8 or 16 bits in the colours stated; opacity stays as it is."""
    colour = to_sdr(np.ascontiguousarray(image[..., :3]), *colours)
    if image.shape[2] == 3:
        return colour
    opacity = image[..., 3] if image.dtype == np.uint8 else (image[..., 3] >> 8).astype(np.uint8)
    return np.dstack([colour, opacity])


def _ycbcr_tiff(data: bytes) -> np.ndarray:
    """An uncompressed YCbCr TIFF, which Pillow misreads; OpenCV reads it through libtiff."""
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        raise OSError("not readable by libtiff")
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


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
    """8-bit RGB from one channel of integers of 10, 12 or 16 bits, or of floats in [0, 1], [0, 255] or
    [0, 65535].
    """
    values = np.nan_to_num(values.astype(np.float32))
    peak = float(values.max(initial=0.0))
    scale = 255.0 if peak <= 1.0 else 1.0 if peak <= 255.0 else _scale_of(peak)
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


def _too_large(name: str, size: str) -> PhotoError:
    return PhotoError(
        f"{name} is too large ({size} megapixels); the limit is {MAX_PIXELS // 1_000_000} megapixels, "
        "so scale it down first."
    )
