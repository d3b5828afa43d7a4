"""The two registries, head engines and lip engines, and the card that each engine shows.

An engine is a module in `pipeline.heads` or `pipeline.lips` with a `CARD`, an `Options` dataclass where it
has something to choose, and a `load()` that returns a `types.Head` or a `types.Lips`. Importing the module
must be cheap (the page and the shell list every card); torch and the weights come in with `load`. Any head
goes with any lips.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Literal

from pipeline import options
from pipeline.errors import unknown_name
from pipeline.types import Head, Lips

Layer = Literal["head", "lips"]

ENGINES: dict[Layer, tuple[str, ...]] = {
    "head": ("puppet", "footage", "liveportrait", "sadtalker"),
    "lips": ("puppet", "wav2lip", "musetalk", "latentsync"),
}
"""Names of the engine modules, the default first."""

_ROOMS: dict[Layer, str] = {"head": "pipeline.heads", "lips": "pipeline.lips"}


@dataclass(frozen=True)
class Card:
    """What a person wants to know of an engine before choosing it."""

    name: str
    layer: Layer
    title: str
    summary: str
    """One sentence: what it does best."""
    speed: str
    """Speed class in words: "faster than real time on two CPU cores", "needs a GPU"."""
    code_licence: str
    weights_licence: str
    commercial: bool
    """Whether the weights' licence allows commercial use."""
    paper: str = ""
    """Address of the paper or model page."""
    checkpoints: tuple[str, ...] = ()
    """Keys of `hub.CHECKPOINTS` that it needs; none for an embedded engine."""
    memory_gb: float = 0.5
    """Device memory it wants."""
    subjects: tuple[Literal["photo", "video"], ...] = ("photo",)
    own_lips: str | None = None
    """For a head: the lips engine that it plays itself, in the same pass, when asked to speak."""
    whole_speech: bool = False
    """It must hear all of the speech before the first frame, so nothing can be previewed earlier."""


def card(layer: Layer, name: str) -> Card:
    """The card of one engine.

    Raises:
        UnknownNameError: there is no such engine; the sentence suggests the nearest.
    """
    return _module(layer, name).CARD


def cards(layer: Layer) -> list[Card]:
    """All cards of a layer, the default first."""
    return [card(layer, name) for name in ENGINES[layer]]


def option_type(layer: Layer, name: str) -> type | None:
    """The dataclass of what can be chosen about an engine; None where there is nothing to choose."""
    return getattr(_module(layer, name), "Options", None)


def load(layer: Layer, name: str, given: Mapping[str, str] | None = None) -> Head | Lips:
    """The engine itself, loaded once and kept between jobs; of those with networks, the one that was used
    longest ago leaves when memory is short.

    Args:
        given: the engine's own options by name, as typed.

    Raises:
        UnknownNameError: there is no such engine, or no such option.
        StudioError: an option's value is not possible.
        CheckpointError: its weights cannot be had.
    """
    engine, module = card(layer, name), _module(layer, name)
    chosen = options.read(option_type(layer, name), given or {}, engine=name)
    if not engine.checkpoints:
        return _embedded(layer, name)
    from pipeline import device

    make = partial(module.load, chosen) if chosen else module.load
    return device.shelf().get((layer, name, chosen), make, size=int(engine.memory_gb * 1e9))


@cache
def _embedded(layer: Layer, name: str) -> Head | Lips:
    return _module(layer, name).load()


def _module(layer: Layer, name: str):
    if name not in ENGINES[layer]:
        raise unknown_name(f"{layer} engine", name, ENGINES[layer])
    return importlib.import_module(f"{_ROOMS[layer]}.{name}")
