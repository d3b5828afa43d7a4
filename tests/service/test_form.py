"""From what a visitor filled in to a scene, an output and a job."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline import hub, options
from pipeline.errors import ConsentError, OptionError, PhotoError, StudioError, TextError, UnknownNameError
from pipeline.samples import HOPPER
from pipeline.service import form
from pipeline.spec import Output, Scene
from pipeline.speech.recognition import whisper


def answers(**changes: Any) -> dict[str, Any]:
    """What somebody filled in who uses a sample."""
    return {"photo": str(HOPPER.path), "text": " Hello there. ", "consent": "", "voice": "joe", **changes}


def test_fields_are_those_of_the_spec_but_for_the_files_of_the_service() -> None:
    declared = {field.name for field in (*options.fields(Scene), *options.fields(Output))}
    assert declared - form.fields().keys() == {"subject", "path", "motion", "overwrite"}
    assert form.fields().keys() - declared == {"format"}
    assert {"pace", "blinks", "voice_options", "motion_in"} <= form.fields().keys()


def test_answers_become_a_scene_and_its_files(tmp_path: Path) -> None:
    chosen = answers(style="lively", emotion="warm", fps=30, seed=7, face=2, pace=1.5, blinks=0, size=256)
    scene, output = form.filled(chosen, tmp_path)
    assert (scene.subject, scene.text, scene.style, scene.emotion) == (
        HOPPER.path,
        "Hello there.",
        "lively",
        "warm",
    )
    assert (scene.seed, scene.face, scene.pace, scene.blinks) == (7, 2, 1.5, 0.0)
    assert (output.fps, output.size) == (30, 256)
    assert output.path.parent == tmp_path and output.path.name.startswith("hopper-hello-there-")
    assert output.motion == output.path.with_suffix(".csv")


def test_the_file_follows_the_background(tmp_path: Path) -> None:
    for chosen, suffix in (({}, ".mp4"), ({"format": "webm"}, ".webm"), ({"format": "mov"}, ".mov")):
        background = "transparent" if chosen else ""
        _, output = form.filled(answers(background=background, **chosen), tmp_path)
        assert (output.path.suffix, output.background) == (suffix, background or None)
        assert output.motion == output.path.with_suffix(".csv")
    assert form.filled(answers(background="transparent"), tmp_path)[1].alpha == "webm"
    with pytest.raises(OptionError, match="set background to transparent") as raised:
        form.filled(answers(format="mov"), tmp_path)
    assert raised.value.parameter == "format"


def test_what_is_left_out_has_the_default_of_the_spec(tmp_path: Path) -> None:
    blank = dict.fromkeys(("consent", "head", "lips", "captions", "style", "audio"), "")
    zero = dict.fromkeys(("size", "face", "seed", "fps"), 0)
    scene, output = form.filled(answers(**blank, **zero, pace=None, head_options={}), tmp_path)
    plain = Scene(subject=HOPPER.path, text="Hello there.", voice="joe")
    assert scene == plain
    assert (output.size, output.captions, output.fps) == (None, None, 25)


def test_values_that_are_not_possible_are_refused_by_name(tmp_path: Path) -> None:
    for wrong in ({"pace": 0}, {"blinks": 3}, {"fps": 26}, {"style": "wild"}, {"size": 64}, {"seed": -1}):
        with pytest.raises(OptionError) as raised:
            form.filled(answers(**wrong), tmp_path)
        assert raised.value.parameter == next(iter(wrong))


def test_recording_without_transcript_has_no_text_and_names_the_file(tmp_path: Path, tone: Path) -> None:
    speech = tone.rename(tmp_path / "My speech.wav")
    scene, output = form.filled(answers(text=" ", audio=str(speech)), tmp_path)
    assert scene.text is None and scene.audio == speech
    assert output.path.name.startswith("hopper-my-speech-")


def test_captions_are_left_out_only_where_their_words_would_need_a_download(
    tmp_path: Path, tone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wordless = answers(text="", audio=str(tone), captions="srt")
    monkeypatch.setattr(whisper, "available", lambda: False)
    job = form.accept(wordless, tmp_path, lenient=True)
    assert job.plan.output.captions is None and job.note == form.NO_CAPTIONS
    with pytest.raises(TextError, match="transcript"):
        form.accept(wordless, tmp_path)
    for told in (answers(text="Hi.", audio=str(tone), captions="srt"), answers(captions="srt")):
        job = form.accept(told, tmp_path, lenient=True)
        assert job.plan.output.captions == "srt" and job.note == ""
    assert form.accept({**wordless, "captions": ""}, tmp_path, lenient=True).note == ""
    monkeypatch.setattr(whisper, "available", lambda: True)
    monkeypatch.setattr(hub, "download_bytes", lambda keys, missing: 0)
    assert form.accept(wordless, tmp_path, lenient=True).plan.output.captions == "srt"


def test_video_with_default_settings_takes_the_head_for_videos(tmp_path: Path, clip: Path) -> None:
    job = form.accept({"video": str(clip), "text": "Hi.", "consent": "me", "head": ""}, tmp_path)
    assert job.plan.head.card.name == "footage" and job.plan.lips_name == "puppet"


@pytest.mark.parametrize(
    ("wrong", "kind", "parameter"),
    [
        ({"photo": None}, PhotoError, "subject"),
        ({"text": "  "}, TextError, "text"),
        ({"voice": "jo"}, UnknownNameError, "voice"),
        ({"head": "footage"}, PhotoError, "head"),
        ({"consent": "perhaps"}, OptionError, "consent"),
        ({"head": "sadtalker", "head_options": {"pose_style": 90}}, OptionError, "pose_style"),
    ],
)
def test_refused_answers_leave_no_folder(
    tmp_path: Path, wrong: dict[str, Any], kind: type[StudioError], parameter: str
) -> None:
    with pytest.raises(kind) as raised:
        form.accept(answers(**wrong), tmp_path)
    assert raised.value.parameter == parameter
    assert [path for path in tmp_path.rglob("*") if path.parent.name == "jobs"] == []


def test_consent_is_asked_once_for_a_picture(tmp_path: Path, own_photo: Path) -> None:
    asked = {"photo": str(own_photo), "text": "Hi."}
    with pytest.raises(ConsentError):
        form.accept(asked, tmp_path)
    assert form.accept({**asked, "consent": "permission"}, tmp_path).consent.basis == "permission"
    assert form.accept(asked, tmp_path).consent.basis == "permission"
