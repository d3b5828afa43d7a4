"""A loaded Hibari voice: onnxruntime predicts a spectrum, the package's signal processing makes it sound.

The graph predicts the frames of every symbol, in the units of Kokoro, from which it was distilled; so the
times of phones and words are exact. The only noise is drawn outside the graph, from the seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from pipeline import hub
from pipeline.engines import SpokenWord, Utterance, VoiceCard
from pipeline.errors import CheckpointError
from pipeline.speech.voices import durations
from pipeline.speech.voices.kokoro import alphabet
from pipeline.speech.voices.kokoro.front_end import front_end
from pipeline.speech.voices.kokoro.pace import paced
from pipeline.speech.voices.onnx_output import with_output
from pipeline.threads import onnx_session
from pipeline.voice_checkpoints import HIBARI_ONNX

_FRAMES = "/Div_40_output_0"
"""The graph's tensor with the duration of each symbol in frames, not yet rounded, `(N,)` float32."""


class HibariVoice:
    """A loaded Hibari voice; see `engines.Voice`."""

    def __init__(self, card: VoiceCard, *, gain: float) -> None:
        """Load the network.

        Raises:
            CheckpointError: its file is damaged.
        """
        self.card, self.gain = card, gain
        self._front_end = front_end(card.language)
        path = hub.fetch(HIBARI_ONNX)
        try:
            self._session = onnx_session(with_output(path.read_bytes(), _FRAMES))
        except RuntimeError as error:  # onnxruntime's own errors derive from it
            raise CheckpointError(
                f"The voice file {path} is damaged; install the package hibari-tts again.", parameter="voice"
            ) from error
        self._outputs = [output.name for output in self._session.get_outputs() if output.name != _FRAMES]

    def say(self, phrase: Sequence[SpokenWord], *, pace: float, seed: int) -> Utterance:
        """Synthesise a phrase; see `engines.Voice.say`."""
        from hibari import dsp

        symbols = self._front_end(" ".join(word.spoken for word in phrase))
        if not symbols:
            return Utterance(np.zeros(alphabet.RATE // 10, np.float32), alphabet.RATE)
        spectrum, frames = paced(partial(self._spectrum, symbols), pace)
        samples = dsp.synth(*(part[0] for part in spectrum), np.random.default_rng(seed))
        timed = alphabet.timed(symbols, frames.tolist())
        alone = (alphabet.phones(self._front_end(word.spoken)) for word in phrase)
        return durations.utterance(samples, alphabet.RATE, timed, alone)

    def _spectrum(self, symbols: str, speed: float) -> tuple[list[np.ndarray], np.ndarray]:
        feed = {
            "ids": np.array([[0, *(alphabet.IDS[symbol] for symbol in symbols), 0]], np.int64),
            "speed": np.array([speed], np.float32),
        }
        *spectrum, frames = self._session.run([*self._outputs, _FRAMES], feed)
        return spectrum, frames
