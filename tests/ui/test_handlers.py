"""What a job does to the page's screen, and what it leaves behind."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import gradio as gr
import pytest
from pipeline.request import Result

from pipeline.samples import HOPPER
from pipeline.service.form import Answers
from pipeline.ui import handlers, output

ANSWERS = Answers(
    photo=str(HOPPER.path),
    text="Hello there. " * 20,
    consent=None,
    voice="joe",
    audio=None,
    video=None,
    style="calm",
    emotion="neutral",
    head="puppet",
    lips="puppet",
    captions="",
    size=256,
    fps=25,
    seed=0,
    face=0,
    mark=True,
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where everything that a job writes goes."""
    (tmp_path / "loose").mkdir()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "gradio"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "loose"))
    return tmp_path


@pytest.fixture
def page() -> output.Screen:
    with gr.Blocks(analytics_enabled=False):
        return output.draw()


def test_cancelled_job_leaves_nothing_behind(folder: Path, page: output.Screen) -> None:
    changes = handlers.run(ANSWERS, page)
    segment = next(change[page.preview] for change in changes if isinstance(change.get(page.preview), Path))
    assert segment.read_bytes()[0] == 0x47  # an MPEG-TS packet
    changes.close()
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_finished_job_shows_its_files(folder: Path, page: output.Screen) -> None:
    *_, last = handlers.run(replace(ANSWERS, text="Hi.", captions="vtt"), page)
    made = last[page.made].video
    assert made.is_relative_to(folder / "gradio" / "jobs")
    assert {path.suffix for path in made.parent.iterdir()} == {".mp4", ".csv", ".vtt"}
    assert last[page.captions_file].value["path"].endswith(".vtt")


def test_frames_without_a_face_are_told(page: output.Screen) -> None:
    result = Result(video=HOPPER.path, duration=1.0, faceless=12)
    assert "12 frames show no face" in output.finished(page, result)[page.message]
    assert "1 frame shows no face" in output.finished(page, replace(result, faceless=1))[page.message]
    assert output.finished(page, replace(result, faceless=0))[page.message] == ""


def test_refused_job_says_why_and_leaves_no_folder(folder: Path, page: output.Screen) -> None:
    (said,) = handlers.run(replace(ANSWERS, photo=None), page)
    assert 'role="alert"' in said[page.message] and "add a photo" in said[page.message]
    assert said[page.made] is None
    assert list((folder / "gradio" / "jobs").iterdir()) == []
