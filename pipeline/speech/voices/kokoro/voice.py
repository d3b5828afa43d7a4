"""A loaded Kokoro voice that runs in torch, by the package kokoro.

The network predicts the duration of every phoneme, so the times are its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from pipeline.cards import VoiceCard
from pipeline.errors import CheckpointError
from pipeline.protocols import SpokenWord, Utterance
from pipeline.speech.text.pronunciation import read_with_ipa
from pipeline.speech.voices import durations, stress
from pipeline.speech.voices.kokoro import alphabet
from pipeline.speech.voices.kokoro.front_end import in_letters

_REPO = "hexgrad/Kokoro-82M"
_MOST_PHONEMES = 510
"""Phonemes that fit into one pass."""


class KokoroVoice:
    """A loaded Kokoro voice; see `protocols.Voice`."""

    def __init__(self, card: VoiceCard, weights: Path, config: Path, style: Path) -> None:
        """Load the network with one voice's style.

        Raises:
            CheckpointError: the front end of the voice's language is not installed.
        """
        import torch
        from kokoro import KModel

        self.card, self.gain = card, 1.0
        self._model = KModel(repo_id=_REPO, config=str(config), model=str(weights)).eval()
        self._to_phonemes = _front_end(card)
        self._style = torch.load(style, map_location="cpu", weights_only=True)

    def say(self, phrase: Sequence[SpokenWord], *, pace: float, seed: int) -> Utterance:
        """Synthesise a phrase; see `protocols.Voice.say`."""
        import torch

        phonemes, weights, alone = alphabet.read(phrase, self._phonemes)
        phonemes, weights = phonemes[:_MOST_PHONEMES], np.pad(weights[:_MOST_PHONEMES], 1)
        # the network divides its durations by the speed, so one for each phoneme stretches single words
        speeds = torch.from_numpy((pace / stress.stretch(weights)).astype(np.float32))
        speed = speeds if weights.any() else pace
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            output = self._model(phonemes, self._style[len(phonemes) - 1], speed, return_output=True)
        samples = output.audio.numpy().astype(np.float32)
        timed = alphabet.timed(phonemes, output.pred_dur.tolist())
        return durations.utterance(samples, alphabet.RATE, timed, alone)

    def _phonemes(self, text: str) -> str:
        """Those phonemes of a text that the network knows."""
        convert = partial(in_letters, language=self.card.language)
        phonemes = read_with_ipa(text, lambda words: self._to_phonemes(words)[0], convert)
        return "".join(symbol for symbol in phonemes if symbol in self._model.vocab)[:_MOST_PHONEMES]


def _front_end(card: VoiceCard) -> Callable[[str], tuple[str, object]]:
    """The package's grapheme-to-phoneme conversion for the voice's language, which may need more packages."""
    from kokoro import KPipeline

    try:
        return KPipeline(lang_code=card.name[len("kokoro:")], repo_id=_REPO, model=False).g2p
    except (ImportError, OSError, SystemExit) as error:  # spaCy exits the program where it cannot download
        raise CheckpointError(
            f"The voice {card.name!r} lacks the packages that read its language; run "
            "`pip install 'misaki[en,ja,zh]'` and `python -m spacy download en_core_web_sm`, or choose "
            "another voice.",
            parameter="voice",
        ) from error
