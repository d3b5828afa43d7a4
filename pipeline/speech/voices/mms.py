"""MMS voices: VITS networks for 1,100 languages, run by transformers.

They read letters, not phones: the lengths that the network predicts give the words' times, and the phones
are then found in the sound. VITS: Kim et al. 2021, https://arxiv.org/abs/2106.06103; MMS: Pratap et al.
2023, https://arxiv.org/abs/2305.13516.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pipeline.engines import Card, Utterance, VoiceCard
from pipeline.errors import CheckpointError
from pipeline.speech.text.normalize import NormalizedWord
from pipeline.speech.voices.hubfiles import fetch_all
from pipeline.speech.voices.level import measured_gain

CARD = Card(
    name="mms",
    layer="voice",
    title="MMS",
    summary="A plain voice in each of 1,100 languages.",
    speed="faster than real time on two CPU cores",
    code_licence="Apache-2.0 (the package transformers)",
    weights_licence="CC BY-NC 4.0",
    commercial=False,
    paper="https://arxiv.org/abs/2305.13516",
)

_MMS_LANGUAGES = {
    "eng": "en", "deu": "de", "fra": "fr", "spa": "es", "por": "pt", "ita": "it", "nld": "nl", "pol": "pl",
    "rus": "ru", "ukr": "uk", "tur": "tr", "ell": "el", "ara": "ar", "heb": "he", "hin": "hi", "ben": "bn",
    "tam": "ta", "tel": "te", "tha": "th", "vie": "vi", "ind": "id", "swh": "sw", "fin": "fi",
}  # fmt: skip


def cards() -> list[VoiceCard]:
    """A voice for each of the languages that are asked for most; any other can be named too."""
    return [_card(code) for code in _MMS_LANGUAGES]


def find(name: str) -> VoiceCard | None:
    """The card of any voice of the family, `mms:<ISO 639-3 code>`."""
    return _card(name.removeprefix("mms:")) if re.fullmatch(r"mms:[a-z]{3}", name) else None


def _card(code: str) -> VoiceCard:
    return VoiceCard(
        name=f"mms:{code}",
        family="mms",
        title=f"MMS, {code}",
        language=_MMS_LANGUAGES.get(code, code),
        licence="CC BY-NC 4.0",
        commercial=False,
        source=f"https://huggingface.co/facebook/mms-tts-{code}",
        download_bytes=145_000_000,
    )


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

    def say(self, line: Sequence[NormalizedWord], *, pace: float, seed: int) -> Utterance:
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


def load(card: VoiceCard, options: None = None) -> VitsVoice:
    """An MMS voice of the Hub.

    Raises:
        CheckpointError: its files are neither here nor to be had, or it cannot read plain text.
    """
    code = card.name.removeprefix("mms:")
    names = ("config.json", "model.safetensors", "tokenizer_config.json", "vocab.json")
    voice = VitsVoice(card, fetch_all(f"facebook/mms-tts-{code}", names, card))
    voice.gain = measured_gain(voice)
    return voice
