"""A loaded Kokoro voice without torch: the int8 network in onnxruntime, the style from `assets/voices`.

The graph predicts the frames of every symbol, so the times of phones and words are exact. It draws no noise:
a phrase always sounds the same, whatever the seed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING

import numpy as np

from pipeline import hub
from pipeline.assets import VOICES
from pipeline.engines import SpokenWord, Utterance, VoiceCard
from pipeline.errors import CheckpointError
from pipeline.speech.voices import durations
from pipeline.speech.voices.kokoro import alphabet
from pipeline.speech.voices.kokoro.front_end import FrontEnd
from pipeline.speech.voices.kokoro.pace import paced
from pipeline.speech.voices.onnx_output import with_output
from pipeline.threads import onnx_session
from pipeline.voice_checkpoints import KOKORO_ONNX

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

_FRAMES = "/encoder/Div_output_0"
"""The graph's tensor with the duration of each symbol in frames, not yet rounded, `(1, N)` float32."""
_MOST_SYMBOLS = 509
"""Symbols of one pass: a style has a row for each length up to this."""
_THREADS = 2


class EmbeddedVoice:
    """A loaded Kokoro voice; see `engines.Voice`."""

    def __init__(self, card: VoiceCard, style: str, front_end: FrontEnd, *, gain: float) -> None:
        """Load the network, which all voices share, with one voice's style.

        Args:
            style: name of the style in `assets/voices`.
            front_end: of the language that it is to speak.
            gain: see `engines.Voice.gain`.

        Raises:
            CheckpointError: the network's file is damaged.
        """
        self.card, self.gain = card, gain
        self._front_end = front_end
        self._styles = np.load(VOICES / f"{style}.npy").astype(np.float32)
        self._session = _network()

    def say(self, phrase: Sequence[SpokenWord], *, pace: float, seed: int) -> Utterance:
        """Synthesise a phrase; see `engines.Voice.say`."""
        symbols = self._front_end(" ".join(word.spoken for word in phrase))
        samples, timed = self._run(symbols, pace)
        alone = (alphabet.phones(self._front_end(word.spoken)) for word in phrase)
        return durations.utterance(samples, alphabet.RATE, timed, alone)

    def _run(self, symbols: str, pace: float) -> tuple[np.ndarray, list[tuple[str, float, float]]]:
        """The sound `(N,)`, and its IPA symbols with start and end in seconds."""
        sounds: list[np.ndarray] = [np.zeros(0, np.float32)]
        timed: list[tuple[str, float, float]] = []
        at = 0.0
        for piece in _pieces(symbols):
            sound, frames = paced(partial(self._say_piece, piece), pace)
            spans = alphabet.timed(piece, frames.tolist())
            timed += [(symbol, at + start, at + end) for symbol, start, end in spans]
            sounds.append(sound)
            at += len(sound) / alphabet.RATE
        return np.concatenate(sounds), timed

    def _say_piece(self, symbols: str, speed: float) -> tuple[np.ndarray, np.ndarray]:
        ids = [alphabet.IDS[symbol] for symbol in symbols]
        feed = {
            "tokens": np.array([[0, *ids, 0]], np.int64),
            "style": self._styles[len(ids) - 1 : len(ids)],
            "speed": np.array([speed], np.float32),
        }
        sound, frames = self._session.run(["audio", _FRAMES], feed)
        return sound.reshape(-1), frames.reshape(-1)


def _pieces(symbols: str) -> Iterator[str]:
    """A phrase in pieces that fit into one pass, cut between words where there are any."""
    while len(symbols) > _MOST_SYMBOLS:
        spaces = [match.end() for match in re.finditer(" ", symbols[:_MOST_SYMBOLS])]
        at = spaces[-1] if spaces else _MOST_SYMBOLS
        yield symbols[:at]
        symbols = symbols[at:]
    if symbols:
        yield symbols


@cache
def _network() -> InferenceSession:
    path = hub.fetch(KOKORO_ONNX)
    try:
        return onnx_session(with_output(path.read_bytes(), _FRAMES), threads=_THREADS)
    except RuntimeError as error:  # onnxruntime's own errors derive from it
        raise CheckpointError(f"The voice file {path} is damaged; delete it and try again.") from error
