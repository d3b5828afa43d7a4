"""Speech without a face: the files that are written, and what is refused."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import pytest

from pipeline import say, transcribe
from pipeline.errors import AudioError, OutputError, TextError
from pipeline.speech import speak
from pipeline.types import join

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


@pytest.mark.parametrize("suffix", [".srt", ".vtt", ".json", ".txt"])
def test_a_transcript_is_written_as_its_suffix_says(made: Path, suffix: str, tmp_path: Path) -> None:
    transcript = transcribe(made / "line.wav", tmp_path / f"words{suffix}")
    text = (tmp_path / f"words{suffix}").read_text(encoding="utf-8")
    if suffix == ".json":
        assert json.loads(text)["words"][0]["text"] == "Good"
        assert json.loads(text)["language"] == "en"
    elif suffix == ".txt":
        assert text == transcript.text + "\n"
    else:
        assert "-->" in text and "Good morning, everybody." in text


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
