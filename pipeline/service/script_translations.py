"""A script in another language, step by step: its lines translated, and fitted to their times."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TypeVar

from pipeline.errors import CheckpointError
from pipeline.localization.documents import Choices, entries_of, require_all
from pipeline.localization.files import downloaded
from pipeline.localization.scripts import ScriptDocument
from pipeline.script.contents import Content
from pipeline.script.located import parse_located
from pipeline.translation import read_glossary

Value = TypeVar("Value")

_LOOK_SECONDS = 0.3
"""After which it is said again how far the work is, and seen whether it is still wanted."""

_UNTIMED = "The times of the lines could not be kept: {}"


@dataclass(frozen=True)
class Fitted:
    """A script in another language."""

    values: Content
    notes: tuple[str, ...]
    """Which lines take longer than they did, or why times could not be kept, a sentence each."""


class _UnwantedError(Exception):
    """Ends work that nobody waits for any more."""


def suggestions(document: ScriptDocument, to: str, glossary: str) -> Generator[float | list[str], None, None]:
    """The share that is done, 0 to 1, of the download and then of the translation; at last each line's.

    Raises:
        StudioError: as for `translations.suggested`.
    """
    settled = read_glossary(glossary)
    yield from downloaded(document, Choices(to, settled))
    yield (yield from _in_steps(lambda told: document.translations(Choices(to, settled, progress=told))))


def fitted(document: ScriptDocument, to: str, texts: Sequence[str]) -> Generator[float | Fitted, None, None]:
    """The share that is done, 0 to 1; at last the script, whose lines take as long as they did.

    Where a voice cannot be had, the script comes with the pauses that it had, and a note.

    Raises:
        StudioError: a line has no translation, or cannot be spoken.
    """
    require_all(entries_of(document.lines, texts))
    path = document.script.folder / "talk.yaml"
    try:
        text, notes = yield from _in_steps(lambda told: document.kept_in_time(texts, to, path, told))
    except CheckpointError as error:
        text, notes = document.moved(texts, to, path), (_UNTIMED.format(error),)
    yield Fitted(parse_located(text, path).value, notes)


def _in_steps(
    work: Callable[[Callable[[float], None]], Value],
) -> Generator[float, None, Value]:
    """Run `work` in a thread: yields its progress, returns its result. Closing this cancels it."""
    share, unwanted = [0.0], threading.Event()

    def told(done: float) -> None:
        if unwanted.is_set():
            raise _UnwantedError
        share[0] = done

    worker = ThreadPoolExecutor(1)
    future = worker.submit(work, told)
    try:
        while not wait([future], _LOOK_SECONDS).done:
            yield share[0]
    finally:
        unwanted.set()
        worker.shutdown(wait=False)
    return future.result()
