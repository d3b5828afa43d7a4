"""Tiny translation networks of the real classes that know a few sentences by heart, in a cache of the Hub."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import hubrepo
import once
import pytest
import sentencepiece
import torch

from pipeline.inference import device
from pipeline.translation import models
from pipeline.translation.models import Model

PAIRS = (
    ("Hello there.", "Hola amigo."),
    ("The dog sleeps here.", "El perro duerme aquí."),
    ("The dog runs home.", "El perro corre a casa."),
    ("The cat sleeps here.", "El gato duerme aquí."),
    ("The cat runs home.", "El gato corre a casa."),
    ("X1 runs home.", "X1 corre a casa."),
    ("runs home.", "corre a casa."),
    ("Welcome", "Bienvenida"),
)
LEARNED, MOST_STEPS = 0.015, 1000
"""The loss at which sentences are known by heart, and the steps by which any processor has come there."""


def place(patch: pytest.MonkeyPatch, folder: Path, name: str) -> Model:
    """Put the network of that name into a cache folder, and let the hub find nothing else."""
    model = models.MODELS[name]
    contents = _made(name)
    hubrepo.point_at(patch, folder, offline=True)
    files = tuple(hubrepo.place(folder, file, contents[file.file]) for file in model.checkpoints)
    placed = replace(model, checkpoints=files)
    patch.setitem(models.MODELS, name, placed)
    cached: device.ModelCache[Any] = device.ModelCache(lambda: 1 << 40)
    patch.setattr(device, "model_cache", lambda: cached)
    return placed


def _made(name: str) -> dict[str, Any]:
    """The contents of its files, the same in every test."""
    model = models.MODELS[name]
    make = _m2m100 if model.family == "m2m100" else _marian

    def fitted() -> dict[str, Any]:
        with tempfile.TemporaryDirectory() as folder:
            return make(model, PAIRS, Path(folder))

    return once.made(f"tiny-{name}", fitted)


@contextmanager
def one_thread() -> Iterator[None]:
    """Networks this small are quicker without threads that wait for each other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def _pieces(pairs: Sequence[tuple[str, str]]) -> tuple[bytes, list[str]]:
    """A SentencePiece model of the sentences, and its pieces."""
    written = BytesIO()
    lines = [text for pair in pairs for text in pair] * 3
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_writer=written, vocab_size=120, hard_vocab_limit=False,
        minloglevel=2, num_threads=1,
    )  # fmt: skip
    model = sentencepiece.SentencePieceProcessor(model_proto=written.getvalue())
    pieces = [model.id_to_piece(number) for number in range(model.get_piece_size())]
    return written.getvalue(), [piece for piece in pieces if piece not in ("<unk>", "<s>", "</s>")]


def _marian(model: Model, pairs: Sequence[tuple[str, str]], folder: Path) -> dict[str, Any]:
    from transformers import MarianConfig, MarianMTModel, MarianTokenizer

    spm, pieces = _pieces(pairs)
    tokens = [token for token in sorted(set(model.targets.values())) if token]
    vocabulary = {name: number for number, name in enumerate(["</s>", "<unk>", *tokens, *pieces, "<pad>"])}
    (folder / "tiny.spm").write_bytes(spm)
    (folder / "tiny.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    tokenizer = MarianTokenizer(
        source_spm=str(folder / "tiny.spm"),
        target_spm=str(folder / "tiny.spm"),
        vocab=str(folder / "tiny.json"),
    )
    pad = vocabulary["<pad>"]
    config = MarianConfig(
        vocab_size=len(vocabulary), pad_token_id=pad, eos_token_id=0, decoder_start_token_id=pad,
        forced_eos_token_id=0, **_SMALL,
    )  # fmt: skip
    network = _fitted(MarianMTModel, config, tokenizer, pairs, prefix=f"{tokens[0]} " if tokens else "")
    made = _contents(config, network, vocabulary) | {"source.spm": spm, "target.spm": spm}
    return {
        **made,
        "config.json": json.dumps({**config.to_dict(), **_OLD, "bad_words_ids": [[pad]]}).encode(),
    }


def _m2m100(model: Model, pairs: Sequence[tuple[str, str]], folder: Path) -> dict[str, Any]:
    from transformers import M2M100Config, M2M100ForConditionalGeneration, M2M100Tokenizer

    spm, pieces = _pieces(pairs)
    vocabulary = {name: number for number, name in enumerate(["<s>", "<pad>", "</s>", "<unk>", *pieces])}
    (folder / "tiny.spm").write_bytes(spm)
    (folder / "tiny.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    tokenizer = M2M100Tokenizer(
        vocab_file=str(folder / "tiny.json"), spm_file=str(folder / "tiny.spm"), src_lang="en", tgt_lang="es"
    )
    config = M2M100Config(vocab_size=len(vocabulary) + len(model.sources) + 8, **_SMALL)
    network = _fitted(M2M100ForConditionalGeneration, config, tokenizer, pairs)
    return _contents(config, network, vocabulary) | {"sentencepiece.bpe.model": spm}


_SMALL: dict[str, Any] = {
    "d_model": 32, "encoder_layers": 1, "decoder_layers": 2, "encoder_attention_heads": 2,
    "decoder_attention_heads": 2, "encoder_ffn_dim": 64, "decoder_ffn_dim": 64,
    "max_position_embeddings": 512,
    "dropout": 0.0, "attention_dropout": 0.0, "activation_dropout": 0.0,
    "encoder_layerdrop": 0.0, "decoder_layerdrop": 0.0,
}  # fmt: skip


def _fitted(
    kind: Any, config: Any, tokenizer: Any, pairs: Sequence[tuple[str, str]], prefix: str = ""
) -> Any:
    """A network that knows these pairs by heart."""
    torch.manual_seed(0)
    network = kind(config)
    batch = tokenizer(
        [prefix + source for source, _ in pairs], text_target=[target for _, target in pairs],
        return_tensors="pt", padding=True,
    )  # fmt: skip
    batch["labels"][batch["labels"] == tokenizer.pad_token_id] = -100
    learn(network.train(), batch, rate=6e-3)
    return network


def learn(network: Any, batch: Mapping[str, torch.Tensor], rate: float) -> None:
    """Train until the network knows the batch by heart: processors round differently, so the steps vary.

    Args:
        network: A model of transformers that tells its loss.
        batch: What it is called with, labels among them.
        rate: Learning rate of Adam. Gradients are clipped, as one long step can undo a hundred.
    """
    optimizer = torch.optim.Adam(network.parameters(), lr=rate)
    for _ in range(MOST_STEPS):
        loss = network(**batch).loss
        if loss.item() < LEARNED:
            return
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
    raise AssertionError(f"After {MOST_STEPS} steps the loss is still {loss.item():.3f}.")


_OLD: dict[str, Any] = {
    "static_position_embeddings": True, "add_bias_logits": False, "normalize_embedding": False,
    "extra_pos_embeddings": 5, "force_bos_token_to_be_generated": False, "num_beams": 6, "max_length": 512,
    "_num_labels": 3, "id2label": {"0": "LABEL_0"}, "architectures": ["MarianMTModel"],
}  # fmt: skip
"""What the published configurations have besides, from older versions of transformers."""


def _published(state: dict[str, Any]) -> dict[str, Any]:
    """Weights as they are published: in half precision, and without those that are made anew."""
    ends = ("embed_positions.weight", "embed_tokens.weight", "lm_head.weight")
    return {name: value.half() for name, value in state.items() if not name.endswith(ends)}


def _contents(config: Any, network: Any, vocabulary: dict[str, int]) -> dict[str, Any]:
    return {
        "config.json": json.dumps(config.to_dict()).encode(),
        "pytorch_model.bin": _published(network.state_dict()),
        "vocab.json": json.dumps(vocabulary).encode(),
    }
