"""The first sheet of an XLSX file as rows of texts. openpyxl reads it, and is imported only then."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from pipeline.batch.errors import BatchError

_LARGEST = 256_000_000
"""Bytes of everything in the file, unpacked."""
_MOST_COLUMNS = 200
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]+[0-9]+:[A-Z]+[0-9]+)"')
"""What a sheet says of merged cells, which openpyxl tells only where all of it is in memory."""


def workbook_cells(content: bytes, path: Path, most_rows: int) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of each row of the first sheet that is not hidden, except empty rows.

    Formulas begin with "="; the value of cells that are merged down is that of each row beside them. Hidden
    rows are rows.

    Args:
        content: the file's bytes.
        path: its name, for errors.
        most_rows: how many rows below the heading are of interest; one more is read.

    Raises:
        BatchError: it is no workbook, or too large.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _LARGEST:
                raise BatchError(f"{path.name} is too large; split it into several tables.")
        found = list(islice(_cells(content), most_rows + 2))
    except BatchError:
        raise
    except Exception as error:  # of damaged files, openpyxl raises whatever its own code stumbles over
        raise BatchError(f"{path.name} is not an XLSX workbook; save it again as XLSX or CSV.") from error
    yield from found


def _cells(content: bytes) -> Iterator[tuple[int, list[str]]]:
    from openpyxl import load_workbook
    from openpyxl.cell.read_only import EMPTY_CELL

    book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
    sheet = next((each for each in book.worksheets if each.sheet_state == "visible"), book.worksheets[0])
    begun = _merged(content, sheet._worksheet_path)
    merged: dict[int, tuple[int, str]] = {}
    for number, cells in enumerate(sheet.iter_rows(max_col=_MOST_COLUMNS), 1):
        # most columns of a row are empty, and so may be a million rows before a stray last one
        filled = {column: _text(cell) for column, cell in enumerate(cells) if cell is not EMPTY_CELL}
        if not any(filled.values()):
            continue
        texts = [filled.get(column, "") for column in range(len(cells))]
        for column, (last, text) in merged.items():
            if number <= last and column < len(texts):
                texts[column] = texts[column] or text
        for column, last in begun.get(number, ()):
            merged[column] = last, texts[column] if column < len(texts) else ""
        yield number, texts


def _merged(content: bytes, sheet: str) -> dict[int, list[tuple[int, int]]]:
    """Of cells that are merged with those below: by first row, the column from 0 and the last row."""
    from openpyxl.utils.cell import range_boundaries

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        ranges = _MERGED.findall(archive.read(sheet))
    found: dict[int, list[tuple[int, int]]] = {}
    for each in ranges:
        column, first, _, last = range_boundaries(each.decode())
        if first < last:
            found.setdefault(first, []).append((column - 1, last))
    return found


def _text(cell: Any) -> str:
    """A cell as a person would type it."""
    value = cell.value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return _number(value, cell.number_format)
    if isinstance(value, datetime) and not (value.hour or value.minute or value.second):
        return value.date().isoformat()
    if isinstance(value, datetime):
        return f"{value.date().isoformat()} {_clock(value.time())}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return _clock(value)
    if isinstance(value, str | timedelta):
        return str(value).strip()
    return "" if value is None else "={…}"  # a formula of several cells


def _number(value: float, shown: str) -> str:
    """A number as its cell shows it, where that is a percentage or has zeros in front."""
    if shown.rstrip("0") == "" and value >= 0:
        return f"{value:0{len(shown)}.0f}"
    if shown.endswith("%"):
        return f"{float(f'{100 * value:.10g}'):g}%"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _clock(value: time) -> str:
    return value.isoformat("seconds" if value.second else "minutes")
