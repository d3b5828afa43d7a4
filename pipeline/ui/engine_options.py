"""An engine's own options: a field for each, made from their declarations and shown while it is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr

from pipeline import engines, options
from pipeline.engines import Layer
from pipeline.options import Option


@dataclass(frozen=True)
class Tuning:
    """The options of one engine."""

    layer: Layer
    engine: str
    panel: gr.Accordion
    fields: dict[str, gr.components.Component]
    """By the option's name."""

    def given(self, values: Mapping[gr.components.Component, Any]) -> dict[str, str]:
        """What the visitor changed, as it would be typed; the rest is left to the engine's defaults."""
        declared = options.listed(engines.option_type(self.layer, self.engine))
        said = {option.name: _typed(option, values[self.fields[option.name]]) for option in declared}
        return {option.name: said[option.name] for option in declared if said[option.name] != option.default}


def draw(layer: Layer, chosen: str) -> tuple[Tuning, ...]:
    """Make the fields of every engine of a layer that has something to choose; those of `chosen` are seen."""
    made = []
    for card in engines.cards(layer):
        declared = options.listed(engines.option_type(layer, card.name))
        if not declared:
            continue
        with gr.Accordion(
            f"Options of {card.title}", open=False, visible=card.name == chosen, elem_classes="tuning"
        ) as panel:
            made.append(Tuning(layer, card.name, panel, {each.name: _field(each) for each in declared}))
    return tuple(made)


def shown(tunings: tuple[Tuning, ...], engine: str | None) -> list[gr.Accordion]:
    """The panels once `engine` is chosen."""
    return [gr.Accordion(visible=tuning.engine == engine) for tuning in tunings]


def _field(option: Option) -> gr.components.Component:
    about: dict[str, Any] = {
        "label": option.name.replace("_", " ").capitalize(),
        "info": option.about.replace("`", "") or None,
    }
    if option.kind == "choice":
        return gr.Radio(list(option.choices), value=option.default, elem_classes="segments", **about)
    if option.kind == "flag":
        return gr.Checkbox(option.default == "yes", **about)
    if option.kind == "file":  # uploaded, as a path to type would be one of the server's own
        label = f"{about['label']}: {about['info']}"
        return gr.File(file_types=["video", "image"], height=100, label=label)
    if option.kind == "words" or not option.default:  # Gradio shows, and sends, an empty number as 0
        return gr.Textbox(option.default, max_lines=1, placeholder="left to the engine", **about)
    whole = option.kind == "whole"
    return gr.Number(
        float(option.default), precision=0 if whole else None, step=1 if whole else 0.05, **about
    )


def _typed(option: Option, value: Any) -> str:
    """A field's value as a person would type it; as the default is written where it is the same."""
    if option.kind == "flag":
        return "yes" if value else "no"
    if option.default and option.kind in ("whole", "number"):
        return option.default if value is None or value == float(option.default) else str(value)
    return (value or "").strip()
