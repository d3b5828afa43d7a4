"""MuseTalk: the lower half of a face inpainted in latent space, in one step, to match the speech.

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
from pipeline.networks.stable import decode, encode

if TYPE_CHECKING:
    from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
    from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

SIZE = 256
"""Side in px of the face."""
CALLS = ("forward", "latents")
"""What is called for every batch."""
_STATES = 50
"""Whisper states that a frame hears: ten of each of five layers."""


def unet(config: dict[str, Any]) -> UNet2DConditionModel:
    """The UNet of a `musetalk.json`, with random weights."""
    from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

    return UNet2DConditionModel.from_config(config)


def log_mel_segments(samples: Tensor) -> Iterator[Tensor]:
    """Samples at 16 kHz as Whisper's inputs `(80, 3000)`: each 30 s on their own, padded with silence."""
    length = whisper.COLUMNS * whisper.HOP
    for piece in samples.split(length):
        yield whisper.log_mel(F.pad(piece, (0, length - len(piece))))


class MuseTalk(nn.Module):
    """The UNet between the autoencoder's encoder and decoder."""

    positions: Tensor

    def __init__(self, unet: UNet2DConditionModel, vae: AutoencoderKL) -> None:
        super().__init__()
        self.unet, self.vae = unet, vae
        # On the device from the start: copied there for each batch, it would have to be waited for.
        table = sinusoids(_STATES, unet.config["cross_attention_dim"])
        self.register_buffer("positions", table, persistent=False)

    def latents(self, faces: Tensor) -> Tensor:
        """`(B, 3, 256, 256)` RGB in 0..1 to latents `(B, 8, 32, 32)` of the masked face and the whole one."""
        both = encode(self.vae, torch.cat([mask_lower_half(faces), faces]) * 2 - 1)
        return torch.cat(both.chunk(2), dim=1)

    def forward(self, latents: Tensor, audio: Tensor) -> Tensor:
        """`(B, 8, 32, 32)` and Whisper's `(B, 50, 384)` to faces `(B, 3, 256, 256)` RGB in 0..1."""
        step = torch.zeros((), device=latents.device, dtype=torch.long)
        inpainted = self.unet(latents, step, encoder_hidden_states=self.add_positions(audio)).sample
        return decode(self.vae, inpainted)

    def add_positions(self, audio: Tensor) -> Tensor:
        """`(B, 50, 384)` Whisper states plus the position table, as the UNet attends to them."""
        return audio + self.positions


def mask_lower_half(faces: Tensor) -> Tensor:
    """`(B, 3, H, W)` in 0..1 with the lower half black."""
    upper = faces.clone()
    upper[:, :, faces.shape[2] // 2 :] = 0
    return upper
