"""The sound of a film: every line in its place, music under it, at one loudness over the whole.

The segments keep their sound without loss, so it is read as often as needed: to find where somebody speaks,
to measure the mix by ITU-R BS.1770-4, and to be encoded. Nothing is held but level curves of 10 ms; those of
a segment are kept beside it, so that an edit costs the measuring of its own line only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import chain

import numpy as np

from pipeline.errors import OutputError
from pipeline.files import written_whole
from pipeline.script.clip_sound import Looped, loudness_of
from pipeline.script.document import Script
from pipeline.script.segments import Segment, read_segment_sound
from pipeline.script.store import LEVELS_SUFFIX
from pipeline.speech.audio.loudness import (
    STEP,
    TARGET_LUFS,
    LevelMeter,
    Levels,
    apply_limiter,
    limiter_gains,
)
from pipeline.types import RATE

_BLOCK = RATE
"""Samples that are mixed at a time; a whole number of steps."""
_OVERSAMPLED = 4
"""Factor at which peaks between samples are found, as in BS.1770-4's annex 2."""
_CONTEXT = 24
"""Samples before and after a block that its interpolation needs."""
_HEADROOM = 10 ** (0.4 / 20)
"""Factor on peaks for what AAC adds to them."""
_MOST_GAIN = 10 ** (12 / 20)
_ROUNDS = 12
"""How often the gain makes up for what the limiter took."""
_SPEAKS = -42.0
"""Level in dB from which a step counts as speech."""
_DUCKED = 10 ** (-10 / 20)
"""Factor on the music while somebody speaks."""
_BEFORE, _AFTER = 30, 70
"""Steps before and after speech for which the music stays quiet."""
_RAMP = 35
"""Steps over which it becomes quiet, and loud again."""
_FADE_IN, _FADE_OUT = 50, 200
"""Steps of the music's beginning and end."""

Blocks = Callable[[], Iterator[np.ndarray]]
"""Reads a sound from its beginning: `(N, channels)` float32 blocks of `_BLOCK` samples, the last shorter."""


def soundtrack(script: Script, segments: list[Segment]) -> tuple[Iterator[np.ndarray], int]:
    """The sound in blocks, `(N, channels)` float32 at 48 kHz, and its number of channels.

    Raises:
        VideoError: a segment is damaged.
        AudioError: the music cannot be read.
    """
    music = script.brand.music
    channels = 2 if music is not None or any(segment.channels == 2 for segment in segments) else 1

    def speech() -> Iterator[np.ndarray]:
        return _even(
            chain.from_iterable(read_segment_sound(each, script.output.fps) for each in segments), channels
        )

    levels = _kept(segments, script.output.fps, channels) or _measured(speech)
    if music is None:
        return _levelled(speech, levels), channels
    path = script.located(music)
    gain = 10 ** ((TARGET_LUFS + script.brand.music_level - loudness_of(path)) / 20)
    curve = np.float32(gain) * _ducking(levels)

    def mixed() -> Iterator[np.ndarray]:
        with Looped(path) as under:
            for number, block in enumerate(speech()):
                start = number * _BLOCK
                added = under.read(len(block))
                for channel in range(channels):
                    added[:, channel] = apply_limiter(added[:, channel], curve, start)
                yield block + added

    return _levelled(mixed, _measured(mixed)), channels


def _even(blocks: Iterator[np.ndarray], channels: int) -> Iterator[np.ndarray]:
    """Blocks of any length and one or two channels, cut anew to `_BLOCK` samples of `channels`."""
    waiting: list[np.ndarray] = []
    count = 0
    for block in blocks:
        whole = np.broadcast_to(block, (len(block), channels)) if block.shape[1] < channels else block
        waiting.append(whole)
        count += len(block)
        while count >= _BLOCK:
            joined = np.concatenate(waiting)
            yield joined[:_BLOCK]
            waiting, count = [joined[_BLOCK:]], count - _BLOCK
    if count:
        yield np.concatenate(waiting)


def _kept(segments: list[Segment], fps: int, channels: int) -> Levels | None:
    """The level curves of all segments one after the other, measured anew only where that was never done.

    None where a segment ends within a step, as at 24 frames per second. Each is measured by itself, which
    makes no difference, as all begin and end in silence.
    """
    if any(segment.frames * RATE // fps % STEP for segment in segments):
        return None
    found = [_levels_of(segment, fps, channels) for segment in segments]
    return Levels(
        np.concatenate([levels.peaks for levels in found]),
        np.concatenate([levels.powers for levels in found]),
    )


def _levels_of(segment: Segment, fps: int, channels: int) -> Levels:
    path = segment.path.with_suffix(LEVELS_SUFFIX)
    steps = segment.frames * RATE // fps // STEP
    curves = None
    with suppress(OSError, ValueError):
        curves = np.fromfile(path, np.float32).reshape(2, steps)
    if curves is None:
        levels = _measured(lambda: _even(read_segment_sound(segment, fps), segment.channels))
        curves = np.stack([levels.peaks, levels.powers]).astype(np.float32)
        with suppress(OutputError), written_whole(path) as part:
            curves.tofile(part)
    return Levels(curves[0], curves[1] * channels / segment.channels)


def _levelled(blocks: Blocks, levels: Levels) -> Iterator[np.ndarray]:
    """The sound, whose levels were measured, as loud as all speech, its true peaks under -1 dB."""
    gains = _gains(levels)
    for number, block in enumerate(blocks()):
        start = number * _BLOCK
        yield np.stack([apply_limiter(channel, gains, start) for channel in block.T], 1)


def _gains(levels: Levels) -> np.ndarray:
    """`(S + 1,)` gains at the edges of steps that bring a sound to `TARGET_LUFS` after limiting."""
    loudness = levels.loudness()
    gain = 1.0
    if np.isfinite(loudness):
        gain = min(10 ** ((TARGET_LUFS - loudness) / 20), _MOST_GAIN)
    peaks = levels.peaks * _HEADROOM
    gains = limiter_gains(peaks, gain)
    for _ in range(_ROUNDS if np.isfinite(loudness) else 0):
        inside = (gains[:-1] + gains[1:]) / 2
        limited = Levels(peaks, levels.powers * inside**2).loudness()
        gain = min(gain * 10 ** ((TARGET_LUFS - limited) / 20), _MOST_GAIN)
        gains = limiter_gains(peaks, gain)
    return gains


def _measured(blocks: Blocks) -> Levels:
    """Level curves of all channels together: the sum of their powers, the highest of their true peaks."""
    meters: list[LevelMeter] = []
    peaks: list[np.ndarray] = []
    before = None
    for block in blocks():
        meters = meters or [LevelMeter() for _ in range(block.shape[1])]
        for meter, channel in zip(meters, block.T, strict=True):
            meter.add(channel)
        peaks.append(_true_peaks(block, before))
        before = block[-_CONTEXT:]
    found = [meter.finish() for meter in meters]
    powers = np.sum([levels.powers for levels in found], axis=0) if found else np.zeros(0, np.float32)
    return Levels(np.concatenate(peaks) if peaks else np.zeros(0, np.float32), powers)


def _true_peaks(block: np.ndarray, before: np.ndarray | None) -> np.ndarray:
    """`(S,)` the highest value that the sound reaches in each step, between samples too."""
    from scipy.signal import resample_poly

    lead = np.zeros((_CONTEXT, block.shape[1]), np.float32)
    if before is not None:
        lead[_CONTEXT - len(before) :] = before
    padded = np.concatenate([lead, block, np.zeros_like(lead)])
    fine = np.abs(resample_poly(padded, _OVERSAMPLED, 1, axis=0)).max(1)
    inside = fine[_CONTEXT * _OVERSAMPLED : (_CONTEXT + len(block)) * _OVERSAMPLED]
    steps = np.pad(inside, (0, -len(inside) % (STEP * _OVERSAMPLED)))
    found: np.ndarray = steps.reshape(-1, STEP * _OVERSAMPLED).max(1).astype(np.float32)
    return found


def _ducking(speech: Levels) -> np.ndarray:
    """`(S + 1,)` factors on the music at the edges of steps: quieter under speech, faded at both ends."""
    from scipy.ndimage import maximum_filter1d, uniform_filter1d

    spoken = (speech.decibels > _SPEAKS).astype(np.float32)
    width = _BEFORE + _AFTER + 1
    # the filter looks `_BEFORE` steps ahead and `_AFTER` steps back
    busy = maximum_filter1d(spoken, width, origin=(_AFTER - _BEFORE) // 2)
    smooth = uniform_filter1d(np.append(busy, busy[-1:]), _RAMP)
    curve = 1 - (1 - _DUCKED) * smooth
    steps = np.arange(len(curve))
    ends = np.minimum(steps / _FADE_IN, (len(curve) - 1 - steps) / _FADE_OUT)
    faded: np.ndarray = (curve * np.clip(ends, 0, 1)).astype(np.float32)
    return faded
