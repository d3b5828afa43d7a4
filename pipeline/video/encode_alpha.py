"""Encodes videos that are transparent in places, for editing programs and web pages: WebM and ProRes 4444.

VP9 with alpha is what browsers play, ProRes 4444 what every editing program reads. Colours are not multiplied
by alpha, as both expect.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from pipeline.errors import OutputError
from pipeline.types import RATE, AlphaKind
from pipeline.video.checkered import CheckeredPreview
from pipeline.video.encode import Encoder, flac_stream
from pipeline.video.track_language import quicktime_language

_OPUS_BIT_RATE = 128_000
"""Opus bits per second."""
_VP9 = {"crf": "24", "b": "0", "deadline": "realtime", "cpu-used": "6", "row-mt": "1", "lag-in-frames": "0"}
"""Constant quality at the speed of a live encoder; without frames in advance, packets are in order."""
_PRORES = {"profile": "4444", "vendor": "apl0", "alpha_bits": "16"}
"""FFmpeg's ProRes encoder, marked so that Apple's programs take it."""


class _AlphaEncoder(Encoder):
    """What both kinds share: RGBA frames, converted by swscale, and a preview without alpha."""

    _format: str
    _container: str
    _codec: str
    _options: dict[str, str]

    def __init__(
        self,
        path: Path,
        *,
        size: tuple[int, int],
        fps: int,
        channels: int,
        metadata: Mapping[str, str],
        language: str | None,
        chunks: Callable[[Path], None] | None,
    ) -> None:
        super().__init__(
            path,
            size=size,
            fps=fps,
            channels=channels,
            metadata=metadata,
            language=language,
            chunks=None,
        )
        self._shown = (
            CheckeredPreview(size=size, fps=fps, channels=channels, receive=chunks) if chunks else None
        )

    def encode_frame(self, image: np.ndarray) -> None:
        super().encode_frame(image)
        if self._shown:
            self._shown.encode_frame(image)

    def encode_sound(self, planes: np.ndarray) -> None:
        super().encode_sound(planes)
        if self._shown:
            self._shown.encode_sound(planes)

    def finish(self) -> None:
        super().finish()
        if self._shown:
            self._shown.finish()

    def release(self) -> None:
        try:
            super().release()
        finally:
            if self._shown:
                self._shown.release()

    def _open(self, path: Path) -> av.container.OutputContainer:
        options = {"movflags": "faststart+use_metadata_tags"} if self._container == "mov" else {}
        return av.open(str(path), "w", format=self._container, options=options)

    def _video_stream(self) -> av.VideoStream:
        stream: Any = self._box.add_stream(self._codec, rate=self._fps, options=self._options)
        stream.width, stream.height, stream.pix_fmt = self._width, self._height, self._format
        codec = stream.codec_context
        codec.gop_size, codec.time_base = self._fps, self._tick
        codec.color_range, codec.colorspace = ColorRange.MPEG, Colorspace.ITU709
        codec.color_primaries, codec.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        return cast("av.VideoStream", stream)

    def _converted(self, image: np.ndarray) -> av.VideoFrame:
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgba")
        return frame.reformat(format=self._format, dst_colorspace=Colorspace.ITU709)


class WebmEncoder(_AlphaEncoder):
    """VP9 and Opus."""

    _format, _container, _codec, _options = "yuva420p", "webm", "libvpx-vp9", _VP9

    def _video_stream(self) -> av.VideoStream:
        stream = super()._video_stream()
        stream.metadata["alpha_mode"] = "1"
        return stream

    def _audio_stream(self) -> av.AudioStream:
        return self._box.add_stream("libopus", rate=RATE, layout=self._layout, bit_rate=_OPUS_BIT_RATE)


class ProresEncoder(_AlphaEncoder):
    """ProRes 4444 and uncompressed sound."""

    _format, _container, _codec, _options = "yuva444p10le", "mov", "prores_ks", _PRORES
    _track_language = staticmethod(quicktime_language)

    def _audio_stream(self) -> av.AudioStream:
        return self._box.add_stream("pcm_f32le", rate=RATE, layout=self._layout)


class WebmSegmentEncoder(WebmEncoder):
    """The same with lossless sound, for files that are joined with others; WebM has none, Matroska has."""

    _container = "matroska"

    def _audio_stream(self) -> av.AudioStream:
        return flac_stream(self._box, self._layout)


class ProresSegmentEncoder(ProresEncoder):
    """The same with sound of 32-bit integers, as segments have it."""

    def _audio_stream(self) -> av.AudioStream:
        return self._box.add_stream("pcm_s32le", rate=RATE, layout=self._layout)


ENCODERS: dict[AlphaKind, tuple[type[Encoder], type[Encoder]]] = {
    "webm": (WebmEncoder, WebmSegmentEncoder),
    "mov": (ProresEncoder, ProresSegmentEncoder),
}
"""The encoder of each kind for a finished file, and for one that is joined with others later."""


def alpha_kind(path: Path) -> AlphaKind:
    """The kind of a transparent video of that name.

    Raises:
        OutputError: files of that kind cannot be transparent.
    """
    suffix = path.suffix.lower()
    if suffix == ".webm":
        return "webm"
    if suffix == ".mov":
        return "mov"
    raise OutputError(
        f"A transparent video is a WebM (VP9) or a MOV (ProRes 4444), not {path.name}; call it "
        f"{path.with_suffix('.webm').name} or {path.with_suffix('.mov').name}.",
        parameter="path",
    )
