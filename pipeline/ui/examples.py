"""Examples that are made with one click: a sample portrait, what it says, and how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from pipeline.samples import COLLINS, HOPPER, Sample
from pipeline.ui.speech import Words
from pipeline.ui.style import Delivery
from pipeline.ui.subject import Subject


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


def draw() -> Examples:
    """Make the part's components where the page is being built."""
    with gr.Column(elem_id="examples"):
        gr.HTML('<span class="hint">Or try an example</span>')
        return Examples(
            tuple(
                gr.Button(f"“{example.text}”", icon=example.sample.path, size="sm", elem_classes="example")
                for example in EXAMPLES
            )
        )


def wire(part: Examples, who: Subject, what: Words, how: Delivery) -> list[Any]:
    """Fill the page in when an example is clicked; returns the events after which rendering can start."""
    pictured = [who.photo, who.consent, who.kind, who.tabs]
    filled = [*pictured, what.text, what.kind, what.tabs, how.fields["style"]]
    return [
        button.click(
            lambda example=example: _answers(example),
            outputs=filled,
            queue=False,
            show_progress="hidden",
            api_visibility="private",
        )
        for button, example in zip(part.buttons, EXAMPLES, strict=True)
    ]


def _answers(example: Example) -> tuple[Any, ...]:
    return (
        str(example.sample.path),
        gr.Radio(value=None, visible=False),
        "photo",
        gr.Tabs(selected="photo"),
        example.text,
        "text",
        gr.Tabs(selected="text"),
        example.style,
    )
