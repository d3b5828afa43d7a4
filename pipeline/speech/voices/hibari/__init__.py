"""Hibari: a very small English voice, distilled from Kokoro's `af_heart`, with a front end without GPL.

https://github.com/MMWilliams/hibari
"""

from __future__ import annotations

from importlib.util import find_spec

from pipeline.cards import Card, VoiceCard
from pipeline.errors import CheckpointError
from pipeline.protocols import Voice

CARD = Card(
    name="hibari",
    layer="voice",
    title="Hibari",
    summary="A woman's English voice, the quickest of all.",
    speed="thirty times faster than real time on one CPU core",
    code_licence="Apache-2.0 (the package hibari-tts)",
    weights_licence="Apache-2.0",
    commercial=True,
    paper="https://huggingface.co/maureesewilliams/hibari",
    stresses=True,
)

_HEART = VoiceCard(
    name="hibari:heart",
    family="hibari",
    title="Heart, Hibari, woman, American English",
    language="en-US",
    licence="Apache-2.0; trained on the synthetic speech of Kokoro's voice af_heart",
    commercial=True,
    source="the package hibari-tts",
)

_GAIN = 3.2
"""Brings the voice to the common loudness, measured on five sentences (3.0 to 3.7)."""


def cards() -> list[VoiceCard]:
    """The one voice that the package carries, where it is installed."""
    return [_HEART] if _installed() else []


def find(name: str) -> VoiceCard | None:
    """The card of `hibari:heart`, installed or not."""
    return _HEART if name == _HEART.name else None


def load(card: VoiceCard, options: None = None) -> Voice:
    """The voice, from the package.

    Raises:
        CheckpointError: the package is not installed, or its network is damaged.
    """
    if not _installed():
        raise CheckpointError(
            f"The voice {card.name!r} needs the package hibari-tts; run `pip install hibari-tts`, "
            "or choose another voice.",
            parameter="voice",
        )
    from pipeline.speech.voices.hibari.voice import HibariVoice

    return HibariVoice(card, gain=_GAIN)


def _installed() -> bool:
    return find_spec("hibari") is not None
