"""FlashHead for tests: its networks in reduced widths, and small ones in their place that show the photo."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from parity import filling
from parity.harness import Fixture
from torch import Tensor, nn

from pipeline.heads.flashhead import weights
from pipeline.inference.weights import empty_weights
from pipeline.networks import flashhead, flashhead_vae
from pipeline.networks.flashhead_audio import SpeechEncoder
from pipeline.types import RATE, Speech

SIDE = 64
"""Side in px of the square that the reduced networks animate."""
_NARROW = {
    "width": 64, "heads": 2, "layers": 2, "hidden": 96, "frequencies": 32, "audio": (2, 24),
    "audio_hidden": 24, "audio_tokens": 4, "side": SIDE,
}  # fmt: skip
REDUCED = {
    weights.PRO: replace(flashhead.PRO, **_NARROW),
    weights.LITE: replace(flashhead.LITE, **_NARROW, channels=8),
}


def reduced(variant: weights.Variant) -> weights.Networks:
    """Networks of the real code in reduced widths, without values, as `weights.empty_networks` makes them."""
    denoiser = empty_weights(lambda: flashhead.Denoiser(REDUCED[variant]))
    return weights.Networks(speech_encoder(), denoiser, autoencoder(variant))


def autoencoder(variant: weights.Variant) -> Any:
    widths = (8, 16, 32, 32)
    if variant is weights.PRO:
        return empty_weights(lambda: flashhead_vae.wan(base_dim=8))
    return empty_weights(
        lambda: flashhead_vae.ltx(
            block_out_channels=widths, decoder_block_out_channels=widths, latent_channels=8
        )
    )


def speech_encoder() -> SpeechEncoder:
    from transformers import Wav2Vec2Config

    config = Wav2Vec2Config(**Fixture("flashhead_numerics").manifest["w2v_config"])
    return empty_weights(lambda: SpeechEncoder(config))


@cache
def files(variant: weights.Variant) -> dict[str, object]:
    """The published files of a variant in reduced widths, in their own formats, filled with cheap numbers."""
    made = reduced(variant)
    unused = {"text_embedding.0.weight": torch.zeros(2, 2), "audio_emb.proj.0.weight": torch.zeros(2)}
    vae = filling.state_dict(_shapes(made.vae.vae), filling.pieces)
    if variant is weights.PRO:
        names = Fixture("flashhead_vae").manifest["wan_to_diffusers"]
        vae = {name: vae[present] for name, present in names.items()}
    else:
        vae["latents_std"] = 1 + 0.1 * vae["latents_std"]
    return {
        variant.transformer_file: filling.state_dict(_shapes(made.denoiser), filling.pieces) | unused,
        variant.autoencoder_file: vae,
        "wav2vec2": _speech_file(made.encoder),
    }


def _speech_file(encoder: SpeechEncoder) -> dict[str, Tensor]:
    """With the names that the published file has, and the head of the recogniser that it belongs to."""
    older = {"parametrizations.weight.original0": "weight_g", "parametrizations.weight.original1": "weight_v"}
    state = {}
    for name, value in filling.state_dict(_shapes(encoder), filling.pieces).items():
        for new, old in older.items():
            name = name.replace(new, old)
        state[name] = value
    del state["wav2vec2.masked_spec_embed"]  # for training only
    return state | {"lm_head.weight": torch.zeros(32, 24)}


def _shapes(network: nn.Module) -> dict[str, tuple[int, ...]]:
    return {name: tuple(value.shape) for name, value in network.state_dict().items()}


class PhotoDenoiser(nn.Module):
    """Finds the photo's latents in any noise; `given` keeps what it heard."""

    calls = ("forward",)

    def __init__(self, settings: flashhead.Settings) -> None:
        super().__init__()
        self.settings = settings
        self.scale = nn.Parameter(torch.ones(()))
        self.given: list[Tensor] = []

    def listen(self, audio: Tensor) -> Tensor:
        self.given.append(audio)
        return audio

    def forward(self, noisy: Tensor, reference: Tensor, time: float, heard: Tensor) -> Tensor:
        return self.scale * (noisy - reference) * (1000 / time)


class PixelAutoencoder(nn.Module):
    """Latents of 8 x 8 px that keep every pixel of each fourth frame."""

    def __init__(self) -> None:
        super().__init__()
        self.vae = nn.Module()
        self.vae.scale = nn.Parameter(torch.ones(()))

    def encode(self, video: Tensor, noise: object) -> Tensor:
        kept = torch.cat([video[:, :1], video[:, 4::4]], dim=1)
        return F.pixel_unshuffle(self.vae.scale * kept.transpose(0, 1), 8).transpose(0, 1)

    def encode_still(self, picture: Tensor, frames: int, noise: object) -> Tensor:
        return self.encode(picture[:, None].expand(-1, frames, -1, -1), noise)

    def decode(self, latents: Tensor) -> Tensor:
        kept = F.pixel_shuffle(latents.transpose(0, 1), 8).transpose(0, 1)
        return torch.cat([kept[:, :1], kept[:, 1:].repeat_interleave(4, dim=1)], dim=1)


def photographic(side: int) -> weights.Networks:
    """Networks that show the photo, whatever they hear, in a square of `side` px."""
    settings = replace(REDUCED[weights.PRO], channels=3 * 64, side=side)
    return weights.Networks(
        filling.fill(speech_encoder(), draw=filling.pieces), PhotoDenoiser(settings), PixelAutoencoder()
    )


def use_photographic(patch: pytest.MonkeyPatch, side: int) -> dict[str, object]:
    """Replace the networks by those that show the photo, and return all files of both engines."""
    patch.setattr(weights, "empty_networks", lambda variant: photographic(side))
    made = photographic(side)
    transformer, vae = made.denoiser.state_dict(), made.vae.vae.state_dict()
    return {
        "flashhead_pro": transformer, "flashhead_wan": vae,
        "flashhead_lite": transformer, "flashhead_ltx": vae,
        "wav2vec2": _speech_file(made.encoder),
    }  # fmt: skip


def speech(*frames: int, fps: int = 25, seed: int = 0) -> list[Speech]:
    """Parts of noise that last so many frames."""
    rng = np.random.default_rng(seed)
    return [Speech((0.1 * rng.standard_normal(count * RATE // fps)).astype(np.float32)) for count in frames]
