"""Joins videos by copying their encoded pictures, under one sound that is encoded over the whole.

The pieces come from `Writer` with the same size and frame rate: each begins with a picture that needs no
other (closed GOPs without B-frames), so their packets follow on one another unchanged, which takes next to no
time. Only sound is encoded, because its frames do not end where pictures do.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from pipeline.errors import VideoError
from pipeline.files import claim, written_whole
from pipeline.types import RATE, AlphaKind
from pipeline.video.encode import AAC_OPTIONS, AUDIO_BIT_RATE, Encoder
from pipeline.video.encode_alpha import ProresEncoder, WebmEncoder
from pipeline.video.stretches import encoded

_AAC_FRAME = 1024
"""Samples of a packet of sound in an MP4."""


@dataclass(frozen=True)
class Chapter:
    """A named stretch of a video, which players list."""

    title: str
    start: float
    """Seconds."""
    end: float


def join(
    path: Path,
    pieces: Sequence[Path],
    sound: Iterator[np.ndarray],
    *,
    fps: int,
    channels: int = 1,
    alpha: AlphaKind | None = None,
    metadata: Mapping[str, str] | None = None,
    language: str | None = None,
    chapters: Sequence[Chapter] = (),
    overwrite: bool = False,
    finalizers: Sequence[Callable[[Path], object]] = (),
) -> None:
    """Write one file with the pictures of all pieces in order.

    Args:
        path: the MP4 to write; with `alpha`, what that says.
        pieces: videos by `Writer`, of one size and of this frame rate.
        sound: consecutive blocks at 48 kHz, `(N, channels)` float32 in [-1, 1]; silence is added at the end,
            or sound left out, where it is not as long as the picture.
        fps: frames per second.
        channels: of the sound, 1 or 2.
        alpha: as for `Writer`; the pieces have it too.
        metadata: written into the file, any keys.
        language: as for `Writer`.
        chapters: in order.
        overwrite: whether an existing file may be replaced.
        finalizers: as for `Writer`.

    Raises:
        OutputError: the file exists, or cannot be written.
        VideoError: a piece cannot be read, or is encoded otherwise than the first.
    """
    claim(path, overwrite=overwrite)
    with written_whole(path, overwrite=overwrite) as part:
        _write(part, pieces, sound, fps, channels, alpha, metadata or {}, language, chapters)
        for finalize in finalizers:
            finalize(part)


def _write(
    part: Path,
    pieces: Sequence[Path],
    sound: Iterator[np.ndarray],
    fps: int,
    channels: int,
    alpha: AlphaKind | None,
    metadata: Mapping[str, str],
    language: str | None,
    chapters: Sequence[Chapter],
) -> None:
    with _open(pieces[0]) as first:
        copier = _COPIERS[alpha](part, first.streams.video[0], fps, channels, metadata, language)
        copier.mark(chapters)
        try:
            for piece in pieces:
                with _open(piece) as box:
                    for packet in copier.fitting(box, piece):
                        copier.copy(packet)
                        copier.fill(sound)
            copier.finish()
        finally:
            copier.release()


class _Copier(Encoder):
    """Encodes the sound of a file whose pictures are encoded already."""

    def __init__(
        self,
        path: Path,
        template: av.VideoStream,
        fps: int,
        channels: int,
        metadata: Mapping[str, str],
        language: str | None,
    ) -> None:
        self._template = template
        super().__init__(
            path,
            size=(template.width, template.height),
            fps=fps,
            channels=channels,
            metadata=metadata,
            language=language,
            chunks=None,
        )

    def _video_stream(self) -> av.VideoStream:
        stream = self._box.add_stream_from_template(self._template)
        stream.time_base = self._tick
        tags = {name.lower(): value for name, value in self._template.metadata.items()}
        if "alpha_mode" in tags:
            stream.metadata["alpha_mode"] = tags["alpha_mode"]
        return stream

    def _rest_of_picture(self) -> list[av.Packet]:
        return []

    def mark(self, chapters: Sequence[Chapter]) -> None:
        """Name stretches of the file."""
        base = Fraction(1, 1000)
        self._box.set_chapters(
            [
                {
                    "id": number,
                    "start": round(chapter.start * 1000),
                    "end": round(chapter.end * 1000),
                    "time_base": base,
                    "metadata": {"title": chapter.title},
                }
                for number, chapter in enumerate(chapters, 1)
            ]
        )

    def fitting(self, box: av.container.InputContainer, piece: Path) -> Iterator[av.Packet]:
        """The packets of a piece, which must be encoded as the first one is."""
        stream = box.streams.video[0]
        if stream.codec_context.extradata != self._template.codec_context.extradata:
            raise VideoError(f"{piece.name} is encoded otherwise than what it is joined to.")
        for packet in box.demux(stream):
            if packet.size:
                yield packet

    def copy(self, packet: av.Packet) -> None:
        """Append the next encoded picture."""
        packet.stream = self._video
        packet.time_base = self._tick
        packet.pts = packet.dts = self._frame_count
        packet.duration = 1
        self._frame_count += 1
        self._mux([packet])

    def fill(self, sound: Iterator[np.ndarray]) -> None:
        """Encode sound up to the end of the pictures so far."""
        end = self._frame_count * RATE // self._fps
        while self._sample_count < end and (block := next(sound, None)) is not None:
            self.encode_sound(block.T)
        self._mux_sound(end)


class _Mp4Copier(_Copier):
    """Encodes the sound on several cores: it is all that takes time in a join."""

    _encoded: Generator[list[av.Packet], None, None] | None = None

    def fill(self, sound: Iterator[np.ndarray]) -> None:
        """See `_Copier`."""
        end = self._frame_count * RATE // self._fps
        self._encoded = self._encoded or encoded(sound, self._new_encoder)
        while self._sample_count < end and (packets := next(self._encoded, None)) is not None:
            self._take(packets)
        self._mux_sound(end)

    def release(self) -> None:
        """See `Encoder`."""
        if self._encoded is not None:
            self._encoded.close()
        super().release()

    def _pad_sound(self, end: int) -> None:
        if self._sample_count < end:
            silence = np.zeros((end - self._sample_count, self._audio.channels), np.float32)
            for packets in encoded(iter([silence]), self._new_encoder, self._sample_count):
                self._take(packets)

    def _take(self, packets: list[av.Packet]) -> None:
        for packet in packets:
            packet.stream = self._audio
            self._waiting.append(packet)
            self._sample_count = (packet.pts or 0) + _AAC_FRAME

    def _new_encoder(self) -> av.AudioCodecContext:
        encoder = av.AudioCodecContext.create("aac", "w")
        encoder.sample_rate, encoder.layout, encoder.format = RATE, self._layout, "fltp"
        encoder.bit_rate, encoder.options = AUDIO_BIT_RATE, dict(AAC_OPTIONS)
        encoder.flags |= av.codec.context.Flags.global_header
        return encoder


class _WebmCopier(_Copier, WebmEncoder):
    """The same for VP9 with alpha, which travels beside the packets."""


class _ProresCopier(_Copier, ProresEncoder):
    """The same for ProRes 4444, whose name FFmpeg takes from an encoder's profile, which never opens here."""

    def _video_stream(self) -> av.VideoStream:
        stream = super()._video_stream()
        stream.codec_context.codec_tag = "ap4h"
        return stream


_COPIERS: dict[AlphaKind | None, type[_Copier]] = {
    None: _Mp4Copier,
    "webm": _WebmCopier,
    "mov": _ProresCopier,
}


def _open(path: Path) -> av.container.InputContainer:
    try:
        return av.open(str(path))
    except (av.FFmpegError, OSError) as error:
        raise VideoError(f"{path.name} cannot be read; it is made again if it is removed.") from error
