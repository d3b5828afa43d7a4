"""A loaded VITS voice of transformers.

The networks read letters, not phonemes: the durations that they predict give the times of the words, and the
phones are found in the sound afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.engines import SpokenWord, Utterance, VoiceCard
from pipeline.errors import CheckpointError
from pipeline.speech.text.pronunciation import without_ipa

if TYPE_CHECKING:
    import torch


class VitsVoice:
    """A loaded VITS voice; see `engines.Voice`."""

    def __init__(self, card: VoiceCard, folder: Path) -> None:
        """Load the network and tokenizer that lie in a folder.

        Raises:
            CheckpointError: a file is damaged, or the voice reads only romanised text.
        """
        from transformers import VitsModel, VitsTokenizer

        self.card, self.gain = card, 1.0
        try:
            self._model = VitsModel.from_pretrained(folder, local_files_only=True).eval()
            self._tokenizer = VitsTokenizer.from_pretrained(folder, local_files_only=True)
        except (OSError, ValueError, KeyError) as error:
            raise CheckpointError(
                f"The voice files in {folder} are damaged; delete them and download them again.",
                parameter="voice",
            ) from error
        if self._tokenizer.is_uroman:
            raise CheckpointError(
                f"The voice {card.name!r} reads only romanised text; choose another voice.", parameter="voice"
            )
        self._hop = int(np.prod(self._model.config.upsample_rates))

    def say(self, phrase: Sequence[SpokenWord], *, pace: float, seed: int) -> Utterance:
        """Synthesise a phrase; see `engines.Voice.say`."""
        import torch

        readable = [
            self._tokenizer.prepare_for_tokenization(without_ipa(word.spoken))[0].split() for word in phrase
        ]
        text = " ".join(word for group in readable for word in group)
        rate = self._model.config.sampling_rate
        if not text:
            return Utterance(np.zeros(rate // 10, np.float32), rate)
        durations: list[torch.Tensor] = []
        hook = self._model.duration_predictor.register_forward_hook(lambda *call: durations.append(call[2]))
        with hook, torch.inference_mode(), torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            output = self._model(**self._tokenizer(text, return_tensors="pt"), speaking_rate=pace)
        frames = torch.ceil(torch.exp(durations[0]) / pace).flatten().numpy()
        borders = np.cumsum([0, *frames]) * self._hop / rate
        samples = output.waveform[0].numpy().astype(np.float32)
        return Utterance(samples, rate, words=self._word_times(readable, borders))

    def _word_times(
        self, readable: Sequence[Sequence[str]], borders: np.ndarray
    ) -> tuple[tuple[float, float], ...]:
        """Start and end in seconds of each word; the blank that the tokenizer may add precedes a letter."""
        step = 2 if self._tokenizer.add_blank else 1
        times, letter, at = [], 0, 0.0
        for group in readable:
            length = len(" ".join(group))
            start, at = (borders[step * letter], borders[step * (letter + length)]) if length else (at, at)
            letter += length + 1 if length else 0
            times.append((float(start), float(at)))
        return tuple(times)
