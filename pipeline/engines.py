"""The one registry of engines: heads, lips, voice families and mattings, and the card that each one shows.

An engine is a module in `pipeline.heads`, `pipeline.lips`, `pipeline.speech.voices` or
`pipeline.stage.mattes` with a `CARD`, an `Options` model where there is something to choose, and a `load()`
that returns a `protocols.Head`, a `protocols.Lips`, a `Voice` or a `protocols.Matting`. Importing the module
must be cheap (the page and the shell list every card); torch and the weights come in with `load`. A voice
family also lists its voices: `cards()`, and `find(name)` for those that it can say without listing them.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, Protocol, overload

import numpy as np

from pipeline.errors import concerning, unknown_name
from pipeline.hub.checkpoints import Checkpoint
from pipeline.options import Options, read
from pipeline.protocols import Head, Lips, Matting
from pipeline.types import Phone

Layer = Literal["head", "lips", "voice", "matting"]
Subject = Literal["photo", "video"]

ENGINES: dict[Layer, tuple[str, ...]] = {
    "head": ("puppet", "footage", "liveportrait", "sadtalker", "flashhead", "flashhead_lite"),
    "lips": ("puppet", "wav2lip", "musetalk", "latentsync"),
    "voice": ("hibari", "piper", "kokoro", "mms", "pocket"),
    "matting": ("embedded", "birefnet"),
}
"""Names of the engine modules, the default first."""

DEFAULT_VOICE = "hibari:heart"
IMITATED_SECONDS = 30.0
"""How much of a recording is heard by a voice that imitates it; it does not come closer with more."""

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
    """Keys of `hub.CHECKPOINTS` that it needs with its default options; none for an embedded engine."""
    memory_gb: float = 0.5
    """Device memory it wants."""
    gpu_seconds: float = 0.0
    """For how long a large GPU works on a second of video, loading apart; none for an embedded engine."""
    subjects: tuple[Subject, ...] = ("photo",)
    speaks: bool = False
    """For a head: it has a mouth of its own, which speaks in the same pass when asked to."""
    plays_motion: bool = False
    """For a head: it plays a motion file; it is a `protocols.MotionPlayer`."""
    paints_teeth: bool = False
    """For a head: it paints the teeth that the photo does not show, where `Portrait.teeth` says."""
    stresses: bool = False
    """For a voice family: it stresses the words that stand between asterisks."""


@dataclass(frozen=True)
class VoiceCard:
    """What a person wants to know of a voice before choosing it."""

    name: str
    """What a scene's `voice` takes: "joe", "en_US-amy-medium", "kokoro:af_heart", "mms:deu"."""
    family: str
    """The engine module that speaks it."""
    title: str
    language: str
    """BCP 47 tag: "en-US"."""
    licence: str
    """Licence of the weights, in words."""
    commercial: bool
    """Whether that licence allows commercial use; False also where it has to be looked up first."""
    source: str
    """Address of the model's page, or the package that carries it."""
    checkpoints: tuple[Checkpoint, ...] = ()
    """The published files that it needs; none for an embedded voice."""
    imitates: bool = False
    """It speaks in the voice of a recording, which it needs: `imitating` puts it into the options."""

    @property
    def download_bytes(self) -> int:
        """Size of its files, which are downloaded once; 0 for an embedded voice."""
        return sum(checkpoint.size for checkpoint in self.checkpoints)


class SpokenWord(Protocol):
    """A word of a phrase; `speech.text.words.NormalizedWord` is one."""

    @property
    def written(self) -> str:
        """As it stands in the text."""
        ...

    @property
    def spoken(self) -> str:
        """As it is read aloud, in words."""
        ...

    @property
    def emphasis(self) -> bool:
        """Whether it is to be stressed."""
        ...

    @property
    def goes_on(self) -> bool:
        """Whether the next word follows without a space."""
        ...


@dataclass(frozen=True, eq=False)
class Utterance:
    """A phrase as a voice said it."""

    samples: np.ndarray
    """`(N,)` float32 mono at `rate`, at the level that the model produces."""
    rate: int
    phones: tuple[Phone, ...] | None = None
    """Every phone and silence, without gaps; None where the model does not predict them."""
    words: tuple[tuple[float, float], ...] | None = None
    """Start and end in seconds of each word of the phrase; None where the model does not predict them."""


class Voice(Protocol):
    """A loaded voice."""

    card: VoiceCard
    gain: float
    """Factor that brings its utterances to the loudness that all voices share; the same for every phrase."""

    def say(self, phrase: Sequence[SpokenWord], *, pace: float, seed: int) -> Utterance:
        """Synthesise a phrase.

        Args:
            phrase: its words, which are said in one go.
            pace: factor on the speed of speech, 0.5 to 2.
            seed: the same seed gives the same bytes.
        """
        ...


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
    from pipeline.speech.voices.suggested import unknown_voice

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
