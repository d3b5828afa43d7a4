"""A language model that follows instructions: questions in, answers out, always the same ones."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.inference import device
from pipeline.inference.minibatches import in_batches
from pipeline.inference.placement import place
from pipeline.inference.weights import load_state
from pipeline.translation.models import Model
from pipeline.translation.network import fetched, fitting, placed

if TYPE_CHECKING:
    import torch

Chat = list[dict[str, str]]
"""What was said so far: entries with "role" ("system", "user") and "content"."""

_CARD = 14_000_000_000
"""Bytes of a card that holds the weights (8 GB) and their work, beside what other programs take."""
_AT_ONCE = 4
"""Questions in a batch; always the same, so that answers do not hang on the memory that is free."""
_PER_TOKEN = 8
"""Tokens of an answer for each one of the text that was asked about: some scripts have a token a letter."""
_AT_LEAST, _AT_MOST = 64, 2_048
"""Tokens of an answer."""


class Instruct:
    """A loaded network; threads may share it."""

    def __init__(self, model: Model) -> None:
        """Load it from files that are here or are downloaded.

        Raises:
            CheckpointError: a file cannot be had, or is damaged.
        """
        paths = fetched(model)
        self._lock = threading.Lock()
        self._where = placed()
        with fitting(model):
            self._tokenizer: Any = _tokenizer(paths)
            # It was trained in bfloat16, whose range float16 does not have.
            self._model: Any = place(_network(paths), self._where, calls=())

    def answers(self, chats: Sequence[Chat]) -> Iterator[str]:
        """An answer to the last entry of each chat, in order.

        Raises:
            StudioError: not even one fits into memory.
        """

        def run(batch: list[Chat]) -> list[str]:
            with self._lock:
                return self._batch(batch)

        return in_batches(run, chats, _AT_ONCE)

    def _batch(self, chats: list[Chat]) -> list[str]:
        asked = [
            self._tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
            for chat in chats
        ]
        read = self._tokenizer(asked, return_tensors="pt", padding=True, add_special_tokens=False)
        texts = [len(self._tokenizer(chat[-1]["content"])["input_ids"]) for chat in chats]
        written = self._model.generate(
            **read.to(self._where),
            do_sample=False,
            max_new_tokens=min(_AT_LEAST + _PER_TOKEN * max(texts), _AT_MOST),
            pad_token_id=self._tokenizer.pad_token_id,
            eos_token_id=self._tokenizer.eos_token_id,
        )
        new = written[:, read["input_ids"].shape[1] :]
        answers: list[str] = self._tokenizer.batch_decode(new, skip_special_tokens=True)
        return answers


def fits() -> bool:
    """Whether this machine has a card that holds such a network."""
    import torch

    where = placed()
    if where.type != "cuda":
        return False
    return bool(torch.cuda.get_device_properties(where).total_memory >= _CARD)


def load(model: Model) -> Instruct:
    """The network, loaded once and kept while there is memory.

    Raises:
        CheckpointError: as for `Instruct`.
    """
    size = round(1.2 * model.download_bytes)
    loaded: Instruct = device.model_cache().get(
        ("translation", model.name), lambda: Instruct(model), size=size
    )
    return loaded


def _tokenizer(paths: dict[str, Path]) -> Any:
    from transformers import PreTrainedTokenizerFast

    settings = json.loads(paths["tokenizer_config.json"].read_text(encoding="utf-8"))
    return PreTrainedTokenizerFast(
        tokenizer_file=str(paths["tokenizer.json"]),
        chat_template=settings["chat_template"],
        eos_token=settings["eos_token"],
        pad_token=settings["pad_token"],
        padding_side="left",
        clean_up_tokenization_spaces=False,
    )


def _network(paths: dict[str, Path]) -> Any:
    import torch
    from transformers import MODEL_FOR_CAUSAL_LM_MAPPING, AutoConfig
    from transformers.utils import logging

    values = json.loads(paths["config.json"].read_text(encoding="utf-8"))
    config = AutoConfig.for_model(**values)
    kind: Any = MODEL_FOR_CAUSAL_LM_MAPPING[type(config)]
    logging.disable_progress_bar()
    loaded, info = kind.from_pretrained(
        None,
        config=config,
        state_dict=_weights(paths),
        dtype=torch.bfloat16,
        output_loading_info=True,
    )
    if any(not name.endswith("lm_head.weight") for name in info["missing_keys"]):  # that is the embedding's
        raise ValueError("weights are missing")
    return loaded


def _weights(paths: dict[str, Path]) -> dict[str, torch.Tensor]:
    """All shards together."""
    shards = [path for name, path in paths.items() if name.endswith(".safetensors")]
    return {name: value for shard in shards for name, value in load_state(shard).items()}
