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
    """
    import torch

    from pipeline.networks.sadtalker_audio import EXPRESSION, sound_windows
    from pipeline.networks.sadtalker_coefficients import blinks, composed, retimed

    frames = sum(part.frames(style.fps) for part in speech)
    like = next(networks.to_pose.parameters())
    sound = sound_windows(_heard(speech)).to(like)
    lids = torch.from_numpy(blinks(len(sound), style.seed, pace=style.blinks)).to(like)
    rest = torch.from_numpy(source).to(like)
    with torch.inference_mode():
        words = sound if speaking else torch.full_like(sound, _SILENCE)
        expression = networks.to_expression(words, rest[:EXPRESSION].expand(len(sound), -1), lids)
        pose = _pose(sound, rest[EXPRESSION : EXPRESSION + 6], networks, options, style)
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


def _pose(sound: Tensor, rest: Tensor, networks: Networks, options: Options, style: Style) -> np.ndarray:
    """`(n, 6)` head poses, scaled about the photo's own."""
    import torch

    from pipeline.networks.sadtalker_audio import LATENT
    from pipeline.networks.sadtalker_coefficients import smoothed

    draw = torch.randn(1, LATENT, generator=torch.Generator().manual_seed(style.seed)).to(sound)
    # One draw for the whole clip: a new one per chunk makes the head jump where the chunks meet.
    poses = networks.to_pose(sound, rest, options.pose_style, itertools.repeat(draw))
    offsets = smoothed((poses - rest).float().cpu().numpy())
    calm = _CALM if options.framing == "full" else 1.0
    factor = style.head * (calm if options.head is None else options.head)
    return rest.float().cpu().numpy() + factor * offsets
