"""Hub contents of the parts that the latent engines share, small where the files state their own size."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import torch
from parity import filling
from parity.harness import Fixture

from pipeline.networks import stable
from pipeline.networks.whisper import encoder as speech_encoder
from pipeline.types import RATE, Frame, Portrait, Speech


def as_file(config: dict[str, Any]) -> bytes:
    return json.dumps(config).encode()


def state_of(network: torch.nn.Module) -> dict[str, torch.Tensor]:
    """The network's own layout, filled by the rule."""
    return filling.state_dict({name: tuple(value.shape) for name, value in network.state_dict().items()})


def autoencoder() -> dict[str, Any]:
    """A narrow autoencoder in the Hub's layout."""
    narrow = {"block_out_channels": [8, 8, 16, 16], "norm_num_groups": 8}
    config = {**Fixture("musetalk_vae").manifest["config"], **narrow}
    return {"vae": state_of(stable.autoencoder(config)), "vae_config": as_file(config)}


WIDTH = 64
"""Of the speech encoder, and so of what the UNets attend to."""


def whisper() -> dict[str, Any]:
    """A narrow Whisper as transformers publishes it, with tensors of the decoder that nothing reads."""
    config = {
        **Fixture("musetalk_whisper_encoder").manifest["config"],
        "d_model": WIDTH,
        "encoder_attention_heads": 2,
        "encoder_ffn_dim": WIDTH,
    }
    state = {f"model.encoder.{name}": value for name, value in state_of(speech_encoder(config)).items()}
    state["model.decoder.layer_norm.weight"] = torch.ones(WIDTH)
    return {"whisper_tiny": state, "whisper_tiny_config": as_file(config)}


def speech(*frames: int, fps: int = 25, seed: int = 0) -> list[Speech]:
    """Parts of noise that last so many frames each."""
    random = np.random.default_rng(seed)
    return [Speech((0.1 * random.standard_normal(n * RATE // fps)).astype(np.float32)) for n in frames]


def still(portrait: Portrait, count: int) -> list[Frame]:
    return [Frame(portrait.image, portrait.face.landmarks) for _ in range(count)]


def changed(one: np.ndarray, other: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the pixels that differ."""
    rows, columns = np.nonzero((one != other).any(-1))
    return columns.min(), rows.min(), columns.max(), rows.max()
