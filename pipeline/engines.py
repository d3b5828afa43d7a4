"""The one registry of engines: heads, lips, voice families and mattings, and the card that each one shows.

An engine is a module in `pipeline.heads`, `pipeline.lips`, `pipeline.speech.voices` or
`pipeline.stage.mattes` with a `CARD`, an `Options` model where there is something to choose, and a `load()`
that returns a `protocols.Head`, a `protocols.Lips`, a `Voice` or a `protocols.Matting`. Importing the module
must be cheap (the page and the shell list every card); torch and the weights come in with `load`. A voice
family also lists its voices: `cards()`, and `find(name)` for those that it can say without listing them.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import cache, lru_cache, partial
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, overload

from pipeline.cards import Card, Layer, VoiceCard
from pipeline.errors import concerning, unknown_name
from pipeline.options import Options, read
from pipeline.protocols import Head, Lips, Matting, Voice
from pipeline.unknown_voice import unknown_voice

ENGINES: dict[Layer, tuple[str, ...]] = {
    "head": ("puppet", "footage", "liveportrait", "sadtalker", "flashhead", "flashhead_lite"),
    "lips": ("puppet", "wav2lip", "musetalk", "latentsync"),
    "voice": ("hibari", "piper", "kokoro", "mms", "pocket"),
    "matting": ("embedded", "birefnet"),
}
"""Names of the engine modules, the default first."""

DEFAULT_VOICE = "hibari:heart"

_VOICES = 32
"""Loaded voices that are kept, and with them the voices of recordings."""

_PACKAGES: dict[Layer, str] = {
    "head": "pipeline.heads",
    "lips": "pipeline.lips",
    "voice": "pipeline.speech.voices",
    "matting": "pipeline.stage.mattes",
}
_NOUNS: dict[Layer, str] = {
    "head": "head engine",
    "lips": "lips engine",
    "voice": "voice family",
    "matting": "matting engine",
}


def card(layer: Layer, name: str) -> Card:
    """The card of one engine.

    Raises:
        UnknownNameError: there is no such engine; the sentence suggests the nearest.
    """
    found: Card = _module(layer, name).CARD
    return found


def cards(layer: Layer) -> list[Card]:
    """All cards of a layer, the default first."""
    return [card(layer, name) for name in ENGINES[layer]]


def option_type(layer: Layer, name: str) -> type[Options] | None:
    """The model of what can be chosen about an engine; None where there is nothing to choose."""
    return getattr(_module(layer, name), "Options", None)


def options(layer: Layer, name: str, given: Mapping[str, Any]) -> Options | None:
    """An engine's options with what is `given` by name, typed or as a person types it.

    Raises:
        UnknownNameError: there is no such engine, option or choice.
        OptionError: an option's value is not possible.
    """
    with concerning(f"{layer}_options"):
        return read(option_type(layer, name), given, owner=f"the {_NOUNS[layer]} {name!r}")


def imitating(name: str, chosen: Options | None, recording: Path, checksum: str) -> Options:
    """The options of a voice that imitates, with the recording whose voice is to be heard.

    Args:
        name: of a voice whose card says `imitates`.
        chosen: the family's options.
        checksum: the recording's SHA-256.
    """
    made: Options = _module("voice", voice(name).family).imitating(chosen, recording, checksum)
    return made


def checkpoints(layer: Layer, name: str, chosen: Options | None) -> tuple[str, ...]:
    """Keys of the published files that an engine needs with these options."""
    needed = getattr(_module(layer, name), "checkpoints", None)
    return card(layer, name).checkpoints if needed is None or chosen is None else needed(chosen)


@overload
def load(layer: Literal["head"], name: str, chosen: Options | None = None) -> Head: ...
@overload
def load(layer: Literal["lips"], name: str, chosen: Options | None = None) -> Lips: ...
@overload
def load(layer: Literal["matting"], name: str, chosen: Options | None = None) -> Matting: ...
def load(layer: Layer, name: str, chosen: Options | None = None) -> Head | Lips | Matting:
    """The engine itself, loaded once and kept between jobs; of those with networks, the one that was used
    longest ago leaves when memory is short.

    Args:
        chosen: the engine's own options, from `options`.

    Raises:
        UnknownNameError: there is no such engine.
        CheckpointError: its weights cannot be had.
    """
    engine = card(layer, name)
    if not engine.checkpoints:
        return _embedded(layer, name, chosen)
    from pipeline.inference import device

    make, size = partial(_made, layer, name, chosen), int(engine.memory_gb * 1e9)
    loaded: Head | Lips | Matting = device.model_cache().get((layer, name, chosen), make, size=size)
    return loaded


def voices() -> list[VoiceCard]:
    """The cards of the voices that are known by name, the default first."""
    return [voice for family in ENGINES["voice"] for voice in _module("voice", family).cards()]


@cache
def voice(name: str) -> VoiceCard:
    """The card of one voice, listed or not: each family also knows names of its kind.

    Raises:
        UnknownNameError: there is no such voice; the sentence suggests what may have been meant.
    """
    for family in ENGINES["voice"]:
        found: VoiceCard | None = _module("voice", family).find(name)
        if found is not None:
            return found
    raise unknown_voice(name, voices())


@lru_cache(_VOICES)
def load_voice(name: str, chosen: Options | None = None) -> Voice:
    """A voice, loaded once and kept until many others were used.

    Args:
        chosen: its family's options, from `options`.

    Raises:
        UnknownNameError: there is no such voice.
        CheckpointError: its files, or the package that runs it, are not here and cannot be had.
    """
    found = voice(name)
    with concerning("voice"):
        loaded: Voice = _module("voice", found.family).load(found, chosen)
    return loaded


def _made(layer: Layer, name: str, chosen: Options | None) -> Head | Lips | Matting:
    load = _module(layer, name).load
    made: Head | Lips | Matting = load() if chosen is None else load(chosen)
    return made


_embedded = cache(_made)


def _module(layer: Layer, name: str) -> ModuleType:
    if name not in ENGINES[layer]:
        raise unknown_name(_NOUNS[layer], name, ENGINES[layer], parameter=layer)
    return importlib.import_module(f"{_PACKAGES[layer]}.{name}")
