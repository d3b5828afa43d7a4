"""A loaded Piper voice.

piper-tts turns text into phonemes (espeak-ng) and onnxruntime runs the network on two CPU threads. Durations
and noise are made outputs and inputs of the graph (see `onnx_graph`), so times are exact and a seed gives
the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from pipeline.cards import VoiceCard
from pipeline.errors import CheckpointError
from pipeline.protocols import SpokenWord, Utterance
from pipeline.speech.phonemes import is_phone
from pipeline.speech.text.words import joined
from pipeline.speech.voices import durations, stress
from pipeline.speech.voices.piper.front_end import FrontEnd
from pipeline.speech.voices.piper.onnx_graph import expose_durations_and_noise
from pipeline.threads import onnx_session

_THREADS = 2
_NOISE_CHANNELS = 192
_FRAMES_PER_ID = 16
"""Mel frames per id, more than any voice needs on average; sets the length of the noise."""
_SHORTEST_NOISE = 512
"""Mel frames."""


class PiperVoice:
    """A loaded Piper voice; see `protocols.Voice`."""

    def __init__(
        self,
        card: VoiceCard,
        model: Path,
        config: Path,
        *,
        variation: float = 1.0,
        rhythm: float = 1.0,
        gain: float = 1.0,
    ) -> None:
        """Load the network.

        Args:
            model, config: the voice's `.onnx` and `.onnx.json` files.
            variation, rhythm: factors on the noise of the decoder and of the duration predictor.
            gain: see `protocols.Voice.gain`.

        Raises:
            CheckpointError: a file is damaged.
        """
        self.card, self.gain = card, gain
        self._variation, self._rhythm = variation, rhythm
        try:
            self._front_end = FrontEnd(config)
            self._graph = expose_durations_and_noise(model)
            self._session = onnx_session(self._graph.model, threads=_THREADS)
        except Exception as error:  # what a damaged file raises depends on the damage
            raise CheckpointError(
                f"The voice file {model} is damaged; delete it and download it again.", parameter="voice"
            ) from error
        self._config = self._front_end.config

    def say(self, phrase: Sequence[SpokenWord], *, pace: float, seed: int) -> Utterance:
        """Synthesise a phrase; see `protocols.Voice.say`."""
        symbols = self._front_end.symbols(joined((word.spoken, word.goes_on) for word in phrase))
        weights = np.zeros(len(symbols))
        if self._graph.stretch and any(word.emphasis for word in phrase):
            alone = [self._front_end.phones(word.spoken) for word in phrase]
            chosen = [word.emphasis for word in phrase]
            symbols, weights = stress.stressed(symbols, _phones, alone, chosen)
        samples, frames = self._run(symbols, weights, pace, seed)
        rate = self._config.sample_rate
        timed = self._times(symbols, frames) if frames is not None else ()
        words = (self._front_end.phones(word.spoken) for word in phrase)
        return durations.utterance(samples, rate, timed, words)

    def _run(
        self, symbols: list[str], weights: np.ndarray, pace: float, seed: int
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """The sound `(N,)`, and the mel frames of each id where the graph tells them."""
        ids = np.array([self._front_end.ids(symbols)], np.int64)
        length_scale = self._config.length_scale / pace
        feed = {
            "input": ids,
            "input_lengths": np.array([ids.shape[1]], np.int64),
            "scales": np.array(
                [
                    self._config.noise_scale * self._variation,
                    length_scale,
                    self._config.noise_w_scale * self._rhythm,
                ],
                np.float32,
            ),
        }
        if self._graph.stretch:
            feed[self._graph.stretch] = self._stretched(symbols, weights)
        if self._config.num_speakers > 1:
            feed["sid"] = np.array([self._config.default_speaker_id], np.int64)
        frames = max(_SHORTEST_NOISE, round(ids.shape[1] * _FRAMES_PER_ID * length_scale))
        random = np.random.default_rng(seed)
        for name in self._graph.noises:
            feed[name] = random.standard_normal((1, _NOISE_CHANNELS, frames), np.float32)
        outputs = [self._session.get_outputs()[0].name]
        outputs += [self._graph.durations] if self._graph.durations else []
        sound, *durations_per_id = self._session.run(outputs, feed)
        return sound.reshape(-1), durations_per_id[0].reshape(-1) if durations_per_id else None

    def _times(self, symbols: list[str], frames: np.ndarray) -> Iterator[tuple[str, float, float]]:
        """Each symbol with start and end in seconds of its own share, without the blanks."""
        ends = np.cumsum([0, *frames]) * self._config.hop_length / self._config.sample_rate
        for symbol, (first, after) in zip(symbols, self._places(symbols), strict=True):
            yield symbol, float(ends[first]), float(ends[after])

    def _places(self, symbols: list[str]) -> Iterator[tuple[int, int]]:
        """Where the ids of each symbol begin and end among all, without the blanks."""
        from piper.const import BOS, PAD

        ids = self._config.phoneme_id_map
        at = len(ids[BOS]) + len(ids[PAD])
        for symbol in symbols:
            yield at, at + len(ids[symbol])
            at += len(ids[symbol]) + len(ids[PAD])

    def _stretched(self, symbols: list[str], weights: np.ndarray) -> np.ndarray:
        """Factors `(1, 1, ids)` on the durations of ids; the blank after a symbol is stretched with it."""
        factors = np.ones((1, 1, len(self._front_end.ids(symbols))), np.float32)
        for factor, (first, after) in zip(stress.stretch(weights), self._places(symbols), strict=True):
            factors[..., first : after + 1] = factor
        return factors


def _phones(symbol: str) -> list[str]:
    return [symbol] if is_phone(symbol) else []
