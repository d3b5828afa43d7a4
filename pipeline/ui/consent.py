"""The question of consent, which the page asks alike wherever it takes a face or a voice."""

from __future__ import annotations

import gradio as gr

from pipeline.types import ConsentBasis

_BASES: list[tuple[str, ConsentBasis]] = [
    ("It's me", "me"),
    ("I have their permission", "permission"),
    ("This person isn't real", "fictional"),
]


def draw(
    elem_id: str,
    *,
    label: str = "Do you have permission to use this face?",
    info: str = "We ask once per photo and save your answer in the video file.",
    visible: bool = False,
) -> gr.Radio:
    """The question with its possible answers, none of them chosen; hidden until there is something to ask."""
    return gr.Radio(_BASES, label=label, info=info, elem_id=elem_id, elem_classes="stack", visible=visible)
