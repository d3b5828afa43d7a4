"""Plain text and Markdown become drafts: headings begin scenes, paragraphs, items and rows are lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from pipeline.encodings import plain_text
from pipeline.errors import TextError
from pipeline.script.drafts import LARGEST_TEXT, Draft, missing, too_large
from pipeline.script.errors import ScriptError

_HEADING = re.compile(r" {0,3}#{1,6}\s+(.+?)\s*#*\s*")
_UNDERLINE = re.compile(r"(=+|-+)\s*")
_RULE = re.compile(r" {0,3}([-*_=])(?:[ \t]*\1){2,}[ \t]*")
_ITEM = re.compile(r"\s*([-*+•]|\d{1,3}[.)])\s+(.+)")
_ROW = re.compile(r"\s*\|.*")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_LONGEST_CAPITALS = 60
"""Characters of a line in capitals that is a heading in plain text; longer ones are shouted sentences."""


def read_plain(source: Path) -> Draft:
    """A draft of plain text, whose headings are marked as in Markdown or stand alone in capitals.

    Raises:
        ScriptError: it cannot be read, is no text or is too long.
    """
    draft = Draft()
    for paragraph in re.split(r"\n\s*\n", _text(source)):
        first, _, rest = paragraph.strip().partition("\n")
        title = _title(first, rest)
        if title is None:
            draft.add(paragraph)
            continue
        draft.begin(title)
        draft.add(rest.partition("\n")[2] if _UNDERLINE.fullmatch(rest.partition("\n")[0]) else rest)
    return draft.limited(source)


def _title(first: str, rest: str) -> str | None:
    """The title in a paragraph's first line; None where it is text."""
    heading = _HEADING.fullmatch(first)
    if heading:
        return heading[1]
    if first and len(under := rest.partition("\n")[0]) > 2 and _UNDERLINE.fullmatch(under):
        return first
    letters = [char for char in first if char.isalpha()]
    shouted = len(letters) > 2 and first.isupper() and not first.rstrip().endswith((".", "!", "?", ",", ";"))
    return first.rstrip(": ") if shouted and len(first) <= _LONGEST_CAPITALS else None


def read_markdown(source: Path) -> Draft:
    """A draft of Markdown; blocks of code are left out, and emphasis stays in lines, where voices follow it.

    Raises:
        ScriptError: it cannot be read, is no text or is too long.
    """
    from pipeline.speech.text import emphasis
    from pipeline.speech.text.markdown import strip_fences, strip_front_matter, strip_markdown

    draft = Draft()
    text, draft.notes = strip_fences(strip_front_matter(_COMMENT.sub("", _text(source))))
    for kind, block in _blocks(text):
        words = strip_markdown(" ".join(block.split()))
        if kind == "heading":
            draft.begin(emphasis.taken_out(words)[0])
        else:
            draft.add(emphasis.written(words))
    return draft.limited(source)


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """Headings, paragraphs, items of lists and rows of tables in Markdown."""
    paragraph: list[str] = []
    for line in [*text.split("\n"), ""]:
        heading, item, row = _HEADING.fullmatch(line), _ITEM.fullmatch(line), _ROW.fullmatch(line)
        if paragraph and _UNDERLINE.fullmatch(line):
            yield "heading", " ".join(paragraph)
            paragraph = []
        elif heading or item or row or _RULE.fullmatch(line) or not line.strip():
            if paragraph:
                yield "paragraph", "\n".join(paragraph)
            paragraph = [item[2]] if item and not _RULE.fullmatch(line) else []
            if heading:
                yield "heading", heading[1]
            elif row:
                yield "row", line
        elif not _UNDERLINE.fullmatch(line):
            paragraph.append(line)


def _text(source: Path) -> str:
    try:
        with source.open("rb") as file:
            content = file.read(LARGEST_TEXT + 1)
    except FileNotFoundError as error:
        raise missing(source) from error
    except OSError as error:
        raise ScriptError(
            f"{source.name} cannot be read: {error.strerror or error}.", parameter="document"
        ) from error
    if len(content) > LARGEST_TEXT:
        raise too_large(source)
    try:
        return plain_text(content, source, "document")
    except TextError as error:
        raise ScriptError(str(error), parameter="document") from error
