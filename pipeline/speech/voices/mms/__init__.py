"""MMS: VITS voices for 1,100 languages, one each, run by transformers.

MMS: Pratap et al. 2023, https://arxiv.org/abs/2305.13516; VITS: Kim et al. 2021,
https://arxiv.org/abs/2106.06103.
"""

from __future__ import annotations

import re

from pipeline.cards import Card, VoiceCard
from pipeline.hub.voice_checkpoints import mms_checkpoints
from pipeline.protocols import Voice
from pipeline.speech.voices.replaceable import replaceable

CARD = Card(
    name="mms",
    layer="voice",
    title="MMS",
    summary="A plain voice in each of 1,100 languages.",
    speed="faster than real time on two CPU cores",
    code_licence="Apache-2.0 (the package transformers)",
    weights_licence="CC BY-NC 4.0",
    commercial=False,
    paper="https://arxiv.org/abs/2305.13516",
    stresses=True,
)

_LANGUAGES = {
    "eng": "en", "deu": "de", "fra": "fr", "spa": "es", "por": "pt", "ita": "it", "nld": "nl", "pol": "pl",
    "rus": "ru", "ukr": "uk", "tur": "tr", "ell": "el", "ara": "ar", "heb": "he", "hin": "hi", "ben": "bn",
    "tam": "ta", "tel": "te", "tha": "th", "vie": "vi", "ind": "id", "swh": "sw", "fin": "fi",
}  # fmt: skip
"""BCP 47 tag by ISO 639-3 code, of the languages that are listed."""


def cards() -> list[VoiceCard]:
    """The voices of the most frequently requested languages; all others can be named too."""
    return [_card(code) for code in _LANGUAGES]


def find(name: str) -> VoiceCard | None:
    """The card of any voice of the family, `mms:<ISO 639-3 code>`."""
    return _card(name.removeprefix("mms:")) if re.fullmatch(r"mms:[a-z]{3}", name) else None


def load(card: VoiceCard, options: None = None) -> Voice:
    """An MMS voice of the Hub.

    Raises:
        CheckpointError: its files are damaged, or missing and cannot be downloaded, or it cannot read
            ordinary text.
    """
    from pipeline import hub
    from pipeline.speech.voices.level import measured_gain
    from pipeline.speech.voices.mms.voice import VitsVoice

    files = [hub.fetch(checkpoint) for checkpoint in card.checkpoints]
    voice = VitsVoice(card, files[0].parent)
    voice.gain = measured_gain(voice)
    return voice


def _card(code: str) -> VoiceCard:
    language = _LANGUAGES.get(code, code)
    return VoiceCard(
        name=f"mms:{code}",
        family="mms",
        title=f"MMS, {code}",
        language=language,
        licence="CC BY-NC 4.0",
        commercial=False,
        source=f"https://huggingface.co/facebook/mms-tts-{code}",
        checkpoints=replaceable(language, mms_checkpoints(code)),
    )
