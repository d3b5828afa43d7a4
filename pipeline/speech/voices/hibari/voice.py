"""A loaded Hibari voice: onnxruntime predicts a spectrum, the package's signal processing makes it sound.

The graph predicts the frames of every symbol, in the units of Kokoro, from which it was distilled; so the
times of phones and words are exact. The only noise is drawn outside the graph, from the seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from pipeline import hub
from pipeline.cards import VoiceCard
from pipeline.errors import CheckpointError
from pipeline.hub.voice_checkpoints import HIBARI_ONNX
from pipeline.protocols import SpokenWord, Utterance
from pipeline.speech.voices import durations, onnx_output, stress
from pipeline.speech.voices.kokoro import alphabet
from pipeline.speech.voices.kokoro.front_end import front_end
from pipeline.speech.voices.kokoro.pace import paced
from pipeline.threads import onnx_session

_FRAMES = "/Div_40_output_0"
"""The graph's tensor with the duration of each symbol in frames, not yet rounded, `(N,)` float32."""
_PARTS = 2
"""Frames of the spectrum in a frame of a duration."""
_SMOOTH = 5
"""Frames of the spectrum, 12.5 ms each, over which emphasis comes and goes."""


class HibariVoice:
    """A loaded Hibari voice; see `protocols.Voice`."""

    def __init__(self, card: VoiceCard, *, gain: float) -> None:
        """Load the network.

        Raises:
            CheckpointError: its file is damaged.
        """
        self.card, self.gain = card, gain
        self._front_end = front_end(card.language)
        path = hub.fetch(HIBARI_ONNX)
        try:
            model = onnx_output.with_input(path.read_bytes(), "stretch", rank=1)
            model = onnx_output.shaped(model, _FRAMES, "Mul", "stretch")
            self._session = onnx_session(onnx_output.with_output(model, _FRAMES))
        except (RuntimeError, ValueError) as error:  # onnxruntime's own errors derive from the first
            raise CheckpointError(
                f"The voice file {path} is damaged; install the package hibari-tts again.", parameter="voice"
            ) from error
        self._outputs = [output.name for output in self._session.get_outputs() if output.name != _FRAMES]

    def say(self, phrase: Sequence[SpokenWord], *, pace: float, seed: int) -> Utterance:
        """Synthesise a phrase; see `protocols.Voice.say`."""
        from hibari import dsp

        symbols, weights, alone = alphabet.read(phrase, self._front_end)
        if not symbols:
            return Utterance(np.zeros(alphabet.RATE // 10, np.float32), alphabet.RATE)
        emphasis = np.pad(weights, 1).astype(np.float32)  # the markers at both ends have none
        spectrum, frames = paced(partial(self._spectrum, symbols, stress.stretch(emphasis)), pace)
        if emphasis.any():
            spectrum[-1] = _higher(spectrum[-1], np.repeat(emphasis, _PARTS * frames.astype(int)))
        samples = dsp.synth(*(part[0] for part in spectrum), np.random.default_rng(seed))
        timed = alphabet.timed(symbols, frames.tolist())
        return durations.utterance(samples, alphabet.RATE, timed, alone)

    def _spectrum(
        self, symbols: str, stretched: np.ndarray, speed: float
    ) -> tuple[list[np.ndarray], np.ndarray]:
        feed = {
            "ids": np.array([[0, *(alphabet.IDS[symbol] for symbol in symbols), 0]], np.int64),
            "speed": np.array([speed], np.float32),
            "stretch": stretched,
        }
        *spectrum, frames = self._session.run([*self._outputs, _FRAMES], feed)
        return spectrum, frames


def _higher(pitch: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The pitch in Hz, `(1, frames)`, higher by the weight of each frame's emphasis, `(frames,)`."""
    curve = np.convolve(np.pad(weights, _SMOOTH // 2, mode="edge"), np.full(_SMOOTH, 1 / _SMOOTH), "valid")
    return (pitch * (1 + stress.HIGHER * curve)).astype(np.float32)
