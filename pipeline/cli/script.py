"""The shell's commands for scripts: `script new`, `plan`, `render`, `clean`, `pack`, `unpack`, `schema`."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli.console import error_console, print_path, print_table, progress_bar
from pipeline.cli.flags import Command, Flag, applied, flags, given
from pipeline.cli.shell import MACHINE, commands, tell
from pipeline.spec import Output, Scene

if TYPE_CHECKING:
    from pipeline.script import Film, FilmPlan, PlannedShot, Store

_SCRIPT = click.Argument(["script"], metavar="SCRIPT", type=click.Path(path_type=Path))
_STORE = Flag(
    ["--store"], type=click.Path(path_type=Path), metavar="FOLDER", group="File",
    help="Where finished segments are kept. [default: the user's cache folder]",
)  # fmt: skip
_OVERWRITE = flags(Output, only=("overwrite",))
_JSON = Flag(["--json", "as_json"], is_flag=True, group="File", help="Print JSON, for other programs.")


@commands.group("script")
def _script() -> None:
    """Make films of scripts: scenes with lines, slides and presenters in a YAML file."""


def _command(
    name: str, parameters: list[click.Parameter], *, examples: str
) -> Callable[[Callable[..., None]], click.Command]:
    """A decorator that adds a command to the group."""

    def decorate(function: Callable[..., None]) -> click.Command:
        with_flags = applied([*parameters, *MACHINE])(function)
        return _script.command(name, cls=Command, examples=examples)(with_flags)

    return decorate


@_command(
    "render",
    [
        _SCRIPT,
        Flag(
            ["-o", "--output"], type=click.Path(path_type=Path), metavar="FILE", group="File",
            help="The film to write. [default: as the script says]",
        ),
        *_OVERWRITE, _STORE, _JSON,
    ],
    examples="talking-head script render talk.yaml\n"
    "talking-head script render talk.yaml -o draft.mp4 --overwrite",
)  # fmt: skip
def _render(
    script: Path, output: Path | None, overwrite: bool | None, store: Path | None, as_json: bool
) -> None:
    """Make the film of SCRIPT; only lines that changed are rendered."""
    try:
        film = _made(script, output, overwrite, store)
    except KeyboardInterrupt as stop:
        tell("Cancelled; the lines that were finished are kept, and the next render goes on from there.")
        raise click.exceptions.Exit(int(getattr(stop, "exit_code", 130))) from stop
    console = error_console()
    for note in film.notes:
        console.print(note, markup=False)
    if as_json:
        click.echo(json.dumps(asdict(film), default=str, ensure_ascii=False))
        return
    console.print(f"{film.made} rendered, {film.kept} kept.")
    for path in (film.captions, film.video):
        if path is not None:
            print_path(path)


@_command(
    "plan", [_SCRIPT, _STORE, _JSON],
    examples="talking-head script plan talk.yaml\ntalking-head script plan talk.yaml --json",
)  # fmt: skip
def _plan(script: Path, store: Path | None, as_json: bool) -> None:
    """Say which lines of SCRIPT would be rendered, and about how long that takes. Renders nothing."""
    from pipeline.script import plan

    planned = plan(script, store=_opened(store))
    if as_json:
        content = {"seconds": planned.seconds, "work": planned.work, **asdict(planned)}
        click.echo(json.dumps(content, ensure_ascii=False))
        return
    _print_plan(planned)


@_command("clean", [_SCRIPT, _STORE], examples="talking-head script clean talk.yaml")
def _clean(script: Path, store: Path | None) -> None:
    """Remove the segments of SCRIPT from the store; the script and its film stay."""
    from pipeline.script import clean

    freed = clean(script, store=_opened(store))
    click.echo(f"{freed / 1e6:,.1f} MB freed.", err=True)


@_command("schema", [], examples="talking-head script schema > script.schema.json")
def _schema() -> None:
    """Print the JSON Schema of scripts, with which editors complete and check them."""
    from pipeline.script import json_schema

    click.echo(json.dumps(json_schema(), ensure_ascii=False, indent=1))


@_command(
    "new",
    [
        click.Argument(["document"], metavar="DOCUMENT", type=click.Path(path_type=Path)),
        Flag(
            ["-o", "--output"], type=click.Path(path_type=Path), metavar="YAML", required=True, group="File",
            help="The script to write.",
        ),
        Flag(
            ["--subject"], type=click.Path(path_type=Path), metavar="FILE", group="Presenter",
            help="Photo or video of the presenter.",
        ),
        *flags(Scene, only=("consent", "voice")), *_OVERWRITE,
    ],
    examples="talking-head script new deck.pptx --subject host.jpg --consent me -o talk.yaml\n"
    "talking-head script new notes.md --subject host.jpg -o talk.yaml",
)  # fmt: skip
def _new(document: Path, output: Path, subject: Path | None, overwrite: bool | None, **values: Any) -> None:
    """Turn DOCUMENT (text, Markdown, DOCX, PDF or PPTX) into a script."""
    from pipeline.script import new_script

    written = new_script(document, output, subject=subject, overwrite=bool(overwrite), **given(values, Scene))
    console = error_console()
    for note in written.notes:
        console.print(note, markup=False)
    print_path(written.path)


@_command(
    "pack",
    [
        _SCRIPT,
        Flag(
            ["-o", "--output"], type=click.Path(path_type=Path), metavar="ZIP", required=True, group="File",
            help="The project to write.",
        ),
        *_OVERWRITE,
    ],
    examples="talking-head script pack talk.yaml -o talk.zip",
)  # fmt: skip
def _pack(script: Path, output: Path, overwrite: bool | None) -> None:
    """Put SCRIPT and all files that it names into one ZIP, which the page, plan and render take too."""
    from pipeline.script import pack

    print_path(pack(script, output, overwrite=bool(overwrite)))


@_command(
    "unpack",
    [
        click.Argument(["project"], metavar="ZIP", type=click.Path(path_type=Path)),
        Flag(
            ["-o", "--output"], type=click.Path(path_type=Path), metavar="FOLDER", required=True,
            group="File", help="A folder that does not exist yet, or is empty.",
        ),
    ],
    examples="talking-head script unpack talk.zip -o talk",
)  # fmt: skip
def _unpack(project: Path, output: Path) -> None:
    """Take the script and its files out of ZIP."""
    from pipeline.script import unpack

    print_path(unpack(project, output))


def _made(script: Path, output: Path | None, overwrite: bool | None, store: Path | None) -> Film:
    """The finished film, with a progress bar on the way."""
    from pipeline.script import FilmProgress, render

    with progress_bar(error_console()) as bar:
        task = bar.add_task("Reading the script", total=1.0)

        def show(event: FilmProgress) -> None:
            place = f"Line {event.shot} of {event.shots}" if event.place else "Joining the film"
            bar.update(task, completed=event.fraction, description=place)

        return render(script, output, progress=show, overwrite=overwrite, store=_opened(store))


def _opened(folder: Path | None) -> Store | None:
    from pipeline.script import Store

    return None if folder is None else Store(folder)


def _print_plan(planned: FilmPlan) -> None:
    from rich.table import Table

    table = Table("Place", "Line", "Length", "To do")
    for shot in planned.shots:
        table.add_row(shot.place, shot.text[:70], f"{shot.seconds:.1f} s", _to_do(shot))
    print_table(table)
    count = len(planned.waiting)
    click.echo(f"{count} of {len(planned.shots)} to render, about {_clock(planned.work)}.", err=True)


def _to_do(shot: PlannedShot) -> str:
    if shot.ready:
        return "kept"
    return f"same as {shot.same_as}" if shot.same_as else f"render, about {_clock(shot.work)}"


def _clock(seconds: float) -> str:
    """A span as a person says it: "40 s", "3 min"."""
    return f"{max(seconds, 1):.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
