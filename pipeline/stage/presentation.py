"""Reads a PPTX's titles, speaker notes and hidden slides, and makes a copy that is safe to show.

python-pptx reads it. The file is a zip of XML parts that anybody may have written, so its sizes are checked
before anything is unpacked, and nothing that it links to is ever opened: the copy made for rendering has lost
its links to other files and addresses.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import DeckError
from pipeline.stage.office_files import UNREADABLE, fault, is_xml
from pipeline.stage.pdf import MOST_SLIDES
from pipeline.video.container import require_file

_MOST_PARTS = 20_000
"""Files in a PPTX."""
_MAX_UNPACKED = 1_000_000_000
"""Bytes of all parts together."""
_MAX_XML = 64_000_000
"""Bytes of one XML part."""
_COMPOUND_FILE = b"\xd0\xcf\x11\xe0"
"""First bytes of Microsoft's older container: a PPT, or a PPTX with a password."""
_HYPERLINK = "/hyperlink"
"""End of the type of a link that is only followed when somebody clicks on it."""
_EFFECT = ".//p:timing//p:cTn[@presetClass]"
"""Where a slide's XML has an animation."""


@dataclass(frozen=True)
class Outline:
    """What is known of one slide without drawing it."""

    title: str
    notes: str
    """Paragraphs separated by newlines."""
    hidden: bool
    animated: bool
    linked: bool
    """Whether it shows something from another file or address."""


def read_outlines(path: Path) -> list[Outline]:
    """Title, notes and visibility of each slide of a PPTX, in order.

    Raises:
        DeckError: no PPTX, damaged, behind a password, without slides or with too many, or far too large.
    """
    from pptx import Presentation

    with _understood(path):
        slides = Presentation(str(path)).slides
        if len(slides) > MOST_SLIDES:
            raise DeckError(f"{path.name} has {len(slides)} slides; the limit is {MOST_SLIDES}, so split it.")
        outlines = [_outline(slide) for slide in slides]
    if not outlines:
        raise DeckError(f"{path.name} has no slides; add one in the program that made it.")
    return outlines


def write_plain_copy(path: Path, copy: Path) -> None:
    """Write a PPTX without links to anything outside it, and with its hidden slides shown.

    Raises:
        DeckError: as for `read_outlines`.
    """
    with _understood(path), zipfile.ZipFile(path) as source, zipfile.ZipFile(copy, "w") as target:
        for entry in source.infolist():
            if not entry.is_dir():
                part = source.read(entry)
                target.writestr(entry.filename, _plain(entry.filename, part), zipfile.ZIP_DEFLATED, 1)


@contextmanager
def _understood(path: Path) -> Iterator[None]:
    """Check the zip before the block reads it, and put the readers' errors into a sentence."""
    from pptx.exc import PythonPptxError

    require_file(path, DeckError, what="slide deck", parameter="background")
    try:
        _check(path)
        yield
    except (*UNREADABLE, PythonPptxError) as error:
        raise DeckError(f"{path.name} is not a PPTX, or it is damaged; save it again.") from error


def _check(path: Path) -> None:
    """Refuse what is no PPTX, or was made to do harm, before anything of it is parsed."""
    with path.open("rb") as file:
        if file.read(4) == _COMPOUND_FILE:
            raise DeckError(
                f"{path.name} is protected by a password, or is a PPT; save it as a PPTX without a password."
            )
    with zipfile.ZipFile(path) as box:
        _check_sizes(path, box.infolist())
        wrong = fault(box)
    if wrong is not None:
        raise DeckError(f"{path.name} {wrong}", parameter="background")


def _check_sizes(path: Path, entries: Sequence[zipfile.ZipInfo]) -> None:
    large_xml = any(is_xml(entry.filename) and entry.file_size > _MAX_XML for entry in entries)
    unpacked = sum(entry.file_size for entry in entries)
    if large_xml or unpacked > _MAX_UNPACKED or len(entries) > _MOST_PARTS:
        raise DeckError(
            f"{path.name} is far larger than it looks, {unpacked / 1e6:.0f} MB; export it as a PDF and use "
            "that."
        )


def _outline(slide: Any) -> Outline:
    title = slide.shapes.title
    notes = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
    return Outline(
        title=" ".join(title.text_frame.text.split()) if title is not None else "",
        notes=_text(notes.text) if notes is not None else "",
        hidden=slide.element.get("show") in ("0", "false"),
        animated=bool(slide.element.xpath(_EFFECT)),
        linked=any(_is_fetched(link.reltype) for link in slide.part.rels.values() if link.is_external),
    )


def _text(text: str) -> str:
    """Without the vertical tabs by which PPTX breaks a line within a paragraph, and without blank lines."""
    lines = (" ".join(line.split()) for line in text.replace("\v", "\n").split("\n"))
    return "\n".join(line for line in lines if line)


def _is_fetched(kind: str) -> bool:
    return not kind.endswith(_HYPERLINK)


def _plain(name: str, part: bytes) -> bytes:
    """A part without links, if it is a list of them, and shown, if it is a slide."""
    if not is_xml(name):
        return part
    from lxml import etree

    root = etree.fromstring(part, etree.XMLParser(resolve_entities=False, no_network=True))
    for link in root if name.endswith(".rels") else ():
        if link.get("TargetMode") == "External" and _is_fetched(link.get("Type", "")):
            root.remove(link)
    if etree.QName(root).localname == "sld":
        root.attrib.pop("show", None)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
