"""From speech to the coefficients that drive SadTalker's frames."""

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

_SILENCE = -4.0
"""The spectrogram where nothing is heard."""
_CALM = 0.4
"""Head motion where the square is put back into its photo: beyond it, its border would be seen moving."""


def performance(
    speech: Sequence[Speech],
    source: np.ndarray,
    networks: Networks,
    options: Options,
    style: Style,
    *,
    speaking: bool,
) -> np.ndarray:
    """The clip `(frames, C)` float32 at `style.fps` for all of `speech`.

    Args:
        source: `(C,)` coefficients of the photo, 73 or 70.
        speaking: without it the face hears silence, so that the mouth rests; the head hears the speech.

    Raises:
        VideoError, NoFaceError: a video to take movement from is none, or shows nobody.
    """
    import torch

    from pipeline.networks.sadtalker_audio import EXPRESSION, sound_windows
    from pipeline.networks.sadtalker_coefficients import composed, retimed

    frames = sum(part.frames(style.fps) for part in speech)
    like = next(networks.to_pose.parameters())
    sound = sound_windows(_heard(speech)).to(like)
    leading, blinking = _videos(networks, options, len(sound))
    eyes = _eyes(source, blinking, len(sound), options, style)
    rest = torch.from_numpy(source).to(like)
    with torch.inference_mode():
        words = sound if speaking else torch.full_like(sound, _SILENCE)
        expression = networks.to_expression(words, *(torch.from_numpy(part).to(like) for part in eyes))
        pose = _pose(sound, rest[EXPRESSION : EXPRESSION + 6], leading, networks, options, style)
    generated = np.concatenate([expression.cpu().numpy(), pose], 1)
    clip = composed(generated, source, expression=options.expression, still=options.still)
    return retimed(clip, style.fps, frames)


def _heard(speech: Sequence[Speech]) -> np.ndarray:
    """All the samples at 16 kHz, silence after them up to a whole frame at 25 a second."""
    import soxr

    from pipeline.networks import mel
    from pipeline.networks.sadtalker_audio import FPS

    samples = soxr.resample(np.concatenate([part.samples for part in speech]), RATE, mel.RATE)
    return np.pad(samples, (0, -len(samples) % (mel.RATE // FPS)))


def _videos(networks: Networks, options: Options, frames: int) -> list[np.ndarray | None]:
    """The coefficients `(m, 70)` of the video that leads the head and of the one that leads the eyes."""
    from pipeline.heads.sadtalker.coefficients import measured_video

    paths = options.pose_from, options.eyes_from
    read = {
        path: measured_video(path, networks.coefficients, size=options.size, most=frames)
        for path in dict.fromkeys(paths)
        if path is not None
    }
    return [read.get(path) for path in paths]


def _there_and_back(clip: np.ndarray) -> np.ndarray:
    """`clip` and its way back to the start: a short one that started over would jump."""
    return np.concatenate([clip, clip[-2:0:-1]])


def _eyes(
    source: np.ndarray, video: np.ndarray | None, frames: int, options: Options, style: Style
) -> tuple[np.ndarray, np.ndarray]:
    """The expression that each frame's is made from `(n, 64)`, and its lids `(n, 1)`; a video has its own."""
    from pipeline.networks.sadtalker_audio import EXPRESSION
    from pipeline.networks.sadtalker_coefficients import blinks, looped, regular_blinks

    if video is not None:
        return looped(_there_and_back(video[:, :EXPRESSION]), frames), np.zeros((frames, 1), np.float32)
    regular = options.blinks == "regular"
    pace = style.blinks
    lids = regular_blinks(frames, pace=pace) if regular else blinks(frames, style.seed, pace=pace)
    return looped(source[None, :EXPRESSION], frames), lids


def _pose(
    sound: Tensor,
    rest: Tensor,
    video: np.ndarray | None,
    networks: Networks,
    options: Options,
    style: Style,
) -> np.ndarray:
    """`(n, 6)` head poses, scaled about the photo's own; a video's movement is added before."""
    import torch

    from pipeline.networks.sadtalker_audio import LATENT
    from pipeline.networks.sadtalker_coefficients import POSE, followed, smoothed

    draw = torch.randn(1, LATENT, generator=torch.Generator().manual_seed(style.seed)).to(sound)
    # One draw for the whole clip: a new one per chunk makes the head jump where the chunks meet.
    poses = networks.to_pose(sound, rest, options.pose_style, itertools.repeat(draw))
    offsets = smoothed((poses - rest).float().cpu().numpy())
    if video is not None:
        offsets = followed(offsets, _there_and_back(smoothed(video[:, POSE])))
    calm = _CALM if options.framing == "full" else 1.0
    factor = style.head * (calm if options.head is None else options.head)
    return rest.float().cpu().numpy() + factor * offsets
