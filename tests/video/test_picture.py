"""Pictures as they are shown: HDR, wide colours, mirrors, fields, transparency, any container, any size."""

from __future__ import annotations

import itertools
from pathlib import Path

import av
import numpy as np
import pytest
from media import mirror_matrix, voice, write_film

from pipeline.errors import VideoError
from pipeline.faces import is_photo, is_video
from pipeline.video import has_picture, probe, read_frames
from pipeline.video.dynamic_range import to_sdr
from pipeline.video.picture import BACKDROP

PATCHES = np.array(
    [(20, 20, 20), (90, 90, 90), (190, 190, 190), (180, 120, 100), (60, 90, 150), (40, 120, 50)]
)
"""sRGB colours below the knee, where nothing is compressed."""
TO_2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]])


def patches(side: int = 16) -> np.ndarray:
    return PATCHES.astype(np.uint8).repeat(side, 0).reshape(1, -1, 3).repeat(64, 0)


def linear(srgb: np.ndarray) -> np.ndarray:
    code = srgb / 255
    return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)


def pq(nits: np.ndarray) -> np.ndarray:
    power = (nits / 10_000) ** 0.1593017578125
    return ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375


def hlg(light: np.ndarray) -> np.ndarray:
    """Signal of display light in cd/m² on a display of 1000, by BT.2100's inverse OOTF."""
    relative = light / 1000
    luminance = (relative @ [0.2627, 0.6780, 0.0593])[..., None]
    scene = relative * np.maximum(luminance, 1e-9) ** (1 / 1.2 - 1)
    upper = 0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-9)) + 0.55991073
    return np.where(scene <= 1 / 12, np.sqrt(3 * scene), upper)


def encoded(image: np.ndarray, curve: str) -> np.ndarray:
    """`(H, W, 3)` in [0, 1]: an sRGB picture in BT.2020."""
    light = np.clip(linear(image.astype(float)) @ TO_2020.T, 0, 1)
    if curve == "sdr":
        return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return pq(203 * light) if curve == "pq" else hlg(203 * light)


def hdr_frame(signal: np.ndarray, trc: int) -> av.VideoFrame:
    """yuv420p10le with BT.2020's matrix, limited range."""
    luma = signal @ [0.2627, 0.6780, 0.0593]
    blue, red = (signal[..., 2] - luma) / 1.8814, (signal[..., 0] - luma) / 1.4746
    half = [plane.reshape(len(plane) // 2, 2, -1, 2).mean((1, 3)) for plane in (blue, red)]
    frame = av.VideoFrame(signal.shape[1], signal.shape[0], "yuv420p10le")
    for plane, values in zip(frame.planes, (876 * luma + 64, *(896 * c + 512 for c in half)), strict=True):
        rows = np.zeros((plane.height, plane.line_size // 2), np.uint16)
        rows[:, : plane.width] = values + 0.5
        plane.update(rows.tobytes())
    frame.colorspace, frame.color_range, frame.color_trc, frame.color_primaries = 9, 1, trc, 9
    return frame


@pytest.mark.parametrize(("curve", "trc"), [("pq", 16), ("hlg", 18), ("sdr", 14)])
@pytest.mark.parametrize("kind", [("libx265", "mp4"), ("ffv1", "mkv")])
def test_hdr_and_wide_colours_look_like_sdr(
    tmp_path: Path, curve: str, trc: int, kind: tuple[str, str]
) -> None:
    codec, container = kind
    tags = {"colorspace": 9, "color_range": 1, "color_trc": trc, "color_primaries": 9}
    quiet = (
        {"x265-params": "log-level=error:crf=8:bframes=0:frame-threads=1:pools=none"}
        if codec == "libx265"
        else {}
    )
    frames = [hdr_frame(encoded(patches(), curve), trc) for _ in range(2)]
    path = write_film(
        tmp_path / f"film.{container}", frames, codec=codec, layout="yuv420p10le", tags=tags, options=quiet
    )
    shown = next(read_frames(path))[32, 8::16]
    assert np.abs(shown.astype(int) - PATCHES).max() <= 7


def test_tone_mapping_keeps_order_and_hue() -> None:
    nits = np.array([0, 50, 100, 150, 203, 300, 500, 800, 1000, 4000])
    codes = (pq(nits) * 65535 + 0.5).astype(np.uint16)
    grey = to_sdr(codes[None, :, None].repeat(3, 2), 16, 9)[0].astype(int)
    assert (np.diff(grey[:9, 0]) > 0).all() and grey[-1, 0] == 255
    assert np.ptp(grey, axis=1).max() <= 1
    assert 235 <= grey[4, 0] <= 250
    red = np.stack([codes, codes // 2, codes // 2], -1)[None]
    assert (to_sdr(red, 16, 1)[0, 5:, 0] > to_sdr(red, 16, 1)[0, 5:, 1]).all()


def test_ordinary_colours_are_left_alone(tmp_path: Path) -> None:
    tags = {"colorspace": 1, "color_range": 1, "color_trc": 1, "color_primaries": 1}
    plain = write_film(tmp_path / "plain.mp4", [patches()])
    tagged = write_film(tmp_path / "tagged.mp4", [patches()], tags=tags)
    assert np.abs(next(read_frames(plain)).astype(int) - patches()).mean() < 6
    assert next(read_frames(tagged)).shape == patches().shape


@pytest.mark.parametrize(
    "matrix",
    [
        m
        for m in itertools.product((-1, 0, 1), repeat=4)
        if abs(m[0] * m[3] - m[1] * m[2]) == 1
        and abs(m[0]) == abs(m[3])
        and abs(m[1]) == abs(m[2])
        and abs(m[0]) + abs(m[1]) == 1
    ],
)
def test_all_eight_orientations(tmp_path: Path, matrix: tuple[int, int, int, int]) -> None:
    stored = np.full((48, 96, 3), 60, np.uint8)
    stored[:16, :32] = (230, 20, 20)  # upper left
    path = mirror_matrix(write_film(tmp_path / "film.mp4", [stored], options={"crf": "8"}), matrix)
    a, b, c, d = matrix
    # Where the display matrix maps the corner, with the picture's centre as the origin.
    x, y = -a - c, -b - d
    shown = next(read_frames(path))
    assert shown.shape == ((96, 48, 3) if b else (48, 96, 3))
    assert probe(path).size == shown.shape[1::-1]
    assert probe(path).mirrored == (a * d - b * c == -1)
    row, column = (0 if y < 0 else -1), (0 if x < 0 else -1)
    corner = shown[4 if not row else -5, 4 if not column else -5]
    assert corner[0] > 150 > 90 > corner[1]


def comb(image: np.ndarray) -> float:
    """Difference to the next line over that to the next but one."""
    lines = image.mean(2)
    near = np.abs(lines[1:-1] - (lines[:-2] + lines[2:]) / 2).mean()
    return float(near / np.abs(lines[2:-2] - (lines[:-4] + lines[4:]) / 2).mean())


@pytest.mark.parametrize("order", ["tff", "bff"])
@pytest.mark.parametrize("container", ["mpegts", "mp4", "mpeg2"])
def test_fields_are_taken_apart(tmp_path: Path, order: str, container: str) -> None:
    y, x = np.mgrid[:96, :128]
    fields = [
        np.stack([128 + 90 * np.sin((x + 6 * t) / 7) * np.cos(y / 9)] * 3, -1).astype(np.uint8)
        for t in range(20)
    ]
    woven = []
    for early, late in zip(fields[::2], fields[1::2], strict=True):
        upper, lower = (early, late) if order == "tff" else (late, early)
        picture = upper.copy()
        picture[1::2] = lower[1::2]
        woven.append(picture)
    if container == "mpeg2":
        options = {"flags": "+ildct+ilme", "b": "4000k", "top": str(int(order == "tff"))}
        frames = [
            av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
            for picture in woven
        ]
        path = write_film(tmp_path / "a.vob", frames, codec="mpeg2video", container="vob", options=options)
    else:
        options = {"x264-params": f"interlaced=1:{order}=1", "crf": "14"}
        path = write_film(tmp_path / "a.bin", woven, container=container, options=options)
    shown = list(read_frames(path))
    if container == "mpeg2" and not any(
        frame.interlaced_frame for frame in av.open(str(path)).decode(video=0)
    ):
        pytest.skip("this encoder marks no fields")
    assert len(shown) == 10
    assert comb(woven[5]) > 1.5 and comb(shown[5]) < 0.7


def test_progressive_frames_pass_untouched(tmp_path: Path) -> None:
    images = [np.random.default_rng(i).integers(0, 255, (48, 64, 3), np.uint8) for i in range(4)]
    path = write_film(tmp_path / "a.mkv", images, codec="ffv1", layout="bgr0")
    assert all(np.array_equal(a, b) for a, b in zip(read_frames(path), images, strict=True))


def see_through() -> np.ndarray:
    image = np.full((64, 96, 4), (200, 40, 40, 255), np.uint8)
    image[:, :48] = (0, 0, 0, 0)
    return image


@pytest.mark.parametrize(
    ("name", "codec", "layout", "options", "metadata"),
    [
        ("a.mov", "prores_ks", "yuva444p10le", {"profile": "4444"}, {}),
        ("a.mov", "qtrle", "argb", {}, {}),
        ("a.mov", "png", "rgba", {}, {}),
        ("a.mkv", "ffv1", "bgra", {}, {}),
        (
            "a.webm",
            "libvpx-vp9",
            "yuva420p",
            {"auto-alt-ref": "0", "crf": "8", "b": "0"},
            {"alpha_mode": "1"},
        ),
        ("a.webm", "libvpx", "yuva420p", {"auto-alt-ref": "0", "crf": "8", "b": "2M"}, {"alpha_mode": "1"}),
    ],
)
def test_transparent_video_lies_on_the_backdrop(
    tmp_path: Path, name: str, codec: str, layout: str, options: dict[str, str], metadata: dict[str, str]
) -> None:
    path = write_film(
        tmp_path / name, [see_through()] * 4, codec=codec, layout=layout, options=options, metadata=metadata
    )
    shown = list(read_frames(path))
    assert len(shown) == 4
    assert np.abs(shown[2][:, :40].astype(int) - BACKDROP).max() <= 3
    assert np.abs(shown[2][20, 80].astype(int) - (200, 40, 40)).max() <= 12


def test_raw_video_without_any_opacity_is_opaque(tmp_path: Path) -> None:
    image = np.full((64, 96, 4), (200, 40, 40, 0), np.uint8)
    path = write_film(tmp_path / "a.avi", [image] * 2, codec="rawvideo", layout="bgra")
    assert np.abs(next(read_frames(path))[20, 80].astype(int) - (200, 40, 40)).max() <= 2


@pytest.mark.parametrize(
    ("container", "codec"),
    [
        *(("mpegts", "libx264"), ("flv", "libx264"), ("mov", "libx264"), ("matroska", "libx264")),
        *(("webm", "libvpx-vp9"), ("mxf", "mpeg2video"), ("asf", "wmv2"), ("vob", "mpeg2video")),
        *(("avi", "mpeg4"), ("nut", "ffv1"), ("3gp", "h263")),
    ],
)
@pytest.mark.parametrize("suffix", [".mp4", ".jpg", ""])
def test_any_container_under_any_name(tmp_path: Path, container: str, codec: str, suffix: str) -> None:
    path = tmp_path / f"film{suffix}"
    layout = "yuv420p"
    write_film(
        path, [np.full((144, 176, 3), 90, np.uint8)] * 10, container=container, codec=codec, layout=layout
    )
    assert is_video(path) and not is_photo(path) and has_picture(path)
    assert 9 <= len(list(read_frames(path, 25))) <= 11


def test_m2ts_with_its_time_codes(tmp_path: Path) -> None:
    data = write_film(tmp_path / "a.ts", [np.full((64, 96, 3), 90, np.uint8)] * 10).read_bytes()
    path = tmp_path / "a"
    path.write_bytes(b"".join(bytes(4) + data[at : at + 188] for at in range(0, len(data), 188)))
    assert is_video(path) and len(list(read_frames(path))) == 10


def test_seeking_in_a_stream_without_index(tmp_path: Path) -> None:
    images = [np.full((48, 64, 3), 20 + 2 * i, np.uint8) for i in range(100)]
    path = write_film(tmp_path / "a.ts", images, options={"g": "40"})
    whole = list(read_frames(path, 25))
    for start in (1, 10, 39, 41, 80, 99):
        assert np.array_equal(next(read_frames(path, 25, start=start)), whole[start])


def test_a_size_that_changes_becomes_the_first(tmp_path: Path) -> None:
    images = [np.full((48, 64, 3), 90, np.uint8), np.full((96, 128, 3), 150, np.uint8)]
    parts = [
        write_film(tmp_path / f"{n}.ts", [image] * 5, codec="mpeg2video", container="mpegts")
        for n, image in enumerate(images)
    ]
    path = tmp_path / "both.ts"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    frames = list(read_frames(path))
    assert {frame.shape for frame in frames} == {(48, 64, 3)}
    assert frames[0].mean() < 100 < 140 < frames[-1].mean()


def test_leaps_of_time_are_closed_and_lengths_counted(tmp_path: Path) -> None:
    times = [40 * n for n in range(10)] + [40_000_000 + 40 * n for n in range(10)]
    images = [np.full((48, 64, 3), 10 * n + 10, np.uint8) for n in range(20)]
    path = write_film(tmp_path / "a.mkv", images, times=times, options={"bf": "0"})
    info = probe(path)
    assert info.frames == 20 and info.duration == pytest.approx(0.8, abs=0.1)
    assert len(list(read_frames(path, 25))) == pytest.approx(20, abs=1)
    assert len(list(read_frames(path, 25, start=5))) == pytest.approx(15, abs=1)


def test_playlists_and_other_addresses_are_never_opened(tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.ts", [np.full((48, 64, 3), 90, np.uint8)] * 10)
    texts = {
        "a.m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{film}\n#EXT-X-ENDLIST\n",
        "b.mp4": f"ffconcat version 1.0\nfile '{film}'\n",
        "c.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n",
        "d.mpd": "<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011'></MPD>",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
        with pytest.raises(VideoError, match="not a video"):
            has_picture(tmp_path / name)


def test_sound_alone_and_covers_are_no_video(tmp_path: Path) -> None:
    from media import write_tracks

    path = write_tracks(tmp_path / "a.mp4", voice(0.5), codec="aac")
    assert not is_video(path) and not has_picture(path)
