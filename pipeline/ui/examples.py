"""Examples that are made with one click: a sample portrait, what it says, and how."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr

from pipeline.samples import COLLINS, HOPPER, Sample
from pipeline.ui import settings
from pipeline.ui.events import AT_ONCE
from pipeline.ui.settings import Widgets
from pipeline.ui.speech import Words
from pipeline.ui.subject import Subject
from pipeline.ui.widgets import Widget


@dataclass(frozen=True)
class Example:
    """One of the examples."""

    sample: Sample
    text: str
    style: str


EXAMPLES = (
    Example(
        HOPPER, "I was a still photograph a moment ago. Now I blink, nod, and say what you type.", "calm"
    ),
    Example(COLLINS, "Good morning from orbit! You never get used to the view from up here.", "lively"),
)


@dataclass(frozen=True)
class Examples:
    """The components of this part."""

    buttons: tuple[gr.Button, ...]
    undo: gr.Button
    before: gr.State
    """What was filled in before an example took its place."""


def draw() -> Examples:
    """Make the part's components where the page is being built."""
    with gr.Column(elem_id="examples"):
        gr.HTML('<span class="hint">Or try an example</span>')
        buttons = tuple(
            gr.Button(f"“{example.text}”", icon=example.sample.path, size="sm", elem_classes="example")
            for example in EXAMPLES
        )
        undo = gr.Button(
            "Undo: bring back my photo and script", size="sm", visible=False, elem_id="undo-example"
        )
        return Examples(buttons, undo, gr.State(None))


def wire(part: Examples, who: Subject, what: Words, style: Widget, named: Widgets) -> list[Any]:
    """Fill the page in when an example is clicked; returns the events after which rendering can start.

    Args:
        style: the component of the field.
        named: everything that can be filled in, which Undo brings back.
    """
    filled = [who.photo, who.kind, who.tabs, what.text, what.kind, what.tabs, style]

    def fill(example: Example, values: dict[Widget, Any]) -> dict[Any, Any]:
        replaced = values[who.photo] or values[who.video] or values[what.text] or values[what.recording]
        return dict(zip(filled, _answers(example), strict=True)) | {
            part.before: settings.snapshot(named, values),
            part.undo: gr.Button(visible=bool(replaced)),
        }

    def undo(before: Any) -> dict[Any, Any]:
        return {**restored(who, what, named, before, clear=True), part.undo: gr.Button(visible=False)}

    part.undo.click(undo, part.before, [*named.values(), who.tabs, what.tabs, part.undo], **AT_ONCE)
    return [
        button.click(partial(fill, example), {*named.values()}, [*filled, part.before, part.undo], **AT_ONCE)
        for button, example in zip(part.buttons, EXAMPLES, strict=True)
    ]


def restored(who: Subject, what: Words, named: Widgets, saved: Any, *, clear: bool = False) -> dict[Any, Any]:
    """The changes that fill a snapshot in, with the tabs that it was made in."""
    changes: dict[Any, Any] = dict(settings.restore(named, saved, clear=clear))
    for kind, tabs, possible in (
        (who.kind, who.tabs, ("photo", "video")),
        (what.kind, what.tabs, ("text", "recording")),
    ):
        if changes.get(kind) in possible:
            changes[tabs] = gr.Tabs(selected=changes[kind])
        else:
            changes.pop(kind, None)
    return changes


def _answers(example: Example) -> tuple[Any, ...]:
    photo, text = gr.Tabs(selected="photo"), gr.Tabs(selected="text")
    return str(example.sample.path), "photo", photo, example.text, "text", text, example.style
