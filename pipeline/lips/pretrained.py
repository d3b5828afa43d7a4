"""Pretrained networks that more than one engine is built of, loaded from the Hub's files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pipeline import hub
from pipeline.errors import CheckpointError
from pipeline.inference.weights import OTHER, damaged, empty_weights, load_into, load_state
from pipeline.networks import stable

if TYPE_CHECKING:
    from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL


def read_config(key: str) -> dict[str, Any]:
    """The configuration file of that key in `hub.CHECKPOINTS`.

    Raises:
        CheckpointError: the file cannot be had, or is not a configuration.
    """
    path = hub.fetch(key)
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise damaged(path) from error
    if not isinstance(config, dict):
        raise CheckpointError(f"{path.name} is not the configuration of a network; {OTHER}.")
    return config


def autoencoder() -> AutoencoderKL:
    """Stable Diffusion's autoencoder with the weights of sd-vae-ft-mse.

    Raises:
        CheckpointError: its files cannot be had, or belong to another network.
    """
    config = read_config("vae_config")
    network = empty_weights(lambda: stable.autoencoder(config))
    state = stable.rename_attention(load_state(hub.fetch("vae")))
    load_into(network, state, name="Stable Diffusion autoencoder")
    return network
