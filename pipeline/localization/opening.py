"""Which kind of document a file is, and its lines: texts, captions and scripts read, recordings heard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pipeline.errors import concerning
from pipeline.localization.documents import Captions, Document, Text, read_file
from pipeline.localization.scripts import ScriptDocument
from pipeline.localization.texts import USUAL
from pipeline.localization.videos import heard_in

_TEXTS = (".txt", ".text", ".md", ".markdown")
CAPTIONS = (".srt", ".vtt")
_SCRIPTS = (".yaml", ".yml", ".json")
WRITTEN = (*_TEXTS, *CAPTIONS, *_SCRIPTS)
"""Suffixes of what can be translated, beside videos and recordings."""


def kind_of(source: Path) -> str:
    """What a file is, by its suffix; whatever has no suffix of a text is taken for a video."""
    suffix = source.suffix.lower()
    kinds = {"text": _TEXTS, "captions": CAPTIONS, "script": _SCRIPTS}
    return next((kind for kind, suffixes in kinds.items() if suffix in suffixes), "video")


def opened(
    path: Path,
    language: str | None = None,
    by_hand: str | None = None,
    progress: Callable[[float], None] | None = None,
) -> Document:
    """A file as a document; what is said in a video or a recording is recognised.

    Args:
        path: the file, whose suffix says what it is.
        language: of the original; None as for `translate`.
        by_hand: a translation of it; one with times of its own makes recognition needless.
        progress: called with the share of a recording that is written down, 0 to 1.

    Raises:
        StudioError: it cannot be read, or nothing can be recognised in it.
    """
    kind = kind_of(path)
    if kind == "script":
        return ScriptDocument.read(path, language)
    if kind == "video":
        return heard_in(path, language, by_hand, progress)
    text = read_file(path, "text", "source")
    with concerning("source"):
        return (Captions.read if kind == "captions" else Text)(text, language or USUAL)
