"""Speech without a face: the files that are written, and what is refused."""

from __future__ import annotations

import json
import wave
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from pipeline import say, speech, transcribe
from pipeline.errors import AudioError, OutputError, TextError
from pipeline.speech import speak
from pipeline.speech.recognition import whisper
from pipeline.types import Speech, Word, join

TEXT = "Good morning, everybody. We walked along the river."


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("said")
    say(TEXT, folder / "line.wav", voice="hibari:heart", times=folder / "words.json")
    return folder


def test_the_sound_is_that_of_a_video(made: Path) -> None:
    true = join(speak(TEXT, voice="hibari:heart"))
    with wave.open(str(made / "line.wav")) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (48_000, 1, 2)
        assert file.getnframes() == len(true.samples)
    times = json.loads((made / "words.json").read_text(encoding="utf-8"))
    assert [word["text"] for word in times["words"]] == TEXT.split()
    assert times["words"][0]["start"] == pytest.approx(true.words[0].start, abs=0.001)
    assert all(phone["text"] and phone["start"] < phone["end"] for phone in times["phones"])


def test_a_transcript_is_written_as_its_suffix_says(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whisper, "recognize", cache(whisper.recognize))  # the same sound four times
    words, shares = tmp_path / "words", list[float]()
    for suffix in (".srt", ".vtt", ".json", ".txt"):
        transcript = transcribe(made / "line.wav", words.with_suffix(suffix), progress=shares.append)
    assert shares and 0.5 < shares[-1] <= 1.0
    for suffix in (".srt", ".vtt"):
        captions = words.with_suffix(suffix).read_text(encoding="utf-8")
        assert "-->" in captions and "Good morning, everybody." in captions
        assert captions.startswith("WEBVTT") == (suffix == ".vtt")
    known = json.loads(words.with_suffix(".json").read_text(encoding="utf-8"))
    assert known["words"][0]["text"] == "Good" and known["language"] == "en"
    assert words.with_suffix(".txt").read_text(encoding="utf-8") == transcript.text + "\n"


def test_refusals(made: Path, tone: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="already exists") as caught:
        say(TEXT, made / "line.wav")
    assert caught.value.parameter == "overwrite"
    with pytest.raises(OutputError, match=r"call it line\.wav"):
        say(TEXT, tmp_path / "line.mp3")
    with pytest.raises(OutputError, match=r"line\.srt, line\.vtt, line\.json or line\.txt"):
        transcribe(made / "line.wav", tmp_path / "line.doc")
    with pytest.raises(TextError):
        say("", tmp_path / "line.wav")
    with pytest.raises(AudioError, match=r"No speech was found in tone\.wav"):
        transcribe(tone)
    assert not list(tmp_path.glob("line*"))


@pytest.mark.parametrize("suffix", [".srt", ".vtt", ".json", ".txt"])
def test_a_transcript_replaces_no_file_that_came_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    path = tmp_path / f"words{suffix}"

    def heard(*_: object, **__: object) -> whisper.Transcript:
        path.write_text("precious")
        return whisper.Transcript("Hi.", (Word("Hi.", 0.0, 0.5),), "en", 1.0, 1.0)

    monkeypatch.setattr(whisper, "recognize", heard)
    with pytest.raises(OutputError, match="already exists"):
        transcribe(tmp_path / "line.wav", path)
    assert path.read_text() == "precious"
    transcribe(tmp_path / "line.wav", path, overwrite=True)
    assert path.read_text() != "precious"


@pytest.mark.parametrize("name", ["line.wav", "times.json"])
def test_what_is_said_replaces_no_file_that_came_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def spoken(*_: object, **__: object) -> list[Speech]:
        (tmp_path / name).write_text("precious")
        return [Speech(np.zeros(480, np.float32), text="Hi.")]

    monkeypatch.setattr(speech, "speak", spoken)
    with pytest.raises(OutputError, match=f"{name} already exists"):
        say("Hi.", tmp_path / "line.wav", times=tmp_path / "times.json")
    assert (tmp_path / name).read_text() == "precious"
