"""DOCX becomes a draft: headings begin scenes, paragraphs, items of lists and rows of tables are lines.

python-docx opens it. Its own text of a paragraph has neither what was inserted while changes were tracked nor
what stands in content controls, so the text is collected here.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.script.drafts import LARGEST_TEXT, Draft, missing, too_large
from pipeline.script.errors import ScriptError
from pipeline.stage.office_files import UNREADABLE, fault

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

_LARGEST_UNPACKED = 200_000_000
"""Bytes that a DOCX may unpack to."""
_COMPOUND_FILE = b"\xd0\xcf\x11\xe0"
"""First bytes of Microsoft's older container: a DOC, or a DOCX with a password."""
_TEXT = (
    ".//*[self::w:t or self::w:tab or self::w:br or self::w:cr or self::w:noBreakHyphen]"
    "[not(ancestor::w:tabs or ancestor::w:moveFrom or ancestor::w:txbxContent)]"
)
"""What is read of a paragraph: not what was moved away, nor text boxes, which a DOCX has twice."""
_BODY_LEVEL = 9
"""Outline level of text that is no heading."""


def read_docx(source: Path) -> Draft:
    """A draft of a DOCX.

    Raises:
        ScriptError: it is none, is damaged, behind a password, brings entities, or is too large or too long.
    """
    from docx import Document
    from docx.opc.exceptions import PackageNotFoundError

    _check(source)
    try:
        document = Document(str(source))
        draft = _draft(document)
    except (PackageNotFoundError, *UNREADABLE) as error:
        raise _damaged(source) from error
    return draft.limited(source)


def _check(source: Path) -> None:
    """Refuse what is no ZIP, would fill the memory, or was made to do harm."""
    try:
        with source.open("rb") as file:
            if file.read(4) == _COMPOUND_FILE:
                raise ScriptError(
                    f"{source.name} is protected by a password, or is a DOC; save it as a DOCX without a "
                    "password.",
                    parameter="document",
                )
        with zipfile.ZipFile(source) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
            text = archive.getinfo("word/document.xml").file_size
            if unpacked > _LARGEST_UNPACKED or text > 4 * LARGEST_TEXT:
                raise too_large(source)
            wrong = fault(archive)
    except FileNotFoundError as error:
        raise missing(source) from error
    except UNREADABLE as error:
        raise _damaged(source) from error
    if wrong is not None:
        raise ScriptError(f"{source.name} {wrong}", parameter="document")


def _damaged(source: Path) -> ScriptError:
    return ScriptError(f"{source.name} is no DOCX, or it is damaged; save it again.", parameter="document")


def _draft(document: WordDocument) -> Draft:
    draft = Draft()
    for block in _blocks(document.element.body):
        if block.tag.endswith("}tbl"):
            for row in _found(block, "./w:tr"):
                cells = (
                    " ".join(map(_text, _found(cell, ".//w:p"))).strip() for cell in _found(row, "./w:tc")
                )
                draft.add(", ".join(filter(None, map(str.strip, cells))))
        elif not (text := _text(block)).strip():
            continue
        elif _is_heading(document, block):
            draft.begin(text)
        else:
            draft.add(text)
    return draft


def _found(element: Any, path: str) -> list[Any]:
    """What an XPath gives; elements that python-docx has no class for do not know its namespace."""
    from docx.oxml.ns import nsmap
    from lxml import etree

    return list(etree.XPath(path, namespaces={"w": nsmap["w"]})(element))


def _blocks(parent: Any) -> Iterator[Any]:
    """Paragraphs and tables in order, those in content controls too; a table of contents is none of them."""
    for child in parent:
        name = str(child.tag).rpartition("}")[2]
        if name in ("p", "tbl"):
            yield child
        elif name == "sdt" and not _found(child, "./w:sdtPr/w:docPartObj/w:docPartGallery"):
            for content in _found(child, "./w:sdtContent"):
                yield from _blocks(content)


def _text(paragraph: Any) -> str:
    return "".join(map(_written, _found(paragraph, _TEXT)))


def _written(node: Any) -> str:
    if node.tag.endswith("}t"):
        return node.text or ""
    return "-" if node.tag.endswith("}noBreakHyphen") else " "


def _is_heading(document: WordDocument, paragraph: Any) -> bool:
    """Whether a paragraph, or a style that its own is based on, is a title or has a place in the outline."""
    own = _level(paragraph)
    style = document.styles.element.get_by_id(paragraph.style) if paragraph.style else None
    for _ in range(len(document.styles)):
        if own is not None or style is None:
            break
        if (style.name_val or "").lower().startswith(("heading", "title")):
            return True
        own, style = _level(style), style.base_style
    return own is not None and own < _BODY_LEVEL


def _level(element: Any) -> int | None:
    """The outline level that a paragraph or a style states, from 0."""
    found = _found(element, "./w:pPr/w:outlineLvl/@w:val")
    return int(found[0]) if found else None
