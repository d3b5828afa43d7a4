"""Kokoro-82M: a small StyleTTS 2 network with more than fifty natural voices in nine languages.

The package kokoro runs it. It brings spaCy with it and is therefore not among the requirements of this one.
https://huggingface.co/hexgrad/Kokoro-82M
"""

from __future__ import annotations

from importlib.util import find_spec

from pipeline.engines import Card, Voice, VoiceCard
from pipeline.errors import CheckpointError
from pipeline.voice_checkpoints import KOKORO_STYLES, kokoro_checkpoints

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

_LANGUAGES = {
    "a": "en-US", "b": "en-GB", "e": "es", "f": "fr", "h": "hi", "i": "it", "j": "ja", "p": "pt-BR",
    "z": "zh",
}  # fmt: skip
"""BCP 47 tag by the first letter of a style's name."""


def cards() -> list[VoiceCard]:
    """All published voices."""
    return [_card(style) for style in KOKORO_STYLES]


def find(name: str) -> VoiceCard | None:
    """The card of a published voice, `kokoro:<style>`."""
    style = name.removeprefix("kokoro:")
    return _card(style) if name.startswith("kokoro:") and style in KOKORO_STYLES else None


def load(card: VoiceCard, options: None = None) -> Voice:
    """A Kokoro voice of the Hub.

    Raises:
        CheckpointError: the package is not installed, or the files are missing and cannot be downloaded.
    """
    if find_spec("kokoro") is None:
        raise CheckpointError(
            f"The voice {card.name!r} needs the package kokoro; install it with `pip install kokoro`.",
            parameter="voice",
        )
    from pipeline import hub
    from pipeline.speech.voices.kokoro.voice import KokoroVoice
    from pipeline.speech.voices.level import measured_gain

    weights, config, style = map(hub.fetch, card.checkpoints)
    voice = KokoroVoice(card, weights, config, style)
    voice.gain = measured_gain(voice)
    return voice


def _card(style: str) -> VoiceCard:
    gender = "woman" if style[1] == "f" else "man"
    return VoiceCard(
        name=f"kokoro:{style}",
        family="kokoro",
        title=f"{style[3:].title()}, Kokoro, {gender}",
        language=_LANGUAGES[style[0]],
        licence="Apache-2.0",
        commercial=True,
        source="https://huggingface.co/hexgrad/Kokoro-82M",
        checkpoints=kokoro_checkpoints(style),
    )
