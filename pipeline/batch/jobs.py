"""Rows become jobs: plain values that any process can turn into a video.

The columns are fields of `spec.Scene` and `spec.Output`, or the `{placeholders}` of a template script; the
column `output` names each video, within the folder of the batch.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pipeline.batch.errors import BatchError
from pipeline.batch.naming import OUTPUT, SUFFIXES, require_unique, require_within, stored_name
from pipeline.batch.outcomes import RESULTS
from pipeline.batch.remote import folder_of, is_remote, require_known
from pipeline.batch.tables import Row, Table
from pipeline.errors import OptionError, unknown_name
from pipeline.script import placeholders_of
from pipeline.spec import FILES, SEVERAL, Output, Scene

_NOT_COLUMNS = {"path", "overwrite"}
"""Fields that the batch decides."""
_MISSPELT = 0.8
"""How alike a column's name and a field's are, 0 to 1, from which the first row is taken for a heading."""


@dataclass(frozen=True)
class Job:
    """A video to be made, in values that can be sent to another process or machine."""

    row: int
    """As the table counts."""
    name: str
    """Of the video, relative to the batch's folder, with forward slashes."""
    folder: Path
    """The batch's."""
    values: dict[str, Any]
    """Fields of the scene and the output, or the template's placeholders; files by absolute paths."""
    template: Path | None = None
    template_url: str | None = None
    """Where the template came from, if not from this machine."""
    remote: str | None = None
    """URL of the folder that the video goes to, instead of `folder`."""
    digest: str = ""
    """Of all that decides what the video looks like."""
    seconds: float = 0.0
    """Length of the video of a template, about."""
    work: float = 0.0
    """Seconds that it takes, about, with the segments that other rows share counted once."""
    consent: str | None = None
    """Why its faces may be used, where neither the row nor the template says so."""
    beside: tuple[str, ...] = ()
    """The files that are written beside the video, relative to the folder; known once it is checked."""
    review: bool = False
    """Whether the finished video is reviewed, which takes about as long as making it."""
    mistake: BatchError | None = None
    """What is wrong with its row, of which no video can be made; it is named after the row where the name is
    wrong.
    """

    @property
    def path(self) -> Path:
        """The video's file, on the machine that makes it."""
        return self.folder / self.name

    @property
    def named_files(self) -> list[str]:
        """The files that its row names, relative to the folder: the video, then the motion file if any."""
        as_fields = self.template is None and self.mistake is None
        motion = self.values.get("motion") if as_fields else None
        return (
            [self.name] if motion is None else [self.name, Path(motion).relative_to(self.folder).as_posix()]
        )

    @property
    def subject(self) -> str:
        """The picture or video of who speaks, which a worker reads once for all rows of it; empty for a
        template, which may show several.
        """
        return str(self.values.get("subject", "")) if self.template is None else ""

    @property
    def exists(self) -> bool:
        """Whether the video is on this machine; what a power cut left without a byte is none."""
        return self.path.is_file() and self.path.stat().st_size > 0


def jobs_of(
    table: Table, folder: Path, template: Path | None = None, *, consent: str | None = None
) -> list[Job]:
    """A job for each row, those too in which a cell or the name is wrong.

    Args:
        table: the rows.
        folder: where the videos go.
        template: a script with placeholders; without it, the columns are fields.
        consent: why faces may be used of which the table and the template do not say so.

    Raises:
        BatchError: a column is unknown or missing.
        ScriptError: the template cannot be read.
    """
    if table.is_headed:
        _require_separated(table)
        if template is None:
            _require_heading(table)
    needed, known = _fields(table) if template is None else _placeholders(table, template)
    if table.is_headed:
        _require_known(table.columns, known)
    if _is_same(table.path, folder / RESULTS):
        raise BatchError(f"{RESULTS} is the batch's own file; give the table another name.")
    beside = [table.folder] if template is None else [template.absolute().parent, table.folder]
    script, output = template and template.absolute(), folder.absolute()
    taken: dict[str, int] = {}
    jobs = []
    for row in table.rows:
        try:
            _require_cells(row, needed, known)
            name = _video_name(row)
            given = {column: value for column, value in row.cells.items() if column != OUTPUT}
            values = _texts(given, beside) if script else _scene_values(given, row, table, output)
            job = Job(row.number, name, output, values, script, consent=consent)
            require_within(job.named_files, output, row.number)
            require_unique(job.named_files, row.number, taken)
        except BatchError as error:
            job = Job(row.number, _name_anyway(row, taken), output, row.cells, script, mistake=error)
        jobs.append(job)
    return jobs


def _fields(table: Table) -> tuple[list[str], list[str]]:
    """The columns that every row must fill, and all that there may be, where columns are fields."""
    known = [
        OUTPUT,
        *(name for name in (*Scene.model_fields, *Output.model_fields) if name not in _NOT_COLUMNS),
    ]
    for name in ("subject", OUTPUT):
        if name not in table.columns:
            _require_known(table.columns, known)  # it may be there under a mistaken name
            raise BatchError(f"The table has no column {name}; add one.")
    return ["subject", OUTPUT], known


def _placeholders(table: Table, template: Path) -> tuple[list[str], list[str]]:
    """The columns that every row must fill, which are all, where they are a template's placeholders."""
    names = placeholders_of(template)
    if not names:
        raise BatchError(
            f"{template.name} has no {{placeholders}}, so that all videos would be the same; write some into "
            "its texts.",
            parameter="template",
        )
    for name in (*names, OUTPUT):
        if name not in table.columns:
            noun = "the names of the videos" if name == OUTPUT else f"{{{name}}} in {template.name}"
            raise BatchError(f"The table has no column {name} for {noun}; add one.")
    columns = [*dict.fromkeys([*names, OUTPUT])]
    return columns, columns


def _require_separated(table: Table) -> None:
    """Refuse a heading that is one cell, as where columns are parted by what no table is parted by."""
    (first, *others) = table.columns or ("",)
    if not others and first != OUTPUT and re.search(rf"\b{OUTPUT}\b", first):
        sentence = f"The columns of {table.path.name} run together; separate them with commas, semicolons or "
        raise BatchError(f"{sentence}tabs.")


def _require_heading(table: Table) -> None:
    """Refuse a first row that is no heading: the table has none, or a title stands above it."""
    known = (*Scene.model_fields, *Output.model_fields, OUTPUT)
    named = [re.sub(r"\W+", "_", each.strip().casefold()) for each in table.columns]
    if not any(get_close_matches(each, known, 1, _MISSPELT) for each in named):
        sentence = f"The first row of {table.path.name} does not name columns; put a heading there, such as "
        raise BatchError(f"{sentence}subject, text, {OUTPUT}.")


def _require_known(columns: Iterable[str], known: list[str]) -> None:
    for name in columns:
        if name not in known:
            raise BatchError(str(unknown_name("column to fill in", name, known)))


def _require_cells(row: Row, needed: list[str], known: list[str]) -> None:
    if row.mistake is not None:
        raise row.mistake
    for name in row.cells:
        if name not in known:
            sentence = str(unknown_name("column to fill in", name, known))
            raise BatchError(f"{sentence[:1].lower()}{sentence[1:]}", row=row.number, column=name)
    empty = [name for name in needed if row.cells.get(name) in (None, "")]
    if len(empty) == 1:
        raise BatchError("the cell is empty; give a value.", row=row.number, column=empty[0])
    if empty:
        named = f"{', '.join(empty[:-1])} and {empty[-1]}"
        raise BatchError(f"the cells {named} are empty; give values.", row=row.number)


def _video_name(row: Row) -> str:
    return stored_name(str(row.cells[OUTPUT]), row.number, OUTPUT, suffixes=SUFFIXES)


def _name_anyway(row: Row, taken: dict[str, int]) -> str:
    """The name of a mistaken row, by which its video is known if there was one; else the row's own."""
    with suppress(BatchError, KeyError):
        name = _video_name(row)
        if taken.setdefault(name.casefold(), row.number) == row.number:
            return name
    return f"row {row.number}"


def _scene_values(given: dict[str, Any], row: Row, table: Table, output: Path) -> dict[str, Any]:
    """The fields, with files that can be opened from anywhere and options as pairs."""
    values = dict(given)
    for name in FILES:
        if name in values:
            try:
                named = [_located(file, table) for file in file_names(name, values[name])]
            except OptionError as error:
                raise BatchError(str(error), row=row.number, column=name) from error
            values[name] = named if name in SEVERAL else named[0]
    if "motion" in values:
        name = stored_name(str(values["motion"]), row.number, "motion", suffixes=(".csv",))
        if _is_same(output / name, table.path):
            sentence = f"{name} is the table itself; give another name."
            raise BatchError(sentence, row=row.number, column="motion")
        values["motion"] = str(output / name)
    for name in values:
        if name.endswith("_options") and isinstance(values[name], str):
            values[name] = _pairs(values[name], row.number, name)
    return values


def _is_same(path: Path, other: Path) -> bool:
    """Whether both are one file, which links and file systems that ignore case may give two names."""
    return path.exists() and other.exists() and path.samefile(other)


def file_names(field: str, value: Any) -> list[str]:
    """The files that a field of a row names, with semicolons between where there may be several."""
    if isinstance(value, list):
        return [str(each) for each in value]
    if field not in SEVERAL:
        return [str(value)]
    return [part.strip() for part in str(value).split(";") if part.strip()]


def _located(file: str, table: Table) -> str:
    """A file's URL, or its path from anywhere; relative ones begin where the table lies.

    Raises:
        OptionError: it is the address of a system that is not used.
    """
    require_known(file)
    if is_remote(file):
        return file
    if table.url is not None and not Path(file).is_absolute():
        return f"{folder_of(table.url)}/{file}"
    return str(table.folder / Path(file).expanduser())


def _pairs(text: str, row: int, column: str) -> dict[str, str]:
    pairs = {}
    for part in text.split(";"):
        name, separator, value = part.partition("=")
        if not separator:
            sentence = f"{part.strip()!r} is not of the form NAME=VALUE; part several with semicolons."
            raise BatchError(sentence, row=row, column=column)
        pairs[name.strip()] = value.strip()
    return pairs


def _texts(given: dict[str, Any], folders: list[Path]) -> dict[str, Any]:
    """Placeholders' values, with those that name a file beside the table as paths that can be opened."""
    template, table = folders
    return {name: _found(str(value), template, table) for name, value in given.items()}


def _found(value: str, template: Path, table: Path) -> str:
    file, mark, page = value.rpartition("#") if "#" in value else (value, "", "")
    if not file or len(file) > 255 or "\n" in file or "\0" in file:
        return value
    try:
        beside_table = not (template / file).exists() and (table / file).is_file()
    except OSError:  # the text is no path that this system could have
        return value
    return f"{table / file}{mark}{page}" if beside_table else value
