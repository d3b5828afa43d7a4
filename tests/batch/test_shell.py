"""The shell's command for batches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.batch import BatchProgress
from pipeline.cli import main


def test_a_dry_run_shows_the_first_video_and_what_is_missing(
    tmp_path: Path, astronaut: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "jobs.csv"
    heading = "subject;text;consent;output\n"
    table.write_text(heading + f"{astronaut};Hello you.;fictional;a.mp4\n", encoding="utf-8")
    assert main(["batch", str(table), "-o", str(tmp_path / "out"), "--dry-run"]) == 0
    shown = capsys.readouterr()
    assert "Hello you." in shown.out and "puppet" in shown.out
    assert "1 of 1 videos to render" in shown.err
    table.write_text(heading + "gone.jpg;Hello.;fictional;a.mp4\n", encoding="utf-8")
    assert main(["batch", str(table), "-o", str(tmp_path / "out"), "--dry-run"]) == 2
    assert "Row 2, column subject: There is no photo or video at" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_films_of_a_template_are_made_and_shared_segments_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "talk.yaml").write_text(
        'output: {height: 480}\nscenes:\n- {background: "#ffffff", seconds: 0.6}\n'
        '- {background: "{colour}", seconds: 0.6}\n',
        encoding="utf-8",
    )
    (tmp_path / "jobs.csv").write_text("colour,output\n#ff0000,r.mp4\n#0000ff,b.mp4\n", encoding="utf-8")
    command = ["batch", str(tmp_path / "jobs.csv"), "--template", str(tmp_path / "talk.yaml")]
    assert main([*command, "-o", str(tmp_path / "out"), "--workers", "1"]) == 0
    assert "2 rendered, 0 kept." in capsys.readouterr().err
    assert {path.name for path in (tmp_path / "out").glob("*.mp4")} == {"r.mp4", "b.mp4"}
    assert len(list((tmp_path / "cache").rglob("*.mp4"))) == 3
    assert main([*command, "-o", str(tmp_path / "out")]) == 0
    assert "0 rendered, 2 kept." in capsys.readouterr().err
    (tmp_path / "jobs.csv").write_text("colour,output\n#ff0000,r.mp4\nreddish,b.mp4\n", encoding="utf-8")
    assert main([*command, "-o", str(tmp_path / "out")]) == 2
    assert "Row 3, b.mp4: Column colour: " in capsys.readouterr().err


def test_mistakes_are_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "jobs.csv").write_text("subject,txt,output\na.jpg,Hi.,a.mp4\n", encoding="utf-8")
    assert main(["batch", str(tmp_path / "jobs.csv"), "-o", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err.strip()
    assert said == "There is no column to fill in called 'txt'; did you mean 'text'?"


def test_an_interrupt_says_what_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object, **__: object) -> Iterator[BatchProgress]:
        yield BatchProgress(3, 8, 0.4)
        raise KeyboardInterrupt

    monkeypatch.setattr("pipeline.batch.stream", interrupted)
    assert main(["batch", "jobs.csv", "-o", str(tmp_path / "out")]) == 130
    said = capsys.readouterr().err
    assert "Stopped after 3 of 8 videos; run the batch again, and it makes the rest." in said
