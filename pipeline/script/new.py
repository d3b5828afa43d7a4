"""Slides and texts become scripts: each page or heading a scene, each paragraph of notes or text a line."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from pipeline.errors import DeckError, OutputError
from pipeline.files import claim, written_whole
from pipeline.script.document import LONGEST_SCRIPT
from pipeline.script.errors import ScriptError
from pipeline.script.reading import script_of
from pipeline.stage.slots import Layout
from pipeline.types import ConsentBasis

_PRESENTER = "host"
_PLACEHOLDER = "host.jpg"
"""Where the presenter's photo is expected if none was given."""
_LARGEST_TEXT = 4_000_000
"""Bytes of a text, and of the text inside a DOCX."""
_LARGEST_UNPACKED = 200_000_000
"""Bytes that a DOCX may unpack to."""
_HEADING = re.compile(r"#{1,6}\s+(.+?)\s*#*")
_UNDERLINE = re.compile(r"(=+|-+)\s*")
_ITEM = re.compile(r"\s*([-*+]|\d{1,3}[.)])\s+(.+)")
_FENCE = re.compile(r"\s*(```|~~~)")


@dataclass(frozen=True)
class NewScript:
    """A script that was written."""

    path: Path
    scenes: int
    notes: tuple[str, ...] = ()
    """What was left out, or is still to be filled in, a sentence each."""


@dataclass
class _Draft:
    """Scenes as they are read."""

    scenes: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def begin(self, title: str) -> None:
        """Start a scene."""
        self.scenes.append({"title": title[:200], "lines": []})

    def add(self, paragraph: str) -> None:
        """Add a line to the current scene."""
        if not self.scenes:
            self.scenes.append({"lines": []})
        if text := " ".join(paragraph.split()):
            self.scenes[-1]["lines"].append(text)


def new_script(
    document: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    subject: str | os.PathLike[str] | None = None,
    consent: ConsentBasis | None = None,
    voice: str | None = None,
    overwrite: bool = False,
) -> NewScript:
    """Write a script for a document; what can be spoken becomes its lines.

    Args:
        document: slides (PDF, PPTX), whose speaker notes are the lines, or a text (TXT, Markdown, DOCX).
        output: the YAML file to write; paths in it are relative to its folder.
        subject: photo or video of the presenter.
        consent: why their face may be used.
        voice: their voice.
        overwrite: whether an existing file may be replaced.

    Raises:
        ScriptError, DeckError: the document cannot be read, or is empty or too long.
        OutputError: the script cannot be written, or exists.
    """
    source, target = Path(document), Path(output)
    if target.suffix.lower() not in (".yaml", ".yml"):
        raise OutputError(f"A script is a YAML file; call it {target.with_suffix('.yaml').name}.")
    claim(target, overwrite=overwrite)
    draft = _reader(source)(source, target.parent)
    if not any(scene.get("lines") or scene.get("background") for scene in draft.scenes):
        raise ScriptError(f"There is no text in {source.name}.", parameter="document")
    presenter: dict[str, Any] = {
        "subject": _PLACEHOLDER if subject is None else _from(target.parent, Path(subject))
    }
    if subject is None:
        draft.notes.append(
            f"Put a photo of the presenter at {target.parent / _PLACEHOLDER}, or name another."
        )
    presenter |= {"consent": consent} if consent else {}
    presenter |= {"voice": voice} if voice else {}
    content = {
        "output": {
            "path": target.with_suffix(".mp4").name,
            "aspect": "16:9",
            "height": 1080,
            "captions": "srt",
        },
        "presenters": {_PRESENTER: presenter},
        "scenes": [{name: value for name, value in scene.items() if value} for scene in draft.scenes],
    }
    script_of(content)
    with written_whole(target) as part:
        text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)
        part.write_text(text, encoding="utf-8", newline="\n")
    return NewScript(target, len(draft.scenes), tuple(draft.notes))


def _reader(source: Path) -> Callable[[Path, Path], _Draft]:
    readers = {
        ".txt": _read_plain,
        ".text": _read_plain,
        ".md": _read_markdown,
        ".markdown": _read_markdown,
        ".docx": _read_docx,
        ".pdf": _read_slides,
        ".pptx": _read_slides,
    }
    reader = readers.get(source.suffix.lower())
    if reader is None:
        raise ScriptError(
            f"{source.name} cannot become a script; give a PDF, PPTX, DOCX, Markdown or text file.",
            parameter="document",
        )
    return reader


def _read_slides(source: Path, folder: Path) -> _Draft:
    from pipeline.stage.slides import read_deck

    draft, hidden, animated = _Draft(), 0, 0
    name = _from(folder, source)
    slides = read_deck(source)
    for slide in slides:
        hidden += slide.hidden
        if slide.hidden:
            continue
        animated += slide.animated
        lines = [" ".join(line.split()) for line in slide.notes.split("\n") if line.strip()]
        draft.scenes.append(
            {
                "chapter": slide.title[:200] or f"Slide {slide.index}",
                "background": f"{name}#{slide.index}",
                "layout": Layout.CORNER.value if lines else Layout.VOICE_OVER.value,
                "lines": lines,
            }
        )
    try:
        slides[0].check()
    except DeckError as error:  # the texts can be written meanwhile
        draft.notes.append(str(error))
    if hidden:
        draft.notes.append(f"{_slides(hidden)} hidden and left out.")
    if animated:
        draft.notes.append(f"{_slides(animated)} animated; everything on them is shown at once.")
    if not any(scene["lines"] for scene in draft.scenes):
        draft.notes.append("No slide has notes, so the film is silent; write what is to be said as lines.")
    return draft


def _slides(count: int) -> str:
    return "One slide is" if count == 1 else f"{count} slides are"


def _read_plain(source: Path, folder: Path) -> _Draft:
    draft = _Draft()
    for paragraph in re.split(r"\n\s*\n", _text(source)):
        draft.add(paragraph)
    return _limited(draft, source)


def _read_markdown(source: Path, folder: Path) -> _Draft:
    from pipeline.speech.text.markdown import strip_markdown

    draft = _Draft()
    for kind, text in _blocks(_text(source)):
        spoken = strip_markdown(" ".join(text.split()))
        if kind == "heading":
            draft.begin(" ".join(spoken.split()))
        else:
            draft.add(spoken)
    return _limited(draft, source)


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """Headings, paragraphs and items of lists in Markdown; code and front matter are left out."""
    text = re.sub(r"\A---\n.*?\n---\n", "", text, count=1, flags=re.DOTALL)
    paragraph: list[str] = []
    fenced = False
    for line in [*text.split("\n"), ""]:
        if _FENCE.match(line):
            fenced = not fenced
            continue
        heading, item = _HEADING.fullmatch(line), _ITEM.fullmatch(line)
        if fenced:
            continue
        if paragraph and _UNDERLINE.fullmatch(line):
            yield "heading", " ".join(paragraph)
            paragraph = []
        elif heading or item or not line.strip():
            if paragraph:
                yield "paragraph", "\n".join(paragraph)
            paragraph = [item[2]] if item else []
            if heading:
                yield "heading", heading[1]
        elif not _UNDERLINE.fullmatch(line):
            paragraph.append(line)


def _read_docx(source: Path, folder: Path) -> _Draft:
    from docx import Document
    from docx.opc.exceptions import PackageNotFoundError

    _check_docx(source)
    try:
        document = Document(str(source))
        draft = _Draft()
        for paragraph in document.paragraphs:
            style = (paragraph.style.name or "") if paragraph.style is not None else ""
            if not paragraph.text.strip():
                continue
            if style.startswith(("Heading", "Title")):
                draft.begin(" ".join(paragraph.text.split()))
            else:
                draft.add(paragraph.text)
    except (PackageNotFoundError, KeyError, ValueError, SyntaxError) as error:
        raise ScriptError(
            f"{source.name} is no DOCX, or it is damaged; save it again.", parameter="document"
        ) from error
    return _limited(draft, source)


def _check_docx(source: Path) -> None:
    """Refuse what is no ZIP, or would fill the memory."""
    try:
        with zipfile.ZipFile(source) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
            text = archive.getinfo("word/document.xml").file_size
    except FileNotFoundError as error:
        raise _missing(source) from error
    except (OSError, KeyError, zipfile.BadZipFile, RuntimeError) as error:
        raise ScriptError(
            f"{source.name} is no DOCX, or it is damaged; save it again.", parameter="document"
        ) from error
    if unpacked > _LARGEST_UNPACKED or text > 4 * _LARGEST_TEXT:
        raise ScriptError(f"{source.name} is too large; split it.", parameter="document")


def _text(source: Path) -> str:
    try:
        with source.open("rb") as file:
            content = file.read(_LARGEST_TEXT + 1)
    except FileNotFoundError as error:
        raise _missing(source) from error
    except OSError as error:
        raise ScriptError(
            f"{source.name} cannot be read: {error.strerror or error}.", parameter="document"
        ) from error
    if len(content) > _LARGEST_TEXT:
        raise ScriptError(f"{source.name} is too large; split it.", parameter="document")
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise ScriptError(
            f"{source.name} is not UTF-8 text; save it as UTF-8.", parameter="document"
        ) from error


def _missing(source: Path) -> ScriptError:
    return ScriptError(f"There is no document at {source}; check the name.", parameter="document")


def _limited(draft: _Draft, source: Path) -> _Draft:
    draft.scenes = [scene for scene in draft.scenes if scene["lines"] or scene.get("title")]
    if sum(max(1, len(scene["lines"])) for scene in draft.scenes) > LONGEST_SCRIPT:
        raise ScriptError(
            f"{source.name} has more than {LONGEST_SCRIPT:,} paragraphs; split it.", parameter="document"
        )
    return draft


def _from(folder: Path, path: Path) -> str:
    """A path as a script in `folder` names it: relative where the file lies in it, else absolute."""
    absolute, base = path.expanduser().absolute(), folder.absolute()
    return absolute.relative_to(base).as_posix() if absolute.is_relative_to(base) else absolute.as_posix()
