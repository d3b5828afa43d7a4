"""The typed errors: each one sentence for a person, saying what is wrong and what to do about it.

Everything a user can get wrong raises a `StudioError`. Its sentence speaks of parameters by name and never of
a flag or a button: the shell, the page and the HTTP endpoint add the hint that fits them, by `parameter`.
Anything else that escapes is a bug in this package.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

_LONGEST_QUOTE = 80
"""Characters of what somebody gave that a sentence repeats."""
_MOST_LISTED = 12
"""Names that a sentence lists; of more, it gives the nearest."""
_SHORTEST_PART = 3
"""Letters in the middle of a name by which it is recognised."""


class StudioError(Exception):
    """Base of all errors meant for a person. `str(error)` is the whole sentence."""

    exit_code = 2

    def __init__(self, sentence: str = "", *, parameter: str | None = None) -> None:
        """`parameter`: the field of `pipeline.spec` that the sentence is about, where there is one."""
        super().__init__(sentence)
        self.parameter = parameter


class OptionError(StudioError):
    """A value that a parameter cannot take: out of range, of another kind, or not with the others."""


class UnknownNameError(OptionError):
    """A voice, engine, style or option of that name does not exist."""


class PhotoError(StudioError):
    """The photo cannot be used: not an image, damaged, too large, too small."""


class NoFaceError(PhotoError):
    """No usable face was found in a photo or a video."""


class VideoError(StudioError):
    """A video cannot be read, or lacks what the job needs from it."""


class AudioError(StudioError):
    """A recording cannot be used: unreadable, empty, silent, too short, too long."""


class DeckError(StudioError):
    """A slide deck cannot be used: unreadable, behind a password, too large, or it lacks the slide."""


class TextError(StudioError):
    """The words cannot be spoken: empty, too long, nothing pronounceable, wrong language."""


class ConsentError(StudioError):
    """Nobody has confirmed that this face may be used."""


class OutputError(StudioError):
    """The result cannot be written: it exists, the folder is not writable, the disk is full."""


class CheckpointError(StudioError):
    """A model file is missing, damaged, of another network, or cannot be fetched."""


class MemoryShortageError(StudioError):
    """The device's memory is too small for an engine."""


class MotionFileError(StudioError):
    """A motion file cannot be read as one."""


class SpaceError(StudioError):
    """A Space cannot be described, reached or changed, or does not start."""


@contextmanager
def concerning(parameter: str) -> Iterator[None]:
    """Name the parameter of errors raised in this block, or in a decorated function, unless they name one."""
    try:
        yield
    except StudioError as error:
        error.parameter = error.parameter or parameter
        raise


def unknown_name(
    kind: str, name: str, known: Iterable[str], *, parameter: str | None = None
) -> UnknownNameError:
    """The error for a `kind` ("voice", "head engine") called `name` that is not among `known`."""
    names = sorted(known)
    near = alike(name, names)
    if near:
        hint = f"did you mean {near!r}?"
    elif len(names) <= _MOST_LISTED:
        hint = f"choose one of: {', '.join(names)}."
    else:
        *others, last = difflib.get_close_matches(name, names, n=3, cutoff=0.0)
        hint = f"the nearest of {len(names)} are {', '.join(others)} and {last}."
    return UnknownNameError(f"There is no {kind} called {shortened(name)!r}; {hint}", parameter=parameter)


def shortened(value: str) -> str:
    """What somebody gave, as a sentence quotes it: its beginning, where it is long."""
    return value if len(value) <= _LONGEST_QUOTE else f"{value[:_LONGEST_QUOTE]}…"


def alike(name: str, names: list[str]) -> str | None:
    """The one that somebody meant: it begins with what they gave, or is spelt alike, or has it in it."""
    given = name.casefold()
    begun = next((one for one in names if given and one.casefold().startswith(given)), None)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    within = (one for one in names if len(given) >= _SHORTEST_PART and given in one.casefold())
    return begun or next(iter(near), None) or next(within, None)
