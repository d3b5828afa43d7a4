"""What the shell prints: progress, findings, scores and tables. rich is imported only when it is needed."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.errors import OutputError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as Bar
    from rich.table import Table

    from pipeline.findings import Finding
    from pipeline.review import Report

_COLOURS = {"good": "green", "fair": "yellow", "poor": "red"}


def print_path(path: Path | str) -> None:
    """Print the path or URL of a file that was made, byte for byte where the output's encoding has no such
    letters.

    Raises:
        OutputError: standard output cannot be written to.
    """
    with _printing():
        try:
            click.echo(path)
        except UnicodeEncodeError:
            click.echo(os.fsencode(path))


def error_console() -> Console:
    """Where everything goes that is not the command's result: standard error."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=True)


def progress_bar(console: Console) -> Bar:
    """A progress bar for a person; a pipe or a log gets none."""
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def print_report(report: Report, console: Console) -> None:
    """Print the scores of a finished video and what there is to improve."""
    console.print(f"Lips {report.lips:.0f}/100 · Head {report.head:.0f}/100. {report.sentence}")
    advise(report.findings, console)


def print_table(table: Table) -> None:
    """Print a table to standard output.

    Raises:
        OutputError: standard output cannot be written to.
    """
    from rich.console import Console

    with _printing():
        # a pipe or a file has no width of its own; rich would squeeze the table into 80 columns
        Console(width=None if sys.stdout.isatty() else 180).print(table)


def advise(findings: Iterable[Finding], console: Console) -> None:
    """Print those findings that are not good."""
    for finding in findings:
        if finding.verdict != "good":
            console.print(f"[{_COLOURS[finding.verdict]}]{finding.topic}[/]: {finding.sentence}")


def draw(report: Report, picture: Path, *, overwrite: bool) -> None:
    """Write the curves behind a review as a PNG file; `overwrite` says whether one may be replaced."""
    from PIL import Image

    from pipeline.files import written_whole
    from pipeline.review import draw as curves

    with written_whole(picture, overwrite=overwrite) as part:
        Image.fromarray(curves(report)).save(part, format="PNG")


@contextmanager
def _printing() -> Iterator[None]:
    """Print in this block: a reader who has gone is no error, any other failure gets a sentence."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()
    except OSError as error:
        _drop_output()
        sentence = f"Standard output cannot be written to: {error.strerror or error}; send it elsewhere."
        raise OutputError(sentence) from error


def _drop_output() -> None:
    """Send what is still unwritten nowhere, or Python would fail once more when it exits."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
