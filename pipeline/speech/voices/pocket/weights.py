"""Pocket TTS's published files as the weights of transformers' classes.

The files hold the names of Kyutai's own package, https://github.com/kyutai-labs/pocket-tts, whose attention
keeps each rotated pair of a head's channels side by side; transformers keeps all first halves before all
second ones, so queries and keys are put into its order. Every size follows from the weights' shapes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import CheckpointError
from pipeline.inference.weights import load_into, load_state

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import (
        DynamicCache,
        PocketTTSAudioTokenizerModel,
        PocketTTSConfig,
        PocketTTSForConditionalGeneration,
    )

State = dict[str, "Tensor"]

_NAME = "Pocket TTS"
_HEAD = 64
"""Channels of an attention head, in every published network."""
_LAYER = r"transformer\.layers\.(\d+)\."
_TRAINING = ("loss_weighting.", "latent_stats_num_updates")
"""Beginnings of the names that only training uses and files do not have."""

_LAYER_NAMES = {
    "self_attn.out_proj": "self_attn.o_proj",
    "linear1": "mlp.fc1",
    "linear2": "mlp.fc2",
    "norm1": "input_layernorm",
    "norm2": "post_attention_layernorm",
    "layer_scale_1": "self_attn_layer_scale",
    "layer_scale_2": "mlp_layer_scale",
}
_SPEAKER_NAMES = {
    "out_norm.": "model.norm.",
    "out_eos.": "eos_head.",
    "input_linear.": "model.audio_latent_proj.",
    "speaker_proj_weight": "model.audio_prompt_proj.weight",
    "bos_emb": "model.bos_latent",
    "emb_mean": "latent_mean",
    "emb_std": "latent_std",
    "flow_net.time_embed.": "flow_head.timestep_embeddings.",
    "flow_net.cond_embed.": "flow_head.cond_proj.",
    "flow_net.input_proj.": "flow_head.input_proj.",
    "flow_net.res_blocks.": "flow_head.layers.",
    "flow_net.final_layer.linear.": "flow_head.final_layer.proj.",
    "flow_net.final_layer.": "flow_head.final_layer.",
}
"""transformers' beginning of a name by that of the file."""
_FLOW_PARTS = {
    "mlp.0.": "fc1.",
    "mlp.2.": "fc2.",
    "mlp.3.alpha": "norm.weight",
    "in_ln.": "norm.",
    "adaLN_modulation.1.": "adaln_proj.",
}
_CODEC_NAMES = {
    "encoder.model.": "encoder.encoder_seanet.layers.",
    "decoder.model.": "decoder.decoder_seanet.layers.",
    "encoder_transformer.transformer.": "encoder.encoder_transformer.",
    "decoder_transformer.transformer.": "decoder.decoder_transformer.",
    "downsample.conv.conv.": "encoder.downsample.conv.",
    "upsample.convtr.convtr.": "decoder.upsample.conv.",
    "quantizer.output_proj.": "latent_proj.",
}


def load_networks(path: Path) -> tuple[PocketTTSForConditionalGeneration, PocketTTSAudioTokenizerModel]:
    """The network that speaks, and the codec between its latents and sound, from one published file.

    Raises:
        CheckpointError: the file is damaged, or of another kind.
    """
    from transformers import PocketTTSAudioTokenizerModel, PocketTTSForConditionalGeneration

    spoken, coded = (load_state(path, prefix=f"{part}.") for part in ("flow_lm", "mimi"))
    try:
        speaker = PocketTTSForConditionalGeneration(_speaker_config(spoken))
        codec = PocketTTSAudioTokenizerModel(_codec_config(coded))
        state, codec_state = _speaker_state(spoken), _codec_state(coded)
    except (KeyError, IndexError, ValueError, RuntimeError) as error:
        raise CheckpointError(f"{path.name} is not a {_NAME} checkpoint; download it again.") from error
    untrained = {key: value for key, value in speaker.state_dict().items() if key.startswith(_TRAINING)}
    load_into(speaker, {**state, **untrained}, name=_NAME)
    load_into(codec, codec_state, name=f"{_NAME} codec")
    return speaker, codec


def load_prefix(path: Path, config: PocketTTSConfig) -> DynamicCache:
    """A published voice: the keys and values that every layer keeps of a recording of the speaker.

    Raises:
        CheckpointError: the file is damaged, or belongs to another network.
    """
    from transformers import DynamicCache

    state = load_state(path)
    cache = DynamicCache(config=config)
    try:
        for layer in range(config.num_hidden_layers):
            keys, values = state[f"transformer.layers.{layer}.self_attn/cache"].float()
            keys, values = (kept[:, : _length(state, layer)].transpose(1, 2) for kept in (keys, values))
            if keys.shape[1::2] != (config.num_attention_heads, _HEAD):
                raise ValueError(keys.shape)
            cache.update(_in_halves(keys, dim=-1), values.contiguous(), layer)
    except (KeyError, ValueError, RuntimeError) as error:
        raise CheckpointError(
            f"{path.name} is not a voice of this {_NAME} network; download it again.", parameter="voice"
        ) from error
    return cache


def _length(state: Mapping[str, Tensor], layer: int) -> int:
    """How many positions of a layer's store are filled; older files say it by the length of a tensor."""
    name = f"transformer.layers.{layer}.self_attn"
    if f"{name}/current_end" in state:
        return len(state[f"{name}/current_end"])
    return int(state[f"{name}/offset"].reshape(-1)[0])


def _speaker_config(state: Mapping[str, Tensor]) -> PocketTTSConfig:
    from transformers import PocketTTSConfig

    hidden, latent = state["input_linear.weight"].shape
    tokens = len(state["conditioner.embed.weight"]) - 1  # the last one is padding
    width = len(state["flow_net.input_proj.bias"])
    return PocketTTSConfig(
        vocab_size=tokens + 4,
        hidden_size=hidden,
        num_hidden_layers=_count(state, _LAYER),
        num_attention_heads=hidden // _HEAD,
        intermediate_size=len(state["transformer.layers.0.linear1.weight"]),
        latent_dim=latent,
        audio_prompt_token_id=tokens,
        audio_latent_token_id=tokens + 1,
        audio_prompt_bos_token_id=tokens + 2,
        audio_bos_token_id=tokens + 3,
        flow_head_config={
            "hidden_size": width,
            "num_hidden_layers": _count(state, r"flow_net\.res_blocks\.(\d+)\."),
            "latent_dim": latent,
            "condition_dim": hidden,
            "frequency_embedding_size": 2 * len(state["flow_net.time_embed.0.freqs"]),
        },
    )


def _codec_config(state: Mapping[str, Tensor]) -> Any:
    from transformers import PocketTTSAudioTokenizerConfig

    hidden, latent, _ = state["quantizer.output_proj.weight"].shape
    layers = rf"decoder_transformer\.{_LAYER}"
    return PocketTTSAudioTokenizerConfig(
        hidden_size=hidden,
        num_filters=len(state["encoder.model.0.conv.weight"]),
        num_hidden_layers=_count(state, layers),
        intermediate_size=len(state["decoder_transformer.transformer.layers.0.linear1.weight"]),
        num_attention_heads=hidden // _HEAD,
        num_key_value_heads=hidden // _HEAD,
        head_dim=_HEAD,
        upsample_groups=hidden,
        latent_dim=latent,
        latent_stride=state["downsample.conv.conv.weight"].shape[-1] // 2,
    )


def _speaker_state(state: Mapping[str, Tensor]) -> State:
    """The weights of `PocketTTSForConditionalGeneration`."""
    made: State = {"model.embed_tokens.weight": _embeddings(state)}
    for name, value in state.items():
        if name in ("conditioner.embed.weight", "bos_before_voice"):
            continue
        if name.startswith("transformer."):
            made |= _layer(f"model.{name.removeprefix('transformer.')}", value)
            continue
        renamed = _begun(name, _SPEAKER_NAMES)
        for old, new in _FLOW_PARTS.items() if renamed.startswith("flow_head.") else ():
            renamed = renamed.replace(f".{old}", f".{new}")
        made[renamed] = value.reshape(-1) if name == "bos_emb" else value
    return made


def _embeddings(state: Mapping[str, Tensor]) -> Tensor:
    """Rows of the text's tokens, and of four marks, of which only the start of a voice has one of its own."""
    import torch

    table = state["conditioner.embed.weight"][:-1]
    start = state["bos_before_voice"].reshape(1, -1).to(table.dtype)
    blank = torch.zeros_like(start)
    return torch.cat([table, blank, blank, start, blank])


def _codec_state(state: Mapping[str, Tensor]) -> State:
    """The weights of `PocketTTSAudioTokenizerModel`."""
    made: State = {}
    for name, value in state.items():
        renamed = _begun(name, _CODEC_NAMES).replace(".convtr.", ".conv.")
        made |= _layer(renamed, value) if ".layers." in renamed else {renamed: value}
    return made


def _layer(name: str, value: Tensor) -> State:
    """One weight of a layer; the joint projection becomes three."""
    if name.endswith("self_attn.in_proj.weight"):
        stem = name.removesuffix("in_proj.weight")
        query, key, kept = value.chunk(3)
        return {
            f"{stem}q_proj.weight": _in_halves(query, dim=0),
            f"{stem}k_proj.weight": _in_halves(key, dim=0),
            f"{stem}v_proj.weight": kept.contiguous(),
        }
    for old, new in _LAYER_NAMES.items():
        name = name.replace(f".{old}.", f".{new}.")
    return {name: value}


def _in_halves(value: Tensor, *, dim: int) -> Tensor:
    """Channels of heads along `dim`, first the first of each pair, then the second of each."""
    pairs = value.unflatten(dim, (-1, _HEAD // 2, 2))
    at = dim if dim >= 0 else value.ndim + dim
    return pairs.transpose(at + 1, at + 2).flatten(at, at + 2).contiguous()


def _begun(name: str, names: Mapping[str, str]) -> str:
    """The name with its longest known beginning renamed."""
    known = [old for old in names if name.startswith(old)]
    longest = max(known, key=len, default="")
    return f"{names.get(longest, '')}{name.removeprefix(longest)}"


def _count(state: Mapping[str, Tensor], pattern: str) -> int:
    found = [int(match[1]) for name in state if (match := re.match(pattern, name))]
    return max(found) + 1
