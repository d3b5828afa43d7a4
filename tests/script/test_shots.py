"""Shots: who speaks, who is seen, and what a key depends on."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from media import write_film

from pipeline.engines import DEFAULT_VOICE
from pipeline.script import ScriptError, read_script
from pipeline.script.document import Script
from pipeline.script.shots import Shot, shots
from pipeline.stage.slots import Layout

SCRIPT = """\
output: {path: film.mp4, height: 480}
presenters:
  ann: {subject: ann.jpg, consent: fictional}
  bob: {subject: bob.jpg, consent: fictional, emotion: warm}
scenes:
  - background: "#204060"
    lines: [One., {text: Two., presenter: bob}, Three.]
  - layout: side-by-side
    presenters: [bob, ann]
    lines: [{text: Four., presenter: ann}, {text: Five., presenter: ann}, {text: Six., presenter: bob}]
  - {background: deck.pdf#1, layout: voice-over, lines: [Seven.]}
  - {background: deck.pdf#2}
"""


@pytest.fixture
def folder(tmp_path: Path, astronaut: Path) -> Path:
    for name in ("ann.jpg", "bob.jpg"):
        shutil.copy(astronaut, tmp_path / name)
    (tmp_path / "bob.jpg").write_bytes((tmp_path / "bob.jpg").read_bytes() + b"\0")
    (tmp_path / "deck.pdf").write_bytes(b"%PDF-1.4 as a file with a sum")
    return tmp_path


def script(folder: Path, *changes: tuple[str, str]) -> Script:
    text = SCRIPT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / "talk.yaml").write_text(text, encoding="utf-8")
    return read_script(folder / "talk.yaml")


def keys(folder: Path, *changes: tuple[str, str]) -> list[str]:
    return [shot.key for shot in shots(script(folder, *changes))]


def changed(folder: Path, *changes: tuple[str, str]) -> list[int]:
    """Numbers of the shots, from 1, whose keys these changes alter."""
    before, after = keys(folder), keys(folder, *changes)
    return [number for number, pair in enumerate(zip(before, after, strict=True), 1) if pair[0] != pair[1]]


def test_speakers_go_on_and_only_side_by_side_shows_two(folder: Path) -> None:
    found = shots(script(folder))
    assert [shot.speaker for shot in found] == ["ann", "bob", "bob", "ann", "ann", "bob", "ann", None]
    assert [[role.name for role in shot.roles] for shot in found] == [
        ["ann"], ["bob"], ["bob"], ["bob", "ann"], ["bob", "ann"], ["bob", "ann"], [], []
    ]  # fmt: skip
    assert [shot.layout for shot in found][-2:] == [Layout.VOICE_OVER] * 2


def test_listeners_keep_looking_at_who_goes_on_speaking(folder: Path) -> None:
    def listener(shot: Shot) -> tuple[Any, ...]:
        role = next(role for role in shot.roles if not role.speaks)
        return role.name, role.attends, role.side

    assert [listener(shot) for shot in shots(script(folder))[3:6]] == [
        ("bob", (False, True), 1),
        ("bob", (True, False), 1),
        ("ann", (False, False), -1),
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("One.", "Uno.", [1]),
        ("text: Two.", "text: Two., pause: 1", [2]),
        ("emotion: warm", "emotion: excited", [2, 3, 4, 5, 6]),
        ('"#204060"', '"#204061"', [1, 2, 3]),
        ("deck.pdf#1", "deck.pdf#3", [7]),
        ("height: 480", "height: 720", [1, 2, 3, 4, 5, 6, 7, 8]),
        ("height: 480", "height: 480, captions: srt", []),
        ("ann: {", "ann: {pace: 1.1, ", [1, 4, 5, 7]),
        ("consent: fictional, emotion", "consent: me, emotion", []),
        ("path: film.mp4", "path: other.mp4", []),
        ("  - {background: deck.pdf#2}", "  - {background: deck.pdf#2, title: New}", [8]),
        ("  - {background: deck.pdf#2}", "  - {background: deck.pdf#2, chapter: New}", []),
    ],
)
def test_a_change_renders_what_it_shows_in(folder: Path, old: str, new: str, expected: list[int]) -> None:
    assert changed(folder, (old, new)) == expected


def test_a_presenters_new_picture_renders_where_they_are_seen(folder: Path) -> None:
    before = keys(folder)
    (folder / "bob.jpg").write_bytes((folder / "bob.jpg").read_bytes() + b"\0\0")
    after = keys(folder)
    assert [one == other for one, other in zip(before, after, strict=True)] == [
        True, False, False, False, False, False, True, True
    ]  # fmt: skip


def test_lines_of_one_scene_follow_a_background_that_moves(folder: Path) -> None:
    write_film(folder / "sea.mp4", [np.full((32, 32, 3), level, np.uint8) for level in range(5)])
    moving = ('"#204060"', "sea.mp4")
    assert [len(shot.earlier) for shot in shots(script(folder, moving))][:4] == [0, 1, 2, 0]
    before, after = keys(folder, moving), keys(folder, moving, ("text: Two.", "text: Other."))
    assert [one == other for one, other in zip(before, after, strict=True)][:4] == [True, False, False, True]


def test_a_line_in_another_language_gets_a_voice_of_it(folder: Path) -> None:
    german, english = ("text: Two.", "text: Zwei., language: de"), ("One.", "{text: Hi, language: en}")
    found = shots(script(folder, german, english))
    assert found[0].spoken is not None and found[1].spoken is not None
    assert found[0].spoken.voice == DEFAULT_VOICE
    assert found[1].spoken.voice.startswith("de")


def test_side_by_side_needs_exactly_the_two_who_speak(folder: Path) -> None:
    with pytest.raises(ScriptError, match=r"scenes\.2: the layout side-by-side shows two"):
        shots(script(folder, ("[bob, ann]", "[bob, bob]")))
