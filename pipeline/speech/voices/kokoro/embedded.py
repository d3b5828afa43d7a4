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
from pipeline.cards import VoiceCard
from pipeline.errors import CheckpointError
from pipeline.hub.voice_checkpoints import KOKORO_ONNX
from pipeline.protocols import SpokenWord, Utterance
from pipeline.speech.voices import durations, onnx_output, stress
from pipeline.speech.voices.kokoro import alphabet
from pipeline.speech.voices.kokoro.front_end import FrontEnd
from pipeline.speech.voices.kokoro.pace import paced
from pipeline.speech.voices.onnx_convolutions import with_products
from pipeline.threads import onnx_session

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

_FRAMES = "/encoder/Div_output_0"
"""The graph's tensor with the duration of each symbol in frames, not yet rounded, `(1, N)` float32."""
_PITCH = "/encoder/Squeeze_output_0"
"""Pitch in Hz, two values a frame: `(1, 2 × frames)`."""
_ALIGNMENT = "/encoder/Cast_4_output_0"
"""1 where a symbol sounds in a frame, else 0: `(N, frames)`."""
_MOST_SYMBOLS = 509
"""Symbols of one pass: a style has a row for each length up to this."""
_THREADS = 2


class EmbeddedVoice:
    """A loaded Kokoro voice; see `protocols.Voice`."""

    def __init__(self, card: VoiceCard, style: str, front_end: FrontEnd, *, gain: float) -> None:
        """Load the network, which all voices share, with one voice's style.

        Args:
            style: name of the style in `assets/voices`.
            front_end: of the language that it is to speak.
            gain: see `protocols.Voice.gain`.

        Raises:
            CheckpointError: the network's file is damaged.
        """
        self.card, self.gain = card, gain
        self._front_end = front_end
        self._styles = np.load(VOICES / f"{style}.npy").astype(np.float32)
        self._session = _network()

    def say(self, phrase: Sequence[SpokenWord], *, pace: float, seed: int) -> Utterance:
        """Synthesise a phrase; see `protocols.Voice.say`."""
        symbols, weights, alone = alphabet.read(phrase, self._front_end)
        samples, timed = self._run(symbols, weights, pace)
        return durations.utterance(samples, alphabet.RATE, timed, alone)

    def _run(
        self, symbols: str, weights: np.ndarray, pace: float
    ) -> tuple[np.ndarray, list[tuple[str, float, float]]]:
        """The sound `(N,)`, and its IPA symbols with start and end in seconds."""
        sounds: list[np.ndarray] = [np.zeros(0, np.float32)]
        timed: list[tuple[str, float, float]] = []
        at, first = 0.0, 0
        for piece in _pieces(symbols):
            first += len(piece)
            emphasis = weights[first - len(piece) : first]
            sound, frames = paced(partial(self._say_piece, piece, emphasis), pace)
            spans = alphabet.timed(piece, frames.tolist())
            timed += [(symbol, at + start, at + end) for symbol, start, end in spans]
            sounds.append(sound)
            at += len(sound) / alphabet.RATE
        return np.concatenate(sounds), timed

    def _say_piece(self, symbols: str, weights: np.ndarray, speed: float) -> tuple[np.ndarray, np.ndarray]:
        ids = [alphabet.IDS[symbol] for symbol in symbols]
        emphasis = np.pad(weights, 1).astype(np.float32)  # the markers at both ends have none
        feed = {
            "tokens": np.array([[0, *ids, 0]], np.int64),
            "style": self._styles[len(ids) - 1 : len(ids)],
            "speed": np.array([speed], np.float32),
            "stretch": stress.stretch(emphasis)[None],
            "higher": np.repeat(1 + stress.HIGHER * emphasis[:, None], 2, axis=1),
            "curve": np.array([1, -1], np.int64),
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
        return onnx_session(_shapable(with_products(path.read_bytes())), threads=_THREADS)
    except (RuntimeError, ValueError) as error:  # onnxruntime's own errors derive from the first
        raise CheckpointError(f"The voice file {path} is damaged; delete it and try again.") from error


def _shapable(model: bytes) -> bytes:
    """The graph, with durations that it returns, and inputs that shape durations and pitch.

    Durations are shaped by symbol, `(1, N)`; pitch by symbol too, `(N, 2)`, which the graph's own alignment
    spreads over the frames.
    """
    for name, rank, element in (
        ("stretch", 2, onnx_output.FLOAT),
        ("higher", 2, onnx_output.FLOAT),
        ("curve", 1, onnx_output.INT64),
    ):
        model = onnx_output.with_input(model, name, rank=rank, element=element)
    model = onnx_output.with_node(model, "Transpose", [_ALIGNMENT], "symbols_of_frames")
    model = onnx_output.with_node(model, "MatMul", ["symbols_of_frames", "higher"], "higher_of_frames")
    model = onnx_output.with_node(model, "Reshape", ["higher_of_frames", "curve"], "higher_curve")
    model = onnx_output.shaped(model, _PITCH, "Mul", "higher_curve")
    model = onnx_output.shaped(model, _FRAMES, "Mul", "stretch")
    return onnx_output.with_output(model, _FRAMES)
