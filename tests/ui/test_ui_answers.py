"""From the page's fields to a request, and which sentences come back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline import trust
from pipeline.errors import ConsentError, PhotoError
from pipeline.ui import sentences, subject
from pipeline.ui.answers import Answers
from pipeline.ui.samples import HOPPER, SAMPLES, sample_of

GIVEN = Answers(
    photo="/tmp/ada.png",
    text=" Hello there. ",
    consent="me",
    voice="joe",
    audio=None,
    video=None,
    style="lively",
    emotion="warm",
    head="puppet",
    lips="puppet",
    captions="",
    size=0,
    fps=30,
    seed=7,
    face=1,
    mark=True,
)


@pytest.fixture
def own_photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A visitor's photo that nobody has answered for, on a machine that remembers nothing."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    photo = tmp_path / "grace.jpg"
    photo.write_bytes(HOPPER.path.read_bytes() + b"\0")
    return photo


def test_answers_become_the_request(tmp_path: Path) -> None:
    request = GIVEN.request(tmp_path, preview=True)
    assert request.subject == Path("/tmp/ada.png")
    assert request.output.parent == tmp_path and request.output.name.startswith("ada-hello-there-")
    assert (request.text, request.audio, request.captions, request.size) == ("Hello there.", None, None, None)
    assert (request.style, request.emotion, request.fps, request.seed, request.face) == (
        "lively",
        "warm",
        30,
        7,
        1,
    )
    assert request.preview and request.motion_out == request.output.with_suffix(".csv")


def test_recording_without_transcript_has_no_text_and_names_the_file(tmp_path: Path) -> None:
    request = replace(GIVEN, text="", audio="/tmp/My speech.wav").request(tmp_path, preview=False)
    assert request.text is None and request.audio == Path("/tmp/My speech.wav")
    assert request.output.name.startswith("ada-my-speech-")


def test_empty_text_stays_empty_so_that_the_studio_can_refuse_it(tmp_path: Path) -> None:
    assert replace(GIVEN, text="  ").request(tmp_path, preview=False).text == ""


def test_missing_picture_or_consent_is_a_sentence(tmp_path: Path, own_photo: Path) -> None:
    with pytest.raises(PhotoError, match="add a photo"):
        replace(GIVEN, photo=None).request(tmp_path, preview=False)
    for unsaid in (None, ""):
        with pytest.raises(ConsentError, match="by what right"):
            replace(GIVEN, photo=str(own_photo), consent=unsaid).request(tmp_path, preview=False)


def test_consent_is_asked_once_for_a_picture(own_photo: Path) -> None:
    assert subject.asked(own_photo) == {**subject.asked(own_photo), "value": None, "visible": True}
    trust.consent_for(own_photo, "me")
    assert subject.asked(own_photo)["value"] == "me"
    asked = replace(GIVEN, photo=str(own_photo), consent=None)
    assert asked.request(own_photo.parent, preview=False).consent is None  # the studio remembers as well


def test_unforeseen_errors_are_logged_and_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    assert sentences.sentence(PhotoError("Too dark.")) == "Too dark."
    said = sentences.sentence(ZeroDivisionError("secret path"))
    assert said == sentences.UNFORESEEN and "secret" not in said
    assert "secret path" in caplog.text


def test_samples_are_there_and_known_by_their_content(tmp_path: Path) -> None:
    assert all(sample.path.is_file() for sample in SAMPLES)
    copy = tmp_path / "renamed.jpg"
    copy.write_bytes(HOPPER.path.read_bytes())
    assert sample_of(copy) is HOPPER
    copy.write_bytes(copy.read_bytes()[:-1] + b"x")
    assert sample_of(copy) is None


def test_photo_is_judged_at_once() -> None:
    verdict, faces, face, consent = subject.judge_photo(str(HOPPER.path))
    assert verdict.count('class="chip ') >= 3 and "public domain" in verdict
    assert faces.visible is False and face == 0
    assert consent["visible"] is False and consent["value"] is None  # nobody has to answer for a sample


def test_what_is_no_photo_gets_a_sentence(tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no photo")
    verdict, *_ = subject.judge_photo(str(broken))
    assert 'role="alert"' in verdict and "broken.jpg" in verdict
    assert subject.judge_photo(None)[0] == ""
