"""A text that is no file: a script, captions, or lines, told apart by what they look like."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pipeline.errors import TextError, concerning
from pipeline.localization.documents import (
    Captions,
    Choices,
    Document,
    Text,
    entries_of,
    require_all,
    require_words,
)
from pipeline.localization.scripts import ScriptDocument
from pipeline.translation.by_hand import Entry
from pipeline.translation.cues import has_times

Kind = Literal["script", "captions", "lines"]

USUAL = "en"
"""The language of a text where nobody says which it is in."""
_SCRIPT = re.compile(r"^(?:scenes|presenters)\s*:", re.MULTILINE)


@dataclass(frozen=True)
class TranslatedText:
    """A text in another language."""

    kind: Kind
    text: str
    """The whole of it, of the same kind; captions as SRT."""
    entries: tuple[Entry, ...]
    """Source and target, line by line."""
    language: str
    """BCP 47 tag of the original."""
    notes: tuple[str, ...] = ()
    """What cannot be translated, or may be wrong, a sentence each."""


def translate_text(
    text: str, choices: Choices, *, language: str | None = None, captioned: bool = False
) -> TranslatedText:
    """A text in another language.

    Args:
        text: a script (YAML), captions (SRT or WebVTT), or anything else line by line.
        choices: the language, and how it is translated.
        language: of the text; where None, a script's is that of its voices, and others are in English.
        captioned: its file is named as captions, so it is read as such and its times must be right; otherwise
            captions are told by their times.

    Raises:
        StudioError: there is nothing in it, it cannot be read, or it cannot be translated.
    """
    if not text.strip():
        raise TextError("There is nothing to translate; give a text.", parameter="text")
    if not captioned and _SCRIPT.search(text):
        return translate_document(
            "script", ScriptDocument.parse(text, Path("script.yaml"), language), choices
        )
    if captioned or has_times(text):
        with concerning("text"):
            captions = Captions.read(text, language or USUAL)
        return translate_document("captions", captions, choices)
    return translate_document("lines", Text(text, language or USUAL), choices)


def translate_document(kind: Kind, document: Document, choices: Choices) -> TranslatedText:
    """A document that was read already; as `translate_text`."""
    require_words(document)
    notes = list[str]()
    translations = document.translations(replace(choices, note=notes.append))
    entries = entries_of(document.lines, translations)
    require_all(entries)
    if isinstance(document, ScriptDocument):
        whole = document.moved(translations, choices.to, Path("script.yaml"))
    else:
        whole = document.written(translations, ".srt" if kind == "captions" else ".txt")
    return TranslatedText(kind, whole, entries, document.lines[0].language, (*document.notes, *notes))
