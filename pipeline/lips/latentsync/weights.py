"""LatentSync's published files, loaded into the networks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline import hub
from pipeline.errors import CheckpointError
from pipeline.inference.weights import OTHER, empty_weights, load_into, load_state, read_pickle
from pipeline.networks import latentsync, whisper

if TYPE_CHECKING:
    from transformers.models.whisper.modeling_whisper import WhisperEncoder


def unet() -> latentsync.VideoUNet:
    """The video UNet; its widths are inferred from the file.

    Raises:
        CheckpointError: the file cannot be had, or belongs to another network.
    """
    path = hub.fetch("latentsync_unet")
    state = load_state(path, part="state_dict")
    try:
        config = latentsync.infer_config(state)
    except KeyError as error:
        raise CheckpointError(
            f"{path.name} is not a LatentSync checkpoint: it has no {error}; {OTHER}."
        ) from error
    network = empty_weights(lambda: latentsync.unet(config))
    load_into(network, state, name="LatentSync")
    return network


def whisper_encoder() -> WhisperEncoder:
    """Whisper's encoder from OpenAI's own file, without the final norm, as LatentSync expects.

    Raises:
        CheckpointError: the file cannot be had, or belongs to another network.
    """
    from torch import nn

    path = hub.fetch("latentsync_whisper")
    try:
        dims = read_pickle(path)["dims"]
        network = whisper.encoder(whisper.openai_config(dims))
    except (KeyError, TypeError) as error:
        raise CheckpointError(
            f"{path.name} is not a Whisper checkpoint: its 'dims' are missing; {OTHER}."
        ) from error
    state = load_state(path, part="model_state_dict", prefix="encoder.")
    load_into(network, whisper.from_openai(state), name="Whisper tiny")
    network.layer_norm = nn.Identity()  # type: ignore[assignment]
    return network
