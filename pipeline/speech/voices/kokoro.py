"""Kokoro-82M: a small StyleTTS 2 network with two dozen good voices in nine languages.

The package kokoro runs it; it brings spaCy with it and is therefore not required by this one. The network
predicts how long each of its phones lasts, so times are its own. https://huggingface.co/hexgrad/Kokoro-82M
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from pipeline.engines import Card, Utterance, VoiceCard
from pipeline.errors import CheckpointError
from pipeline.speech.phonemes import is_sound
from pipeline.speech.text.normalize import NormalizedWord
from pipeline.speech.voices import durations
from pipeline.speech.voices.hubfiles import fetch
from pipeline.speech.voices.level import measured_gain

REPO = "hexgrad/Kokoro-82M"
RATE = 24_000

_FRAME = 600 / RATE
"""Seconds of a unit of predicted length."""
_EARLY = 3 * _FRAME
"""How much earlier than predicted the sounds are: what the package's own word times take off."""
_MOST_PHONEMES = 510
_IN_HALVES: dict[str, str] = {
    "A": "eɪ", "I": "aɪ", "O": "oʊ", "Q": "əʊ", "W": "aʊ", "Y": "ɔɪ", "ʤ": "dʒ", "ʧ": "tʃ", "ʦ": "ts",
    "ʣ": "dz", "ʨ": "tɕ", "ʥ": "dʑ",
}  # fmt: skip
_IPA: dict[str, str] = {"ᵊ": "ə", "T": "ɾ"}


CARD = Card(
    name="kokoro",
    layer="voice",
    title="Kokoro",
    summary="Natural voices, women and men, in nine languages.",
    speed="about real time on two CPU cores",
    code_licence="Apache-2.0 (the package kokoro)",
    weights_licence="Apache-2.0",
    commercial=True,
    paper="https://huggingface.co/hexgrad/Kokoro-82M",
)

_KOKORO_LANGUAGES = {
    "a": "en-US", "b": "en-GB", "e": "es", "f": "fr", "h": "hi", "i": "it", "j": "ja", "p": "pt-BR",
    "z": "zh",
}  # fmt: skip
_KOKORO_VOICES = (
    "af_heart", "af_alloy", "af_aoede", "af_bella", "af_jessica", "af_kore", "af_nicole", "af_nova",
    "af_river", "af_sarah", "af_sky", "am_adam", "am_echo", "am_eric", "am_fenrir", "am_liam",
    "am_michael", "am_onyx", "am_puck", "am_santa", "bf_alice", "bf_emma", "bf_isabella", "bf_lily",
    "bm_daniel", "bm_fable", "bm_george", "bm_lewis", "ef_dora", "em_alex", "em_santa", "ff_siwis",
    "hf_alpha", "hf_beta", "hm_omega", "hm_psi", "if_sara", "im_nicola", "jf_alpha", "jf_gongitsune",
    "jf_nezumi", "jf_tebukuro", "jm_kumo", "pf_dora", "pm_alex", "pm_santa", "zf_xiaobei", "zf_xiaoni",
    "zf_xiaoxiao", "zf_xiaoyi", "zm_yunjian", "zm_yunxi", "zm_yunxia", "zm_yunyang",
)  # fmt: skip


def cards() -> list[VoiceCard]:
    """The published voices."""
    return [_card(voice) for voice in _KOKORO_VOICES]


def find(name: str) -> VoiceCard | None:
    """The card of a published voice, `kokoro:<voice>`."""
    voice = name.removeprefix("kokoro:")
    return _card(voice) if name.startswith("kokoro:") and voice in _KOKORO_VOICES else None


def _card(voice: str) -> VoiceCard:
    who = "woman" if voice[1] == "f" else "man"
    return VoiceCard(
        name=f"kokoro:{voice}",
        family="kokoro",
        title=f"{voice[3:].title()}, Kokoro, {who}",
        language=_KOKORO_LANGUAGES[voice[0]],
        licence="Apache-2.0",
        commercial=True,
        source="https://huggingface.co/hexgrad/Kokoro-82M",
        download_bytes=328_000_000,
    )


class KokoroVoice:
    """A loaded Kokoro voice; see `voices.Voice`."""

    def __init__(self, card: VoiceCard, config: Path, weights: Path, style: Path) -> None:
        import torch
        from kokoro import KModel

        self.card, self.gain = card, 1.0
        self._model = KModel(repo_id=REPO, config=str(config), model=str(weights)).eval()
        self._reader = _reader(card)
        self._style = torch.load(style, map_location="cpu", weights_only=True)

    def say(self, line: Sequence[NormalizedWord], *, pace: float, seed: int) -> Utterance:
        """Says a line; see `voices.Voice.say`."""
        import torch

        phonemes = self._phonemes(" ".join(item.spoken for item in line))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            output = self._model(phonemes, self._style[len(phonemes) - 1], pace, return_output=True)
        samples = output.audio.numpy().astype(np.float32)
        sounds = durations.sounds_among(_times(phonemes, output.pred_dur.tolist()))
        if not sounds:
            return Utterance(samples, RATE)
        alone = [_sounds(self._phonemes(item.spoken)) for item in line]
        return Utterance(
            samples, RATE, durations.phones(sounds, len(samples) / RATE), durations.words(sounds, alone)
        )

    def _phonemes(self, text: str) -> str:
        """What the network knows of a text's phonemes."""
        phonemes, _ = self._reader(text)
        return "".join(symbol for symbol in phonemes if symbol in self._model.vocab)[:_MOST_PHONEMES]


def load(card: VoiceCard, options: None = None) -> KokoroVoice:
    """A Kokoro voice of the Hub.

    Raises:
        CheckpointError: the package is not installed, or the files are neither here nor to be had.
    """
    if find_spec("kokoro") is None:
        raise CheckpointError(
            f"The voice {card.name!r} needs the package kokoro; install it with `pip install kokoro`."
        )
    style = f"voices/{card.name.removeprefix('kokoro:')}.pt"
    files = [fetch(REPO, name, card) for name in ("config.json", "kokoro-v1_0.pth", style)]
    voice = KokoroVoice(card, *files)
    voice.gain = measured_gain(voice)
    return voice


def _reader(card: VoiceCard) -> Callable[[str], tuple[str, object]]:
    """The package's text reader for the voice's language, which may bring parts of its own."""
    from kokoro import KPipeline

    try:
        return KPipeline(lang_code=card.name[len("kokoro:")], repo_id=REPO, model=False).g2p
    except (ImportError, OSError, SystemExit) as error:  # spaCy leaves the program where it cannot download
        raise CheckpointError(
            f"The voice {card.name!r} lacks its reader; run `pip install 'misaki[en,ja,zh]'` and "
            f"`python -m spacy download en_core_web_sm`."
        ) from error


def _times(phonemes: str, lengths: Sequence[int]) -> Iterator[tuple[str, float, float]]:
    """IPA symbols with start and end in seconds; `lengths` also counts the marks around the phonemes."""
    borders = np.maximum(np.cumsum(lengths) * _FRAME - _EARLY, 0.0).tolist()
    for symbol, start, end in zip(phonemes, borders, borders[1:], strict=False):
        parts = _ipa(symbol)
        inner = np.linspace(start, end, len(parts) + 1).tolist()
        yield from zip(parts, inner, inner[1:], strict=False)


def _sounds(phonemes: str) -> list[str]:
    return [part for symbol in phonemes for part in _ipa(symbol) if is_sound(part)]


def _ipa(symbol: str) -> str:
    return _IN_HALVES.get(symbol) or _IPA.get(symbol, symbol)
