"""SoulX-FlashHead's published files, loaded into its networks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import torch

from pipeline import engines, hub
from pipeline.inference import device
from pipeline.inference.weights import empty_weights, load_into, load_state
from pipeline.networks import flashhead, flashhead_vae
from pipeline.networks.flashhead_audio import SpeechEncoder

if TYPE_CHECKING:
    from torch import Tensor

_WEIGHT_NORM = {"conv.weight_g": "original0", "conv.weight_v": "original1"}
"""Old and present names of the parameters of wav2vec's positional convolution."""


@dataclass(frozen=True)
class Variant:
    """What Pro and Lite differ in."""

    engine: str
    """The head engine that it is."""
    settings: flashhead.Settings
    autoencoder: Callable[[], Any]
    transformer_file: str
    """Key of the transformer in `hub.CHECKPOINTS`."""
    autoencoder_file: str


PRO = Variant("flashhead", flashhead.PRO, flashhead_vae.wan, "flashhead_pro", "flashhead_wan")
LITE = Variant("flashhead_lite", flashhead.LITE, flashhead_vae.ltx, "flashhead_lite", "flashhead_ltx")


@dataclass(frozen=True)
class Networks:
    """The networks of a variant."""

    encoder: SpeechEncoder
    denoiser: flashhead.Denoiser
    vae: Any
    """A `flashhead_vae.Autoencoder` that is a module."""

    @property
    def where(self) -> torch.device:
        """The device that they run on; the transformer's weights may wait elsewhere."""
        return next(self.encoder.parameters()).device


def load_networks(variant: Variant, *, offload: Literal["auto", "yes", "no"]) -> Networks:
    """The networks of a variant, with weights downloaded from the Hub on first use.

    Raises:
        CheckpointError: the weights cannot be had, or belong to another network.
    """
    made = empty_networks(variant)
    denoiser = load_state(hub.fetch(variant.transformer_file))
    unused = flashhead.Denoiser.UNUSED
    denoiser = {name: value for name, value in denoiser.items() if not name.startswith(unused)}
    load_into(made.denoiser, denoiser, name="SoulX-FlashHead transformer")
    vae = load_state(hub.fetch(variant.autoencoder_file))
    load_into(made.vae.vae, _present(vae), name="SoulX-FlashHead autoencoder")
    speech = _renormed(load_state(hub.fetch("wav2vec2"), prefix="wav2vec2."))
    # The file lacks what only training uses.
    speech.setdefault("masked_spec_embed", torch.zeros(made.encoder.wav2vec2.config.hidden_size))
    load_into(made.encoder.wav2vec2, speech, name="wav2vec 2.0")
    return prepare(made, offload=is_offloaded(variant, device.pick(), offload))


def empty_networks(variant: Variant) -> Networks:
    """The networks of a variant without any memory, for weights that fill them completely."""
    from transformers import Wav2Vec2Config

    return Networks(
        encoder=empty_weights(lambda: SpeechEncoder(Wav2Vec2Config())),
        denoiser=empty_weights(lambda: flashhead.Denoiser(variant.settings)),
        vae=empty_weights(variant.autoencoder),
    )


def is_offloaded(variant: Variant, where: torch.device, asked: Literal["auto", "yes", "no"]) -> bool:
    """Whether the transformer waits in the computer's memory: if asked, or where the GPU has less free than
    the engine's card says, which is what the engines of other jobs leave for it.
    """
    wanted = engines.card("head", variant.engine).memory_gb * 1e9
    short = where.type == "cuda" and device.free_bytes(where) < wanted
    return asked == "yes" or (asked == "auto" and short)


def prepare(made: Networks, *, offload: bool = False) -> Networks:
    """Networks with their weights, moved to the device for inference.

    On CUDA, and wherever float16 is asked for, the transformer and the autoencoder run in bfloat16, as they
    were trained.
    """
    where = device.pick()
    placement = device.Placement.choose(where, half=True)
    if placement.dtype is torch.float16:
        placement = replace(placement, dtype=torch.bfloat16)
    # The speech encoder's input is no batch that could be filled up.
    encoder, vae = device.place(made.encoder, where, calls=()), placement.apply(made.vae)
    if offload:
        denoiser = _offloaded(replace(placement, where=torch.device("cpu")).apply(made.denoiser), where)
    else:
        denoiser = placement.apply(made.denoiser, calls=made.denoiser.calls)
    return Networks(encoder, denoiser, vae)


def _offloaded(denoiser: flashhead.Denoiser, where: torch.device) -> flashhead.Denoiser:
    """The transformer, each of whose layers is copied to the device for as long as it runs."""
    from accelerate import cpu_offload

    # Its own parameters: `state_dict` gives them out by the published names.
    own = dict(denoiser.named_parameters())
    offloaded: flashhead.Denoiser = cpu_offload(denoiser, execution_device=where, state_dict=own)
    return offloaded


def _present(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """An autoencoder's tensors by diffusers' names; Wan's file has names of its own."""
    from diffusers.loaders.single_file_utils import convert_wan_vae_to_diffusers

    if "encoder.conv1.weight" not in state:
        return state
    renamed: dict[str, Tensor] = convert_wan_vae_to_diffusers(state)
    return renamed


def _renormed(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """wav2vec's tensors with the present names of a weight-normed convolution's parameters."""
    renamed = {}
    for name, value in state.items():
        for old, new in _WEIGHT_NORM.items():
            if name.endswith(f"pos_conv_embed.{old}"):
                name = name.replace(old, f"conv.parametrizations.weight.{new}")
        renamed[name] = value
    return renamed
