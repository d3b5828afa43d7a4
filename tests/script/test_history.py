"""Versions of a script: kept when it matters, listed from the newest, found only by their own names."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.script import history
from pipeline.script.history import History


def content(*texts: str) -> dict[str, object]:
    return {"scenes": [{"lines": [{"text": text} for text in texts]}]}


def test_versions_are_kept_once_and_listed_from_the_newest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = History(tmp_path)
    assert kept.versions() == []
    kept.keep(content("One."), "opened")
    kept.keep(content("One."), "rendered")  # the same
    kept.keep(content("One.", "Two."), "edited")  # in the midst of an edit
    kept.keep(content("One.", "Two."), "rendered")
    assert [(each.occasion, each.lines) for each in kept.versions()] == [("rendered", 2), ("opened", 1)]
    monkeypatch.setattr(history, "_APART", 0.0)
    kept.keep(content(), "edited")
    assert kept.versions()[0].lines == 0
    assert kept.versions()[0].made >= kept.versions()[1].made


def test_only_so_many_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "_MOST", 3)
    kept = History(tmp_path)
    for number in range(5):
        kept.keep(content(str(number)), "rendered")
    assert [each.content["scenes"][0]["lines"][0]["text"] for each in kept.versions()] == ["4", "3", "2"]


def test_names_lead_nowhere_else_and_damaged_files_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text('{"occasion": "opened", "content": {"scenes": []}}')
    kept = History(tmp_path)
    kept.keep(content(), "opened")
    name = kept.versions()[0].name
    assert kept.find(f"../{name}") is None and kept.find("../secret") is None
    assert kept.find(name) is not None
    (tmp_path / "versions" / f"{name}.json").write_text("{")
    assert kept.find(name) is None and kept.versions() == []
