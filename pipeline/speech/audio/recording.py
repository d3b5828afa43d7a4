"""A recording, or the sound of a video, as a stream of levelled parts that are cut at pauses.

The file is decoded twice, each time as a stream: once for its level curves, once for its samples. The
loudness of the whole is therefore known before the first part is handed out, and memory stays flat. PyAV
decodes, because it bundles FFmpeg and so reads every format that FFmpeg reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.errors import AudioError
from pipeline.speech.audio.loudness import (
    LARGEST_GAIN,
    STEP,
    TARGET_LUFS,
    LevelMeter,
    Levels,
    apply_limiter,
    limiter_gains,
)
from pipeline.types import RATE

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer

_LONGEST = 600.0
"""Seconds that a recording may last."""
_SHORTEST = 0.3
"""Seconds of sound that are needed."""
_SILENCE_LUFS = -60.0
"""Loudness below which a recording counts as silent."""
_PART_SECONDS = (3.0, 12.0)
"""Shortest and longest part, in seconds."""
_LAST_PART = 1.5
"""Shortest last part, in seconds."""
_PAUSE_STEPS = 20
"""Width of the window that looks for a pause, in steps of 10 ms."""
_TIMESTAMP_SLACK = 1 / 50
"""Seconds that time stamps may deviate from the sample count before samples are inserted or dropped."""


@dataclass(frozen=True, eq=False)
class Recording:
    """A file whose level has been measured: how to level it, and where to cut it."""

    path: Path
    length: int
    """Samples at `RATE`."""
    gains: np.ndarray
    """Gains that level it; see `loudness.limiter_gains`."""
    cuts: tuple[int, ...]
    """End of each part in samples: a whole number of video frames, the last at or after `length`."""

    def parts(self) -> Iterator[np.ndarray]:
        """The levelled parts in order, `(N,)` float32 at `RATE`; the last is padded with silence."""
        blocks = decode(self.path)
        rest = np.zeros(0, np.float32)
        start = 0
        for end in self.cuts:
            samples, rest = _take(blocks, rest, end - start)
            yield apply_limiter(samples, self.gains, start)
            start = end


def open_recording(path: Path, fps: int) -> Recording:
    """Measure a recording and decide where to cut it.

    Args:
        path: any sound or video file that FFmpeg reads, up to ten minutes long.
        fps: frame rate of the video to be made; every part is a whole number of its frames.

    Raises:
        AudioError: it cannot be read, has no sound, is silent, too short or too long.
    """
    meter, length = LevelMeter(), 0
    for block in decode(path):
        meter.add(block)
        length += len(block)
        if length > _LONGEST * RATE:
            raise _too_long(path)
    levels = meter.finish()
    loudness = _checked_loudness(path, length / RATE, levels)
    gain = min(10 ** ((TARGET_LUFS - loudness) / 20), LARGEST_GAIN)
    cuts = tuple(_cuts(levels, length, RATE // fps))
    return Recording(path, length, limiter_gains(levels.peaks, gain), cuts)


def read_recording(path: Path | str) -> np.ndarray:
    """The whole of a recording, levelled: `(N,)` float32 mono at 48 kHz, in [-1, 1].

    Args:
        path: any sound or video file that FFmpeg reads, up to ten minutes long. The sound of a video starts
            with its picture, and gaps in the file become silence.

    Raises:
        AudioError: it cannot be read, has no sound, is silent, too short or too long.
    """
    recording = open_recording(Path(path), fps=25)
    return np.concatenate(list(recording.parts()))[: recording.length]


def decode(path: Path) -> Iterator[np.ndarray]:
    """The sound of any audio or video file as mono float32 blocks at `RATE`.

    Time is kept as in the file: gaps become silence, and the sound of a video starts with its picture.

    Raises:
        AudioError: the file cannot be read or has no sound.
    """
    import av

    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise AudioError(
                    f"{path.name} has no sound; choose a recording, or a video with speech.",
                    parameter="audio",
                )
            if container.duration and container.duration / av.time_base > _LONGEST:
                raise _too_long(path)
            yield from _resampled(_mono_blocks(container))
    except FileNotFoundError as error:
        raise AudioError(f"There is no file {path}; check the name.", parameter="audio") from error
    except (av.FFmpegError, OSError) as error:
        raise AudioError(
            f"{path.name} cannot be read as sound; save it as WAV, MP3 or M4A.", parameter="audio"
        ) from error


def _mono_blocks(container: InputContainer) -> Iterator[tuple[np.ndarray, int]]:
    """Mono float32 blocks with their rate; the samples so far agree with the time stamps to 20 ms."""
    import av

    stream = container.streams.audio[0]
    mono = av.AudioResampler(format="flt", layout="mono", rate=stream.rate)
    origin = _start_seconds(container, stream)
    done = 0
    for frame in container.decode(stream):
        for piece in mono.resample(frame):
            samples = piece.to_ndarray()[0]
            if frame.pts is not None and frame.time_base is not None:
                due = round((float(frame.pts * frame.time_base) - origin) * stream.rate)
                slack = int(stream.rate * _TIMESTAMP_SLACK) if done else 0
                samples = _fitted(samples, due - done, slack)
            done += len(samples)
            yield samples, stream.rate


def _start_seconds(container: InputContainer, stream: AudioStream) -> float:
    """The file's time in seconds at which it starts: with the picture of a video, else with the sound.

    Encoders put their delay before time 0, where players do not play it.
    """
    leading = container.streams.video[0] if container.streams.video else stream
    if leading.start_time is None or leading.time_base is None:
        return 0.0
    return max(0.0, float(leading.start_time * leading.time_base))


def _fitted(samples: np.ndarray, gap: int, slack: int) -> np.ndarray:
    """Samples with silence inserted before them for a gap, or cut for an overlap, of more than `slack`."""
    if gap > slack:
        return np.concatenate([np.zeros(gap, np.float32), samples])
    return samples[-gap:] if gap < -slack else samples


def _resampled(blocks: Iterator[tuple[np.ndarray, int]]) -> Iterator[np.ndarray]:
    import soxr

    stream = None
    for samples, rate in blocks:
        if rate == RATE:
            yield samples
            continue
        stream = stream or soxr.ResampleStream(rate, RATE, 1, dtype="float32")
        yield stream.resample_chunk(samples)
    if stream:
        yield stream.resample_chunk(np.zeros(0, np.float32), last=True)


def _checked_loudness(path: Path, seconds: float, levels: Levels) -> float:
    if seconds < _SHORTEST:
        raise AudioError(
            f"{path.name} lasts only {seconds:.2f} s; record at least {_SHORTEST} s of speech.",
            parameter="audio",
        )
    loudness = levels.loudness()
    if loudness < _SILENCE_LUFS:
        raise AudioError(f"{path.name} is silent; check the microphone and record again.", parameter="audio")
    return loudness


def _too_long(path: Path) -> AudioError:
    return AudioError(
        f"{path.name} is longer than {_LONGEST / 60:.0f} minutes; cut it into shorter recordings.",
        parameter="audio",
    )


def _take(blocks: Iterator[np.ndarray], first: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The next `count` samples, padded with silence at the end of the sound, and those read beyond them."""
    pieces, have = [first], len(first)
    while have < count and (block := next(blocks, None)) is not None:
        pieces.append(block)
        have += len(block)
    samples = np.concatenate(pieces)
    return np.pad(samples[:count], (0, max(0, count - have))), samples[count:]


def _cuts(levels: Levels, length: int, frame: int) -> Iterator[int]:
    """End of each part: the first pause within reach, else the quietest moment, on the grid of frames."""
    window = np.ones(_PAUSE_STEPS) / _PAUSE_STEPS
    level = 10 * np.log10(np.convolve(levels.powers, window, mode="same") + 1e-9)
    start, shortest, longest = 0, *(round(seconds * RATE / STEP) for seconds in _PART_SECONDS)
    while length - start * STEP > _PART_SECONDS[0] * RATE + _LAST_PART * RATE:
        last = min(start + longest, length // STEP - round(_LAST_PART * RATE / STEP))
        reach = level[start + shortest : last]
        pause = _first_pause(reach)
        if pause is None and length - start * STEP <= _PART_SECONDS[1] * RATE:
            break
        step = start + shortest + (int(reach.argmin()) if pause is None else pause)
        end = round(step * STEP / frame) * frame
        yield end
        start = end // STEP
    yield -(-length // frame) * frame


def _first_pause(level: np.ndarray) -> int | None:
    """The quietest step of the first pause in a smoothed level curve (dB); None where there is no pause."""
    if not len(level):
        return None
    quiet = level < min(level.min() + 6.0, np.percentile(level, 90) - 20.0)
    if not quiet.any():
        return None
    first = int(quiet.argmax())
    last = first + int((~quiet[first:]).argmax() or len(quiet) - first)
    return first + int(level[first:last].argmin())
