"""MMS voices: VITS networks for 1,100 languages, run by transformers.

They read letters, not phones: the lengths that the network predicts give the words' times, and the phones
are then found in the sound. VITS: Kim et al. 2021, https://arxiv.org/abs/2106.06103; MMS: Pratap et al.
2023, https://arxiv.org/abs/2305.13516.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pipeline.errors import CheckpointError
from pipeline.speech.hubfiles import fetch_all
from pipeline.speech.text import Said
from pipeline.speech.voices import Utterance, VoiceCard


class VitsVoice:
    """A loaded VITS voice of transformers; see `voices.Voice`."""

    def __init__(self, card: VoiceCard, folder: Path) -> None:
        from transformers import VitsModel, VitsTokenizer

        self.card, self.gain = card, 1.0
        try:
            self._model = VitsModel.from_pretrained(folder, local_files_only=True).eval()
            self._reader = VitsTokenizer.from_pretrained(folder, local_files_only=True)
        except (OSError, ValueError, KeyError) as error:
            raise CheckpointError(
                f"The voice files in {folder} are damaged; delete them and fetch them again."
            ) from error
        if self._reader.is_uroman:
            raise CheckpointError(f"The voice {card.name!r} reads romanised text only; choose another voice.")
        self._hop = int(np.prod(self._model.config.upsample_rates))

    def say(self, line: Sequence[Said], *, pace: float, seed: int) -> Utterance:
        """Says a line; see `voices.Voice.say`."""
        import torch

        readable = [self._reader.prepare_for_tokenization(item.spoken)[0].split() for item in line]
        text = " ".join(word for group in readable for word in group)
        rate = self._model.config.sampling_rate
        if not text:
            return Utterance(np.zeros(rate // 10, np.float32), rate)
        lengths: list[torch.Tensor] = []
        hook = self._model.duration_predictor.register_forward_hook(lambda *call: lengths.append(call[2]))
        with hook, torch.inference_mode(), torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            output = self._model(**self._reader(text, return_tensors="pt"), speaking_rate=pace)
        frames = torch.ceil(torch.exp(lengths[0]) / pace).flatten().numpy()
        borders = np.cumsum([0, *frames]) * self._hop / rate
        samples = output.waveform[0].numpy().astype(np.float32)
        return Utterance(samples, rate, words=self._words(readable, borders))

    def _words(
        self, readable: Sequence[Sequence[str]], borders: np.ndarray
    ) -> tuple[tuple[float, float], ...]:
        """Start and end of each `Said`; a letter's blank, where the reader puts one, goes before it."""
        step = 2 if self._reader.add_blank else 1
        spans, letter, at = [], 0, 0.0
        for group in readable:
            length = len(" ".join(group))
            start, at = (borders[step * letter], borders[step * (letter + length)]) if length else (at, at)
            letter += length + 1 if length else 0
            spans.append((float(start), float(at)))
        return tuple(spans)


def load(card: VoiceCard) -> VitsVoice:
    """An MMS voice of the Hub.

    Raises:
        CheckpointError: its files are neither here nor to be had, or it cannot read plain text.
    """
    code = card.name.removeprefix("mms:")
    names = ("config.json", "model.safetensors", "tokenizer_config.json", "vocab.json")
    return VitsVoice(card, fetch_all(f"facebook/mms-tts-{code}", names, card))
