"""What is filled in, as one value: kept in the browser as a draft, beside a finished video, and for undo.

A snapshot is JSON: the value of every widget by a name of its own. What comes back may be older than the
page, or have been changed in the browser, so each value is checked against its widget, and a file must be one
that this page was given.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gradio as gr
from gradio import processing_utils

from pipeline import engines
from pipeline.errors import StudioError
from pipeline.samples import SAMPLES
from pipeline.ui import handlers
from pipeline.ui.widgets import Widget

Widgets = Mapping[str, Widget]

_FILES = (gr.Image, gr.Video, gr.Audio, gr.File)
_LONGEST = 100_000
"""Characters of a text that are kept."""


def snapshot(widgets: Widgets, values: Mapping[Widget, Any]) -> dict[str, Any]:
    """What is filled in now."""
    return {name: values[widget] for name, widget in widgets.items()}


def restore(widgets: Widgets, saved: Any, *, clear: bool = False) -> dict[Widget, Any]:
    """The changes that fill a snapshot in; whatever of it is no longer possible is left out.

    Args:
        clear: also empty the files that the snapshot has none for.
    """
    if not isinstance(saved, dict):
        return {}
    changes: dict[Widget, Any] = {}
    for name, widget in widgets.items():
        value = _files(widget, saved.get(name)) if isinstance(widget, _FILES) else saved.get(name)
        if value is not None and _possible(name, widget, value):
            changes[widget] = value
        elif clear and isinstance(widget, _FILES):
            changes[widget] = None
    return changes


def linked(widgets: Widgets, query: Any) -> dict[str, Any]:
    """The snapshot that the address of the page asks for, as in `?text=Hello.&style=lively&photo=hopper`.

    Args:
        query: the address's parameters, by name; `photo` names a sample. What is not possible is left out.
    """
    if not isinstance(query, dict):
        return {}
    read = {
        name: _read(name, widgets[name], text)
        for name, text in query.items()
        if name in widgets and isinstance(text, str)
    }
    asked = {name: value for name, value in read.items() if value is not None}
    tabs = {"kind": "photo"} if "photo" in asked else {}
    return {**asked, **tabs, **({"words": "text"} if "text" in asked else {})}


def _read(name: str, widget: Widget, text: str) -> Any:
    """A widget's value out of an address; None where it is none."""
    if name == "photo":
        sample = next((sample.path for sample in SAMPLES if sample.path.stem == text), None)
        # where Gradio puts a widget's files: the browser may fetch nothing from elsewhere
        return sample and processing_utils.save_file_to_cache(sample, widget.GRADIO_CACHE)
    if isinstance(widget, gr.Dropdown | gr.Radio):
        return next((value for _, value in widget.choices if str(value) == text), None)
    if isinstance(widget, gr.Checkbox):
        return {"yes": True, "true": True, "no": False, "false": False}.get(text)
    if isinstance(widget, gr.Slider | gr.Number):
        try:
            return float(text)
        except ValueError:
            return None
    return None if isinstance(widget, _FILES) else text


def _possible(name: str, widget: Widget, value: Any) -> bool:
    if name == "voice":
        return isinstance(value, str) and _is_voice(value)
    if isinstance(widget, _FILES):
        return True
    if isinstance(widget, gr.Dropdown | gr.Radio):
        return value in [choice for _, choice in widget.choices]
    if isinstance(widget, gr.Checkbox):
        return isinstance(value, bool)
    if isinstance(widget, gr.Slider):
        return _is_number(value) and widget.minimum <= value <= widget.maximum
    if isinstance(widget, gr.Number):
        return _is_number(value)
    return isinstance(value, str) and len(value) <= _LONGEST


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_voice(name: str) -> bool:
    try:
        return bool(engines.voice(name))
    except StudioError:
        return False


def _files(widget: Widget, value: Any) -> str | list[str] | None:
    """The path, or the paths where the widget takes several, of what is still there."""
    if not isinstance(value, list):
        return _file(value)
    found = [path for path in map(_file, value) if path is not None]
    several = isinstance(widget, gr.File) and widget.file_count == "multiple"
    return (found or None) if several else None


def _file(value: Any) -> str | None:
    """The path of a file out of a snapshot, where it is still there and is one of this page's uploads."""
    if isinstance(value, dict):
        video = value.get("video")  # as the browser sends a video
        value = video.get("path") if isinstance(video, dict) else value.get("path")
    if not isinstance(value, str) or "\0" in value:
        return None
    path = Path(value).resolve()
    own = path.is_relative_to(handlers.cache().resolve()) or path in [
        sample.path.resolve() for sample in SAMPLES
    ]
    return str(path) if own and path.is_file() else None
