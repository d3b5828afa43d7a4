"""A recording, or a video's sound, as a stream of parts that are cut at pauses and evenly loud.

The file is read twice, each time as a stream: once for its levels, once for its samples. So the loudness of
the whole is known before the first part leaves, and memory stays flat. PyAV decodes, because it carries
FFmpeg and so reads whatever FFmpeg reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.errors import AudioError
from pipeline.speech.audio.loudness import (
    LARGEST_GAIN,
    STEP,
    TARGET_LUFS,
    LevelMeter,
    Levels,
    apply_limiter,
    limiter,
)
from pipeline.types import RATE

LONGEST = 600.0
"""Seconds of sound that a recording may last."""
_SHORTEST = 0.3
_SILENCE_LUFS = -60.0
_PART_SECONDS = (3.0, 12.0)
_LAST_PART = 1.5
_PAUSE_STEPS = 20
"""Width of the window that looks for a pause: 200 ms."""


@dataclass(frozen=True)
class Recording:
    """A file that was listened to once: how to level it and where to cut it."""

    path: Path
    length: int
    """Samples at `RATE`."""
    edges: np.ndarray
    """Factors that level it; see `level.limiter`."""
    cuts: tuple[int, ...]
    """Where its parts end, in samples; each a whole number of frames, the last at or after `length`."""

    def parts(self) -> Iterator[np.ndarray]:
        """The levelled parts, `(N,)` float32 at `RATE`, one after the other; silence fills up the last."""
        blocks = decode(self.path)
        waiting = np.zeros(0, np.float32)
        start = 0
        for end in self.cuts:
            waiting, rest = _gather(blocks, waiting, end - start)
            yield apply_limiter(waiting, self.edges, start)
            waiting, start = rest, end


def open_recording(path: Path, fps: int) -> Recording:
    """Listens to a file once.

    Raises:
        AudioError: it cannot be read, has no sound, is silent, too short or too long.
    """
    meter, length = LevelMeter(), 0
    for block in decode(path):
        meter.add(block)
        length += len(block)
        if length > LONGEST * RATE:
            raise _too_long(path)
    levels = meter.finish()
    loudness = _check(path, length / RATE, levels)
    gain = min(10 ** ((TARGET_LUFS - loudness) / 20), LARGEST_GAIN)
    return Recording(path, length, limiter(levels.peaks, gain), tuple(_cuts(levels, length, RATE // fps)))


def decode(path: Path) -> Iterator[np.ndarray]:
    """The sound of any audio or video file as mono float32 blocks at `RATE`.

    Time stays as it is in the file: holes become silence, and the sound of a video starts with its picture.

    Raises:
        AudioError: the file cannot be read or has no sound.
    """
    import av

    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise AudioError(f"{path.name} has no sound; choose a recording or a video that speaks.")
            if container.duration and container.duration / av.time_base > LONGEST:
                raise _too_long(path)
            yield from _resampled(_in_time(container))
    except FileNotFoundError as error:
        raise AudioError(f"There is no file {path}; check the name.") from error
    except (av.FFmpegError, OSError) as error:
        raise AudioError(f"{path.name} cannot be read as sound; save it as WAV, MP3 or M4A.") from error


def _in_time(container) -> Iterator[tuple[np.ndarray, int]]:
    """Mono float32 blocks with their rate, so that block sums and time stamps agree to 20 ms."""
    import av

    stream = container.streams.audio[0]
    mono = av.AudioResampler(format="flt", layout="mono", rate=stream.rate)
    zero = _zero(container, stream)
    done = 0
    for frame in container.decode(stream):
        for piece in mono.resample(frame):
            samples = piece.to_ndarray()[0]
            if frame.pts is not None:
                hole = round((float(frame.pts * frame.time_base) - zero) * stream.rate) - done
                samples = _shifted(samples, hole, slack=stream.rate // 50 if done else 0)
            done += len(samples)
            yield samples, stream.rate


def _zero(container, stream) -> float:
    """The file's time, in seconds, at which it starts: with the picture of a video, else with the sound.

    Encoders put their delay before time 0, where no player plays it.
    """
    leading = container.streams.video[0] if container.streams.video else stream
    start = leading.start_time if leading.start_time is not None else 0
    return max(0.0, float(start * leading.time_base))


def _shifted(samples: np.ndarray, hole: int, *, slack: int) -> np.ndarray:
    if hole > slack:
        return np.concatenate([np.zeros(hole, np.float32), samples])
    return samples[-hole:] if hole < -slack else samples


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


def _check(path: Path, seconds: float, levels: Levels) -> float:
    if seconds < _SHORTEST:
        raise AudioError(f"{path.name} lasts only {seconds:.2f} s; record at least {_SHORTEST} s of speech.")
    loudness = levels.loudness()
    if loudness < _SILENCE_LUFS:
        raise AudioError(f"{path.name} is silent; check the microphone and record again.")
    return loudness


def _too_long(path: Path) -> AudioError:
    return AudioError(
        f"{path.name} is longer than {LONGEST / 60:.0f} minutes; cut it into shorter recordings."
    )


def _gather(blocks: Iterator[np.ndarray], first: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The next `count` samples, silence where the sound has ended, and what was read beyond them."""
    pieces, have = [first], len(first)
    while have < count and (block := next(blocks, None)) is not None:
        pieces.append(block)
        have += len(block)
    samples = np.concatenate(pieces)
    return np.pad(samples[:count], (0, max(0, count - have))), samples[count:]


def _cuts(levels: Levels, length: int, frame: int) -> Iterator[int]:
    """Ends of the parts: the quietest place within reach of each start, on the grid of video frames."""
    window = np.ones(_PAUSE_STEPS) / _PAUSE_STEPS
    calm = 10 * np.log10(np.convolve(levels.powers, window, mode="same") + 1e-9)
    start, least, most = 0, *(round(seconds * RATE / STEP) for seconds in _PART_SECONDS)
    while length - start * STEP > _PART_SECONDS[0] * RATE + _LAST_PART * RATE:
        reach = calm[start + least : min(start + most, length // STEP - round(_LAST_PART * RATE / STEP))]
        at = _pause(reach)
        if at is None and length - start * STEP <= _PART_SECONDS[1] * RATE:
            break
        end = round((start + least + (int(reach.argmin()) if at is None else at)) * STEP / frame) * frame
        yield end
        start = end // STEP
    yield -(-length // frame) * frame


def _pause(calm: np.ndarray) -> int | None:
    """Step at the bottom of the first pause in a smoothed level curve (dB)."""
    if not len(calm):
        return None
    quiet = calm < min(calm.min() + 6.0, np.percentile(calm, 90) - 20.0)
    if not quiet.any():
        return None
    first = int(quiet.argmax())
    last = first + int((~quiet[first:]).argmax() or len(quiet) - first)
    return first + int(calm[first:last].argmin())
