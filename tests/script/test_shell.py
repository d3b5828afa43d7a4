"""The shell's commands for scripts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.cli import main

SCRIPT = 'output: {path: film.mp4, height: 480}\nscenes:\n- {background: "#ffffff", seconds: 0.6}\n'


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "talk.yaml").write_text(SCRIPT, encoding="utf-8")
    return tmp_path / "talk.yaml"


def test_a_script_is_planned_rendered_and_cleaned(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["script", "plan", str(file), "--json"]) == 0
    planned = json.loads(capsys.readouterr().out)
    assert [shot["ready"] for shot in planned["shots"]] == [False]
    assert main(["script", "render", str(file)]) == 0
    assert capsys.readouterr().out.strip() == str(file.with_name("film.mp4"))
    assert (file.parent / "cache" / "talking-head-studio" / "segments").is_dir()
    assert main(["script", "render", str(file)]) == 2
    assert "Add --overwrite" in capsys.readouterr().err
    assert main(["script", "render", str(file), "--overwrite", "--json"]) == 0
    film = json.loads(capsys.readouterr().out)
    assert (film["made"], film["kept"], film["duration"]) == (0, 1, 0.6)
    assert main(["script", "plan", str(file)]) == 0
    shown = capsys.readouterr()
    assert "kept" in shown.out and "0 of 1 to render" in shown.err
    assert main(["script", "clean", str(file)]) == 0
    assert "MB freed" in capsys.readouterr().err
    assert file.with_name("film.mp4").exists()


def test_mistakes_are_one_sentence(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text("scenes:\n- {layuot: right}", encoding="utf-8")
    assert main(["script", "plan", str(file)]) == 2
    said = capsys.readouterr().err
    assert said.strip() == f"{file}, line 2: scenes.1.layuot is unknown; did you mean 'layout'?"


def test_the_schema_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["script", "schema"]) == 0
    assert "scenes" in json.loads(capsys.readouterr().out)["properties"]


def test_a_document_becomes_a_script(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notes = file.with_name("notes.md")
    notes.write_text("# One\n\nHello.\n", encoding="utf-8")
    written = file.with_name("new.yaml")
    assert main(["script", "new", str(notes), "-o", str(written), "--voice", "joe"]) == 0
    shown = capsys.readouterr()
    assert shown.out.strip() == str(written)
    assert "host.jpg" in shown.err


def test_a_project_is_packed_and_unpacked(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    packed, taken = file.with_name("talk.zip"), file.with_name("taken")
    assert main(["script", "pack", str(file), "-o", str(packed)]) == 0
    assert main(["script", "pack", str(file), "-o", str(packed), "--overwrite"]) == 0
    assert main(["script", "plan", str(packed)]) == 0
    capsys.readouterr()
    assert main(["script", "unpack", str(packed), "-o", str(taken)]) == 0
    assert capsys.readouterr().out.strip() == str(taken / "talk.yaml")
    assert main(["script", "unpack", str(file), "-o", str(file.with_name("other"))]) == 2
    assert capsys.readouterr().err.strip() == "talk.yaml is no ZIP, or it is damaged; save it again."
