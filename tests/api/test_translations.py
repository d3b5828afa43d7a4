"""Translations over HTTP and MCP, by hand and by a network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import pytest
from api.test_agents import over_http

from pipeline import say

SRT = "1\n00:00:01,000 --> 00:00:02,000\nHello there.\n"
SCRIPT = "presenters: {host: {subject: a.jpg}}\nscenes:\n- lines: [Hello there.]\n"


def test_lines_captions_and_scripts_are_told_apart(server: Any, spanish: None) -> None:
    def ask(text: str, **more: str) -> dict[str, Any]:
        answer = server.web.post("/api/v1/translations", json={"text": text, "to": "es", **more})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    lines = ask("Hello there.\nThe dog runs home.", glossary="dog, can")
    assert lines["kind"] == "lines" and lines["language"] == "en" and lines["voice"].startswith("kokoro:e")
    assert lines["text"].splitlines()[0] == "Hola amigo." and "can" in lines["lines"][1]["target"]
    captions = ask(SRT)
    assert captions["kind"] == "captions" and captions["text"] == SRT.replace("Hello there.", "Hola amigo.")
    assert captions["lines"][0]["place"] == "00:00:01,000 --> 00:00:02,000"
    script = ask(SCRIPT)
    assert script["kind"] == "script" and "Hola amigo." in script["text"] and "kokoro:e" in script["text"]
    assert ask(SRT) == captions


def test_a_file_and_a_translation_by_hand_are_taken(server: Any) -> None:
    files = {"file": ("talk.srt", SRT.encode())}
    answer = server.web.post("/api/v1/translations", data={"to": "fr", "lines": "Bonjour."}, files=files)
    assert answer.json()["lines"][0]["target"] == "Bonjour."


def test_what_is_said_in_a_recording_becomes_captions(server: Any, tmp_path: Path) -> None:
    say("Good morning, everybody.", tmp_path / "talk.wav", voice="hibari:heart")
    files = {"file": ("talk.wav", (tmp_path / "talk.wav").read_bytes())}
    asked = {"to": "es", "lines": "Buenos días a todos.", "language": "en"}
    found = server.web.post("/api/v1/translations", data=asked, files=files).json()
    assert found["kind"] == "captions" and found["language"] == "en"
    assert found["lines"][0]["source"].startswith("Good morning")
    assert "-->" in found["text"] and "Buenos días a todos." in found["text"]


@pytest.mark.parametrize(
    ("given", "parameter"),
    [
        ({"to": "es"}, "text"),
        ({"text": "Hi."}, "to"),
        ({"text": "Hi.", "to": "en"}, "to"),
        ({"text": "Hi.", "to": "qq"}, "to"),
        ({"text": "Hi.", "to": "Klingonish"}, "to"),
        ({"text": "Hi.", "to": ""}, "to"),
        ({"text": "Hi.", "to": "es", "engine": "x"}, "engine"),
        ({"text": "Hi.", "to": "es", "glossary": "a\tb\tc"}, "glossary"),
        ({"text": "Hi.", "to": "es", "lines": "Uno.\nDos."}, "lines"),
        ({"text": "x" * 20_001, "to": "es"}, "text"),
        ({"text": "Hi.", "to": "es", "tongue": "es"}, "tongue"),
    ],
)
def test_what_cannot_be_translated_is_refused_with_its_field(
    server: Any, given: dict[str, Any], parameter: str
) -> None:
    answer = server.web.post("/api/v1/translations", json=given)
    assert answer.status_code == 422 and answer.json()["parameter"] == parameter
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("talk.srt", b"1\nHello there.\n\n2\nNo times.\n", "Caption 1 has no times"),
        ("talk.vtt", b"WEBVTT\n\n00:05.000 -->\nHello.\n", "The times of caption 1, “00:05.000 -->”"),
        ("talk.srt", (SRT + "\n2\n00:00:01,500 --> 00:00:03,000\nMore.\n").encode(), "Caption 2 begins"),
        ("talk.wav", b"this is no sound", "talk.wav is not a recording"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_the_file(
    server: Any, name: str, content: bytes, sentence: str
) -> None:
    asked = {"to": "es", "lines": "Hola."}
    answer = server.web.post("/api/v1/translations", data=asked, files={"file": (name, content)})
    assert answer.status_code == 422 and answer.json()["detail"].startswith(sentence), answer.text
    assert answer.json()["parameter"] == "file"


def test_a_language_in_words_is_answered_with_its_code(server: Any) -> None:
    answer = server.web.post("/api/v1/translations", json={"text": "Hi.", "to": "Spanish"})
    assert answer.json()["detail"] == "Write 'Spanish' as its code, 'es'."


def test_files_are_named_as_they_were_sent(server: Any) -> None:
    sent = {"file": ("talk.srt", b"1\n\0\n")}
    answer = server.web.post("/api/v1/translations", data={"to": "es"}, files=sent)
    assert answer.status_code == 422 and answer.json()["detail"].startswith("talk.srt is not UTF-8"), (
        answer.text
    )


def test_an_agent_translates_a_script(server: Any, spanish: None) -> None:
    async def work() -> None:
        async with over_http(server.address) as session:
            asked = {"text": "Hello there.", "to": "es"}
            result = await session.call_tool("translate_script", asked)
            assert result.structuredContent is not None
            assert result.structuredContent["lines"][0]["target"] == "Hola amigo."
            refused = await session.call_tool("translate_script", {**asked, "to": "qq"})
            assert refused.isError and "'qq'" in str(refused.content[0])

    anyio.run(work)
