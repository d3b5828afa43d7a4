"""SadTalker's driving coefficients, generated from the speech."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from pipeline.types import RATE, Speech, Style

if TYPE_CHECKING:
    from torch import Tensor

    from pipeline.heads.sadtalker import Options
    from pipeline.heads.sadtalker.weights import Networks

_FULL_FRAMING_HEAD = 0.4
"""Factor on the head motion where the square is pasted back into its photo; more would reveal its border."""


def generate_coefficients(
    speech: Sequence[Speech],
    source: np.ndarray,
    networks: Networks,
    options: Options,
    style: Style,
    *,
    speaking: bool,
) -> np.ndarray:
    """The driving coefficients `(frames, C)` float32 at `style.fps` for all of `speech`.

    Args:
        source: `(C,)` coefficients of the photo, 73 or 70.
        speaking: without it the expression is generated for silence, so that the mouth rests; the head still
            moves with the speech.

    Raises:
        VideoError, NoFaceError: a driving video cannot be read, or has no face.
    """
    import torch

    from pipeline.networks.mel import LOWEST
    from pipeline.networks.sadtalker_audio import EXPRESSION, sound_windows
    from pipeline.networks.sadtalker_coefficients import compose, resample

    frames = sum(part.frames(style.fps) for part in speech)
    like = next(networks.to_pose.parameters())
    sound = sound_windows(_samples(speech)).to(like)
    pose_video, eye_video = _driving_videos(networks, options, len(sound))
    eyes = _eyes(source, eye_video, len(sound), options, style)
    rest = torch.from_numpy(source).to(like)
    with torch.inference_mode():
        spoken = sound if speaking else torch.full_like(sound, LOWEST)
        expression = networks.to_expression(spoken, *(torch.from_numpy(part).to(like) for part in eyes))
        pose = _pose(sound, rest[EXPRESSION : EXPRESSION + 6], pose_video, networks, options, style)
    generated = np.concatenate([expression.cpu().numpy(), pose], 1)
    clip = compose(generated, source, expression=options.expression, still=options.still)
    return resample(clip, style.fps, frames)


def _samples(speech: Sequence[Speech]) -> np.ndarray:
    """All samples at 16 kHz, padded with silence to whole frames at 25 fps."""
    import soxr

    from pipeline.networks import mel
    from pipeline.networks.sadtalker_audio import FPS

    samples = soxr.resample(np.concatenate([part.samples for part in speech]), RATE, mel.RATE)
    return np.pad(samples, (0, -len(samples) % (mel.RATE // FPS)))


def _driving_videos(networks: Networks, options: Options, frames: int) -> list[np.ndarray | None]:
    """The coefficients `(m, 70)` of the videos that drive the head and the eyes; None where there is none."""
    from pipeline.heads.sadtalker.coefficients import extract_video_coefficients

    paths = options.pose_from, options.eyes_from
    read = {
        path: extract_video_coefficients(path, networks.coefficients, size=options.size, most=frames)
        for path in dict.fromkeys(paths)
        if path is not None
    }
    return [None if path is None else read[path] for path in paths]


def _ping_pong(clip: np.ndarray) -> np.ndarray:
    """`clip` followed by its reverse, so that it loops without a jump."""
    return np.concatenate([clip, clip[-2:0:-1]])


def _eyes(
    source: np.ndarray, video: np.ndarray | None, frames: int, options: Options, style: Style
) -> tuple[np.ndarray, np.ndarray]:
    """The reference expression `(n, 64)` and the lids' closure `(n, 1)` of each frame, or a video's."""
    from pipeline.networks.sadtalker_audio import EXPRESSION
    from pipeline.networks.sadtalker_coefficients import blinks, loop, regular_blinks

    if video is not None:
        return loop(_ping_pong(video[:, :EXPRESSION]), frames), np.zeros((frames, 1), np.float32)
    regular = options.blinks == "regular"
    pace = style.blinks
    lids = regular_blinks(frames, pace=pace) if regular else blinks(frames, style.seed, pace=pace)
    return loop(source[None, :EXPRESSION], frames), lids


def _pose(
    sound: Tensor,
    rest: Tensor,
    video: np.ndarray | None,
    networks: Networks,
    options: Options,
    style: Style,
) -> np.ndarray:
    """`(n, 6)` head poses, scaled about the photo's own after a video's movement is added."""
    import torch

    from pipeline.networks.sadtalker_audio import LATENT
    from pipeline.networks.sadtalker_coefficients import POSE, add_reference, smooth

    latent = torch.randn(1, LATENT, generator=torch.Generator().manual_seed(style.seed)).to(sound)
    # One latent for the whole clip: a new one per chunk makes the head jump where chunks meet.
    poses = networks.to_pose(sound, rest, options.pose_style, itertools.repeat(latent))
    offsets = smooth((poses - rest).float().cpu().numpy())
    if video is not None:
        offsets = add_reference(offsets, _ping_pong(smooth(video[:, POSE])))
    default = _FULL_FRAMING_HEAD if options.framing == "full" else 1.0
    factor = style.head * (default if options.head is None else options.head)
    return rest.float().cpu().numpy() + factor * offsets
