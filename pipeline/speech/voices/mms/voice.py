"""A loaded VITS voice of transformers.

The networks read letters, not phonemes: the durations that they predict give the times of the words, and the
phones are found in the sound afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.cards import VoiceCard
from pipeline.errors import CheckpointError
from pipeline.protocols import SpokenWord, Utterance
from pipeline.speech.text.pronunciation import without_ipa
from pipeline.speech.voices import stress

if TYPE_CHECKING:
    import torch

_EMPHASIS = 0.6
"""Weight of every letter of an emphasised word: which one is the stressed vowel is not known of letters."""


class VitsVoice:
    """A loaded VITS voice; see `protocols.Voice`."""

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
        """Synthesise a phrase; see `protocols.Voice.say`."""
        import torch

        readable = [
            self._tokenizer.prepare_for_tokenization(without_ipa(word.spoken))[0].split() for word in phrase
        ]
        text = " ".join(word for group in readable for word in group)
        rate = self._model.config.sampling_rate
        if not text:
            return Utterance(np.zeros(rate // 10, np.float32), rate)
        durations: list[torch.Tensor] = []

        def stretched(*call: torch.Tensor) -> torch.Tensor:
            factors = self._stretch(phrase, readable, call[2].shape[-1])
            durations.append(call[2] + torch.from_numpy(np.log(factors)))
            return durations[0]

        hook = self._model.duration_predictor.register_forward_hook(stretched)
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
        """Start and end in seconds of each word."""
        times, at = [], 0.0
        for first, after in self._places(readable):
            start, at = (borders[first], borders[after]) if after > first else (at, at)
            times.append((float(start), float(at)))
        return tuple(times)

    def _places(self, readable: Sequence[Sequence[str]]) -> Iterator[tuple[int, int]]:
        """First symbol of each word and the one after it; a blank that may be added precedes a letter."""
        step = 2 if self._tokenizer.add_blank else 1
        letter = 0
        for group in readable:
            length = len(" ".join(group))
            yield step * letter, step * (letter + length)
            letter += length + 1 if length else 0

    def _stretch(
        self, phrase: Sequence[SpokenWord], readable: Sequence[Sequence[str]], symbols: int
    ) -> np.ndarray:
        """Factors on the durations of the symbols, `(N,)`."""
        weights = np.zeros(symbols, np.float32)
        for word, (first, after) in zip(phrase, self._places(readable), strict=True):
            weights[first:after] = _EMPHASIS if word.emphasis else 0.0
        return stress.stretch(weights)
