"""Part 3 of the page: how it is said. Style, emotion, the engines with their own options, and the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

import gradio as gr

from pipeline import engines, hub
from pipeline.engines import Layer
from pipeline.types import FRAME_RATES, STYLES, Emotion
from pipeline.ui import engine_options, markup
from pipeline.ui.engine_options import Tuning

CAPTIONS = [("None", ""), ("SRT file", "srt"), ("WebVTT file", "vtt"), ("In the picture", "burn")]
SIZES = [("As it is", 0), ("Square, 512", 512), ("Square, 768", 768), ("Square, 1080", 1080)]


@dataclass(frozen=True)
class Performance:
    """The components of this part."""

    style: gr.Radio
    emotion: gr.Radio
    head: gr.Dropdown
    head_card: gr.HTML
    lips: gr.Dropdown
    lips_card: gr.HTML
    tunings: dict[Layer, tuple[Tuning, ...]]
    """The options of those engines of each layer that have some."""
    captions: gr.Dropdown
    size: gr.Dropdown
    fps: gr.Dropdown
    seed: gr.Number
    mark: gr.Checkbox

    @property
    def options(self) -> list[gr.components.Component]:
        """The fields of all engines' own options."""
        return [field for layer in self.tunings.values() for own in layer for field in own.fields.values()]

    def given(
        self, layer: Layer, engine: str, values: Mapping[gr.components.Component, Any]
    ) -> dict[str, str]:
        """The options that the visitor changed for the engine that was chosen."""
        return next((own.given(values) for own in self.tunings[layer] if own.engine == engine), {})


def draw() -> Performance:
    """Make the part's components where the page is being built."""
    style = gr.Radio(
        [(name.capitalize(), name) for name in STYLES],
        value="calm",
        label="Style",
        elem_classes="segments",
    )
    emotion = gr.Radio(
        [(name.capitalize(), name) for name in get_args(Emotion)],
        value="neutral",
        label="Emotion",
        elem_classes="segments",
    )
    head, head_card, head_tunings = _engine("head", "Head & expression")
    lips, lips_card, lips_tunings = _engine("lips", "Lips")
    tunings: dict[Layer, tuple[Tuning, ...]] = {"head": head_tunings, "lips": lips_tunings}
    with gr.Accordion("Advanced", open=False, elem_classes="advanced"):
        with gr.Row():
            captions = gr.Dropdown(CAPTIONS, value="srt", label="Captions", min_width=140)
            size = gr.Dropdown(SIZES, value=0, label="Framing", min_width=140)
        with gr.Row():
            fps = gr.Dropdown(list(FRAME_RATES), value=25, label="Frames per second", min_width=140)
            seed = gr.Number(0, precision=0, label="Seed of the motion", min_width=140)
        mark = gr.Checkbox(True, label="Small visible mark: this video is AI-generated")
    return Performance(
        style, emotion, head, head_card, lips, lips_card, tunings, captions, size, fps, seed, mark
    )


def wire(part: Performance, kind: gr.State, tabs: tuple[gr.Tab, gr.Tab]) -> None:
    """Say what happens when an engine is chosen, and when a video takes the photo's place.

    Args:
        kind: "photo" or "video", what shall speak.
        tabs: the tabs of photo and video.
    """
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "queue": False}
    for layer, choice, card in (("head", part.head, part.head_card), ("lips", part.lips, part.lips_card)):
        own = part.tunings[layer]
        choice.change(
            lambda name, layer=layer, own=own: [describe(layer, name), *engine_options.shown(own, name)],
            choice,
            [card, *(each.panel for each in own)],
            **quiet,
        )
    for tab, subject in zip(tabs, ("photo", "video"), strict=True):
        tab.select(lambda subject=subject: offered(subject), outputs=[part.head, part.lips], **quiet)


def describe(layer: Layer, name: str) -> str:
    """The card of an engine."""
    card = engines.card(layer, name)
    return markup.engine_card(card, hub.download_bytes(card.checkpoints, missing=True))


def offered(subject: str) -> tuple[gr.Dropdown, gr.Dropdown]:
    """The two choices, narrowed to the engines that take a "photo" or a "video"."""
    return _choice("head", subject), _choice("lips", subject)


def _choice(layer: Layer, subject: str) -> gr.Dropdown:
    fit = [card for card in engines.cards(layer) if subject in card.subjects]
    return gr.Dropdown([(card.title, card.name) for card in fit], value=fit[0].name if fit else None)


def _engine(layer: Layer, label: str) -> tuple[gr.Dropdown, gr.HTML, tuple[Tuning, ...]]:
    cards = [card for card in engines.cards(layer) if "photo" in card.subjects]
    with gr.Column(elem_classes="engine"):
        choice = gr.Dropdown(
            [(card.title, card.name) for card in cards],
            value=cards[0].name,
            label=label,
            filterable=False,
            elem_id=f"{layer}-engine",
        )
        card = gr.HTML(describe(layer, cards[0].name))
        return choice, card, engine_options.draw(layer, cards[0].name)
