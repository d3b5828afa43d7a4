"""Encodes one MP4: frames to H.264, sound to AAC.

x264's `superfast` preset without B-frames is the measured choice: on 512 × 512 talking faces it takes two
thirds of the time of `veryfast` for a quarter more bytes at a higher PSNR, and people wait for the whole job.
Without B-frames, packets leave the encoder in presentation order, so timestamps stay simple and a preview is
not delayed. `python -m benchmarks encode` repeats the measurement.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from pipeline.errors import OutputError
from pipeline.types import RATE
from pipeline.video.preview import Preview
from pipeline.video.track_language import track_language

if TYPE_CHECKING:
    from pipeline.video.colour import YuvConverter

PRESET = "superfast"
_CRF = 20
"""x264's constant rate factor: 46 dB PSNR on faces, about 1 Mbit/s at 512 × 512; 6 more halve the bytes."""
_THREADS = 1
"""Fixed, not the number of cores: x264's output depends on it, and the same input should give the same bytes
on every machine. One, because rendering takes longer than encoding, and a second thread costs a third more
CPU time for the same frames."""
AUDIO_BIT_RATE = 128_000
"""AAC bits per second."""
AAC_OPTIONS = {"aac_coder": "fast"}
"""FFmpeg's fast quantiser search: at this bit rate it takes half the time of the default and is closer to the
source, with an error 48 dB below the embedded voice against 32 dB."""


class Encoder:
    """Encodes one file; not thread-safe: `Writer` owns it."""

    _track_language = staticmethod(track_language)

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
        """Arguments as for `Writer`. Raises `OSError` where the file cannot be opened."""
        self._fps = fps
        self._tick = Fraction(1, fps)
        self._width, self._height = size[0] // 2 * 2, size[1] // 2 * 2
        self._layout = "mono" if channels == 1 else "stereo"
        self._box = self._open(path)
        self._box.metadata.update(metadata)
        self._video = self._video_stream()
        self._audio = self._audio_stream()
        if language is not None:
            self._audio.metadata["language"] = self._track_language(language)
        self._converter: YuvConverter | None = None
        self._frame_count = 0
        self._sample_count = 0
        self._waiting: deque[av.Packet] = deque()
        self._preview = Preview(self._video, self._audio, chunks) if chunks else None

    def _open(self, path: Path) -> av.container.OutputContainer:
        return av.open(str(path), "w", format="mp4", options={"movflags": "faststart+use_metadata_tags"})

    def _audio_stream(self) -> av.AudioStream:
        return self._box.add_stream(
            "aac", rate=RATE, layout=self._layout, bit_rate=AUDIO_BIT_RATE, options=AAC_OPTIONS
        )

    def _video_stream(self) -> av.VideoStream:
        options = {"preset": PRESET, "crf": str(_CRF), "bf": "0", "g": str(self._fps), "sc_threshold": "0"}
        stream = self._box.add_stream("libx264", rate=self._fps, options=options)
        stream.width, stream.height, stream.pix_fmt = self._width, self._height, "yuv420p"
        codec = stream.codec_context
        codec.thread_count = _THREADS
        codec.time_base = self._tick
        codec.color_range, codec.colorspace = ColorRange.MPEG, Colorspace.ITU709
        codec.color_primaries, codec.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        return stream

    def encode_frame(self, image: np.ndarray) -> None:
        """Encode the next frame, `(H, W, 3)` uint8 RGB, which must not change afterwards."""
        frame = self._converted(image[: self._height, : self._width])
        frame.pts, frame.duration, frame.time_base = self._frame_count, 1, self._tick
        self._frame_count += 1
        self._mux(self._video.encode(frame))
        self._mux_sound(self._frame_count * RATE // self._fps)

    def _converted(self, image: np.ndarray) -> av.VideoFrame:
        from pipeline.video.colour import YuvConverter

        self._converter = self._converter or YuvConverter()
        return self._converter(image)

    def encode_sound(self, planes: np.ndarray) -> None:
        """Encode the next samples, `(channels, N)` float32."""
        if not planes.shape[1]:
            return
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(planes), "fltp", self._layout)
        frame.rate, frame.pts, frame.time_base = RATE, self._sample_count, Fraction(1, RATE)
        self._sample_count += planes.shape[1]
        self._waiting.extend(self._audio.encode(frame))

    def finish(self) -> None:
        """Make the sound as long as the picture, flush the encoders, and close the file.

        Raises:
            OutputError: there was no frame.
        """
        if not self._frame_count:
            raise OutputError(
                "There is no frame to write, so no video was made; give some words or a longer recording."
            )
        end = self._frame_count * RATE // self._fps
        self._pad_sound(end)
        self._mux(self._rest_of_picture())
        self._waiting.extend(self._audio.encode(None))
        self._mux_sound(end)
        self._mux(_cut(self._waiting, end))
        self._box.close()
        if self._preview:
            self._preview.finish()

    def release(self) -> None:
        """Close the files in whatever state they are; nothing is left to do after `finish`."""
        try:
            self._box.close()
        finally:
            if self._preview:
                self._preview.release()

    def _rest_of_picture(self) -> list[av.Packet]:
        """The packets that the encoder still holds."""
        return self._video.encode(None)

    def _pad_sound(self, end: int) -> None:
        """Add silence up to `end` samples where the sound is shorter than the picture."""
        while self._sample_count < end:
            self.encode_sound(
                np.zeros((self._audio.channels, min(RATE, end - self._sample_count)), np.float32)
            )

    def _mux_sound(self, end: int) -> None:
        """Write the encoded sound that the picture has reached; only `finish` knows if it gets further."""
        while self._waiting and _end(self._waiting[0]) <= end:
            self._mux([self._waiting.popleft()])

    def _mux(self, packets: list[av.Packet]) -> None:
        for packet in packets:
            if self._preview:
                self._preview.put(packet)
            self._box.mux(packet)


class SegmentEncoder(Encoder):
    """The same with lossless sound: FLAC of 24 bits, for files that are joined with others."""

    def _audio_stream(self) -> av.AudioStream:
        return flac_stream(self._box, self._layout)


def flac_stream(box: av.container.OutputContainer, layout: str) -> av.AudioStream:
    """A stream of sound that is kept without loss."""
    stream = box.add_stream("flac", rate=RATE, layout=layout)
    stream.codec_context.format = av.AudioFormat("s32")  # 24 bits of it
    return stream


def _cut(packets: deque[av.Packet], end: int) -> list[av.Packet]:
    """The packets that start before sample `end`, the last one shortened to end there."""
    kept = [packet for packet in packets if (packet.pts or 0) < end]
    if kept:
        kept[-1].duration = min(_end(kept[-1]), end) - (kept[-1].pts or 0)
    return kept


def _end(packet: av.Packet) -> int:
    """The sample at which a packet's sound ends."""
    return (packet.pts or 0) + (packet.duration or 0)
