"""Stable Diffusion's autoencoder, in whose latent space MuseTalk and LatentSync work.

Rombach et al.: High-Resolution Image Synthesis with Latent Diffusion Models, CVPR 2022 (arXiv:2112.10752).
diffusers runs it; only the scaling around it is ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch import Tensor

if TYPE_CHECKING:
    from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

LATENT_SCALE = 0.18215
"""Factor that brings the autoencoder's latents to unit variance."""

_OLD_ATTENTION = {".query.": ".to_q.", ".key.": ".to_k.", ".value.": ".to_v.", ".proj_attn.": ".to_out.0."}


def autoencoder(config: dict[str, Any]) -> AutoencoderKL:
    """The autoencoder of an sd-vae `config.json`, with random weights."""
    from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

    return AutoencoderKL.from_config(config)


def rename_attention(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """An autoencoder's tensors with the attention layers' present names; older files use others."""
    renamed = {}
    for name, value in state.items():
        for old, new in _OLD_ATTENTION.items():
            name = name.replace(old, new)
        renamed[name] = value
    return renamed


def encode(vae: AutoencoderKL, pictures: Tensor) -> Tensor:
    """`(B, 3, H, W)` in -1..1 to scaled latents `(B, 4, H/8, W/8)`.

    The published programs sample the posterior; its mean makes the latents deterministic.
    """
    return vae.encode(pictures).latent_dist.mean * LATENT_SCALE


def decode(vae: AutoencoderKL, latents: Tensor) -> Tensor:
    """Scaled latents `(B, 4, h, w)` to pictures `(B, 3, 8h, 8w)` RGB in 0..1."""
    return (vae.decode(latents / LATENT_SCALE).sample / 2 + 0.5).clip(0, 1)
