"""Decoded frames become RGB arrays as they are shown: upright, square pixels, SDR, on an opaque backdrop."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

from pipeline.video.dynamic_range import is_wide, to_sdr
from pipeline.video.orientation import orientation

BACKDROP = (224, 224, 224)
"""Light grey behind transparent pixels, which suits dark and light hair alike."""

_UNSPECIFIED = 2
"""FFmpeg's colour matrix "unspecified"."""
_BT2020 = 9
"""ITU-T H.273's number of BT.2020's primaries, and of its matrix."""
_BT2020_CONSTANT = 10
"""Its matrix for constant luminance, which swscale does not know; the other is close."""

_ASPECTS = (Fraction(1, 8), Fraction(8))
"""Pixel aspect ratios outside are errors of the file."""


class Converter:
    """Converts the frames of one video, all to the size of the first; a repeated one is converted once."""

    def __init__(self, stream: av.VideoStream, max_side: int | None) -> None:
        self._stream = stream
        self._max_side = max_side
        self._size: tuple[int, int] | None = None
        self._scaler = VideoReformatter()
        self._last: tuple[av.VideoFrame, np.ndarray] | None = None

    def __call__(self, frame: av.VideoFrame) -> np.ndarray:
        """`(H, W, 3)` uint8 RGB, a new array every time."""
        if self._last is None or self._last[0] is not frame:
            self._last = frame, self._upright(frame)
        return np.array(self._last[1], order="C")

    def _upright(self, frame: av.VideoFrame) -> np.ndarray:
        shown = orientation(frame)
        if self._size is None:
            width, height = fit(*square(frame.width, frame.height, self._stream), self._max_side)
            self._size = (height, width) if shown.transposed else (width, height)
        size = self._size[::-1] if shown.transposed else self._size
        return shown.upright(self._rgb(frame, size))

    def _rgb(self, frame: av.VideoFrame, size: tuple[int, int]) -> np.ndarray:
        wide = is_wide(frame.color_trc, frame.color_primaries)
        alpha = _has_alpha(frame.format.name)
        if not (wide or alpha):
            return self._pixels(frame, size, "rgb24", 3)
        if wide:
            deep = self._pixels(frame, size, "rgb48le", 3)
            image = to_sdr(deep, frame.color_trc, frame.color_primaries)
        if not alpha:
            return image
        layered = self._pixels(frame, size, "rgba", 4)
        if wide:
            layered = np.dstack([image, layered[..., 3]])
        return on_backdrop(layered, opaque_if_empty=self._stream.codec_context.name == "rawvideo")

    def _pixels(self, frame: av.VideoFrame, size: tuple[int, int], layout: str, channels: int) -> np.ndarray:
        width, height = size
        scaled = self._scaler.reformat(
            frame,
            width=width,
            height=height,
            format=layout,
            src_colorspace=_matrix(frame),
            dst_color_range=ColorRange.JPEG,
            interpolation=Interpolation.AREA if width < frame.width else Interpolation.BICUBIC,
        )
        plane: Any = scaled.planes[0]
        kind = np.uint16 if layout.endswith("48le") else np.uint8
        rows = np.frombuffer(plane, kind).reshape(height, plane.line_size // kind().itemsize)
        return rows[:, : channels * width].reshape(height, width, channels)


def on_backdrop(image: np.ndarray, *, opaque_if_empty: bool = False) -> np.ndarray:
    """`(H, W, 3)` uint8: a picture `(H, W, 4)` uint8 RGBA with `BACKDROP` behind it.

    `opaque_if_empty` takes a picture without any opacity as opaque: some recorders leave the channel at 0.
    """
    alpha = image[..., 3:].astype(np.uint16)
    if opaque_if_empty and not alpha.any():
        return np.ascontiguousarray(image[..., :3])
    blended = image[..., :3] * alpha + np.array(BACKDROP, np.uint16) * (255 - alpha)
    return ((blended + 127) // 255).astype(np.uint8)


def square(width: int, height: int, stream: av.VideoStream) -> tuple[int, int]:
    """The size of the picture with square pixels: some formats store other pixel aspect ratios."""
    aspect = stream.sample_aspect_ratio
    if not aspect or aspect == 1 or not _ASPECTS[0] <= aspect <= _ASPECTS[1]:
        return width, height
    return max(2, round(width * aspect / 2) * 2), height


def fit(width: int, height: int, max_side: int | None) -> tuple[int, int]:
    """The size scaled down to a longest side, with even sides."""
    if max_side is None or max(width, height) <= max_side:
        return width, height
    scale = max_side / max(width, height)
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


@cache
def _has_alpha(layout: str) -> bool:
    return any(component.is_alpha for component in av.VideoFormat(layout).components)


def _matrix(frame: av.VideoFrame) -> int:
    """The frame's colour matrix; where it is unspecified, what players assume: BT.709 for HD, else BT.601."""
    if frame.colorspace == _BT2020_CONSTANT:
        return _BT2020
    if frame.colorspace != _UNSPECIFIED:
        return frame.colorspace
    if frame.color_primaries == _BT2020:
        return _BT2020
    return Colorspace.ITU709 if frame.height >= 720 or frame.width >= 1280 else Colorspace.ITU601
