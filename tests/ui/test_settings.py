"""What is filled in, kept and brought back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from pipeline.samples import HOPPER
from pipeline.ui import settings
from pipeline.ui.widgets import Widget


@pytest.fixture
def widgets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Widget]:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    with gr.Blocks(analytics_enabled=False):
        return {
            "text": gr.Textbox(),
            "style": gr.Dropdown([("Calm", "calm"), ("Lively", "lively")]),
            "pace": gr.Slider(0.5, 2.0),
            "mark": gr.Checkbox(),
            "seed": gr.Number(),
            "photo": gr.Image(type="filepath"),
            "voice": gr.Textbox(),
        }


def test_what_was_filled_in_comes_back(widgets: dict[str, Widget], tmp_path: Path) -> None:
    photo = tmp_path / "grace.jpg"
    photo.write_bytes(b"photo")
    filled = ["Hi.", "lively", 1.5, False, 7, str(photo), "kokoro:af_heart"]
    saved = settings.snapshot(widgets, dict(zip(widgets.values(), filled, strict=True)))
    assert list(settings.restore(widgets, saved).values()) == filled


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("style", "wild"),
        ("pace", 9),
        ("pace", "1"),
        ("mark", "yes"),
        ("seed", True),
        ("text", ["Hi."]),
        ("text", "x" * 200_000),
        ("voice", "nobody"),
        ("photo", "/etc/passwd"),
        ("photo", {"path": "/etc/passwd"}),
        ("photo", {"path": 3}),
        ("photo", "a\0b"),
    ],
)
def test_what_is_not_possible_is_left_out(widgets: dict[str, Widget], name: str, value: Any) -> None:
    restored = settings.restore(widgets, {name: value, "unknown": 1})
    assert restored == {}


def test_files_come_back_only_while_they_are_there(widgets: dict[str, Widget], tmp_path: Path) -> None:
    for given in (str(tmp_path / "gone.jpg"), {"path": str(tmp_path / "gone.jpg")}):
        assert settings.restore(widgets, {"photo": given}) == {}
    sample = {"path": str(HOPPER.path)}
    assert settings.restore(widgets, {"photo": sample}) == {widgets["photo"]: str(HOPPER.path)}
    assert settings.restore(widgets, {"photo": None}, clear=True) == {widgets["photo"]: None}


@pytest.mark.parametrize("saved", [None, [], "draft", 3])
def test_a_draft_that_is_none_changes_nothing(widgets: dict[str, Widget], saved: Any) -> None:
    assert settings.restore(widgets, saved) == {}


def test_a_link_fills_in_what_is_possible_and_nothing_else(widgets: dict[str, Widget]) -> None:
    query = {"text": "Hello.", "style": "lively", "pace": "1.5", "mark": "no", "seed": "x", "photo": "hopper"}
    asked = settings.linked(widgets, {**query, "voice": "joe", "__theme": "dark", "unknown": "1"})
    photo = Path(asked.pop("photo"))
    assert photo.read_bytes() == HOPPER.path.read_bytes() and photo.is_relative_to(
        widgets["photo"].GRADIO_CACHE
    )
    expected = {"text": "Hello.", "style": "lively", "pace": 1.5, "mark": False}
    assert asked == {**expected, "voice": "joe", "kind": "photo", "words": "text"}
    impossible = {"style": "wild", "pace": "fast", "mark": "perhaps", "photo": "/etc/passwd", "text": 5}
    assert settings.linked(widgets, impossible) == settings.linked(widgets, None) == {}
    assert settings.restore(widgets, settings.linked(widgets, {"pace": "9", "voice": "nobody"})) == {}
