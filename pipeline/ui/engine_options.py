"""An engine's own options: a widget for each, made from their declarations and shown while it is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr

from pipeline import engines, options
from pipeline.cards import Layer
from pipeline.options import Field, typed
from pipeline.ui import widgets
from pipeline.ui.widgets import Widget


@dataclass(frozen=True)
class Panel:
    """The options of one engine or voice family."""

    layer: Layer
    engine: str
    frame: gr.Accordion
    widgets: dict[str, Widget]
    """By the option's name."""

    def given(self, values: Mapping[Widget, Any]) -> dict[str, Any]:
        """What the visitor changed; the rest is left to the engine's defaults."""
        declared = options.fields(engines.option_type(self.layer, self.engine))
        chosen = {field.name: values[self.widgets[field.name]] for field in declared}
        return {field.name: chosen[field.name] for field in declared if _changed(field, chosen[field.name])}


def draw(layer: Layer, chosen: str) -> tuple[Panel, ...]:
    """Make the widgets of every engine of a layer that has options; only those of `chosen` are seen."""
    made = []
    for card in engines.cards(layer):
        declared = options.fields(engines.option_type(layer, card.name))
        if not declared:
            continue
        with gr.Accordion(
            f"Options of {card.title}", open=False, visible=card.name == chosen, elem_classes="tuning"
        ) as frame:
            drawn = {field.name: _widget(card.name, field) for field in declared}
        made.append(Panel(layer, card.name, frame, drawn))
    return tuple(made)


def given(panels: tuple[Panel, ...], engine: str, values: Mapping[Widget, Any]) -> dict[str, Any]:
    """What was changed of the options of the engine that runs."""
    return next((panel.given(values) for panel in panels if panel.engine == engine), {})


def shown(panels: tuple[Panel, ...], engine: str) -> list[gr.Accordion]:
    """The panels once `engine` is chosen."""
    return [gr.Accordion(visible=panel.engine == engine) for panel in panels]


def _widget(engine: str, field: Field) -> Widget:
    return widgets.draw(
        field,
        elem_id=f"{engine}-{field.name}",  # engines share the names of options
        **({"file_types": ["video", "image"]} if field.kind == "file" else {}),
    )


def _changed(field: Field, value: Any) -> bool:
    if field.kind in ("text", "numbers") or field.default is None:
        value = (value or "").strip() if isinstance(value, str) or value is None else value
        return bool(value) and value != typed(field.default)
    return value is not None and value != field.default
