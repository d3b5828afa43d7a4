"""The typed errors: each one sentence for a person, saying what is wrong and what to do about it.

Everything a user can get wrong raises a `StudioError`; the shell prints its sentence and exits with
`exit_code`, the page shows it. Anything else that escapes is a bug in this package.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class StudioError(Exception):
    """Base of all errors meant for a person. `str(error)` is the whole sentence."""

    exit_code = 2


class PhotoError(StudioError):
    """The photo cannot be used: not an image, damaged, too large, too small."""


class NoFaceError(PhotoError):
    """No usable face was found in a photo or a video."""


class VideoError(StudioError):
    """A video cannot be read, or lacks what the job needs from it."""


class AudioError(StudioError):
    """A recording cannot be used: unreadable, empty, silent, too short, too long."""


class TextError(StudioError):
    """The words cannot be spoken: empty, too long, nothing pronounceable, wrong language."""


class UnknownNameError(StudioError):
    """A voice, engine or style of that name does not exist."""


class ConsentError(StudioError):
    """Nobody said by what right this face may speak."""


class OutputError(StudioError):
    """The result cannot be written: it exists, the folder is not writable, the disk is full."""


class CheckpointError(StudioError):
    """A model file is missing, damaged, of another network, or cannot be fetched."""


class MotionFileError(StudioError):
    """A motion file cannot be read as one."""


def unknown_name(kind: str, name: str, known: Iterable[str]) -> UnknownNameError:
    """The error for a `kind` ("voice", "head engine") called `name` that is not among `known`."""
    names = sorted(known)
    begun = [one for one in names if name and one.startswith(name)]
    near = begun or difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    listed = ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
    hint = f"did you mean {near[0]!r}?" if near else f"choose one of: {listed}."
    return UnknownNameError(f"There is no {kind} called {name!r}; {hint}")
