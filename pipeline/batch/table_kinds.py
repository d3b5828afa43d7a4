"""What a file that is called a table but is none really is, by its first bytes."""

from __future__ import annotations

import re
from pathlib import Path

from pipeline.batch.errors import BatchError

KINDS = (".csv", ".txt", ".tsv", ".xlsx", ".jsonl", ".ndjson")
"""Endings of the names of tables."""
_PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf", b"Rar!")
"""First bytes of gzip, bzip2, xz, Zstandard, 7z and RAR."""
_ZIP, _COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PROTECTED = "EncryptedPackage".encode("utf-16-le")
"""A stream of Office files with a password."""
_PAGE = re.compile(rb"\s*(<!doctype html|<html|<head|<body|<table)", re.IGNORECASE)
_OTHERS = (b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"{\\rtf")
_HELP = "save it as CSV, TSV, XLSX or JSON Lines."


def require_kind(path: Path) -> None:
    """Refuse a name that is no table's.

    Raises:
        BatchError: its ending says so.
    """
    if path.suffix.lower() in (".gz", ".bz2", ".xz", ".zst", ".7z", ".rar"):
        raise BatchError(f"{path.name} is compressed; unpack it first.")
    if path.suffix.lower() not in KINDS:
        raise BatchError(f"{path.name} is no table; {_HELP}")


def require_table(content: bytes, path: Path) -> None:
    """Refuse a file that is of another kind than its name says.

    Args:
        content: the file's bytes.
        path: its name, one of a table.

    Raises:
        BatchError: it is empty, compressed, protected, a web page or the like.
    """
    if not content:
        raise BatchError(f"{path.name} is empty; save the table again.")
    fault = _fault(content, path.suffix.lower() == ".xlsx")
    if fault is not None:
        raise BatchError(f"{path.name} {fault}")


def _fault(content: bytes, named_workbook: bool) -> str | None:
    if content.startswith(_PACKED):
        return "is compressed; unpack it first."
    if content.startswith(_COMPOUND):
        if _PROTECTED in content:
            return "is protected by a password; save it without one."
        return "is a file of an old version of Office; save it as XLSX or CSV."
    if content.startswith(_ZIP) and b"opendocument.spreadsheet" in content[:200]:
        return "is an OpenDocument spreadsheet; save it as XLSX or CSV."
    if content.startswith(_ZIP) and not named_workbook:
        return "is a workbook or a ZIP; give a workbook the ending .xlsx, and unpack a ZIP first."
    if _PAGE.match(content.removeprefix(b"\xef\xbb\xbf")[:1000]):
        return "is a web page, as where a download asks to sign in; download the table itself."
    return f"is no table; {_HELP}" if content.startswith(_OTHERS) else None
