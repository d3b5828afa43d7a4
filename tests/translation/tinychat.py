"""A tiny instruct network of a real class that knows a few answers by heart, in a cache of the Hub."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import hubrepo
import pytest
import torch
from translation import tinynetworks

from pipeline.translation import models
from pipeline.translation.models import Model

NAME = "qwen3-4b-instruct"
_TEMPLATE = (
    "{% for message in messages %}<|{{ message.role }}|>{{ message.content }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
_SPECIAL = ["<pad>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>"]


def place(patch: pytest.MonkeyPatch, folder: Path, known: Sequence[tuple[str, str, str]]) -> Model:
    """Put a network into a cache folder that has been pointed at already.

    Args:
        known: what the system says, what the user says, and the answer.
    """
    contents = _made(tuple(known))
    shards = [file for file in models.MODELS[NAME].checkpoints if file.file in contents]
    placed = replace(
        models.MODELS[NAME],
        checkpoints=tuple(hubrepo.place(folder, file, contents[file.file]) for file in shards),
    )
    patch.setitem(models.MODELS, NAME, placed)
    return placed


@cache
def _made(known: tuple[tuple[str, str, str], ...]) -> dict[str, Any]:
    from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "tokenizer.json")
        _vocabulary([text for entry in known for text in entry]).save(str(path))
        content = path.read_bytes()
        tokenizer = PreTrainedTokenizerFast(
            tokenizer_file=str(path), pad_token="<pad>", eos_token="<|end|>", chat_template=_TEMPLATE
        )
    torch.manual_seed(0)
    config = Qwen3Config(
        vocab_size=len(tokenizer), hidden_size=48, intermediate_size=96, num_hidden_layers=2,
        num_attention_heads=2, num_key_value_heads=1, head_dim=24, tie_word_embeddings=True,
        pad_token_id=0, eos_token_id=1, bos_token_id=None,
    )  # fmt: skip
    network = Qwen3ForCausalLM(config)
    _teach(network, tokenizer, known)
    return {
        "config.json": json.dumps(config.to_dict()).encode(),
        "tokenizer.json": content,
        "tokenizer_config.json": json.dumps(
            {"pad_token": "<pad>", "eos_token": "<|end|>", "chat_template": _TEMPLATE}
        ).encode(),
        "model-00001-of-00003.safetensors": {
            name: value for name, value in network.state_dict().items() if name != "lm_head.weight"
        },
    }


def _vocabulary(texts: Sequence[str]) -> Any:
    """A tokenizer whose tokens are words: short to read, so quick to learn."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=900, special_tokens=_SPECIAL, show_progress=False, min_frequency=1,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )  # fmt: skip
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def _teach(network: Any, tokenizer: Any, known: Sequence[tuple[str, str, str]]) -> None:
    """Let the network know these answers by heart."""
    rows, labels = [], []
    for system, user, answer in known:
        chat = [{"role": "system", "content": system}, {"role": "user", "content": user}]
        asked = tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
        before = tokenizer(asked, add_special_tokens=False)["input_ids"]
        behind = tokenizer(answer + "<|end|>", add_special_tokens=False)["input_ids"]
        rows.append(before + behind)
        labels.append([-100] * len(before) + behind)
    longest = max(map(len, rows))
    ids = torch.tensor([row + [0] * (longest - len(row)) for row in rows])
    wanted = torch.tensor([row + [-100] * (longest - len(row)) for row in labels])
    tinynetworks.learn(network, {"input_ids": ids, "labels": wanted}, rate=8e-3)
