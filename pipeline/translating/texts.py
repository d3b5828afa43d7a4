"""A text that is no file: a script, captions, or lines, told apart by what they look like."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import TextError
from pipeline.translating.documents import Captions, Choices, Document, Text, entries_of, require_all
from pipeline.translating.scripts import ScriptDocument
from pipeline.translation.by_hand import Entry

USUAL = "en"
"""The language of a text where nobody says which it is in."""
_SCRIPT = re.compile(r"^(?:scenes|presenters)\s*:", re.MULTILINE)
_CAPTIONS = re.compile(r"^\s*[\d:.,]+\s+-->\s+[\d:.,]+", re.MULTILINE)


@dataclass(frozen=True)
class TranslatedText:
    """A text in another language."""

    kind: str
    """"script", "captions" or "lines"."""
    text: str
    """The whole of it, of the same kind; captions as SRT."""
    entries: tuple[Entry, ...]
    """Source and target, line by line."""


def translate_text(text: str, choices: Choices, *, language: str | None = None) -> TranslatedText:
    """A text in another language.

    Args:
        text: a script (YAML), captions (SRT or WebVTT), or anything else line by line.
        choices: the language, and how it is translated.
        language: of the text; where None, a script's is that of its voices, and others are in English.

    Raises:
        StudioError: there is nothing in it, it cannot be read, or it cannot be translated.
    """
    if not text.strip():
        raise TextError("There is nothing to translate; give a text.", parameter="text")
    kind = "script" if _SCRIPT.search(text) else "captions" if _CAPTIONS.search(text) else "lines"
    document: Document
    if kind == "script":
        document = ScriptDocument.parse(text, Path("script.yaml"), language)
    else:
        document = (Captions.read if kind == "captions" else Text)(text, language or USUAL)
    translations = document.translations(choices)
    entries = entries_of(document.lines, translations)
    require_all(entries)
    if isinstance(document, ScriptDocument):
        whole = document.moved(translations, choices.to, Path("script.yaml"))
    else:
        whole = document.written(translations, ".srt" if kind == "captions" else ".txt")
    return TranslatedText(kind, whole, entries)
