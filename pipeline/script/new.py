"""Slides and texts become scripts: each page or heading a scene, each paragraph of notes or text a line."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from pipeline.errors import DeckError, OutputError
from pipeline.files import claim, written_whole
from pipeline.script.drafts import Draft
from pipeline.script.errors import ScriptError
from pipeline.script.reading import script_of
from pipeline.script.texts import read_markdown, read_plain
from pipeline.script.word_files import read_docx
from pipeline.stage.slides import SUFFIXES, notices, read_deck
from pipeline.stage.slots import Layout
from pipeline.types import ConsentBasis

_PRESENTER = "host"
_PLACEHOLDER = "host.jpg"
"""Where the presenter's photo is expected if none was given."""


@dataclass(frozen=True)
class NewScript:
    """A script that was written."""

    path: Path
    scenes: int
    notes: tuple[str, ...] = ()
    """What was left out, or is still to be filled in, a sentence each."""


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
    draft = _reader(source, target.parent)(source)
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
    with written_whole(target, overwrite=overwrite) as part:
        text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)
        part.write_text(text, encoding="utf-8", newline="\n")
    return NewScript(target, len(draft.scenes), tuple(draft.notes))


def _reader(source: Path, folder: Path) -> Callable[[Path], Draft]:
    suffix = source.suffix.lower()
    if suffix in SUFFIXES:
        return partial(_read_slides, folder=folder)
    readers = {
        ".txt": read_plain,
        ".text": read_plain,
        ".md": read_markdown,
        ".markdown": read_markdown,
        ".docx": read_docx,
    }
    reader = readers.get(suffix)
    if reader is None:
        raise ScriptError(
            f"{source.name} cannot become a script; give a PDF, PPTX, DOCX, Markdown or text file.",
            parameter="document",
        )
    return reader


def _read_slides(source: Path, folder: Path) -> Draft:
    draft = Draft()
    name = _from(folder, source)
    slides = read_deck(source)
    for slide in slides:
        if slide.hidden:
            continue
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
    draft.notes += notices(slides)
    if not any(scene["lines"] for scene in draft.scenes):
        draft.notes.append("No slide has notes, so the film is silent; write what is to be said as lines.")
    return draft


def _from(folder: Path, path: Path) -> str:
    """A path as a script in `folder` names it: relative where the file lies in it, else absolute."""
    absolute, base = path.expanduser().absolute(), folder.absolute()
    return absolute.relative_to(base).as_posix() if absolute.is_relative_to(base) else absolute.as_posix()
