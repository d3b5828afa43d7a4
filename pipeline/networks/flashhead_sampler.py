"""SoulX-FlashHead's endless chain of windows: a few denoising steps each, from the end of the window before.

The denoiser is distilled to four steps of a rectified flow, without guidance. A latent at time t is
`(1 - t/1000) · clean + t/1000 · noise`, and the denoiser gives noise - clean.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from pipeline.inference.transfer import upload
from pipeline.networks import flashhead_colour
from pipeline.networks.flashhead import FRAMES, Denoiser
from pipeline.networks.flashhead_vae import Autoencoder, Noise

_SHIFT = 5.0
"""How far the steps are moved towards the noise."""


@dataclass(frozen=True)
class Sampling:
    """How windows are sampled."""

    steps: int = 4
    colour: float = 1.0
    """Strength, 0 to 1, of the matching of each frame's colours to the photo's."""
    rounded: bool = True
    """Round the times to bfloat16, as the published program does."""
    sampled: bool = True
    """Draw latents from the autoencoder's distribution, where it has one, rather than take its mode."""


def schedule(steps: int, *, rounded: bool) -> list[tuple[float, float]]:
    """Time from 1000 down to 0, and the share of noise, at the start of each step and at the end."""
    shares = torch.linspace(1, 0, steps + 1, dtype=torch.float64)
    shares = _SHIFT * shares / (1 + (_SHIFT - 1) * shares)
    times = shares * 1000
    if rounded:
        times, shares = times.bfloat16(), shares.bfloat16()
    return list(zip(times.tolist(), shares.tolist(), strict=True))


class Chain:
    """The windows of one clip, one after the other."""

    def __init__(
        self, denoiser: Denoiser, vae: Autoencoder, photo: Tensor, noise: Noise, sampling: Sampling
    ) -> None:
        """`photo`: `(3, H, W)` RGB in -1..1, on the device; `noise` is drawn from for the whole clip."""
        self._denoiser, self._vae = denoiser, vae
        self._photo, self._sampling = photo, sampling
        self._noise = lambda shape: upload(noise(shape), photo.device).to(photo)
        self._reference = vae.encode_still(photo, FRAMES, self._posterior)
        self._motion = self._reference[:, :1]

    @property
    def _posterior(self) -> Noise | None:
        return self._noise if self._sampling.sampled else None

    def next(self, audio: Tensor, stepped: Callable[[float], None]) -> Tensor:
        """The next window, `(3, 33, H, W)` RGB in -1..1; it begins with the last frames of the one before.

        Args:
            audio: features `(33, 5, L, A)` that each frame hears.
            stepped: called with the share of the window that is done, after each step.
        """
        clean = self._denoised(audio, stepped)
        video = flashhead_colour.match(self._vae.decode(clean), self._photo, self._sampling.colour)
        self._motion = self._vae.encode(video[:, -self._denoiser.settings.overlap :], self._posterior)
        return video

    def _denoised(self, audio: Tensor, stepped: Callable[[float], None]) -> Tensor:
        heard = self._denoiser.listen(audio)
        known = self._motion.shape[1]
        latents = self._noise(tuple(self._reference.shape))
        stops = schedule(self._sampling.steps, rounded=self._sampling.rounded)
        for done, ((time, share), (_, next_share)) in enumerate(pairwise(stops), start=1):
            latents[:, :known] = self._motion
            flow = self._denoiser(latents, self._reference, time, heard).to(latents)
            clean = latents - share * flow
            latents = (1 - next_share) * clean + next_share * self._noise(tuple(latents.shape))
            stepped(done / (self._sampling.steps + 1))
        latents[:, :known] = self._motion
        return latents
