"""Widgets for declared options, drawn from their kind, choices, range and help."""

from __future__ import annotations

from typing import Any

import gradio as gr

from pipeline.options import Field, typed

Widget = gr.components.Component

_MOST_SEGMENTS = 4
_SEGMENT_CHARACTERS = 28
"""Choices, and characters in all of them, that fit on a line side by side."""


def draw(field: Field, **changes: Any) -> Widget:
    """The widget of a field, its id being the field's name.

    Args:
        changes: what the page words or shows otherwise: Gradio's own `label`, `choices`, `value`, `info`.
    """
    about: dict[str, Any] = {
        "label": field.title,
        "info": plain(field.help),
        "elem_id": field.name,
        **changes,
    }
    if field.kind == "choice":
        return _choice(field, about)
    if field.kind == "flag":
        return gr.Checkbox(**{"value": bool(field.default), **about})
    if field.kind in ("file", "files"):  # uploaded, as a path to type would be one of the server's own
        return _file({**about, "file_count": "single" if field.kind == "file" else "multiple"})
    if field.kind == "number" and field.default is not None and field.low is not None:
        return _slider(field, about)
    if field.kind in ("integer", "number") and field.default is not None:
        return _number(field, about)
    return _text(field, about)


def plain(docstring: str) -> str:
    """A docstring as a person reads it, without the marks of code."""
    return docstring.replace("`", "")


def _choice(field: Field, about: dict[str, Any]) -> Widget:
    """Side by side where the choices fit on a line, else a list that opens."""
    about = {"choices": [(typed(value).capitalize(), value) for value in field.choices], **about}
    about.setdefault("value", field.default)
    labels = [label for label, _ in about["choices"]]
    if len(labels) > _MOST_SEGMENTS or sum(map(len, labels)) > _SEGMENT_CHARACTERS:
        return gr.Dropdown(filterable=False, **about)
    return gr.Radio(**{"elem_classes": "segments", **about})


def _file(about: dict[str, Any]) -> Widget:
    label, info = about.pop("label"), about.pop("info")  # Gradio's files have no line of help
    return gr.File(**{"height": 110, "elem_classes": "upload", "label": f"{label}: {info}", **about})


def _slider(field: Field, about: dict[str, Any]) -> Widget:
    if field.high is None:
        return _number(field, about)
    return gr.Slider(
        **{
            "minimum": field.low,
            "maximum": field.high,
            "value": field.default,
            "step": 0.05 if field.high - (field.low or 0) <= 5 else 0.1,
            "buttons": [],
            **about,
        }
    )


def _number(field: Field, about: dict[str, Any]) -> Widget:
    """Without Gradio's bounds: out of range, the sentence is the model's."""
    whole = field.kind == "integer"
    return gr.Number(
        **{"value": field.default, "precision": 0 if whole else None, "step": 1 if whole else 0.05, **about}
    )


def _text(field: Field, about: dict[str, Any]) -> Widget:
    """Also for numbers that may be left out: Gradio shows, and sends, an empty number as 0."""
    return gr.Textbox(**{"value": typed(field.default), "max_lines": 1, "placeholder": "automatic", **about})
