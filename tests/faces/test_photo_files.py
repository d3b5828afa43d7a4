"""What a photo's file is, what colours it states, and what is refused before it is read."""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pillow_heif
import pytest
from media import voice, write_film, write_tracks
from PIL import Image

from pipeline.errors import PhotoError, VideoError
from pipeline.faces import is_photo, is_video, read_image
from pipeline.video import probe, read_sound

TO_2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]])


@pytest.fixture(scope="module")
def ramp() -> np.ndarray:
    """Soft colours below the level at which highlights are compressed."""
    y, x = np.mgrid[:96, :128] / 128
    return np.stack([40 + 120 * x, 60 + 100 * y, 150 - 90 * x], -1).astype(np.uint8)


def pq(image: np.ndarray) -> np.ndarray:
    """The picture in BT.2020 with the PQ curve, in [0, 1]; white at 203 cd/m²."""
    code = image / 255.0
    light = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4) @ TO_2020.T
    power = np.clip(light * 203 / 10_000, 0, 1) ** 0.1593017578125
    return ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375


def far(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(int) - other).mean())


@pytest.mark.parametrize("bits", [8, 10])
def test_hdr_heic_looks_like_sdr(ramp: np.ndarray, bits: int) -> None:
    out = io.BytesIO()
    colours = {"color_primaries": 9, "transfer_characteristics": 16, "matrix_coefficients": 9}
    if bits == 8:
        stored = pillow_heif.from_pillow(Image.fromarray((pq(ramp) * 255 + 0.5).astype(np.uint8)))
    else:
        deep = (pq(ramp) * 65535 + 0.5).astype(np.uint16)
        stored = pillow_heif.from_bytes("RGB;16", ramp.shape[1::-1], deep.tobytes())
    stored.save(out, quality=95, full_range_flag=1, **colours)
    assert far(read_image(out.getvalue()), ramp) < 4


def test_hdr_avif_looks_like_sdr(ramp: np.ndarray) -> None:
    out = io.BytesIO()
    Image.fromarray((pq(ramp) * 255 + 0.5).astype(np.uint8)).save(
        out, "AVIF", quality=95, subsampling="4:4:4"
    )
    data = bytearray(out.getvalue())
    at = data.index(b"colrnclx") + 8
    data[at : at + 4] = struct.pack(">HH", 9, 16)
    assert far(read_image(bytes(data)), ramp) < 6


def test_hdr_png_by_its_chunk(ramp: np.ndarray) -> None:
    for kind, name in ((16, "pq"), (13, "sRGB")):
        out = io.BytesIO()
        image = pq(ramp) * 255 + 0.5 if name == "pq" else ramp
        Image.fromarray(image.astype(np.uint8)).save(out, "PNG")
        data = out.getvalue()
        body = b"cICP" + bytes([9 if name == "pq" else 1, kind, 0, 1])
        chunk = struct.pack(">I", 4) + body + struct.pack(">I", zlib.crc32(body))
        assert far(read_image(data[:33] + chunk + data[33:]), ramp) < (3 if name == "pq" else 0.1)


def test_raw_ycbcr_tiff(ramp: np.ndarray) -> None:
    out = io.BytesIO()
    Image.fromarray(ramp).convert("YCbCr").save(out, "TIFF")
    assert far(read_image(out.getvalue()), ramp) < 3
    with pytest.raises(PhotoError, match="damaged"):
        read_image(out.getvalue()[: 96 * 128])


def test_formats_that_are_no_photos_are_never_opened(tmp_path: Path) -> None:
    eps = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n%%EndComments\nshowpage\n"
    psd = b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 100, 100, 8, 3) + bytes(64)
    icon = b"icns" + struct.pack(">I", 16) + b"ic10" + struct.pack(">I", 8)
    for number, data in enumerate((eps, psd, icon)):
        path = tmp_path / f"{number}.jpg"
        path.write_bytes(data)
        assert not is_photo(path) and not is_video(path)
        with pytest.raises(PhotoError, match=r"not an image|is a Photoshop document"):
            read_image(path)


def test_pictures_that_are_too_long_or_too_large(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("L", (64, 40_000)).save(out, "PNG")
    with pytest.raises(PhotoError, match="too long"):
        read_image(out.getvalue())
    path = tmp_path / "huge.jpg"
    with path.open("wb") as file:
        file.write(b"\xff\xd8\xff\xe0")
        file.truncate(6_000_000_000)
    with pytest.raises(PhotoError, match="limit is 512 MB"):
        read_image(path)


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.jpg"
    os.mkfifo(pipe)
    for path, kind in (
        (pipe, "a pipe or device"),
        (Path("/dev/zero"), "a pipe or device"),
        (tmp_path, "a folder"),
    ):
        assert not is_photo(path)
        with pytest.raises(PhotoError, match=kind):
            read_image(path)
        with pytest.raises(VideoError, match=kind):
            probe(path)
        with pytest.raises(Exception, match=kind):
            next(read_sound(path, 16_000))


def test_content_decides_not_the_name(tmp_path: Path, ramp: np.ndarray) -> None:
    for kind in ("JPEG", "PNG", "WEBP", "AVIF", "TIFF", "BMP", "GIF", "JPEG2000"):
        path = tmp_path / f"{kind}.mp4"
        Image.fromarray(ramp).save(path, kind)
        assert is_photo(path) and not is_video(path)
    film = write_film(tmp_path / "film.jpg", [ramp] * 3, container="mov")
    assert is_video(film) and not is_photo(film)
    sound = write_tracks(tmp_path / "sound.jpg", voice(0.5), container="wav")
    assert not is_video(sound) and not is_photo(sound)
    with pytest.raises(PhotoError, match="is a recording"):
        read_image(sound)
    with pytest.raises(PhotoError, match="is a video"):
        read_image(film)


def test_missing_and_damaged_files_are_known_by_their_names(tmp_path: Path) -> None:
    assert is_video(tmp_path / "missing.MTS") and not is_video(tmp_path / "missing.png")
    (tmp_path / "cut.mov").write_bytes(b"nothing that is known" * 9)
    assert is_video(tmp_path / "cut.mov")


def test_a_photo_with_an_alpha_channel_of_sixteen_bits(ramp: np.ndarray) -> None:
    deep = np.dstack([ramp[..., ::-1], np.full(ramp.shape[:2], 255, np.uint8)]).astype(np.uint16) * 257
    done, data = cv2.imencode(".png", deep)
    assert done and far(read_image(data.tobytes()), ramp) < 1
