"""Pinning the published files of an engine to what is there now: size, checksum and commit.

The table of checkpoints has most of them already; what it lacks is written to `pins.where()` and holds for
all later runs of this user.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline import engines, hub
from pipeline.cards import Layer
from pipeline.errors import unknown_name
from pipeline.hub import pins
from pipeline.hub.checkpoints import CHECKPOINTS, Checkpoint

_LAYERS: tuple[Layer, ...] = ("head", "lips", "matting")
"""Whose engines have published files of their own; voices are pinned as they are."""


@dataclass(frozen=True)
class Locked:
    """A file that is pinned."""

    key: str
    """In `hub.CHECKPOINTS`."""
    checkpoint: Checkpoint
    """With its size, its checksum and, unless it was placed by hand, its commit."""


def needed(names: Iterable[str]) -> list[str]:
    """Keys of the files of these engines, with those that only some of their options need.

    Raises:
        UnknownNameError: there is no engine of that name with published files.
    """
    cards = [card for layer in _LAYERS for card in engines.cards(layer)]
    nouns = {card.name: f"{card.layer} engine {card.name}" for card in cards if card.checkpoints}
    keys: list[str] = []
    for name in names:
        if name not in nouns:
            raise unknown_name("engine with published files", name, nouns)
        for card in cards:
            keys += card.checkpoints if card.name == name else ()
        keys += [key for key, file in CHECKPOINTS.items() if file.engine == nouns[name]]
    return list(dict.fromkeys(keys))


def lock(keys: Iterable[str]) -> Iterator[Locked]:
    """Pin each of these files; one that is not on this machine is downloaded first.

    Raises:
        CheckpointError: a file cannot be had, or is not the one that it was pinned to.
        OutputError: what is pinned cannot be written down.
    """
    for key in keys:
        yield Locked(key, pins.lock(CHECKPOINTS[key], hub.fetch(key)))
