"""Makes the segments of clips and crossfades, whose pictures exist already."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np

from pipeline.errors import AudioError, VideoError
from pipeline.script.clip_sound import loudness_of, read_stereo
from pipeline.script.pieces import Clip, Crossfade
from pipeline.script.segments import Segment, silence, write_notes
from pipeline.script.store import Store
from pipeline.script.writing import segment_writer
from pipeline.speech.audio.loudness import TARGET_LUFS
from pipeline.stage.fitting import cover
from pipeline.stage.graphics import crossfade
from pipeline.types import RATE
from pipeline.video import has_picture, read_frames
from pipeline.video.compositing import opaque
from pipeline.video.container import alpha_decoder

_GAIN = 10 ** (-24 / 20), 10 ** (6 / 20)
"""Least and most gain by which a clip is brought to the loudness of speech."""


def brand_clip(clip: Clip, path: Path) -> Iterator[float]:
    """Make the segment of a clip, saying on the way how many seconds of it are there.

    Raises:
        VideoError: it cannot be read.
    """
    output, started, frames = clip.script.output, time.monotonic(), 0
    if not has_picture(clip.file):
        raise VideoError(f"There is no picture in {clip.file.name}; give a video.", parameter=clip.name)

    def notes(video: Path) -> None:
        spent = time.monotonic() - started
        said = (silence(frames, output.fps),)
        write_notes(Segment(path, frames, said, seconds=spent, channels=2))

    sound, heard = _levelled(clip.file), 0
    with segment_writer(path, output, [notes], channels=2) as writer:
        for image in read_frames(clip.file, output.fps):
            shown = cover(image, output.size)
            writer.write(opaque(shown) if output.alpha else shown)
            frames += 1
            while heard < frames * RATE // output.fps and (block := next(sound, None)) is not None:
                writer.sound(block)
                heard += len(block)
            if frames % output.fps == 0:
                yield frames / output.fps


def make_crossfade(fade: Crossfade, path: Path, store: Store) -> Iterator[float]:
    """Make the segment of a crossfade between two segments that are in the store.

    Raises:
        VideoError: one of them is not there, or is damaged.
    """
    output, started = fade.script.output, time.monotonic()
    layout = "rgba" if output.alpha else "rgb24"
    last = _picture(store.path(fade.before.key), layout, last=True)
    first = _picture(store.path(fade.after.key), layout, last=False)
    nothing = silence(fade.frames, output.fps)

    def notes(video: Path) -> None:
        write_notes(Segment(path, fade.frames, (nothing,), seconds=time.monotonic() - started))

    with segment_writer(path, output, [notes]) as writer:
        writer.sound(nothing.samples)
        for index in range(fade.frames):
            writer.write(crossfade(last, first, (index + 1) / (fade.frames + 1)))
    yield fade.frames / output.fps


def _levelled(file: Path) -> Iterator[np.ndarray]:
    """The clip's sound about as loud as speech; nothing where it has none."""
    try:
        gain = np.float32(np.clip(10 ** ((TARGET_LUFS - loudness_of(file)) / 20), *_GAIN))
    except AudioError:
        return
    for block in read_stereo(file):
        yield block * gain


def _picture(path: Path, layout: str, *, last: bool) -> np.ndarray:
    """The first or the last frame of a segment, in FFmpeg's pixel format of that name."""
    try:
        with av.open(str(path)) as box:
            stream = box.streams.video[0]
            if last:
                box.seek(max((box.duration or 1) - 1, 0))  # to the key frame before the end
            found = None
            for frame in _decoded(box, stream):
                found = frame
                if not last:
                    break
            if found is not None:
                shown: np.ndarray = found.to_ndarray(format=layout)
                return shown
    except (av.FFmpegError, OSError, IndexError) as error:
        raise VideoError(f"The segment {path.name} is damaged; clean the script to make it again.") from error
    raise VideoError(f"The segment {path.name} is damaged; clean the script to make it again.")


def _decoded(box: av.container.InputContainer, stream: av.VideoStream) -> Iterator[av.VideoFrame]:
    """The frames from here on, with their alpha."""
    codec = alpha_decoder(stream) or stream.codec_context
    for packet in box.demux(stream):
        yield from codec.decode(packet)
