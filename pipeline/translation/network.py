"""A translation network, run by transformers' `generate`: sentences in, sentences out, by beam search.

The emphasis of a sentence is found again through the network's own attention: what it looked at most while it
wrote a word is what the word translates (Garg et al. 2019, https://arxiv.org/abs/1909.02074).
"""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import hub
from pipeline.errors import CheckpointError
from pipeline.hub.errors import failure_reason
from pipeline.inference import device
from pipeline.inference.device_errors import out_of_memory
from pipeline.inference.minibatches import in_batches
from pipeline.inference.placement import place
from pipeline.inference.weights import load_state
from pipeline.translation.models import Model, base_language

if TYPE_CHECKING:
    import torch

_BEAMS = 4
_LONGEST = 512
"""Tokens that these networks read and write at once."""
_SENTENCE_BYTES = 64_000_000
"""Memory that the beams of a sentence take at most."""
_SPACE = "▁"
"""What SentencePiece writes for the space before a word."""
_MADE_ANEW = ("embed_positions.weight", "embed_tokens.weight", "lm_head.weight")
"""Weights that files do not repeat, as they are sines or those of another layer."""
_DAMAGED = (OSError, ValueError, KeyError, TypeError, AssertionError, RuntimeError)
"""What transformers and SentencePiece raise on files that are damaged or of another network."""


class Network:
    """A loaded network; threads may share it."""

    def __init__(self, model: Model) -> None:
        """Load it from files that are here or are downloaded.

        Raises:
            CheckpointError: a file cannot be had, or is damaged.
        """
        paths = fetched(model)
        self._known = model
        self._lock = threading.Lock()
        self._where = placed()
        with fitting(model):
            self._tokenizer: Any = _tokenizer(model, paths)
            self._model: Any = place(_network(model, paths), self._where, half=True, calls=())

    def translate(self, sentences: Sequence[str], source: str, target: str) -> Iterator[str]:
        """The sentences in another language, in order; the languages are BCP 47 tags.

        Raises:
            StudioError: not even one sentence fits into memory.
        """

        def run(batch: list[str]) -> list[str]:
            with self._lock:
                return self._batch(batch, source, target)

        size = device.batch_size(self._where, _SENTENCE_BYTES, on_cpu=8)
        return in_batches(run, sentences, size)

    def align(
        self, original: str, translated: str, span: tuple[int, int], source: str, target: str
    ) -> list[tuple[int, int, float]]:
        """The stretches of a translation that have a token each, and how much each looks at `span` of the
        original, 0 to 1.
        """
        import torch

        with self._lock, torch.inference_mode():
            read = self._read([original], source, target)
            written = self._tokenizer(text_target=[translated], return_tensors="pt", truncation=True)
            labels = written["input_ids"].to(self._where)
            looked = self._model(**read, labels=labels, output_attentions=True).cross_attentions
            # Opus-MT trained the first head of the last layer on alignments; elsewhere the last layer but one
            # aligns best.
            weights = looked[-1][0, 0] if self._known.family == "opus" else looked[-2:][0][0].mean(0)
            mass = weights.float().cpu().numpy()
            here = self._spans(original, read["input_ids"][0], written=False)
            there = self._spans(translated, labels[0], written=True)
        columns = [column for column, (start, end) in enumerate(here) if start < span[1] and end > span[0]]
        return [
            (start, end, float(mass[row, columns].sum()))
            for row, (start, end) in enumerate(there)
            if end > start
        ]

    def _batch(self, sentences: list[str], source: str, target: str) -> list[str]:
        read = self._read(sentences, source, target)
        longest = min(_LONGEST, 3 * read["input_ids"].shape[1] + 20)
        more: dict[str, Any] = {}
        if self._known.family == "m2m100":
            more["forced_bos_token_id"] = self._tokenizer.get_lang_id(base_language(target))
        else:
            more["bad_words_ids"] = [[self._tokenizer.pad_token_id]]
        written = self._model.generate(
            **read, num_beams=_BEAMS, do_sample=False, max_length=None, max_new_tokens=longest, **more
        )
        if self._known.family == "m2m100":
            written = written[:, 2:]  # what decoding starts with, and the token of the language
        decoded: list[str] = self._tokenizer.batch_decode(written, skip_special_tokens=True)
        return [" ".join(text.split()) for text in decoded]

    def _read(self, sentences: Sequence[str], source: str, target: str) -> Any:
        """The sentences as the network reads them."""
        if self._known.family == "m2m100":
            self._tokenizer.tgt_lang = base_language(target)
            self._tokenizer.src_lang = base_language(source)
            asked = list(sentences)
        else:
            token = self._known.token(target)
            asked = [f"{token} {sentence}".strip() for sentence in sentences]
        read = self._tokenizer(asked, return_tensors="pt", padding=True, truncation=True, max_length=_LONGEST)
        return read.to(self._where)

    def _spans(self, text: str, tokens: torch.Tensor, *, written: bool) -> list[tuple[int, int]]:
        """Where each token stands in the text it was made of; an empty span for those that stand nowhere."""
        names = self._tokenizer.convert_ids_to_tokens(tokens.tolist())
        spans, at = [], 0
        for name in names:
            piece = name.replace(_SPACE, " ").strip()
            found = text.find(piece, at) if piece else -1
            if found < 0 or found > at + len(piece) + 2:
                spans.append((at, at))
                continue
            at = found + len(piece)
            spans.append((found, at))
        return spans


def placed() -> torch.device:
    """Where it runs: on the CPU where GPUs are lent for single calls, as on a ZeroGPU Space."""
    import torch

    return torch.device("cpu") if os.environ.get("SPACES_ZERO_GPU") else device.pick()


def download(model: Model) -> Iterator[float]:
    """Download those of a network's files that are not here, yielding the share that is done.

    Raises:
        CheckpointError: one cannot be had; the sentence says how to do without.
    """
    try:
        yield from hub.pull(model.checkpoints)
    except CheckpointError as error:
        if not isinstance(error.__cause__, Exception):
            raise
        reason, advice = failure_reason(error.__cause__)
        raise CheckpointError(
            f"The translation network {model.name} needs a download of {model.download_bytes / 1e6:,.0f} MB, "
            f"but {reason}; {advice}, or give the translation by hand, line for line.",
            parameter="lines",
        ) from error


def fetched(model: Model) -> dict[str, Path]:
    """A network's files by their names, downloaded where they are not here.

    Raises:
        CheckpointError: as for `download`.
    """
    for _ in download(model):
        pass
    return {file.file: hub.fetch(file) for file in model.checkpoints}


@contextmanager
def fitting(model: Model) -> Iterator[None]:
    """Within the block, a network is made of its files.

    Raises:
        CheckpointError: they are damaged, or do not belong together.
    """
    try:
        yield
    except _DAMAGED as error:
        if out_of_memory(error):  # the cache of models makes room and tries again
            raise
        raise CheckpointError(
            f"The files of the translation {model.name} do not fit each other; delete them and try again."
        ) from error


def load(model: Model) -> Network:
    """The network, loaded once and kept while there is memory.

    Raises:
        CheckpointError: as for `Network`.
    """
    size = 2 * model.download_bytes
    loaded: Network = device.model_cache().get(("translation", model.name), lambda: Network(model), size=size)
    return loaded


def _tokenizer(model: Model, paths: dict[str, Path]) -> Any:
    from transformers import M2M100Tokenizer, MarianTokenizer

    vocabulary = str(paths["vocab.json"])
    if model.family == "m2m100":
        return M2M100Tokenizer(vocab_file=vocabulary, spm_file=str(paths["sentencepiece.bpe.model"]))
    with warnings.catch_warnings():  # it would like sacremoses, which only evens out quotation marks
        warnings.simplefilter("ignore")
        return MarianTokenizer(
            source_spm=str(paths["source.spm"]), target_spm=str(paths["target.spm"]), vocab=vocabulary
        )


def _network(model: Model, paths: dict[str, Path]) -> Any:
    import torch
    from transformers import (
        M2M100Config,
        M2M100ForConditionalGeneration,
        MarianConfig,
        MarianMTModel,
    )
    from transformers.utils import logging

    kind: Any
    settings: Any
    kind, settings = (
        (M2M100ForConditionalGeneration, M2M100Config)
        if model.family == "m2m100"
        else (MarianMTModel, MarianConfig)
    )
    logging.disable_progress_bar()
    loaded, info = kind.from_pretrained(
        None,
        config=settings.from_json_file(str(paths["config.json"])),
        state_dict=load_state(paths["pytorch_model.bin"]),
        dtype=torch.float32,  # some files are in half precision, which a CPU computes slowly
        attn_implementation="eager",  # the others do not tell where they look
        output_loading_info=True,
    )
    if any(not name.endswith(_MADE_ANEW) for name in info["missing_keys"]):
        raise ValueError("weights are missing")
    return loaded
