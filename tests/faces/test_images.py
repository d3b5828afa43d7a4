"""Photos as people have them: every format comes out upright, 8-bit RGB; everything else is a sentence."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pillow_heif
import pytest
from PIL import Image

from pipeline.errors import PhotoError
from pipeline.faces import is_video, read_image
from pipeline.faces.images import BACKDROP, MAX_PIXELS

PORTRAIT = Path(__file__).parents[2] / "assets" / "portraits" / "astronaut.jpg"


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    return Image.open(PORTRAIT).convert("RGB").resize((128, 96))


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def heic(image: Image.Image, **options: object) -> bytes:
    out = io.BytesIO()
    pillow_heif.from_pillow(image).save(out, **options)
    return out.getvalue()


@pytest.mark.parametrize("bits", [10, 12, 16])
@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("kind", [".png", ".tiff"])
def test_sixteen_bits_that_hold_fewer_are_as_bright_as_they_were_meant(
    bits: int, colour: bool, kind: str
) -> None:
    ramp = np.tile(np.linspace(0, 255, 96, dtype=np.uint8), (96, 1))
    image = np.dstack([ramp, ramp.T, ramp[::-1]]) if colour else ramp
    deep = (image.astype(np.float64) * ((1 << bits) - 1) / 255 + 0.5).astype(np.uint16)
    done, file = cv2.imencode(kind, deep[..., ::-1] if colour else deep)
    assert done
    read = read_image(file.tobytes()).astype(int)
    assert np.abs(read - (image if colour else image[..., None])).max() <= 1


def test_a_grey_that_stands_for_nothing_is_seen_through_in_sixteen_bits_too() -> None:
    grey = np.full((96, 96), 30000, np.uint16)
    grey[:40] = 7
    photo = io.BytesIO()
    Image.fromarray(grey).save(photo, "PNG", transparency=7)
    read = read_image(photo.getvalue())
    assert (read[:40] == BACKDROP).all() and (read[40:] == 117).all()


def far(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(int) - other).mean())


@pytest.mark.parametrize("tag", range(1, 9))
def test_exif_orientation_is_undone(photo: Image.Image, tag: int) -> None:
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    exif = Image.Exif()
    exif[0x0112] = tag
    stored = photo.transpose(turns[tag]) if tag in turns else photo
    assert far(read_image(encoded(stored, "PNG", exif=exif)), np.asarray(photo)) == 0


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "CMYK"])
def test_colour_modes(photo: Image.Image, mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    image = read_image(encoded(photo.convert(mode), kind))
    assert image.dtype == np.uint8 and image.shape == (96, 128, 3)
    grey = np.asarray(photo.convert("L"))
    assert far(np.asarray(Image.fromarray(image).convert("L")), grey) < 12


def test_sixteen_bits_keep_their_greys(photo: Image.Image) -> None:
    grey = np.asarray(photo.convert("L"))
    image = read_image(encoded(Image.fromarray(grey.astype(np.uint16) * 257), "PNG"))
    assert far(image[:, :, 0], grey) < 1


def test_transparency_lies_on_the_backdrop(photo: Image.Image) -> None:
    clear = photo.copy()
    clear.putalpha(
        Image.fromarray(np.where(np.arange(128) < 64, 0, 255).astype(np.uint8)[None].repeat(96, 0))
    )
    image = read_image(encoded(clear, "PNG"))
    assert (image[:, :64] == BACKDROP).all()
    assert far(image[:, 64:], np.asarray(photo)[:, 64:]) == 0


def test_first_picture_of_an_animation(photo: Image.Image) -> None:
    other = Image.new("RGB", photo.size, "blue")
    data = encoded(photo, "WEBP", save_all=True, append_images=[other], lossless=True)
    assert far(read_image(data), np.asarray(photo)) < 1


def test_arrays() -> None:
    grey = np.linspace(0, 1, 128 * 96, dtype=np.float32).reshape(96, 128)
    assert read_image(grey).shape == (96, 128, 3)
    assert far(read_image((grey * 65535).astype(np.uint16)), read_image(grey)) < 1
    for wrong in (np.zeros((96, 128), bool), np.zeros((96, 128, 2), np.uint8), np.zeros(9, np.uint8)):
        with pytest.raises(PhotoError):
            read_image(wrong)


@pytest.mark.parametrize("tag", [1, 3, 6, 8])
def test_photos_of_iphones_are_read_in_tiles_and_upright(tag: int) -> None:
    photo = Image.open(PORTRAIT).convert("RGB")
    turns = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
    stored = photo.transpose(turns[tag]) if tag in turns else photo
    exif = Image.Exif()
    exif[0x0112] = tag
    data = heic(stored, exif=exif.tobytes(), quality=90, tile_size=256)
    assert pillow_heif.open_heif(data).info["tiling"]
    assert far(read_image(data), np.asarray(photo)) < 4


def test_deep_and_transparent_heic(photo: Image.Image) -> None:
    clear = photo.copy()
    clear.putalpha(0)
    assert far(read_image(heic(clear)), np.array(BACKDROP)) < 3
    deep = pillow_heif.from_bytes("RGB;16", photo.size, (np.asarray(photo).astype(np.uint16) * 257).tobytes())
    out = io.BytesIO()
    deep.save(out, quality=90)
    assert pillow_heif.open_heif(out.getvalue()).info["bit_depth"] > 8
    assert far(read_image(out.getvalue()), np.asarray(photo)) < 4


def test_a_bomb_is_refused_by_its_header() -> None:
    header = struct.pack(">IIBBBBB", 20_000, 8_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    data = struct.pack(">I", 64) + b"IDAT" + bytes(68)
    with pytest.raises(PhotoError, match=f"limit is {MAX_PIXELS // 10**6} megapixels"):
        read_image(b"\x89PNG\r\n\x1a\n" + chunk + data)


def test_bad_files_are_told_apart(photo: Image.Image, tmp_path: Path) -> None:
    jpeg = encoded(photo, "JPEG")
    for data, says in (
        (jpeg[: len(jpeg) // 2], "damaged or incomplete"),
        (encoded(photo, "PNG")[:-400], "damaged or incomplete"),
        (b"", "empty"),
        (b"hello, this is no picture at all", "not an image"),
        (b"\xff\x0a" + b"\x00" * 64, "is a JPEG XL picture, which cannot be read"),
        (b"\x00\x00\x00\x0cJXL \r\n\x87\n" + b"\x00" * 64, "is a JPEG XL picture, which cannot be read"),
        (b"\x00\x00\x00\x18ftypcrx " + b"\x00" * 64, "is a camera's raw file"),
        (b"II*\x00\x10\x00\x00\x00CR\x02\x00" + b"\x00" * 64, "is a camera's raw file"),
        (b"<?xml version='1.0'?>\n<svg xmlns='http://www.w3.org/2000/svg'/>", r"is a drawing \(SVG\)"),
        (b"\x00\x00\x00\x18ftypheic" + b"\x00" * 64, "damaged or incomplete"),
        (heic(photo)[:-400], "damaged or incomplete"),
        (b"\x00\x00\x00\x18ftypisom" + b"\x00" * 64, "a video"),
        (encoded(photo.resize((40, 40)), "PNG"), "40 × 40"),
    ):
        with pytest.raises(PhotoError, match=says):
            read_image(data)
    with pytest.raises(PhotoError, match="no photo at"):
        read_image(tmp_path / "missing.jpg")


def test_videos_are_known_by_content_then_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(PORTRAIT.read_bytes())
    (tmp_path / "b.jpg").write_bytes(b"\x00\x00\x00\x18ftypisom" + b"\x00" * 64)
    assert not is_video(tmp_path / "a.mp4")
    assert is_video(tmp_path / "b.jpg")
    assert is_video(tmp_path / "missing.mov") and not is_video(tmp_path / "missing.png")
