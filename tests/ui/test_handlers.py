"""What a job does to the page's screen, and what it leaves behind."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import PIL.Image
import pytest

from pipeline.progress import Progress, Result
from pipeline.samples import HOPPER
from pipeline.service import form, takes
from pipeline.service.messages import Message
from pipeline.service.visit_renders import RENDERS
from pipeline.speech.recognition import whisper
from pipeline.ui import handlers, output
from pipeline.ui.takes import listed
from pipeline.video import Writer

ANSWERS: dict[str, Any] = {"photo": str(HOPPER.path), "text": "Hello there. " * 20, "size": 256}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where everything that a job writes goes."""
    (tmp_path / "loose").mkdir()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "gradio"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "loose"))
    return tmp_path


@pytest.fixture
def page() -> output.Screen:
    with gr.Blocks(analytics_enabled=False):
        return output.draw()


@pytest.fixture
def made(folder: Path, page: output.Screen) -> Result:
    """A finished video that the screen shows."""
    *_, last = following({**ANSWERS, "text": "Hi.", "captions": "vtt"}, page)
    return last[page.made]


def following(answers: dict[str, Any], page: output.Screen, last: Result | None = None, **about: Any) -> Any:
    """Begin a render as Create does, and follow it as the page does."""
    started = handlers.prepare(answers, page, last, **about)
    render = RENDERS.find(started[page.render], about.get("visit", ""))
    assert render is not None
    return handlers.follow(render, page, last)


def test_cancelled_job_leaves_nothing_behind(folder: Path, page: output.Screen) -> None:
    changes = following(ANSWERS, page, visit="me")
    segment = next(change[page.preview] for change in changes if isinstance(change.get(page.preview), Path))
    assert segment.read_bytes()[0] == 0x47  # an MPEG-TS packet
    changes.close()
    render = RENDERS.last("me")
    assert render is not None, "it goes on without the page"
    render.cancel()
    *_, last = handlers.follow(render, page)
    assert "Cancelled." in last[page.message]
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_finished_job_shows_its_files(folder: Path, page: output.Screen, made: Result) -> None:
    assert made.video.is_relative_to(folder / "gradio" / "jobs")
    shown = output.finished(page, made)
    assert shown[page.player].value["path"].endswith(".mp4")
    assert shown[page.captions_file].value["path"].endswith(".vtt")
    assert shown[page.video_file].value["path"].endswith(".mp4")


def test_a_still_stands_in_for_a_video_that_browsers_cannot_play(
    folder: Path, page: output.Screen, made: Result
) -> None:
    path = made.video.with_suffix(".mov")
    with Writer(path, fps=25, size=(64, 64), alpha="mov") as writer:
        for _ in range(3):
            writer.write(np.zeros((64, 64, 4), np.uint8))
    result = replace(made, video=path)
    shown = output.finished(page, result)
    assert shown[page.player].value is None and not shown[page.player].visible
    assert shown[page.poster].visible and "picture.jpg" in shown[page.poster].value
    assert "cannot play ProRes" in shown[page.poster].value
    assert shown[page.video_file].value["path"].endswith(".mov")
    assert (path.parent / "picture.jpg").is_file()
    takes.keep(result, "visitor", {})
    assert "<img" in listed("visitor") and "<video" not in listed("visitor")
    hidden = output.finished(page, made)[page.poster]
    assert not hidden.visible and hidden.value == ""


def test_refused_job_says_why_and_leaves_no_folder(folder: Path, page: output.Screen) -> None:
    said = handlers.prepare({**ANSWERS, "photo": None}, page, None)
    assert 'role="alert"' in said[page.message] and "Add a photo" in said[page.message]
    assert 'data-parameter="subject"' in said[page.message]
    assert page.render not in said
    assert list((folder / "gradio" / "jobs").iterdir()) == []


def test_refused_or_cancelled_job_keeps_the_last_video(page: output.Screen, made: Result) -> None:
    refused = handlers.prepare({**ANSWERS, "text": ""}, page, made)
    assert "nothing to say" in refused[page.message]
    cancelled = output.cancelled(page, made)
    assert "Cancelled." in cancelled[page.message]
    for change in (refused, cancelled):
        assert change[page.player].visible is True and change[page.video_file].visible is True
        assert page.made not in change


def test_what_a_video_lacks_is_said_again_when_it_is_watched_again(page: output.Screen, made: Result) -> None:
    lacking = replace(made, notes=("Part of it is missing.",))
    for shown in (output.finished(page, lacking), output.watched(page, lacking)):
        assert "Part of it is missing." in shown[page.message]
    assert output.watched(page, made)[page.message] == ""


def test_whoever_waits_is_told_only_of_others(page: output.Screen) -> None:
    told = output.step(page, Progress("waiting", 0.0, 5.0, ahead=1))[page.progress]
    assert "1 video is ahead of yours" in told
    told = output.step(page, Progress("waiting", 0.0))[page.progress]
    assert "ahead" not in told and "Preparing" in told


def test_last_video_stays_until_the_preview_begins(page: output.Screen, made: Result) -> None:
    started = output.followed(page, "render")
    assert not {page.player, page.place, page.report} & started.keys()
    assert output.first_seconds(page)[page.player].visible is False


def test_failure_of_a_running_job_brings_the_last_video_back(
    folder: Path, page: output.Screen, made: Result
) -> None:
    blank = folder / "blank.png"
    PIL.Image.new("RGB", (300, 300)).save(blank)  # no face: found out when the job runs
    *_, last = following({**ANSWERS, "photo": str(blank), "consent": "me"}, page, made)
    assert 'role="alert"' in last[page.message]
    assert last[page.player].visible is True
    assert len(list((folder / "gradio" / "jobs").iterdir())) == 1


def test_recording_without_transcript_gets_a_hint_in_place_of_captions(
    folder: Path, page: output.Screen, tone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whisper, "available", lambda: False)
    wordless = {**ANSWERS, "text": None, "audio": str(tone), "captions": "srt"}
    doubt = handlers.prepare(wordless, page, None)  # nobody speaks in a tone
    *_, last = following(wordless, page, asked=doubt[page.asked])
    assert last[page.captions_file].visible is False
    assert last[page.message].count(form.NO_CAPTIONS) == 1


def test_recording_in_which_nobody_speaks_is_asked_about_once(
    folder: Path, page: output.Screen, tone: Path
) -> None:
    answers = {**ANSWERS, "text": None, "audio": str(tone), "captions": ""}
    doubt = handlers.prepare(answers, page, None)
    assert page.render not in doubt and "no speech" in doubt[page.message]
    assert 'data-parameter="audio"' in doubt[page.message]
    assert list((folder / "gradio" / "jobs").iterdir()) == []
    began = handlers.prepare(answers, page, None, asked=doubt[page.asked], visit="me")
    render = RENDERS.find(began[page.render], "me")
    assert render is not None
    render.cancel()
    list(render.follow())


def test_finished_video_is_kept_for_its_visit_with_its_report(
    folder: Path, page: output.Screen, made: Result
) -> None:
    *_, last = following({**ANSWERS, "text": "Hi."}, page, visit="my secret", settings={"text": "Hi."})
    (kept,) = takes.all_of("my secret", folder / "gradio")
    assert kept.result.video == last[page.made].video and kept.settings == {"text": "Hi."}
    _, report = handlers.review(kept.result)
    assert list(handlers.review(kept.result)) == [report]  # not measured again


def test_frames_without_a_face_are_told(page: output.Screen) -> None:
    result = Result(video=HOPPER.path, duration=1.0, head="footage", lips="puppet", faceless=12)
    assert "12 frames show no face" in output.finished(page, result)[page.message]
    assert "1 frame shows no face" in output.finished(page, replace(result, faceless=1))[page.message]
    assert output.finished(page, replace(result, faceless=0))[page.message] == ""


def test_review_reports_on_the_finished_video(made: Result) -> None:
    checking, report = handlers.review(made)
    assert "Checking the result" in checking
    assert 'class="report"' in report or 'role="status"' in report
    assert list(handlers.review(None)) == []


def test_problem_of_no_field_has_no_mark(page: output.Screen) -> None:
    assert "data-parameter" not in output.refused(page, Message("Try again."))[page.message]
