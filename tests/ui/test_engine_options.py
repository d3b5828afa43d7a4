"""The engines' own options on the page: a widget for each, and what is sent of them."""

from __future__ import annotations

from typing import Any

import gradio as gr
import pytest

from pipeline import engines, options
from pipeline.cards import Layer
from pipeline.ui import endpoint, engine_options
from pipeline.ui.engine_options import Panel
from pipeline.ui.widgets import Widget

LAYERS: tuple[Layer, ...] = ("head", "lips", "voice")


@pytest.fixture(scope="module")
def panels() -> dict[Layer, tuple[Panel, ...]]:
    with gr.Blocks(analytics_enabled=False):
        return {layer: engine_options.draw(layer, "") for layer in LAYERS}


def values(panels: tuple[Panel, ...]) -> dict[Widget, Any]:
    """What the page sends while nobody has touched an option."""
    return {widget: widget.value for panel in panels for widget in panel.widgets.values()}


@pytest.mark.parametrize("layer", LAYERS)
def test_every_option_has_a_widget_that_says_what_it_does(
    panels: dict[Layer, tuple[Panel, ...]], layer: Layer
) -> None:
    drawn = {panel.engine: panel for panel in panels[layer]}
    for name in engines.ENGINES[layer]:
        declared = options.fields(engines.option_type(layer, name))
        assert bool(declared) is (name in drawn)
        for field in declared:
            widget = drawn[name].widgets[field.name]
            said = widget.label if field.kind == "file" else widget.info  # Gradio's files have no such line
            assert field.help and said.endswith(field.help.replace("`", ""))


def test_untouched_options_are_left_to_the_engine(panels: dict[Layer, tuple[Panel, ...]]) -> None:
    for layer, own in panels.items():
        for name in engines.ENGINES[layer]:
            assert engine_options.given(own, name, values(own)) == {}


def test_changed_options_are_what_the_engine_reads(panels: dict[Layer, tuple[Panel, ...]]) -> None:
    own = panels["head"]
    widgets = next(panel.widgets for panel in own if panel.engine == "sadtalker")
    changes = {"size": 512, "still": True, "pose_style": 7, "head": " 0.5 ", "yaw": "-10:0:10"}
    sent = {**values(own), **{widgets[name]: value for name, value in changes.items()}}
    given = engine_options.given(own, "sadtalker", sent)
    assert given.keys() == changes.keys()
    chosen: Any = engines.options("head", "sadtalker", given)
    assert (chosen.size, chosen.still, chosen.pose_style, chosen.head) == (512, True, 7, 0.5)
    assert chosen.yaw == (-10.0, 0.0, 10.0)
    assert engine_options.given(own, "liveportrait", sent) == {}


def test_numbers_cannot_leave_their_range(panels: dict[Layer, tuple[Panel, ...]]) -> None:
    widgets = next(panel.widgets for panel in panels["head"] if panel.engine == "liveportrait")
    guidance = widgets["guidance"]
    assert isinstance(guidance, gr.Slider) and (guidance.minimum, guidance.maximum) == (0, 10)


def test_an_uploaded_file_reaches_the_engine_and_no_other_does(
    panels: dict[Layer, tuple[Panel, ...]],
) -> None:
    own = panels["head"]
    widgets = next(panel.widgets for panel in own if panel.engine == "sadtalker")
    assert isinstance(widgets["pose_from"], gr.File)
    sent = {**values(own), widgets["pose_from"]: "/tmp/gradio/nod.mp4"}
    assert engine_options.given(own, "sadtalker", sent) == {"pose_from": "/tmp/gradio/nod.mp4"}
    with pytest.raises(gr.Error, match="takes a file"):
        endpoint.create(text="Hi.", head="sadtalker", head_options={"pose_from": "/etc/passwd"})


def test_only_the_chosen_engines_options_are_seen(panels: dict[Layer, tuple[Panel, ...]]) -> None:
    own = panels["head"]
    assert not any(panel.frame.visible for panel in own)  # the default has none
    for panel, shown in zip(own, engine_options.shown(own, "sadtalker"), strict=True):
        assert shown.visible is (panel.engine == "sadtalker")
