"""MuseTalk: the lower half of a face repainted in latent space, in one step, to fit what is heard.

Zhang et al.: MuseTalk: Real-Time High-Fidelity Video Dubbing via Spatio-Temporal Sampling, 2024
(arXiv:2410.10122), version 1.5. The UNet of Stable Diffusion 1.x comes from diffusers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline.networks import whisper
from pipeline.networks.positions import sinusoids
from pipeline.networks.stable import decoded, encoded

if TYPE_CHECKING:
    from diffusers import AutoencoderKL, UNet2DConditionModel

SIZE = 256
"""Side in px of the face."""


def unet(config: dict[str, Any]) -> UNet2DConditionModel:
    """The UNet of a `musetalk.json`, untrained."""
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel.from_config(config)


def spectra(samples: Tensor) -> Iterator[Tensor]:
    """Samples at 16 kHz as Whisper's inputs `(80, 3000)`: each 30 s by themselves, silence behind."""
    length = whisper.COLUMNS * whisper.HOP
    for piece in samples.split(length):
        yield whisper.log_mel(F.pad(piece, (0, length - len(piece))))


def positioned(heard: Tensor) -> Tensor:
    """`(B, 50, 384)` states plus the position table, as the UNet attends to them."""
    return heard + sinusoids(*heard.shape[1:]).to(heard)


class MuseTalk(nn.Module):
    """The UNet between the halves of the autoencoder."""

    def __init__(self, unet: UNet2DConditionModel, vae: AutoencoderKL) -> None:
        super().__init__()
        self.unet, self.vae = unet, vae

    def latents(self, faces: Tensor) -> Tensor:
        """`(B, 3, 256, 256)` RGB in 0..1 to `(B, 8, 32, 32)`: without its lower half, then whole."""
        both = encoded(self.vae, torch.cat([masked(faces), faces]) * 2 - 1)
        return torch.cat(both.chunk(2), dim=1)

    def forward(self, latents: Tensor, heard: Tensor) -> Tensor:
        """`(B, 8, 32, 32)` and Whisper's `(B, 50, 384)` to faces `(B, 3, 256, 256)` RGB in 0..1."""
        step = torch.zeros((), device=latents.device, dtype=torch.long)
        return decoded(self.vae, self.unet(latents, step, encoder_hidden_states=positioned(heard)).sample)


def masked(faces: Tensor) -> Tensor:
    """`(B, 3, H, W)` in 0..1 with the lower half black."""
    kept = faces.clone()
    kept[:, :, faces.shape[2] // 2 :] = 0
    return kept
