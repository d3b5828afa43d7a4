"""A recording, or the sound of a video, as a stream of levelled parts that are cut at pauses.

The file is decoded twice, each time as a stream: once for its level curves, once for its samples. The
loudness of the whole is therefore known before the first part is handed out, and memory stays flat.
`pipeline.video` decodes, as for every other use of a file's sound.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.errors import AudioError
from pipeline.speech.audio.loudness import (
    STEP,
    LevelMeter,
    Levels,
    apply_limiter,
    limiter_gains,
)
from pipeline.types import RATE
from pipeline.video import Sound, open_sound

_LONGEST = 600.0
"""Seconds that a recording may last."""
_SHORTEST = 0.3
"""Seconds of sound that are needed."""
_SILENCE = 1e-9
"""Mean square (-90 dB) below which there is no sound at all, not even noise."""
_PART_SECONDS = (3.0, 12.0)
"""Shortest and longest part, in seconds."""
_LAST_PART = 1.5
"""Shortest last part, in seconds."""
_PAUSE_STEPS = 20
"""Width of the window that looks for a pause, in steps of 10 ms."""


@dataclass(frozen=True, eq=False)
class Recording:
    """A file whose level has been measured: how to level it, and where to cut it."""

    sound: Sound
    length: int
    """Samples at `RATE`."""
    gains: np.ndarray
    """Gains that level it; see `loudness.limiter_gains`."""
    cuts: tuple[int, ...]
    """End of each part in samples: a whole number of video frames, the last at or after `length`."""

    def parts(self) -> Iterator[np.ndarray]:
        """The levelled parts in order, `(N,)` float32 at `RATE`; the last is padded with silence."""
        blocks = self.sound.blocks(RATE)
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
    sound = open_sound(path)
    for block in sound.blocks(RATE):
        meter.add(block)
        length += len(block)
        if length > _LONGEST * RATE:
            raise _too_long(path)
    levels = meter.finish()
    loudness = _checked_loudness(path, length / RATE, levels)
    gain = levels.recording_gain(loudness)
    cuts = tuple(_cuts(levels, length, RATE // fps))
    return Recording(sound, length, limiter_gains(levels.peaks, gain), cuts)


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


def read_beginning(path: Path, seconds: float, rate: int = RATE) -> np.ndarray:
    """The first seconds of a recording as they are, not levelled: `(N,)` float32 mono at `rate` Hz.

    Raises:
        AudioError: it cannot be read, or has no sound.
    """
    return beginning(open_sound(path), seconds, rate)


def beginning(sound: Sound, seconds: float, rate: int = RATE, *, highpass: bool = True) -> np.ndarray:
    """The first seconds of an opened recording; see `read_beginning` and `Sound.blocks`."""
    pieces, left = [np.zeros(0, np.float32)], round(seconds * rate)
    for block in sound.blocks(rate, highpass=highpass):
        pieces.append(block[:left])
        left -= len(pieces[-1])
        if left <= 0:
            break
    return np.concatenate(pieces)


def _checked_loudness(path: Path, seconds: float, levels: Levels) -> float:
    if seconds < _SHORTEST:
        raise AudioError(
            f"{path.name} lasts only {seconds:.2f} s; record at least {_SHORTEST} s of speech.",
            parameter="audio",
        )
    loudness = levels.heard_loudness()
    if loudness == -np.inf:
        if levels.powers.max(initial=0.0) < _SILENCE:
            sentence = f"{path.name} is silent; check the microphone and record again."
        else:
            sentence = f"{path.name} is too quiet to be heard; record again, closer to the microphone."
        raise AudioError(sentence, parameter="audio")
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
