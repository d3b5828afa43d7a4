"""The engines' own options on the page: a field for each, and what is sent of them."""

from __future__ import annotations

from typing import Any

import gradio as gr
import pytest

from pipeline import engines, options
from pipeline.ui import endpoint, style
from pipeline.ui.style import Performance


@pytest.fixture(scope="module")
def how() -> Performance:
    with gr.Blocks(analytics_enabled=False):
        return style.draw()


def values(how: Performance) -> dict[gr.components.Component, Any]:
    """What the page sends while nobody has touched an option."""
    return {field: field.value for field in how.options}


@pytest.mark.parametrize("layer", ["head", "lips"])
def test_every_option_has_a_field_that_says_what_it_does(how: Performance, layer: engines.Layer) -> None:
    drawn = {own.engine: own for own in how.tunings[layer]}
    for name in engines.ENGINES[layer]:
        declared = options.listed(engines.option_type(layer, name))
        assert bool(declared) is (name in drawn)
        for option in declared:
            field = drawn[name].fields[option.name]
            said = field.label if option.kind == "file" else field.info  # Gradio's files have no such line
            assert option.about and said.endswith(option.about.replace("`", ""))


def test_untouched_options_are_left_to_the_engine(how: Performance) -> None:
    for layer, own in how.tunings.items():
        assert all(how.given(layer, each.engine, values(how)) == {} for each in own)
    assert how.given("head", "puppet", values(how)) == {}


def test_changed_options_reach_the_engine_as_typed(how: Performance) -> None:
    fields = next(own.fields for own in how.tunings["head"] if own.engine == "sadtalker")
    changes = {"size": "512", "still": True, "pose_style": 7, "head": " 0.5 ", "yaw": "-10:0:10"}
    sent = {**values(how), **{fields[name]: value for name, value in changes.items()}}
    given = how.given("head", "sadtalker", sent)
    assert given == {"size": "512", "still": "yes", "pose_style": "7", "head": "0.5", "yaw": "-10:0:10"}
    read = options.read(engines.option_type("head", "sadtalker"), given, engine="sadtalker")
    assert (read.size, read.still, read.pose_style, read.head) == (512, True, 7, 0.5)
    assert how.given("head", "liveportrait", sent) == {}


def test_an_uploaded_file_reaches_the_engine_and_no_other_does(how: Performance) -> None:
    fields = next(own.fields for own in how.tunings["head"] if own.engine == "sadtalker")
    assert isinstance(fields["pose_from"], gr.File)
    sent = {**values(how), fields["pose_from"]: "/tmp/gradio/nod.mp4"}
    assert how.given("head", "sadtalker", sent) == {"pose_from": "/tmp/gradio/nod.mp4"}
    with pytest.raises(gr.Error, match="takes a file"):
        endpoint.create(text="Hi.", head="sadtalker", head_options={"pose_from": "/etc/passwd"})


def test_only_the_chosen_engines_options_are_seen(how: Performance) -> None:
    from pipeline.ui import engine_options

    own = how.tunings["head"]
    assert not any(each.panel.visible for each in own)  # the default has none
    for each, shown in zip(own, engine_options.shown(own, "sadtalker"), strict=True):
        assert shown.visible is (each.engine == "sadtalker")
