"""Typed words become an engine's options, or one sentence."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from pipeline import engines, options
from pipeline.errors import StudioError, UnknownNameError


@dataclass(frozen=True)
class Options:
    """What can be chosen."""

    size: Literal[256, 512] = 256
    """Side of the square,
    in px."""
    still: bool = False
    head: float | None = None
    style: int = 0
    yaw: tuple[float, ...] = ()
    lead: Path | None = None


def test_values_take_the_types_of_the_fields() -> None:
    given = {"size": "512", "still": "yes", "head": "0.5", "style": "7", "yaw": "-10:0:10", "lead": "nod.mp4"}
    wanted = Options(512, True, 0.5, 7, (-10.0, 0.0, 10.0), Path("nod.mp4"))
    assert options.read(Options, given, engine="x") == wanted


def test_declarations_say_all_that_a_field_needs() -> None:
    size, still, head, style, yaw, lead = options.listed(Options)
    assert (size.kind, size.default, size.choices) == ("choice", "256", ("256", "512"))
    assert size.about == "Side of the square, in px." and still.about == ""
    assert (still.kind, still.default) == ("flag", "no")
    assert (head.kind, head.default) == ("number", "")
    assert (style.kind, style.default) == ("whole", "0")
    assert (yaw.kind, yaw.default) == ("words", "")
    assert (lead.kind, lead.default) == ("file", "")
    assert options.listed(None) == []


def test_nothing_given_leaves_the_engine_to_its_defaults() -> None:
    assert options.read(Options, {}, engine="x") is None


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"size": "300"}, "choose one of: 256, 512"),
        ({"still": "maybe"}, "choose one of"),
        ({"style": "calm"}, "whole number"),
        ({"yaw": "a:b"}, "number"),
    ],
)
def test_a_wrong_value_says_what_is_possible(given: dict[str, str], sentence: str) -> None:
    with pytest.raises(StudioError, match=sentence):
        options.read(Options, given, engine="x")


def test_a_misspelt_option_gets_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'pose_style'"):
        engines.load("head", "sadtalker", {"pose_stile": "3"})


def test_an_engine_without_options_says_so() -> None:
    with pytest.raises(StudioError, match="has no options"):
        engines.load("head", "puppet", {"size": "3"})
