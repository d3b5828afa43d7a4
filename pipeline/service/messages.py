"""Every failure as one sentence, with the parameter that it concerns and a hint that fits the interface.

The sentence is the library's and the same everywhere; the hint says where on the page, or in which field of
an HTTP call, the answer goes. What was not foreseen is logged and not shown.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeVar

from pipeline import engines
from pipeline.cards import Layer
from pipeline.errors import ConsentError, OptionError, StudioError
from pipeline.files import without_folder
from pipeline.service import catalog

log = logging.getLogger(__name__)

Interface = Literal["page", "http"]

UNFORESEEN = "Something went wrong on our side and was logged. Please try again with another photo or text."

_HINTS: dict[Interface, dict[str, str]] = {
    "page": {
        "captions": "Captions are under Advanced.",
        "size": "Choose the framing Original under Advanced.",
    },
    "http": {
        "subject": "Send the file as photo or video.",
        "consent": "Set consent to me, permission or fictional.",
        "size": "Set size to 0.",
    },
}
"""By the parameter of a sentence: what to do about it here."""

_NAMED_LAYERS: tuple[Layer, ...] = ("lips", "head")
"""Whose names the page shows as titles; of two with one name, the head's counts."""

_VOICE_MISSING = "Please add a recording of the voice, or choose another voice."
_VOICE_QUESTION = "Please say why you may imitate this voice, below the recording."
_QUESTION = "Please confirm that you may use this face."
"""For the page, whose question lists the answers that the library's sentence names."""

_PLACE = re.compile(r"^scenes\.(\d+)(?:\.lines\.(\d+))?(?:\.\w+)*:")
"""Of a scene or a line in a script, which the page shows with their numbers."""

Value = TypeVar("Value")


@dataclass(frozen=True)
class Message:
    """What to tell the visitor."""

    sentence: str
    hint: str = ""
    parameter: str | None = None
    """The field of `pipeline.spec` that it is about, where there is one."""

    def __str__(self) -> str:
        return f"{self.sentence} {self.hint}".rstrip()

    def without(self, folder: Path) -> Message:
        """The message, in which files are named as the visitor does, without the server's folder."""
        return replace(self, sentence=without_folder(self.sentence, folder))


def message(error: Exception, interface: Interface) -> Message:
    """What to tell a visitor of this interface about `error`; call it while the error is being handled."""
    if not isinstance(error, StudioError):
        log.error("a visitor's request failed", exc_info=error)
        return Message(UNFORESEEN)
    if interface == "http":
        sentence = str(error)
    elif isinstance(error, ConsentError):
        sentence = _VOICE_QUESTION if error.parameter == "voice_consent" else _QUESTION
    elif isinstance(error, OptionError) and error.parameter == "voice_from":
        sentence = _VOICE_MISSING
    else:
        sentence = _with_titles(_PLACE.sub(_counted, str(error)))
    return Message(sentence, _HINTS[interface].get(error.parameter or "", ""), error.parameter)


@contextmanager
def named_as_sent(folder: Path) -> Iterator[None]:
    """Errors of the block name the files of a request as its sender does, without the server's folders."""
    try:
        yield
    except StudioError as error:
        for inside in (*(path for path in folder.rglob("*") if path.is_dir()), folder):
            error.args = tuple(
                without_folder(each, inside) if isinstance(each, str) else each for each in error.args
            )
        raise


def attempt(interface: Interface, work: Callable[[], Value]) -> Value | Message:
    """The result of `work`, or the message for the visitor if it raises anything."""
    try:
        return work()
    except Exception as error:  # noqa: BLE001 - the last line: a visitor gets a sentence, the log the rest
        return message(error, interface)


def told(
    interface: Interface, events: Generator[Value, None, None]
) -> Generator[Value | Message, None, None]:
    """The `events`, and what to tell the visitor where they end in a failure. Closing it closes them."""
    try:
        yield from events
    except Exception as error:  # noqa: BLE001 - as above
        yield message(error, interface)


def _counted(place: re.Match[str]) -> str:
    scene, line = place.groups()
    return f"Scene {scene}:" if line is None else f"Scene {scene}, line {line}:"


def _with_titles(sentence: str) -> str:
    """Voices and engines under the titles that the page lists them by."""
    titles = {voice.name: catalog.voice_title(voice) for voice in engines.voices()}
    for layer in _NAMED_LAYERS:
        titles |= {card.name: card.title for card in engines.cards(layer)}
    for name, title in titles.items():
        sentence = sentence.replace(f"{name!r}", f"“{title}”")
    return sentence
