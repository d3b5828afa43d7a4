"""A table of rows from a file: CSV with the separator and the encoding found, TSV, XLSX or JSON Lines.

Rows are counted as a spreadsheet shows them: the heading is row 1. Nothing is calculated: a row with a
formula in a cell is mistaken, because its value would be another program's.
"""

from __future__ import annotations

import csv
import io
import json
import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.batch.errors import BatchError
from pipeline.batch.table_kinds import require_kind, require_table
from pipeline.batch.workbooks import workbook_cells
from pipeline.encodings import UNREADABLE, decoded
from pipeline.errors import TextError

if TYPE_CHECKING:
    from _csv import Reader

MOST_ROWS = 10_000
"""Rows of a table, each of which is a video."""
_LARGEST = 64_000_000
"""Bytes of a table's file."""
_LINES = (".jsonl", ".ndjson")
_SEPARATORS = (",", ";", "\t", "|")
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n")
_FAULTS = ("#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!")
"""What spreadsheets save in place of a value that they could not calculate."""
_FORMULA = re.compile(
    r"[\s\u200b-\u200f\u2060\ufeff]*"
    r"(?:[=＝]"
    r"|[-+@]\s*(?:[\d.,]+\s*[-+*/^&]\s*)*"  # numbers that something else is added to
    r"(?:[A-Za-z][\w.]*[(|]"  # a function, or another program's name
    r"|\$?[A-Za-z]{1,3}\$?[0-9]+\s*(?:[-+*/^&:)]|$)))"  # a cell: but "+49 170" and "- Hello" are texts
)
"""What spreadsheets take for a formula; of what begins with a sign or "@", only what can be nothing else."""
_LIMIT = threading.Lock()
"""Held while csv's own limit of a cell, which is the whole process's, is raised."""

_Cells = list[str] | BatchError
"""The cells of a row, or why they cannot be told apart."""


@dataclass(frozen=True)
class Row:
    """One row: a video to be made."""

    number: int
    """As a spreadsheet counts; of JSON Lines, the line."""
    cells: dict[str, Any]
    """Values by column, texts except in JSON Lines; empty cells are left out."""
    mistake: BatchError | None = None
    """Why no video can be made of it."""


@dataclass(frozen=True)
class Table:
    """The rows of a file."""

    path: Path
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    is_headed: bool = True
    """Whether a heading names the columns of all rows, and not each row its own."""
    url: str | None = None
    """Where it came from, if not from this machine."""

    @property
    def folder(self) -> Path:
        """Where relative paths in it begin."""
        return self.path.absolute().parent


def read_table(path: Path) -> Table:
    """The table in a file, whose kind its name says.

    Returns:
        All rows, those too in which something is wrong.

    Raises:
        BatchError: it cannot be read, or has no rows, too many, or columns without a name.
    """
    content = _read(path)
    require_table(content, path)
    kind = path.suffix.lower()
    if kind in _LINES:
        return replace(_checked(path, *_json_lines(_text(content, path))), is_headed=False)
    cells: Iterable[tuple[int, _Cells]]
    cells = workbook_cells(content, path, MOST_ROWS) if kind == ".xlsx" else _csv_cells(content, path)
    return _checked(path, *_headed(cells, is_sheet=kind == ".xlsx"))


def _read(path: Path) -> bytes:
    require_kind(path)
    if path.is_dir():
        raise BatchError(f"{path} is a folder; give the table in it.")
    if not path.is_file():
        raise BatchError(f"There is no table at {path}; check the name.")
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise BatchError(
            f"{path} cannot be read: {error.strerror or error}; check its permissions."
        ) from error
    if len(content) > _LARGEST:
        raise BatchError(
            f"{path.name} is larger than {_LARGEST // 1_000_000} MB; split it into several tables."
        )
    return content


def _text(content: bytes, path: Path) -> str:
    try:
        return decoded(content, path, "table")
    except TextError as error:
        raise BatchError(str(error)) from error


def _csv_cells(content: bytes, path: Path) -> list[tuple[int, _Cells]]:
    text = _text(content, path)
    with _long_cells():
        separator = _separator(text, first="\t" if path.suffix.lower() == ".tsv" else "")
        named = _SEPARATOR_LINE.match(text)  # which spreadsheets write and read, but do not show as a row
        if named is not None:
            text, separator = text[named.end() :], named[1]
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        return list(islice(_numbered(rows), MOST_ROWS + 2))  # one more than there may be


@contextmanager
def _long_cells() -> Iterator[None]:
    """Let cells be as long as a table: how much can be said is checked row by row."""
    with _LIMIT:
        before = csv.field_size_limit(_LARGEST)
        try:
            yield
        finally:
            csv.field_size_limit(before)


def _numbered(rows: Reader) -> Iterator[tuple[int, _Cells]]:
    """Number and cells of each row that is not empty.

    Raises:
        BatchError: quotes are not closed where it cannot be told where the next row begins.
    """
    for number in count(1):
        begun = rows.line_num
        try:
            cells = [cell.strip() for cell in next(rows)]
        except StopIteration:
            return
        except csv.Error as error:
            sentence = f"the quotes or cells cannot be read ({error}); export the table again."
            mistake = BatchError(sentence, row=number)
            if rows.line_num != begun + 1 or "end of data" in str(error):
                raise mistake from error
            yield number, mistake
            continue
        if any(cells):
            yield number, cells


def _separator(text: str, *, first: str) -> str:
    """`first` where the heading has it; else the one that parts the heading into most cells."""
    heading = next((line for line in io.StringIO(text, newline=None) if line.strip()), "")
    if first and first in heading:
        return first
    return max(_SEPARATORS, key=lambda each: len(next(csv.reader([heading], delimiter=each), [])))


def _headed(cells: Iterable[tuple[int, _Cells]], *, is_sheet: bool) -> tuple[list[str], Iterator[Row]]:
    """The columns, and the rows below them; columns without a heading have an empty name."""
    numbered = iter(cells)
    _, columns = next(numbered, (1, []))
    if isinstance(columns, BatchError):
        raise columns
    while columns and not columns[-1]:
        columns.pop()
    return columns, _rows(columns, numbered, is_sheet)


def _rows(columns: list[str], cells: Iterator[tuple[int, _Cells]], is_sheet: bool) -> Iterator[Row]:
    for number, values in cells:
        if isinstance(values, BatchError):
            yield Row(number, {}, values)
            continue
        found = {name: value for name, value in zip(columns, values, strict=False) if value}
        # a sheet's cells stay in their columns; elsewhere, one too many shows that a text was cut in two
        named = [*columns, *("" for _ in values[len(columns) :])] if is_sheet else columns
        try:
            _require_values(named, values, number)
        except BatchError as error:
            yield Row(number, found, error)
        else:
            yield Row(number, found)


def _require_values(columns: list[str], values: list[str], row: int) -> None:
    """Refuse what is no value of a column.

    Raises:
        BatchError: there are more cells than columns, or one has no heading or holds a formula, its error
            or what is no text.
    """
    if any(values[len(columns) :]):
        sentence = f"there are {len(values)} cells and only {len(columns)} columns; put straight quotes "
        raise BatchError(f"{sentence}around texts that hold the separator.", row=row)
    for place, (name, value) in enumerate(zip(columns, values, strict=False), 1):
        shown = value if len(value) <= 40 else f"{value[:40]}…"
        if value and not name:
            raise BatchError(f"column {place} has no heading; name it or remove it.", row=row)
        if "\0" in value or UNREADABLE in value:
            sentence = (
                "the cell holds characters that are no text; type it again, and save the table as UTF-8."
            )
            raise BatchError(sentence, row=row, column=name)
        if _FORMULA.match(value):
            raise BatchError(f"{shown} is a formula; put its value there.", row=row, column=name)
        if value in _FAULTS:
            raise BatchError(f"{shown} is a formula's error; put a value there.", row=row, column=name)


def _json_lines(text: str) -> tuple[list[str], Iterator[Row]]:
    lines = enumerate(text.split("\n"), 1)  # U+2028 within a text ends no line
    rows = list(islice((_json_row(line, number) for number, line in lines if line.strip()), MOST_ROWS + 1))
    return list(dict.fromkeys(name for row in rows for name in row.cells)), iter(rows)


def _json_row(line: str, number: int) -> Row:
    try:
        found = json.loads(line, object_pairs_hook=partial(_object, row=number))
    except (ValueError, RecursionError):
        return Row(number, {}, BatchError("the line is not JSON; write one object on each line.", row=number))
    except BatchError as error:
        return Row(number, {}, error)
    if not isinstance(found, dict):
        sentence = "the line is not an object; write one object on each line."
        return Row(number, {}, BatchError(sentence, row=number))
    cells = {name: value for name, value in found.items() if value not in (None, "")}
    for name, value in found.items():
        plain = value.values() if isinstance(value, dict) else [value]
        if any(isinstance(each, (dict, list)) for each in plain):
            what = "a list" if isinstance(value, list) else "an object with lists or objects in it"
            sentence = f"{what} is no value; give a text or a number."
            return Row(number, cells, BatchError(sentence, row=number, column=name))
    return Row(number, cells)


def _object(pairs: list[tuple[str, Any]], *, row: int) -> dict[str, Any]:
    """An object of JSON, of which a repeated name would hide a value."""
    for index, (name, _) in enumerate(pairs):
        if not name:
            raise BatchError("a value has no name; give it one.", row=row)
        if any(name == before for before, _ in pairs[:index]):
            raise BatchError("it is there twice; remove one.", row=row, column=name)
    return dict(pairs)


def _checked(path: Path, columns: list[str], rows: Iterable[Row]) -> Table:
    named = [name for name in columns if name]
    for index, name in enumerate(named):
        if name in named[:index]:
            raise BatchError(f"There are two columns called {name!r}; remove one.")
    found = []
    for row in rows:
        found.append(row)
        if len(found) > MOST_ROWS:
            raise BatchError(f"A table has at most {MOST_ROWS:,} rows; split it into several.")
    if not found:
        where = " in its first sheet" if path.suffix.lower() == ".xlsx" else ""
        needed = "one object" if path.suffix.lower() in _LINES else "a heading and one row"
        raise BatchError(f"{path.name} has no rows{where}; write {needed} for each video.")
    if not named and found[0].mistake is not None:
        raise found[0].mistake
    return Table(path, tuple(named), tuple(found))
