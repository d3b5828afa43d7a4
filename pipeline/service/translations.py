"""Translations on the page: a file is opened, its lines translated, corrected, saved; a video is dubbed."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache as memoized
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import engines
from pipeline.errors import TextError
from pipeline.localization.documents import Choices, Document, entries_of, require_all, require_words
from pipeline.localization.opening import WRITTEN, opened
from pipeline.localization.scripts import ScriptDocument
from pipeline.service import form, jobs
from pipeline.service.jobs import Job
from pipeline.service.languages import language_name
from pipeline.translation import base_language, read_glossary, targets_from
from pipeline.translation.lines import Note
from pipeline.translation.voices import voice_for

if TYPE_CHECKING:
    from pipeline.trust import Memory

_MOST = 400
"""Lines that the page shows."""


@dataclass(frozen=True)
class Opened:
    """A file whose lines are shown."""

    source: Path
    document: Document
    is_video: bool
    """Whether it can be dubbed."""

    @property
    def texts(self) -> list[str]:
        """What is to be translated, line by line."""
        return [line.text for line in self.document.lines]


@memoized
def spoken_languages() -> list[tuple[str, str]]:
    """Languages that can be translated to and that a voice speaks, by name, with their codes."""
    spoken = {base_language(voice.language) for voice in engines.voices()}
    known = {*targets_from("en"), "en"} & spoken
    return sorted((language_name(code), code) for code in known)


def voices_of(language: str) -> list[str]:
    """The voices that speak a language, the one that suits best first."""
    first = voice_for(language)
    speaking = [
        voice.name for voice in engines.voices() if base_language(voice.language) == base_language(language)
    ]
    return [first, *(name for name in speaking if name != first)]


def open_file(path: Path, language: str | None) -> Opened:
    """A file's lines; those of a video are recognised.

    Raises:
        StudioError: it cannot be read, nobody speaks in it, or it has too many lines.
    """
    from pipeline import faces

    document = opened(path, language or None)
    require_shown(document)
    return Opened(path, document, path.suffix.lower() not in WRITTEN and faces.is_video(path))


def require_shown(document: Document) -> None:
    """Refuse a document without words, or with more lines than the page shows.

    Raises:
        TextError: it is one.
    """
    require_words(document)
    if len(document.lines) > _MOST:
        raise TextError(
            f"The page shows up to {_MOST} lines, and this has {len(document.lines)}; translate it in the "
            "shell, or split it.",
            parameter="text",
        )


def suggested(work: Opened, to: str, glossary: str, note: Note) -> list[str]:
    """A network's translation of each line; `note` is told what is to be checked.

    Raises:
        StudioError: the glossary has a bad line, no network knows the languages, or its files cannot be had.
    """
    return work.document.translations(Choices(to, read_glossary(glossary), note=note))


def saved(work: Opened, to: str, translations: Sequence[str], folder: Path) -> Path:
    """The translation as a file of its kind in `folder`: captions for a video, else a text or a script."""
    suffix = work.source.suffix.lower()
    suffix = {".json": ".yaml"}.get(suffix, suffix) if suffix in WRITTEN else ".srt"
    path = folder / f"{jobs.slug(work.source.stem, longest=60) or 'translation'}.{base_language(to)}{suffix}"
    path.write_text(_written(work, to, translations, suffix), encoding="utf-8", newline="\n")
    return path


def dub(
    work: Opened,
    to: str,
    translations: Sequence[str],
    answers: dict[str, Any],
    cache: Path,
    memory: Memory | None,
) -> Job:
    """A job for the video in the other language.

    Args:
        answers: `voice` and `consent`.
        cache, memory: as for `form.accept`.

    Raises:
        StudioError: a line has no translation, or the job cannot be done.
    """
    require_all(entries_of(work.document.lines, translations))
    subtitles = work.document.written(translations, ".srt")
    given = {"video": str(work.source), "text": subtitles, "timed": True, "captions": "srt", **answers}
    return form.accept(given, cache, memory=memory)


def kept(path: str, folder: Path) -> Path:
    """A copy of an uploaded file that stays as long as the folder does."""
    target = folder / Path(path).name
    shutil.copy(path, target)
    return target


def _written(work: Opened, to: str, translations: Sequence[str], suffix: str) -> str:
    if isinstance(work.document, ScriptDocument):
        # Its paths stay as they are: nothing is looked for on this machine.
        return work.document.moved(translations, to, work.document.script.folder / "talk.yaml")
    texts = [text or line.text for text, line in zip(translations, work.document.lines, strict=True)]
    return work.document.written(texts, suffix)
