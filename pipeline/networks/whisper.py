"""Whisper's encoder as a feature extractor: the hidden states of all its layers, 50 per second.

Radford et al.: Robust Speech Recognition via Large-Scale Weak Supervision, 2022 (arXiv:2212.04356).
transformers runs the encoder; MuseTalk and LatentSync use the states of all its layers.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import Tensor

if TYPE_CHECKING:
    from transformers.models.whisper.modeling_whisper import WhisperEncoder

RATE = 16_000
"""Sample rate in Hz."""
HOP = 160
"""Samples per column of the spectrogram; two columns make one state."""
COLUMNS = 3000
"""Columns of the 30 s that the encoder always takes."""
BANDS = 80

_OPENAI = {
    "blocks.": "layers.",
    ".attn.query.": ".self_attn.q_proj.",
    ".attn.key.": ".self_attn.k_proj.",
    ".attn.value.": ".self_attn.v_proj.",
    ".attn.out.": ".self_attn.out_proj.",
    ".attn_ln.": ".self_attn_layer_norm.",
    ".mlp.0.": ".fc1.",
    ".mlp.2.": ".fc2.",
    ".mlp_ln.": ".final_layer_norm.",
    "ln_post.": "layer_norm.",
    "positional_embedding": "embed_positions.weight",
}
"""Parameter names in OpenAI's own files and in transformers."""


def encoder(config: dict[str, Any]) -> WhisperEncoder:
    """The encoder of a model with that configuration (transformers' `config.json`), with random weights."""
    from transformers import WhisperConfig
    from transformers.models.whisper.modeling_whisper import WhisperEncoder

    return WhisperEncoder(WhisperConfig(**config))


def openai_config(dims: dict[str, int]) -> dict[str, int]:
    """The configuration for `encoder`, from the `dims` of one of OpenAI's files."""
    return {
        "d_model": dims["n_audio_state"],
        "encoder_layers": dims["n_audio_layer"],
        "encoder_attention_heads": dims["n_audio_head"],
        "encoder_ffn_dim": 4 * dims["n_audio_state"],
        "num_mel_bins": dims["n_mels"],
        "max_source_positions": dims["n_audio_ctx"],
    }


def from_openai(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The encoder's tensors under transformers' names, from OpenAI's without their prefix."""
    renamed = {}
    for name, value in state.items():
        for theirs, ours in _OPENAI.items():
            name = name.replace(theirs, ours)
        renamed[name] = value
    return renamed


@cache
def _filters() -> Tensor:
    """`(80, 201)`: Slaney's mel filters over the bins of a 400-sample FFT."""
    from transformers.audio_utils import mel_filter_bank

    bank = mel_filter_bank(201, BANDS, 0.0, RATE / 2, RATE, norm="slaney", mel_scale="slaney")
    return torch.from_numpy(bank.T.copy()).float()


def log_mel(samples: Tensor) -> Tensor:
    """`(N,)` samples at 16 kHz to the log-mel `(80, N // 160)`, about -1..1, at most 2 below the loudest."""
    window = torch.hann_window(400, device=samples.device)
    spectrum = torch.stft(samples, 400, HOP, window=window, return_complex=True)[:, :-1]
    levels = (_filters().to(samples.device) @ spectrum.abs().square()).clamp(min=1e-10).log10()
    return (levels.maximum(levels.max() - 8) + 4) / 4


def hidden_states(network: WhisperEncoder, mel: Tensor) -> Tensor:
    """`(B, 80, 3000)` to `(B, 1500, 5, 384)`: the embedding, and the states after each layer.

    The last states are those after the encoder's final norm, where it has one.
    """
    return torch.stack(network(mel, output_hidden_states=True).hidden_states, dim=2)


def pad(mel: Tensor) -> Tensor:
    """`(80, n)` padded with zeros to the 3000 columns that the encoder takes."""
    return F.pad(mel, (0, COLUMNS - mel.shape[1]))
