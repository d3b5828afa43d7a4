"""SadTalker's coefficients over time: composed, smoothed, and padded for the mapping network.

Zhang et al., CVPR 2023 (arXiv:2211.12194). A frame is 70 numbers (expression 64, angles 3, translation 3), or
73 where the crop is pasted back into its photo (the alignment's scale and shift as well). In NumPy, as a clip
is a few kilobytes.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from pipeline.networks.sadtalker_audio import EXPRESSION
from pipeline.networks.sadtalker_render import RADIUS

POSE = slice(EXPRESSION, EXPRESSION + 6)

_WINDOW = 13
"""Window of the pose filter in frames."""
_BLINK = np.array([0.5, 0.9, 1.0, 0.9, 0.5], np.float32)
"""Closure of the lids over the frames of a blink, at 25 fps."""
_SLOW_BLINK = np.array([0.5, 0.6, 0.7, 0.9, 1.0, 0.9, 0.7, 0.6, 0.5], np.float32)
"""The same for regular blinks."""
_OPEN = 80
"""Frames between regular blinks."""


def compose(
    generated: np.ndarray, source: np.ndarray, *, expression: float = 1.0, still: bool = False
) -> np.ndarray:
    """The driving coefficients of a clip.

    Args:
        generated: `(n, 70)` expression and pose, predicted from the sound.
        source: `(70,)` or `(73,)` of the photo; its length is that of the result.
        expression: factor on the expression.
        still: the head keeps the photo's pose.

    Returns:
        `(n, 70)` or `(n, 73)` float32.
    """
    clip = np.tile(source.astype(np.float32), (len(generated), 1))
    clip[:, :EXPRESSION] = generated[:, :EXPRESSION] * expression
    if not still:
        clip[:, POSE] = generated[:, POSE]
    return clip


def pad_ends(clip: np.ndarray) -> np.ndarray:
    """`(C, n + 26)` of `(n, C)`: transposed, both ends repeated, so that each frame has a whole window."""
    return np.ascontiguousarray(np.pad(clip, ((RADIUS, RADIUS), (0, 0)), mode="edge").T)


def smooth(poses: np.ndarray) -> np.ndarray:
    """`(n, 6)` poses after a Savitzky-Golay filter of order 2 over 13 frames, fewer in a shorter clip."""
    from scipy.signal import savgol_filter

    if len(poses) < 3:
        return poses
    window = min(_WINDOW, 2 * ((len(poses) - 1) // 2) + 1)
    return savgol_filter(poses, window, 2, axis=0).astype(np.float32)


def blinks(frames: int, seed: int, *, pace: float = 1.0) -> np.ndarray:
    """`(frames, 1)` float32 closure of the lids, 1 closed: blinks at random times.

    Args:
        frames: at 25 fps.
        seed: the same seed gives the same blinks.
        pace: factor on their frequency; 1 as published (every 0.4 to 2.8 s), 0 never.
    """
    rng, low, high = np.random.default_rng(seed), min(10, frames), min(frames // 2, 70)
    if pace <= 0 or low >= high:
        return np.zeros((frames, 1), np.float32)
    waits = (round(int(rng.integers(low, high)) / pace) for _ in itertools.count())
    return _blinking(frames, _BLINK, waits)


def regular_blinks(frames: int, *, pace: float = 1.0) -> np.ndarray:
    """`(frames, 1)` float32 closure of the lids: slow blinks at regular intervals.

    `pace` is a factor on their frequency; 1 as published (every 3.6 s), 0 never.
    """
    if pace <= 0:
        return np.zeros((frames, 1), np.float32)
    return _blinking(frames, _SLOW_BLINK, itertools.repeat(round(_OPEN / pace)))


def _blinking(frames: int, blink: np.ndarray, waits: Iterator[int]) -> np.ndarray:
    """`blink` after each of the `waits`, as long as it ends before the clip does."""
    lids, at = np.zeros((frames, 1), np.float32), 0
    while (at := at + next(waits)) + len(blink) < frames:
        lids[at : at + len(blink), 0] = blink
        at += len(blink)
    return lids


def add_reference(poses: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """`(n, 6)` poses plus the movement of a reference `(m, 6)` since its first frame; a short one loops."""
    return poses + loop(reference, len(poses)) - reference[:1]


def loop(clip: np.ndarray, frames: int) -> np.ndarray:
    """`frames` rows of a clip that is repeated from its start."""
    return clip[np.arange(frames) % len(clip)]


def pose_path(stops: Sequence[float], frames: int) -> np.ndarray:
    """`(frames,)` degrees through all stops at constant speed, then held at the last."""
    if frames < 2 or len(stops) < 2:
        return np.full(frames, stops[0], np.float64)
    speed = float(np.abs(np.diff(stops)).sum()) / (frames - 1)
    legs = [
        np.arange(start, end, np.copysign(speed, end - start))
        for start, end in itertools.pairwise(stops)
        if start != end
    ]
    walk = np.concatenate([*legs, np.zeros(0)])[:frames]
    return np.pad(walk, (0, frames - len(walk)), constant_values=walk[-1] if len(walk) else stops[-1])


def resample(clip: np.ndarray, fps: int, frames: int, *, source_fps: int = 25) -> np.ndarray:
    """`(frames, C)` at `fps` of a clip `(n, C)` at `source_fps`, interpolated linearly."""
    if fps == source_fps and len(clip) == frames:
        return clip
    at = np.minimum(np.arange(frames) * source_fps / fps, len(clip) - 1)
    before = np.minimum(at.astype(int), max(len(clip) - 2, 0))
    after = np.minimum(before + 1, len(clip) - 1)
    share = (at - before)[:, None]
    return ((1 - share) * clip[before] + share * clip[after]).astype(np.float32)
