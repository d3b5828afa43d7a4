"""The preview of the teeth: the photo's mouth, open, with each row that can be chosen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from pipeline.errors import PhotoError
from pipeline.options import typed
from pipeline.service import messages
from pipeline.service.messages import Message
from pipeline.service.teeth import ROWS, TeethPreview, preview_teeth
from pipeline.ui import markup
from pipeline.ui.events import AT_ONCE, PRIVATE
from pipeline.ui.subject import Subject
from pipeline.ui.widgets import Widget

HEAD = "puppet"
"""The head engine whose teeth these are."""


@dataclass(frozen=True)
class Teeth:
    """The components of the preview."""

    show: gr.Button
    said: gr.HTML
    """What is wrong, or what the pictures of the teeth were good for."""
    pictures: gr.Gallery


def draw(name: str = "preview") -> Teeth:
    """Make the components where the page is being built; `name` tells several of them apart."""
    show = gr.Button("Preview the teeth", size="sm", elem_id=f"{name}-teeth")
    said = gr.HTML()
    pictures = gr.Gallery(
        label="An open mouth, by the choice of teeth", columns=2, height="auto", allow_preview=False,
        object_fit="contain", buttons=[], interactive=False, visible=False, elem_id=f"{name}-teeth-pictures",
    )  # fmt: skip
    return Teeth(show, said, pictures)


def wire(part: Teeth, who: Subject, teeth_from: Widget, head: Widget, choice: Widget) -> None:
    """Show the mouth when asked to; a picture that is picked is the choice.

    Args:
        teeth_from: the upload of pictures that show the teeth.
        head: the choice of the head engine, which becomes the one that has this option.
        choice: its option for the row that shows.
    """
    part.show.click(
        shown,
        [who.kind, who.photo, who.face, teeth_from],
        [part.said, part.pictures],
        concurrency_id="look",
        concurrency_limit=2,
        **PRIVATE,
    )
    part.pictures.select(picked, outputs=[head, choice], **AT_ONCE)
    who.photo.change(
        hidden,
        outputs=[part.said, part.pictures],
        **AT_ONCE,
    )


def shown(kind: str, photo: str | None, face: float, teeth_from: list[str] | None) -> tuple[str, Any]:
    """The remark and the pictures for what is filled in."""
    found = messages.attempt("page", partial(_previewed, kind, photo, int(face or 1), teeth_from or []))
    if isinstance(found, Message):
        return markup.problem(found), gr.Gallery(value=[], visible=False)
    named = [(image, typed(row).capitalize()) for image, row in zip(found.pictures, ROWS, strict=True)]
    said = "" if found.finding is None else markup.hint(found.finding.sentence)
    return said, gr.Gallery(named, visible=True, selected_index=None)


def hidden() -> tuple[str, Any]:
    """No remark and no pictures: they were another photo's."""
    return "", gr.Gallery(value=[], visible=False)


def picked(chosen: gr.SelectData) -> tuple[str, str]:
    """The head and its option that a picture stands for."""
    return HEAD, ROWS[int(chosen.index)]


def _previewed(kind: str, photo: str | None, face: int, teeth_from: list[str]) -> TeethPreview:
    if kind != "photo" or photo is None:
        raise PhotoError("Add a photo first, or pick a sample.", parameter="subject")
    return preview_teeth(Path(photo), [Path(file) for file in teeth_from], face=face)
