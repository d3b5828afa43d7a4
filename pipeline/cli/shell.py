"""What all commands of the shell share."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from pipeline import __version__
from pipeline.cli.flags import Command, Flag, applied
from pipeline.encodings import plain_text
from pipeline.errors import TextError

_LARGEST_TEXT = 2_000_000
"""Bytes of the largest text file that is read; the words of hours of video."""


def tell(sentence: str) -> None:
    """Print a sentence to standard error, on one line."""
    with suppress(OSError):  # the terminal may have gone
        click.echo(" ".join(sentence.split()), err=True)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "--version", prog_name="talking-head")
def commands() -> None:
    """Turn one photo (or a video) and a few words into a video of that person talking."""


def _machine(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    if parameter.name == "device" and value:
        os.environ["STUDIO_DEVICE"] = value
    if parameter.name == "verbose" and value:
        os.environ["HF_HUB_VERBOSITY"] = "info"  # huggingface_hub is imported later, and has a log of its own
        logging.basicConfig(level=logging.INFO if value == 1 else logging.DEBUG)


MACHINE = [
    Flag(
        ["--device"], metavar="NAME", expose_value=False, callback=_machine, group="Machine",
        help="Where networks run: cuda, cuda:1, mps or cpu. [default: the fastest there is]",
    ),
    Flag(
        ["-v", "--verbose"], count=True, expose_value=False, callback=_machine, group="Machine",
        help="Log what happens; -vv logs everything.",
    ),
]  # fmt: skip

TEXT_FILE = Flag(
    ["--text-file"],
    metavar="FILE",
    group="Words",
    type=click.Path(path_type=Path),
    help="The words from a text file.",
)


def command(
    name: str, parameters: Iterable[click.Parameter], *, examples: str = "", group: click.Group = commands
) -> Callable[[Callable[..., None]], click.Command]:
    """A decorator that adds a command with these parameters, and those that all commands take, to a group."""

    def decorate(function: Callable[..., None]) -> click.Command:
        with_flags = applied([*parameters, *MACHINE])(function)
        return group.command(name, cls=Command, examples=examples)(with_flags)

    return decorate


def read_text(text: str | None, path: Path | None) -> str | None:
    """The words that were typed, or those in the file.

    Raises:
        TextError: the file cannot be read, or is no text; see `encodings.plain_text`.
    """
    if path is None:
        return text
    if text is not None:
        raise click.UsageError("Give either --text or --text-file, not both.")
    try:
        content = _read_start(path)
    except FileNotFoundError as error:
        raise TextError(f"There is no text file at {path}; check the name.", parameter="text") from error
    except OSError as error:
        raise TextError(f"{path} cannot be read: {error.strerror or error}.", parameter="text") from error
    if len(content) > _LARGEST_TEXT:
        raise TextError(
            f"{path} is larger than {_LARGEST_TEXT // 1_000_000} MB, which no text for one video is; "
            "give a shorter text.",
            parameter="text",
        )
    return plain_text(content, path, "text")


def tell_language(text: str, voice: str) -> None:
    """Tell where a text is surely in another language than its voice speaks, and which voice would fit.

    Where the voice cannot even read the text's script, that is told by the error that follows.
    """
    from pipeline.service import catalog
    from pipeline.speech.text.scripts import unreadable_script

    other = catalog.voice_for_text(text, voice)
    if other is not None and not unreadable_script(text, catalog.voice_language(voice)):
        tell(f"{catalog.language_doubt(other, voice)} Say it with --voice {other.name}.")


def _read_start(path: Path) -> bytes:
    """A file's bytes, one more than `_LARGEST_TEXT` at most, so that an endless one (`/dev/zero`) ends too.

    Pipes are read to their end; a pipe that nobody writes to is empty instead of being waited for.
    """
    with open(path, "rb", opener=_open_at_once) as file:
        return file.read(_LARGEST_TEXT + 1)


def _open_at_once(path: str, flags: int) -> int:
    if os.name == "nt":
        return os.open(path, flags)
    descriptor = os.open(path, flags | os.O_NONBLOCK)
    os.set_blocking(descriptor, True)
    return descriptor
