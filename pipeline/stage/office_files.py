"""Checks of an untrusted DOCX or PPTX (a ZIP of XML) before it is parsed."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import PurePosixPath
from pyexpat import ExpatError, ParserCreate
from typing import NoReturn

_BLOCK = 16_384
"""Bytes of a part that are read at a time until its first element."""
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    RuntimeError,
    KeyError,
    IndexError,
    ValueError,
    AttributeError,
    TypeError,
    SyntaxError,
    AssertionError,
)
"""What zipfile, lxml, python-docx and python-pptx raise on damaged files, besides their own errors."""


def fault(archive: zipfile.ZipFile) -> str | None:
    """What is wrong with an office file: a sentence that goes on after its name; None for nothing.

    Document types are refused, as they declare entities: texts that grow a thousandfold, or other files.

    Raises:
        ValueError: a part is no XML.
    """
    for entry in archive.infolist():
        parts = PurePosixPath(entry.filename).parts
        if entry.flag_bits & 0x1:
            return "is protected by a password; save a copy without one and use that."
        if ".." in parts or entry.filename.startswith("/"):
            return (
                f"holds {entry.filename!r}, a path that leads out of it; save it again in the program that "
                "made it."
            )
        if is_xml(entry.filename) and not entry.is_dir() and _declares_entities(archive, entry):
            return (
                f"declares XML entities in {entry.filename}, which are not read; save it again in the "
                "program that made it."
            )
    return None


def is_xml(name: str) -> bool:
    """Whether a part with this name is XML."""
    return name.lower().endswith((".xml", ".rels"))


def _declares_entities(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    """Whether a part has a document type before its first element, in any encoding and after any comment."""
    parser = ParserCreate()
    parser.StartDoctypeDeclHandler = _meet_type
    parser.StartElementHandler = _meet_element
    try:
        with archive.open(entry) as part:
            while block := part.read(_BLOCK):
                parser.Parse(block)
    except _SeenError as seen:
        return bool(seen.args[0])
    except ExpatError as error:
        raise ValueError(f"{entry.filename} is no XML") from error
    return False


class _SeenError(Exception):
    """Ends the parsing: a document type was met, or the first element."""


def _meet_type(*_: object) -> NoReturn:
    raise _SeenError(True)


def _meet_element(*_: object) -> NoReturn:
    raise _SeenError(False)
