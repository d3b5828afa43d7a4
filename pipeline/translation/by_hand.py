"""Translations that people made or corrected: a table of source and target, captions, or lines in order."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import concerning
from pipeline.files import written_whole
from pipeline.translation.cues import has_times, plain, read_captions
from pipeline.translation.errors import TranslationError

HEADER = ("place", "source", "target")
"""The columns of a table for review."""
_SEPARATORS = "\t,;"
"""Between cells: ours, and those of spreadsheet programs that save a table as CSV."""


@dataclass(frozen=True)
class Entry:
    """A line and its translation."""

    place: str
    """Where it stands: the number of a line, the times of a caption, or the field of a script."""
    source: str
    target: str


def review_table(entries: Sequence[Entry]) -> str:
    """The entries as a table for correction: tab-separated, a line each, `place`, `source` and `target`."""
    rows = ["\t".join(HEADER)]
    rows += ["\t".join(map(_cell, (each.place, each.source, each.target))) for each in entries]
    return "\n".join(rows) + "\n"


def write_review(path: Path, entries: Sequence[Entry], *, overwrite: bool = True) -> None:
    """Write the table, with commas where the file is called `.csv`.

    Args:
        overwrite: whether it may replace a file of that name, even one that appeared meanwhile.

    Raises:
        OutputError: it cannot be written, or is taken and may not be replaced.
    """
    table = review_table(entries)
    if path.suffix.lower() == ".csv":
        lines = io.StringIO()
        csv.writer(lines, lineterminator="\n").writerows(table_rows(table.removesuffix("\n")))
        table = lines.getvalue()
    with written_whole(path, overwrite=overwrite) as part:
        part.write_text(table, encoding="utf-8", newline="\n")


@concerning("lines")
def read_by_hand(text: str, sources: Sequence[str]) -> list[str]:
    """The translation of each source line, in a text that somebody wrote.

    Args:
        text: a table as `review_table` makes it, an SRT or WebVTT file, or a line for each line; empty lines
            need not be the same.
        sources: the lines that it translates.

    Raises:
        TranslationError: it has another number of lines, or a table belongs to other lines; the sentence
            names the first.
        TextError: the captions cannot be read.
    """
    text = plain(text)
    if is_table(text):
        return _from_table(text, sources)
    if has_times(text):
        return _counted([line.text for line in read_captions(text)], sources)
    lines = text.split("\n")
    while len(lines) > len(sources) and not lines[-1].strip():
        lines.pop()
    return _line_by_line(lines, sources)


def _line_by_line(lines: list[str], sources: Sequence[str]) -> list[str]:
    """A translation of each source line with words, even where the empty lines are not the same."""
    written = [line for line in lines if line.strip()]
    worded = [source for source in sources if source.strip()]
    if len(written) != len(worded) and len(lines) == len(sources):
        return lines
    following = iter(_counted(written, worded))
    return [next(following) if source.strip() else source for source in sources]


def _from_table(text: str, sources: Sequence[str]) -> list[str]:
    rows = [row for row in table_rows(text)[1:] if any(cell.strip() for cell in row)]
    for number, row in enumerate(rows, 2):
        if len(row) < len(HEADER):
            raise TranslationError(
                f"Line {number} of the translation has fewer columns than place, source and target; add them."
            )
    _counted([row[2] for row in rows], sources)
    for number, (row, source) in enumerate(zip(rows, sources, strict=True), 2):
        if _unquoted(row[1]) != _unquoted(_cell(source)):
            raise TranslationError(
                f"Line {number} of the translation is of “{row[1][:60]}”, but “{_cell(source)[:60]}” stands "
                "there now; make a new table."
            )
    return [_target(row, source) for row, source in zip(rows, sources, strict=True)]


def table_rows(text: str) -> list[list[str]]:
    """The cells of each line of a table: as `review_table` makes it, or saved again as CSV.

    Raises:
        TranslationError: it is no CSV.
    """
    separator = _separator(text)
    if separator == "\t":
        return [line.split("\t") for line in text.split("\n")]
    try:
        return list(csv.reader(io.StringIO(text), delimiter=separator))
    except csv.Error as error:
        raise TranslationError(f"The table cannot be read as CSV: {error}; save it with tabs.") from error


def is_table(text: str) -> bool:
    """Whether a text begins as `review_table` does, or as such a table that was saved again as CSV."""
    separator = _separator(text)
    return tuple(_heading(text, separator)[: len(HEADER)]) == HEADER


def _separator(text: str) -> str:
    """What is between the cells of a table, by its heading."""
    fitting = (each for each in _SEPARATORS if tuple(_heading(text, each)[: len(HEADER)]) == HEADER)
    return next(fitting, _SEPARATORS[0])


def _heading(text: str, separator: str) -> list[str]:
    return [cell.strip().strip('"') for cell in text.partition("\n")[0].split(separator)]


def _target(row: Sequence[str], source: str) -> str:
    """The translation in a row; spreadsheet programs put cells with a comma or a quotation mark in quotes."""
    quoted = row[1] != _cell(source) or '"' not in source
    target = _unquoted(row[2]) if quoted else row[2]
    return target.replace("\\n", "\n") if "\n" in source else target


def _unquoted(cell: str) -> str:
    """A cell without the quotes of a spreadsheet program."""
    inside = cell[1:-1] if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell
    return inside.replace('""', '"')


def _counted(lines: list[str], sources: Sequence[str]) -> list[str]:
    if len(lines) != len(sources):
        raise TranslationError(
            f"The translation has {_lines(len(lines))}, but {_lines(len(sources))} are to be translated; "
            "give as many."
        )
    return lines


def _lines(count: int) -> str:
    return "one line" if count == 1 else f"{count} lines"


def _cell(text: str) -> str:
    """A text as it stands in a table: on one line, without tabs."""
    return text.replace("\t", " ").replace("\n", "\\n")
