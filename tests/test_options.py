"""Options: values as a person types them become a model, or one sentence that says what is possible."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import Field

from pipeline import engines, options
from pipeline.cards import Layer
from pipeline.errors import OptionError, StudioError, UnknownNameError


class Options(options.Options):
    """One field of every kind."""

    size: Literal[256, 512] = 256
    """Side of the square,
    in px."""
    still: bool = False
    head: float | None = Field(default=None, ge=0, le=2.5, json_schema_extra={"group": "Motion"})
    style: int = Field(default=0, ge=0)
    yaw: tuple[float, ...] = ()
    video: options.InputFile | None = None
    title: str = ""


class Required(options.Options):
    """A field without a default."""

    photo: Path
    """The photo."""


def read(**given: Any) -> Options:
    made = options.read(Options, given, owner="the engine 'x'")
    assert made is not None
    return made


def test_typed_values_take_the_types_of_the_fields(tmp_path: Path) -> None:
    video = tmp_path / "nod.mp4"
    video.touch()
    made = read(
        size="512", still="yes", head="0.5", style="7", yaw="-10:0:10", video=str(video), title="A: b"
    )
    wanted = (512, True, 0.5, 7, (-10.0, 0.0, 10.0), video, "A: b")
    assert (made.size, made.still, made.head, made.style, made.yaw, made.video, made.title) == wanted
    assert made == read(size=512, still=True, head=0.5, style=7, yaw=(-10, 0, 10), video=video, title="A: b")


def test_equal_options_are_one_key() -> None:
    assert hash(read(size="512")) == hash(read(size=512)) and read(size="512") == read(size=512)
    assert read(size=512) != read()
    assert read(yaw="") == read() == Options()


def test_fields_say_all_that_a_widget_needs() -> None:
    size, still, head, style, yaw, video, title = options.fields(Options)
    assert (size.kind, size.default, size.choices) == ("choice", 256, (256, 512))
    assert size.help == "Side of the square, in px." and still.help == ""
    assert (still.kind, still.default) == ("flag", False)
    assert (head.kind, head.default, head.low, head.high, head.group) == ("number", None, 0, 2.5, "Motion")
    assert (style.kind, style.low, style.high) == ("integer", 0, None)
    assert (yaw.kind, yaw.default) == ("numbers", ())
    assert (video.kind, video.required) == ("file", False)
    assert (title.kind, title.title) == ("text", "Title")
    assert options.fields(Required)[0].required
    assert options.fields(None) == []


def test_defaults_as_a_person_would_type_them() -> None:
    assert options.described(Options) == [
        "size=256", "still=no", "head=", "style=0", "yaw=", "video=", "title="
    ]  # fmt: skip
    assert options.typed((-10.0, 0.5)) == "-10.0:0.5" and options.typed(True) == "yes"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("still", "maybe", "choose yes or no"),
        ("head", "3", "head=3 is not possible; give a number from 0 to 2.5."),
        ("head", "-5", "give a number from 0 to 2.5"),
        ("head", "nan", "give a number from 0 to 2.5"),
        ("style", "calm", "give a whole number of at least 0"),
        ("style", "1.5", "give a whole number of at least 0"),
        ("yaw", "a:b", "give numbers with colons between them"),
        ("video", "none.mp4", "There is no file none.mp4; check the name."),
        ("title", 3, "give text"),
    ],
)
def test_a_wrong_value_says_what_is_possible(name: str, value: object, sentence: str) -> None:
    with pytest.raises(OptionError) as caught:
        read(**{name: value})
    assert sentence in str(caught.value)
    assert caught.value.parameter == name


@pytest.mark.parametrize("value", ["300", 300])
def test_a_choice_that_does_not_exist_lists_the_others(value: object) -> None:
    with pytest.raises(StudioError, match="256, 512") as caught:
        read(size=value)
    assert caught.value.parameter == "size"


def test_a_missing_value_is_named() -> None:
    with pytest.raises(OptionError, match="photo is missing"):
        Required()


def test_a_misspelt_option_gets_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'pose_style'"):
        engines.options("head", "sadtalker", {"pose_stile": "3"})
    with pytest.raises(UnknownNameError, match="did you mean 'style'"):
        Options(styl=3)


def test_an_engine_without_options_says_so() -> None:
    with pytest.raises(OptionError, match="The head engine 'footage' has no options; leave out size"):
        engines.options("head", "footage", {"size": "3"})
    assert engines.options("head", "footage", {}) is None


RANGES = [
    (card.layer, card.name, field)
    for card in (*engines.cards("head"), *engines.cards("lips"))
    for field in options.fields(engines.option_type(card.layer, card.name))
]
"""Every option of every engine."""


@pytest.mark.parametrize(
    ("layer", "engine", "field"), RANGES, ids=lambda value: getattr(value, "name", value)
)
def test_engines_describe_and_bound_their_options(layer: Layer, engine: str, field: options.Field) -> None:
    assert field.help.endswith("."), "each option is explained"
    if field.kind not in ("number", "integer"):
        return
    assert field.low is not None and field.high is not None
    for value in (field.low - 1, field.high + 1):
        with pytest.raises(OptionError, match=f"from {field.low:g} to {field.high:g}"):
            engines.options(layer, engine, {field.name: value})
    for value in (field.low, field.high):
        engines.options(layer, engine, {field.name: str(value)})


@pytest.mark.parametrize(("layer", "engine"), [("head", "liveportrait"), ("lips", "latentsync")])
def test_negative_guidance_is_refused(layer: Layer, engine: str) -> None:
    with pytest.raises(OptionError, match="guidance=-5 is not possible; give a number from 0 to 10"):
        engines.options(layer, engine, {"guidance": "-5"})
