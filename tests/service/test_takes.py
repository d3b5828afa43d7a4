"""The finished videos of a visit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.progress import Result
from pipeline.service import jobs, takes
from pipeline.types import Phone


def finished(cache: Path, name: str = "a") -> Result:
    folder = jobs.new_folder(cache)
    video = folder / f"{name}.mp4"
    video.write_bytes(b"video")
    return Result(video, 2.0, "puppet", "puppet", phones=(Phone("a", 0.0, 0.5),))


def test_a_visit_lists_its_own_videos_the_latest_first(tmp_path: Path) -> None:
    first, second, strange = (finished(tmp_path, name) for name in "abc")
    takes.keep(first, "me", {"text": "One."})
    takes.keep(second, "me", {"text": "Two."})
    takes.keep(strange, "you", {})
    assert [take.result.video.name for take in takes.all_of("me", tmp_path)] == ["b.mp4", "a.mp4"]
    assert takes.all_of("me", tmp_path)[1].result == first
    assert takes.all_of("", tmp_path) == [] == takes.all_of("nobody", tmp_path)
    assert takes.find(strange.video.parent.name, "me", tmp_path) is None


def test_the_secret_of_a_visit_is_not_written(tmp_path: Path) -> None:
    made = finished(tmp_path)
    takes.keep(made, "0123456789abcdef", {})
    written = "".join(path.read_text() for path in made.video.parent.iterdir())
    assert "0123456789abcdef" not in written


def test_removed_and_old_videos_are_no_longer_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    takes.keep(finished(tmp_path, "old"), "me", {})
    monkeypatch.setattr(takes.time, "time", lambda: 2e10)
    assert takes.all_of("me", tmp_path) == []
    monkeypatch.undo()
    (kept,) = takes.all_of("me", tmp_path)
    takes.remove(kept)
    assert takes.all_of("me", tmp_path) == [] and not kept.folder.exists()


@pytest.mark.parametrize("record", ["", "[]", "{}", '{"visit": 3}'])
def test_a_record_that_is_not_whole_is_passed_over(tmp_path: Path, record: str) -> None:
    made = finished(tmp_path)
    takes.keep(made, "me", {})
    (made.video.parent / "take.json").write_text(record)
    assert takes.all_of("me", tmp_path) == []


def test_a_record_outlives_unknown_settings(tmp_path: Path) -> None:
    made = finished(tmp_path)
    takes.keep(made, "me", {"photo": tmp_path, "seed": 3})  # a path is no JSON
    assert json.loads((made.video.parent / "take.json").read_text())["settings"]["photo"] == str(tmp_path)
