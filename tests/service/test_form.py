"""From the page's fields to a request, and which sentences come back."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import cv2
import gradio as gr
import numpy as np
import PIL.Image
import pillow_heif
import pytest
import starlette.requests

from pipeline import trust
from pipeline.errors import ConsentError, PhotoError
from pipeline.samples import HOPPER, SAMPLES, sample_of
from pipeline.service import messages, session
from pipeline.service.form import Answers
from pipeline.ui import subject
from pipeline.video import Writer

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
def given(tmp_path: Path) -> Answers:
    """The answers of somebody whose photo is there."""
    photo = tmp_path / "ada.png"
    photo.write_bytes(b"a picture")
    return replace(GIVEN, photo=str(photo))


@pytest.fixture
def own_photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A visitor's photo that nobody has answered for, on a machine that remembers nothing."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    photo = tmp_path / "grace.jpg"
    photo.write_bytes(HOPPER.path.read_bytes() + b"\0")
    return photo


def test_answers_become_the_request(tmp_path: Path, given: Answers) -> None:
    request = given.request(tmp_path, preview=True)
    assert request.subject == tmp_path / "ada.png" and request.consent.right == "me"
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


def test_recording_without_transcript_has_no_text_and_names_the_file(tmp_path: Path, given: Answers) -> None:
    request = replace(given, text="", audio="/tmp/My speech.wav").request(tmp_path, preview=False)
    assert request.text is None and request.audio == Path("/tmp/My speech.wav")
    assert request.output.name.startswith("ada-my-speech-")


def test_empty_text_stays_empty_so_that_the_studio_can_refuse_it(tmp_path: Path, given: Answers) -> None:
    assert replace(given, text="  ").request(tmp_path, preview=False).text == ""


def test_missing_picture_or_consent_is_a_sentence(tmp_path: Path, own_photo: Path) -> None:
    with pytest.raises(PhotoError, match="add a photo"):
        replace(GIVEN, photo=None).request(tmp_path, preview=False)
    for unsaid in (None, ""):
        with pytest.raises(ConsentError, match="by what right"):
            replace(GIVEN, photo=str(own_photo), consent=unsaid).request(tmp_path, preview=False)


def test_consent_is_asked_once_for_a_picture(own_photo: Path) -> None:
    asked = subject.asked(own_photo, None)
    assert asked["value"] is None and asked["visible"] is True
    trust.consent_for(own_photo, "me")
    assert subject.asked(own_photo, None)["value"] == "me"
    again = replace(GIVEN, photo=str(own_photo), consent=None)
    assert again.request(own_photo.parent, preview=False).consent.right == "me"


def visitor(client: str, host: str, **more: str) -> gr.Request:
    """A request as Gradio hands it on."""
    headers = [(b"host", host.encode()), *((name.encode(), value.encode()) for name, value in more.items())]
    scope = {"type": "http", "client": (client, 5), "headers": headers}
    return gr.Request(starlette.requests.Request(scope))


def test_a_stranger_is_asked_and_remembered_for_the_visit_only(own_photo: Path) -> None:
    trust.consent_for(own_photo, "permission")  # whoever sits at this machine has answered
    stranger, visit = visitor("203.0.113.9", "studio.example"), {}
    *_, asked = subject.judge_photo(str(own_photo), visit, stranger)
    assert asked["value"] is None
    given = replace(GIVEN, photo=str(own_photo))
    before = trust.ledger().read_text()
    request = given.request(own_photo.parent, preview=False, memory=session.memory(stranger, visit))
    assert request.consent == trust.consent_for(own_photo, request.consent)
    assert request.consent.right == "me" and trust.ledger().read_text() == before
    *_, asked = subject.judge_photo(str(own_photo), visit, stranger)
    assert asked["value"] == "me"
    *_, asked = subject.judge_photo(str(own_photo), {}, stranger)
    assert asked["value"] is None  # another visit


def test_only_whoever_sits_at_the_machine_shares_its_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    visit: dict[str, trust.Consent] = {}
    assert session.memory(visitor("127.0.0.1", "localhost:7860"), visit) is None
    assert session.memory(visitor("::1", "[::1]:7860"), visit) is None
    for strange in (
        visitor("192.168.1.7", "192.168.1.2:7860"),
        visitor("127.0.0.1", "studio.gradio.live"),
        visitor("127.0.0.1", "localhost", **{"x-forwarded-for": "203.0.113.9"}),
    ):
        assert session.memory(strange, visit) is visit
    monkeypatch.setenv("SPACE_ID", "somebody/studio")
    assert session.memory(visitor("127.0.0.1", "localhost:7860"), visit) is visit


def test_unforeseen_errors_are_logged_and_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    assert messages.sentence(PhotoError("Too dark.")) == "Too dark."
    said = messages.sentence(ZeroDivisionError("secret path"))
    assert said == messages.UNFORESEEN and "secret" not in said
    assert "secret path" in caplog.text


def test_samples_are_there_and_known_by_their_content(tmp_path: Path) -> None:
    assert all(sample.path.is_file() for sample in SAMPLES)
    copy = tmp_path / "renamed.jpg"
    copy.write_bytes(HOPPER.path.read_bytes())
    assert sample_of(copy) is HOPPER
    copy.write_bytes(copy.read_bytes()[:-1] + b"x")
    assert sample_of(copy) is None


def test_photo_is_judged_at_once() -> None:
    verdict, faces, face, consent = subject.judge_photo(str(HOPPER.path), {})
    assert verdict.count('class="chip ') >= 3 and "public domain" in verdict
    assert faces.visible is False and face == 0
    assert consent["visible"] is False and consent["value"] is None  # nobody has to answer for a sample


def test_several_faces_can_be_picked_from_a_photo_and_a_video(tmp_path: Path) -> None:
    pictures = [cv2.cvtColor(cv2.imread(str(sample.path)), cv2.COLOR_BGR2RGB) for sample in SAMPLES]
    both = np.zeros((600, 860, 3), np.uint8)
    both[:, :512], both[:340, 520:] = pictures[1], cv2.resize(pictures[0], (340, 340))
    photo, film = tmp_path / "two.png", tmp_path / "two.mp4"
    PIL.Image.fromarray(both).save(photo)
    with Writer(film, size=(860, 600), fps=25, metadata={}) as writer:
        for _ in range(5):
            writer.write(both)
    for _, faces, face, _ in (subject.judge_photo(str(photo), {}), subject.judge_video(str(film), {})):
        assert faces.visible is True and len(faces.value) == 2 and face == 0
    picked = gr.SelectData(None, {"index": 1, "value": None})
    verdict, face = subject.judge_face("photo", str(photo), picked)
    assert re.search(r"only 7\d pixels", verdict) and face == 1
    assert subject.judge_face("video", None, picked)[1] == 1


def test_a_photo_that_browsers_do_not_show_is_shown_all_the_same(tmp_path: Path) -> None:
    for kind, encode in ((".HEIC", pillow_heif.from_pillow), (".tif", lambda image: image)):
        photo = tmp_path / f"IMG_2041{kind}"
        encode(PIL.Image.open(HOPPER.path)).save(photo)
        shown = Path(subject.displayable(str(photo)))
        assert shown.name == "IMG_2041.jpg" and PIL.Image.open(shown).size == (512, 600)
    assert "__type__" in subject.displayable(str(HOPPER.path))  # left as it is


def test_what_is_no_photo_gets_a_sentence(tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no photo")
    verdict, *_ = subject.judge_photo(str(broken), {})
    assert 'role="alert"' in verdict and "broken.jpg" in verdict
    assert subject.judge_photo(None, {})[0] == ""
