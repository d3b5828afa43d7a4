"""The first sheet of an XLSX file as rows of texts. openpyxl reads it, and is imported only then."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pipeline.batch.errors import BatchError

_LARGEST = 256_000_000
"""Bytes of everything in the file, unpacked."""
_MOST_COLUMNS = 200


def workbook_cells(content: bytes, path: Path, most_rows: int) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of each row of the first sheet, formulas as they are written, beginning with "=".

    Args:
        content: the file's bytes.
        path: its name, for errors.
        most_rows: how many rows below the heading are of interest; one more is read.

    Raises:
        BatchError: it is no workbook, or too large.
    """
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _LARGEST:
                raise BatchError(f"{path.name} is too large; split it into several tables.")
        book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        sheet = book.worksheets[0]
        rows = sheet.iter_rows(max_col=_MOST_COLUMNS, max_row=most_rows + 2, values_only=True)
        yield from ((number, [_text(cell) for cell in cells]) for number, cells in enumerate(rows, 1))
    except (
        zipfile.BadZipFile,
        InvalidFileException,
        KeyError,
        IndexError,
        ValueError,
        TypeError,
        EOFError,
    ) as error:
        raise BatchError(f"{path.name} is not an XLSX workbook; save it again as XLSX or CSV.") from error


def _text(cell: Any) -> str:
    """A cell as a person would type it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime) and not (cell.hour or cell.minute or cell.second):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
