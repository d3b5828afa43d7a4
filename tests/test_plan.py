"""What will run is decided, and what cannot be done is refused, before any work is done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from heads.films import film

from pipeline import hub
from pipeline.errors import (
    AudioError,
    MotionFileError,
    OptionError,
    OutputError,
    PhotoError,
    StudioError,
    TextError,
    UnknownNameError,
    VideoError,
)
from pipeline.motion import write_motion
from pipeline.plan import Plan, check
from pipeline.spec import split
from pipeline.types import Motion


@pytest.fixture(autouse=True)
def nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a plan fetches nothing")

    monkeypatch.setattr(hub, "fetch", refuse)
    monkeypatch.setattr(hub, "pull", refuse)


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film(tmp_path_factory.mktemp("film") / "talk.mp4", [np.full((96, 96, 3), 90, np.uint8)] * 5)


@pytest.fixture(scope="module")
def motion(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("motion") / "nod.csv"
    still = Motion(
        25, np.zeros((10, 52), np.float32), np.zeros((10, 3), np.float32), np.zeros((10, 2), np.float32)
    )
    write_motion(path, [still])
    return path


def plan(subject: Path, folder: Path, **given: Any) -> Plan:
    return check(*split({"subject": subject, "path": folder / "talk.mp4", "text": "Hi.", **given}))


def test_a_photo_takes_the_puppet_with_its_own_mouth(astronaut: Path, tmp_path: Path) -> None:
    made = plan(astronaut, tmp_path)
    assert (made.head.card.name, made.lips, made.lips_name) == ("puppet", None, "puppet")
    assert (made.voice, made.checkpoints) == ("hibari:heart", [])


def test_a_video_takes_its_own_motion_and_the_default_lips(video: Path, tmp_path: Path) -> None:
    made = plan(video, tmp_path)
    assert (made.head.card.name, made.lips_name) == ("footage", "puppet")
    assert made.lips is not None


@pytest.mark.parametrize("head", ["liveportrait", "sadtalker"])
def test_a_head_that_speaks_keeps_its_mouth_unless_lips_are_named(
    astronaut: Path, tmp_path: Path, head: str
) -> None:
    alone, together = (
        plan(astronaut, tmp_path, head=head),
        plan(astronaut, tmp_path, head=head, lips="puppet"),
    )
    assert (alone.lips, alone.lips_name) == (None, head)
    assert together.lips is not None and together.lips_name == "puppet"
    assert set(alone.checkpoints) == set(together.checkpoints)


def test_weights_follow_the_options(astronaut: Path, tmp_path: Path) -> None:
    made = plan(
        astronaut,
        tmp_path,
        head="sadtalker",
        head_options={"size": "512", "framing": "crop"},
        lips="wav2lip",
        lips_options={"checkpoint": "wav2lip"},
    )
    assert made.checkpoints == ["sadtalker_512", "sadtalker_mapping_crop", "wav2lip"]


def test_a_motion_file_needs_no_words(astronaut: Path, motion: Path, tmp_path: Path) -> None:
    made = plan(astronaut, tmp_path, text=None, motion_in=motion, fps=50)
    assert made.motion is not None and (made.motion.fps, len(made.motion)) == (50, 20)
    assert (made.lips, made.voice) == (None, None)


def test_captions_of_a_motion_file_have_no_words(astronaut: Path, motion: Path, tmp_path: Path) -> None:
    with pytest.raises(TextError, match="no words for captions") as caught:
        plan(astronaut, tmp_path, text=None, motion_in=motion, captions="srt")
    assert caught.value.parameter == "captions"


def test_captions_of_a_recording_are_recognised_where_that_is_possible(
    astronaut: Path, tone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"text": None, "audio": tone, "captions": "srt"}
    made = plan(astronaut, tmp_path, **asked)
    assert made.recognizes and "recognizer" in made.downloads
    assert not plan(astronaut, tmp_path, **{**asked, "text": "Hello."}).recognizes
    monkeypatch.setattr("pipeline.speech.recognition.whisper.available", lambda: False)
    with pytest.raises(TextError, match="install faster-whisper") as caught:
        plan(astronaut, tmp_path, **asked)
    assert caught.value.parameter == "captions"


def test_a_named_number_reaches_the_performance(astronaut: Path, tmp_path: Path) -> None:
    made = plan(astronaut, tmp_path, blinks=0.5, seed=7, style="lively", emotion="warm", fps=30)
    assert (made.style.blinks, made.style.seed, made.style.emotion, made.style.fps) == (0.5, 7, "warm", 30)
    assert made.style.head > 1


def test_a_seed_that_is_left_out_follows_from_picture_and_words(astronaut: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.jpg"
    copy.write_bytes(astronaut.read_bytes())
    other = tmp_path / "other.jpg"
    other.write_bytes(astronaut.read_bytes() + b"0")
    seeds = [plan(photo, tmp_path, text="Hello.").seed for photo in (astronaut, copy, other)]
    assert seeds[0] == seeds[1] != seeds[2]
    assert plan(astronaut, tmp_path, text="Good evening.").seed != seeds[0]
    assert plan(astronaut, tmp_path, text="Hello.", seed=0).seed == 0


@pytest.mark.parametrize(
    ("given", "error", "parameter"),
    [
        ({"text": None}, TextError, "text"),
        ({"text": None, "audio": "a.wav", "captions": "srt"}, AudioError, "audio"),
        ({"style": "clam"}, UnknownNameError, "style"),
        ({"pace": 3}, OptionError, "pace"),
        ({"blinks": -1}, OptionError, "blinks"),
        ({"seed": -1}, OptionError, "seed"),
        ({"face": 0}, OptionError, "face"),
        ({"fps": 23}, OptionError, "fps"),
        ({"fps": None}, OptionError, "fps"),
        ({"size": 4}, OptionError, "size"),
        ({"captions": "mp4"}, UnknownNameError, "captions"),
        ({"head": "pupet"}, UnknownNameError, "head"),
        ({"voice": "jo"}, UnknownNameError, "voice"),
        ({"sed": 3}, UnknownNameError, "sed"),
        ({"head": "liveportrait", "head_options": {"guidance": "-5"}}, OptionError, "guidance"),
        ({"lips_options": {"checkpoint": "wav2lip"}}, OptionError, "lips_options"),
        ({"head": "footage"}, PhotoError, "head"),
        ({"subject": "nobody.jpg"}, PhotoError, "subject"),
        ({"subject": "/"}, PhotoError, "subject"),
        ({"audio": "nobody.wav"}, AudioError, "audio"),
        ({"teeth_from": "nobody.jpg"}, PhotoError, "teeth_from"),
        ({"teeth_from": __file__, "head": "sadtalker"}, OptionError, "teeth_from"),
        ({"teeth_from": __file__, "lips": "wav2lip"}, OptionError, "teeth_from"),
        ({"path": "talk.webm"}, OutputError, "path"),
        ({"path": "talk.mp4", "background": "transparent"}, OutputError, "path"),
        ({"path": "no/such/talk.mp4"}, OutputError, "path"),
        ({"head": "sadtalker", "motion_in": "nod.csv"}, MotionFileError, "motion_in"),
        ({"text": None, "motion_in": "nod.csv", "lips": "wav2lip"}, TextError, "lips"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_about_one_parameter(
    astronaut: Path, tmp_path: Path, given: dict[str, Any], error: type[StudioError], parameter: str
) -> None:
    with pytest.raises(error) as caught:
        plan(given.pop("subject", astronaut), tmp_path, **given)
    sentence = str(caught.value)
    assert sentence[0].isupper() or sentence.startswith(parameter)
    assert sentence.endswith((".", "?")) and "\n" not in sentence and "--" not in sentence
    assert caught.value.parameter == parameter


def test_a_video_is_refused_by_heads_for_photos(video: Path, tmp_path: Path) -> None:
    with pytest.raises(VideoError, match="'footage'"):
        plan(video, tmp_path, head="sadtalker")
    with pytest.raises(OptionError, match="size"):
        plan(video, tmp_path, size=256)


def test_no_file_is_another_one_or_an_input(astronaut: Path, tmp_path: Path) -> None:
    photo = tmp_path / "photo.mp4"
    photo.write_bytes(astronaut.read_bytes())
    same = tmp_path / "talk.mp4"
    for given in (
        {"path": photo, "overwrite": True},
        {"motion": same},
        {"motion": tmp_path / "x" / ".." / "talk.mp4"},
    ):
        with pytest.raises(OutputError, match="same file"):
            plan(photo, tmp_path, **given)


@pytest.mark.parametrize(
    ("name", "given"), [("talk.srt", {"captions": "srt"}), ("m.csv", {}), ("talk.mp4", {})]
)
def test_files_that_exist_are_kept(astronaut: Path, tmp_path: Path, name: str, given: dict[str, Any]) -> None:
    precious = tmp_path / name
    precious.write_text("precious")
    with pytest.raises(OutputError) as caught:
        plan(astronaut, tmp_path, motion=tmp_path / "m.csv", **given)
    assert caught.value.parameter == "overwrite" and precious.read_text() == "precious"
    assert plan(astronaut, tmp_path, motion=tmp_path / "m.csv", overwrite=True, **given)


@pytest.mark.parametrize(
    ("given", "parameter"),
    [({"text": "…"}, "text"), ({"text": "Привет, как дела?"}, "voice"), ({"text": "x" * 400}, "text")],
)
def test_words_that_the_voice_cannot_say_are_refused(
    astronaut: Path, tmp_path: Path, given: dict[str, str], parameter: str
) -> None:
    with pytest.raises(TextError) as caught:
        plan(astronaut, tmp_path, **given)
    assert caught.value.parameter == parameter


def test_the_files_of_a_voice_are_among_the_downloads(astronaut: Path, tmp_path: Path) -> None:
    made = plan(astronaut, tmp_path, voice="en_US-amy-medium")
    assert made.checkpoints == []
    assert hub.download_bytes(made.downloads) == 63_201_294 + 4_882
    assert plan(astronaut, tmp_path).downloads == []


def test_subtitles_with_overlapping_times_are_refused(astronaut: Path, tmp_path: Path) -> None:
    text = "00:00:01,000 --> 00:00:02,000\nA.\n\n00:00:01,500 --> 00:00:03,000\nB."
    with pytest.raises(TextError, match="Caption 2 begins"):
        plan(astronaut, tmp_path, text=text, timed=True)
    assert plan(astronaut, tmp_path, text=text).scene.text == text
