"""One MP4 being encoded: pictures to H.264, sound to AAC, both into one container.

x264's `superfast` without B-frames is the measured choice: on 512×512 talking faces it takes two thirds of
the time of `veryfast` and a quarter more bytes at a higher PSNR, and the whole job's speed is what people
wait for.
Frames leave it in the order in which they went in, so times stay simple and a preview is not held up.
`python -m benchmarks encode` repeats the measurement.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from pipeline.errors import OutputError
from pipeline.types import RATE
from pipeline.video.preview import Preview

PRESET = "superfast"
CRF = 20
"""x264's constant quality: 46 dB PSNR on faces, about 1 Mbit/s at 512×512; 6 more would halve the bytes."""
THREADS = 1
"""Fixed, not the machine's core count: x264's output depends on it, and the same input shall give the same
bytes everywhere. One, since drawing takes longer than encoding, and a second thread costs a third more
processor time for the same frames."""
SOUND_BITS = 128_000
"""AAC bits per second."""
SOUND_CODER = {"aac_coder": "fast"}
"""FFmpeg's quicker search for the quantisers: at this bit rate it takes half the time of the other and comes
nearer to the sound, 48 dB below it against 32 dB for the embedded voice."""


class Encoder:
    """Encodes one file; not thread-safe, `Writer` owns it."""

    def __init__(
        self,
        path: Path,
        *,
        size: tuple[int, int],
        fps: int,
        channels: int,
        metadata: Mapping[str, str],
        chunks: Callable[[Path], None] | None,
    ) -> None:
        """Args as for `Writer`. Raises `OSError` where the file cannot be opened."""
        self._fps = fps
        self._tick = Fraction(1, fps)
        self._width, self._height = size[0] // 2 * 2, size[1] // 2 * 2
        self._layout = "mono" if channels == 1 else "stereo"
        self._box = av.open(str(path), "w", format="mp4", options={"movflags": "faststart+use_metadata_tags"})
        self._box.metadata.update(metadata)
        self._picture = self._picture_stream()
        self._voice = self._box.add_stream(
            "aac", rate=RATE, layout=self._layout, bit_rate=SOUND_BITS, options=SOUND_CODER
        )
        self._pictures = 0
        self._samples = 0
        self._held: deque[av.Packet] = deque()
        self._preview = Preview(self._picture, self._voice, chunks) if chunks else None

    def _picture_stream(self) -> av.VideoStream:
        options = {"preset": PRESET, "crf": str(CRF), "bf": "0", "g": str(self._fps), "sc_threshold": "0"}
        stream = self._box.add_stream("libx264", rate=self._fps, options=options)
        stream.width, stream.height, stream.pix_fmt = self._width, self._height, "yuv420p"
        codec = stream.codec_context
        codec.thread_count = THREADS
        codec.time_base = self._tick
        codec.color_range, codec.colorspace = ColorRange.MPEG, Colorspace.ITU709
        codec.color_primaries, codec.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        return stream

    def picture(self, image: np.ndarray) -> None:
        """Encodes the next frame, `(H, W, 3)` uint8 RGB."""
        from pipeline.video.colour import to_yuv

        frame = to_yuv(image[: self._height, : self._width])
        frame.pts, frame.duration, frame.time_base = self._pictures, 1, self._tick
        self._pictures += 1
        self._put(self._picture.encode(frame))
        self._let_go(self._pictures * RATE // self._fps)

    def sound(self, planes: np.ndarray) -> None:
        """Encodes the next samples, `(channels, N)` float32."""
        if not planes.shape[1]:
            return
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(planes), "fltp", self._layout)
        frame.rate, frame.pts, frame.time_base = RATE, self._samples, Fraction(1, RATE)
        self._samples += planes.shape[1]
        self._held.extend(self._voice.encode(frame))

    def finish(self) -> None:
        """Evens out the sound's length, writes what the encoders still hold, and closes the file.

        Raises:
            OutputError: there was no frame.
        """
        if not self._pictures:
            raise OutputError("There is no frame to write, so no video was made.")
        end = self._pictures * RATE // self._fps
        self._fill(end)
        self._put(self._picture.encode(None))
        self._held.extend(self._voice.encode(None))
        self._let_go(end)
        self._put(_cut(self._held, end))
        self._box.close()
        if self._preview:
            self._preview.finish()

    def release(self) -> None:
        """Lets go of the files in whatever state they are; after `finish` there is nothing left to do."""
        try:
            self._box.close()
        finally:
            if self._preview:
                self._preview.release()

    def _fill(self, end: int) -> None:
        """Silence up to `end` samples, where the sound is shorter than the picture."""
        while self._samples < end:
            self.sound(np.zeros((self._voice.channels, min(RATE, end - self._samples)), np.float32))

    def _let_go(self, end: int) -> None:
        """Writes the sound that the picture has reached. What lies further on waits, encoded, as only
        `finish` knows whether the picture gets there."""
        while self._held and self._held[0].pts + self._held[0].duration <= end:
            self._put([self._held.popleft()])

    def _put(self, packets: list[av.Packet]) -> None:
        for packet in packets:
            if self._preview:
                self._preview.put(packet)
            self._box.mux(packet)


def _cut(packets: deque[av.Packet], end: int) -> list[av.Packet]:
    """The packets that start before sample `end`, the last one declared to stop there."""
    kept = [packet for packet in packets if packet.pts < end]
    if kept:
        kept[-1].duration = min(kept[-1].duration, end - kept[-1].pts)
    return kept
