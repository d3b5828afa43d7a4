"""The delivery: style and emotion on a line below the script, everything else under Advanced.

Every field of the form that no other part of the page draws stands under Advanced, so a new field of the
spec has its widget there without a line here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr

from pipeline.cards import Layer, Subject
from pipeline.engines import DEFAULT_VOICE
from pipeline.options import Field, typed
from pipeline.service import catalog, form
from pipeline.ui import engine_options, markup, subject, teeth, widgets
from pipeline.ui.engine_options import Panel
from pipeline.ui.events import AT_ONCE
from pipeline.ui.widgets import Widget

_ELSEWHERE = {
    *("face", "consent", "text", "audio", "voice", "voice_from", "voice_consent"),
    *("head", "lips", "voice_options", "head_options", "lips_options"),
    "format",
}
"""Fields that other parts of the page draw, what belongs to the engines, and the format, which is chosen with
the background."""

_LOOKS: dict[str, dict[str, Any]] = {
    "captions": {
        "choices": [("None", ""), ("SRT file", "srt"), ("WebVTT file", "vtt"), ("Burned in", "burn")],
        "value": "srt",
        "info": "As a file beside the video, or in the picture.",
    },
    "background": {
        "choices": [
            ("As in the photo", ""),
            ("Transparent (WebM)", "webm"),
            ("Transparent (ProRes)", "mov"),
        ],
        "value": "",
        "info": "Transparent: WebM for web pages, ProRes for editing programs.",
    },
    "matting": {
        "label": "Cut-out",
        "choices": [("Automatic", "auto"), ("Quick", "embedded"), ("Fine (BiRefNet)", "birefnet")],
        "info": "For transparent videos. Fine finds single hairs, best on a GPU.",
    },
    "size": {"label": "Framing", "info": "The photo's own, or a square crop around the face."},
    "fps": {"label": "Frames per second", "info": None},
    "seed": {"label": "Motion seed"},
    "mark": {"label": "AI-generated mark", "info": "Small, in the corner of the picture."},
    "pronunciations": {"max_lines": 4, "placeholder": None},
    "motion_in": {"label": "Motion file", "file_types": [".csv"]},
    "teeth_from": {"label": "Teeth", "file_types": ["image", "video"]},
}
"""What the page words otherwise than the spec, by the field's name."""

_FRAMINGS = [("Original", 0), ("Square, 512", 512), ("Square, 768", 768), ("Square, 1080", 1080)]


@dataclass(frozen=True)
class Delivery:
    """The components of this part."""

    head: gr.Dropdown
    lips: gr.Dropdown
    others: dict[str, Widget]
    """The rest, by the name of the form's field."""
    cards: dict[Layer, gr.HTML]
    """What to know of the engine that is chosen."""
    teeth: teeth.Teeth
    """The preview of the teeth."""
    panels: dict[Layer, tuple[Panel, ...]]
    """The options of those engines of each layer that have some."""

    @property
    def fields(self) -> dict[str, Widget]:
        """The component of each field of the form that is filled in here."""
        return {**self.others, "head": self.head, "lips": self.lips}

    @property
    def inputs(self) -> list[Widget]:
        """Everything that `given` reads."""
        return list(self.named.values())

    @property
    def named(self) -> dict[str, Widget]:
        """Every component that is filled in here, by a name of its own."""
        panels = [panel for layer in self.panels.values() for panel in layer]
        return self.fields | {
            f"{panel.layer}.{panel.engine}.{name}": widget
            for panel in panels
            for name, widget in panel.widgets.items()
        }

    def given(self, values: Mapping[Widget, Any], voice: str | None) -> dict[str, Any]:
        """The form's fields that are filled in here; `voice` is the one that speaks, if any does."""
        chosen = {name: values[widget] for name, widget in self.fields.items()}
        if chosen["background"]:
            chosen |= {"background": "transparent", "format": chosen["background"]}
        running: dict[Layer, str] = {"head": chosen["head"], "lips": chosen["lips"]}
        if voice:
            running["voice"] = catalog.voice_card(voice).family
        return chosen | {
            f"{layer}_options": engine_options.given(self.panels[layer], engine, values)
            for layer, engine in running.items()
        }

    def voice_chosen(self, name: str) -> list[Any]:
        """What changes of `voice_outputs` when a voice is chosen."""
        family = catalog.voice_card(name).family
        return [describe_voice(name), *engine_options.shown(self.panels["voice"], family)]

    @property
    def voice_outputs(self) -> list[Any]:
        """What depends on the voice."""
        return [self.cards["voice"], *(panel.frame for panel in self.panels["voice"])]


def draw_line() -> dict[str, Widget]:
    """Make style and emotion, on a line of their own."""
    with gr.Row(elem_classes="line"):
        return {name: _short(form.fields()[name]) for name in ("style", "emotion")}


def draw(line: Mapping[str, Widget]) -> Delivery:
    """Make everything else, under Advanced; `line` is from `draw_line`."""
    known = form.fields()
    with gr.Accordion("Advanced", open=False, elem_classes=["advanced", "section"]):
        with gr.Row(elem_classes="fields"):
            rest = [name for name in known if name not in _ELSEWHERE and name not in line]
            others = dict(line) | {name: _advanced(name) for name in sorted(rest, key=_place)}
        mouth = teeth.draw()
        head, head_card, head_panels = _engine("head", "Head and expression", catalog.head_choices("photo"))
        lips, lips_card, lips_panels = _engine("lips", "Lips", catalog.lips_choices("photo", ""))
        with gr.Column(elem_classes="engine"):
            voice_card = gr.HTML(describe_voice(DEFAULT_VOICE))
            voice_panels = engine_options.draw("voice", catalog.voice_card(DEFAULT_VOICE).family)
    cards: dict[Layer, gr.HTML] = {"head": head_card, "lips": lips_card, "voice": voice_card}
    panels: dict[Layer, tuple[Panel, ...]] = {
        "head": head_panels,
        "lips": lips_panels,
        "voice": voice_panels,
    }
    return Delivery(head, lips, others, cards, mouth, panels)


def wire(part: Delivery, who: subject.Subject) -> None:
    """Say what happens when an engine is chosen, and when a video takes the photo's place."""
    kind, tabs = who.kind, (who.photo_tab, who.video_tab)
    own = next(panel for panel in part.panels["head"] if panel.engine == teeth.HEAD)
    teeth.wire(part.teeth, who, part.others["teeth_from"], part.head, own.widgets["teeth"])
    head, lips = part.head, part.lips

    def head_chosen(kind: Subject, head: str, lips: str) -> list[Any]:
        offered = catalog.lips_choices(kind, head)
        kept = lips if lips in _values(offered) else ""
        offer = gr.Dropdown(offered, value=kept)
        about = [describe("head", kind, head, ""), describe("lips", kind, head, kept)]
        return [offer, *about, *engine_options.shown(part.panels["head"], head)]

    def lips_chosen(kind: Subject, head: str, lips: str) -> list[Any]:
        return [describe("lips", kind, head, lips), *engine_options.shown(part.panels["lips"], lips)]

    frames = {layer: [panel.frame for panel in panels] for layer, panels in part.panels.items()}
    told = [lips, part.cards["head"], part.cards["lips"], *frames["head"]]
    head.change(head_chosen, [kind, head, lips], told, **AT_ONCE)
    lips.change(lips_chosen, [kind, head, lips], [part.cards["lips"], *frames["lips"]], **AT_ONCE)

    def subject_chosen(subject: Subject, head: str, lips: str) -> list[Any]:
        offered = catalog.head_choices(subject)
        kept = head if head in _values(offered) else ""
        return [gr.Dropdown(offered, value=kept), *head_chosen(subject, kept, lips)]

    kinds: tuple[Subject, ...] = ("photo", "video")
    for tab, each in zip(tabs, kinds, strict=True):
        tab.select(partial(subject_chosen, each), [head, lips], [head, *told], **AT_ONCE)


def describe_voice(name: str) -> str:
    """The card of a voice: its licence, and what it downloads."""
    card = catalog.voice_card(name)
    about = markup.hint(f"The voice {catalog.voice_title(card)}")
    return about + markup.voice_card(card.licence, commercial=card.commercial, download=card.download_bytes)


def describe(layer: Layer, kind: Subject, head: str, lips: str) -> str:
    """The card of the engine that will run for these choices."""
    card = catalog.head_card(kind, head)
    if layer == "lips":
        if card.speaks and not lips:
            return markup.hint(f"{card.title} speaks with its own mouth.")
        card = catalog.lips_card(kind, head, lips)
    return markup.engine_card(card, catalog.download_bytes(card))


def _short(field: Field) -> gr.Dropdown:
    return gr.Dropdown(
        [(typed(value).capitalize(), value) for value in field.choices],
        value=field.default,
        label=field.title,
        filterable=False,
        min_width=0,
        elem_id=field.name,
    )


def _values(offered: list[catalog.Choice]) -> list[str]:
    return [value for _, value in offered]


def _engine(
    layer: Layer, label: str, choices: list[catalog.Choice]
) -> tuple[gr.Dropdown, gr.HTML, tuple[Panel, ...]]:
    with gr.Column(elem_classes="engine"):
        choice = gr.Dropdown(choices, value="", label=label, filterable=False, elem_id=layer)
        card = gr.HTML(describe(layer, "photo", "", ""))
        return choice, card, engine_options.draw(layer, "")


def _place(name: str) -> int:
    """Sort key of a field under Advanced: those with texts of the page first, uploads last."""
    if form.fields()[name].kind in ("file", "files"):
        return len(_LOOKS) + 1
    return [*_LOOKS].index(name) if name in _LOOKS else len(_LOOKS)


def _advanced(name: str) -> Widget:
    field = form.fields()[name]
    looks = {"min_width": 200, **_LOOKS.get(name, {})}
    if name == "size":
        return gr.Dropdown(_FRAMINGS, value=0, filterable=False, elem_id=name, **looks)
    return widgets.draw(field, **looks)
