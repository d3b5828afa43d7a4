"""Speech, reviews and lists: what is answered at once."""

from __future__ import annotations

import base64
import io
import wave
from typing import Any

import pytest

from pipeline.samples import HOPPER


def test_a_text_is_said_as_a_wav_file_or_with_its_times(server: Any) -> None:
    sound = server.web.post("/api/v1/speech", json={"text": "Good morning."})
    assert sound.headers["content-type"] == "audio/wav"
    with wave.open(io.BytesIO(sound.content)) as file:
        assert file.getframerate() == 48_000 and file.getnframes() > 20_000
    asked = {"json": {"text": "Good morning."}, "headers": {"Accept": "application/json"}}
    timed = server.web.post("/api/v1/speech", **asked).json()
    assert [word["text"] for word in timed["words"]] == ["Good", "morning."]
    assert base64.b64decode(timed["audio"]) == sound.content


@pytest.mark.parametrize(
    ("given", "parameter"),
    [
        ({"text": "Hi.", "voice": "pocket:en"}, "voice"),
        ({}, "text"),
        ({"text": ""}, "text"),
        ({"text": "Hi.", "voice": "jo"}, "voice"),
        ({"text": "Hi.", "pace": 9}, "pace"),
        ({"text": "Hi.", "speed": 1}, "speed"),
    ],
)
def test_speech_that_cannot_be_is_refused_with_its_field(
    server: Any, given: dict[str, Any], parameter: str
) -> None:
    answer = server.web.post("/api/v1/speech", json=given)
    assert answer.status_code == 422 and answer.json()["parameter"] == parameter


def test_a_photo_is_reviewed(server: Any) -> None:
    review = server.web.post("/api/v1/reviews", files={"file": ("a.jpg", HOPPER.path.read_bytes())}).json()
    assert review["kind"] == "photo" and review["lips"] is None
    assert {found["verdict"] for found in review["findings"]} <= {"good", "fair", "poor"}
    nothing = server.web.post("/api/v1/reviews", json={})
    assert nothing.status_code == 422 and nothing.json()["parameter"] == "file"
    text = server.web.post("/api/v1/reviews", files={"file": ("a.txt", b"words")})
    assert text.status_code == 422 and text.json()["detail"].endswith(".")


def test_voices_and_engines_are_listed(server: Any) -> None:
    voices = server.web.get("/api/v1/voices").json()
    assert voices[0]["name"] == "hibari:heart" and voices[0]["download_bytes"] == 0
    engines = server.web.get("/api/v1/engines").json()
    assert {engine["layer"] for engine in engines} == {"head", "lips", "matting"}
    pose = next(each for each in engines if each["name"] == "sadtalker")["options"]
    assert {"name", "default", "help"} <= set(pose[0])
