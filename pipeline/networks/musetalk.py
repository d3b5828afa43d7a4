"""MuseTalk: the lower half of a face repainted in latent space, in one step, to fit what is heard.

Zhang et al.: MuseTalk: Real-Time High-Fidelity Video Dubbing via Spatio-Temporal Sampling, 2024
(arXiv:2410.10122), version 1.5. The UNet and the autoencoder of Stable Diffusion 1.x (Rombach et al.,
arXiv:2112.10752) come from diffusers; only the numbers around them are ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from pipeline.networks.positions import sinusoids

if TYPE_CHECKING:
    from diffusers import AutoencoderKL, UNet2DConditionModel

SIZE = 256
"""Side in px of the face."""
LATENT_SCALE = 0.18215
"""Factor on the autoencoder's latents that brings them to unit deviation."""
STATES = 10
"""Whisper states, 20 ms each, that a frame hears."""
LEAD = 4
"""How many of them come before the frame's own time."""

_OLD_ATTENTION = {".query.": ".to_q.", ".key.": ".to_k.", ".value.": ".to_v.", ".proj_attn.": ".to_out.0."}


def unet(config: dict[str, Any]) -> UNet2DConditionModel:
    """The UNet of a `musetalk.json`, untrained."""
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel.from_config(config)


def autoencoder(config: dict[str, Any]) -> AutoencoderKL:
    """The autoencoder of an sd-vae `config.json`, untrained."""
    from diffusers import AutoencoderKL

    return AutoencoderKL.from_config(config)


def current_names(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """An autoencoder's tensors under today's names: older files call the attention's parts otherwise."""
    renamed = {}
    for name, value in state.items():
        for old, new in _OLD_ATTENTION.items():
            name = name.replace(old, new)
        renamed[name] = value
    return renamed


def first_state(frame: int, fps: float, *, lead: int = LEAD) -> int:
    """Index of the first Whisper state (50 a second) that a frame hears; it may be negative.

    The published program's `lead` is twice the states per frame, rounded up: what the network was trained
    with at 25 fps, but off the frame's time at 24 and above 30.
    """
    return int(frame * (50 / fps)) - lead


def positioned(heard: Tensor) -> Tensor:
    """`(B, 50, 384)` states plus the position table, as the UNet attends to them."""
    return heard + sinusoids(*heard.shape[1:]).to(heard)


class MuseTalk(nn.Module):
    """The UNet between the halves of the autoencoder."""

    def __init__(self, unet: UNet2DConditionModel, vae: AutoencoderKL) -> None:
        super().__init__()
        self.unet, self.vae = unet, vae

    def latents(self, faces: Tensor) -> Tensor:
        """`(B, 3, 256, 256)` RGB in 0..1 to `(B, 8, 32, 32)`: of the face without its lower half, and whole.

        The published program draws from the posterior; its mean gives the same face every time.
        """
        both = torch.cat([masked(faces), faces]) * 2 - 1
        means = self.vae.encode(both).latent_dist.mean * LATENT_SCALE
        return torch.cat(means.chunk(2), dim=1)

    def forward(self, latents: Tensor, heard: Tensor) -> Tensor:
        """`(B, 8, 32, 32)` and Whisper's `(B, 50, 384)` to faces `(B, 3, 256, 256)` RGB in 0..1."""
        step = torch.zeros((), device=latents.device, dtype=torch.long)
        painted = self.unet(latents, step, encoder_hidden_states=positioned(heard)).sample
        return decoded(self.vae, painted)


def masked(faces: Tensor) -> Tensor:
    """`(B, 3, H, W)` in 0..1 with the lower half black."""
    kept = faces.clone()
    kept[:, :, faces.shape[2] // 2 :] = 0
    return kept


def decoded(vae: AutoencoderKL, latents: Tensor) -> Tensor:
    """Scaled latents `(B, 4, h, w)` to pictures `(B, 3, 8h, 8w)` RGB in 0..1."""
    return (vae.decode(latents / LATENT_SCALE).sample / 2 + 0.5).clip(0, 1)
