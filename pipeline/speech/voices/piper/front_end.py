"""Piper's text front end: from words to the phoneme symbols and ids that a voice's network reads."""

from __future__ import annotations

import json
from pathlib import Path

from pipeline.speech.phonemes import is_phone
from pipeline.speech.text.pronunciation import read_with_ipa


class FrontEnd:
    """The front end of one voice, as its configuration describes it; needs no network."""

    def __init__(self, config: Path) -> None:
        """Read the voice's `.onnx.json`.

        Raises:
            ValueError, KeyError: it is not a Piper configuration.
        """
        from piper import PiperConfig, PiperVoice

        self.config = PiperConfig.from_dict(json.loads(config.read_text(encoding="utf-8")))
        # Piper's class runs the network too, but the front end uses nothing except the configuration.
        self._piper = PiperVoice(session=None, config=self.config)

    def symbols(self, text: str) -> list[str]:
        """The voice's symbols for a text in words: IPA letters, marks, spaces, punctuation."""
        known = self.config.phoneme_id_map
        return [symbol for symbol in read_with_ipa(text, self._read, str) if symbol in known]

    def _read(self, text: str) -> str:
        return " ".join("".join(sentence) for sentence in self._piper.phonemize(text))

    def phones(self, text: str) -> list[str]:
        """The symbols of a text that are phones."""
        return [symbol for symbol in self.symbols(text) if is_phone(symbol)]

    def ids(self, symbols: list[str]) -> list[int]:
        """The network's input for symbols, with the blanks that it expects between them."""
        return self._piper.phonemes_to_ids(symbols)
