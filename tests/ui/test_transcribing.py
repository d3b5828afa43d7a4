"""A recording written down on the page: words as they are heard, doubts and failures."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from sounds import write_wav

from pipeline.speech import speak
from pipeline.speech.recognition import whisper
from pipeline.types import RATE, Word, join
from pipeline.ui import transcribing
from pipeline.ui.output import Changes
from pipeline.ui.transcribing import Transcribing


@pytest.fixture(scope="module")
def part() -> Iterator[tuple[Transcribing, gr.Textbox]]:
    with gr.Blocks():
        yield transcribing.draw(), gr.Textbox()


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "said.wav"
    return write_wav(path, join(speak("Good morning. See you tomorrow.")).samples, RATE)


def steps(part: tuple[Transcribing, gr.Textbox], path: Path | None) -> list[Changes]:
    return list(transcribing.written_down(*part, None if path is None else str(path)))


def test_words_come_as_they_are_heard(part: tuple[Transcribing, gr.Textbox], recording: Path) -> None:
    begun, *course, done = steps(part, recording)
    assert begun[part[0].cancel]["visible"] and not begun[part[0].start]["visible"]
    texts = [step[part[1]] for step in course]
    assert texts and texts == sorted(texts, key=len)
    assert done[part[1]] == "Good morning. See you tomorrow."
    assert done[part[0].start]["visible"] and not done[part[0].cancel]["visible"] and done[part[0].said] == ""


def test_closing_it_stops_the_work_and_keeps_the_words(
    part: tuple[Transcribing, gr.Textbox], recording: Path
) -> None:
    course = transcribing.written_down(*part, str(recording))
    next(course)
    assert next(course)[part[1]].startswith("Good morning.")
    course.close()  # type: ignore[attr-defined]  # it is a generator
    assert next(course, None) is None


def test_it_is_said_that_a_part_is_missing(
    part: tuple[Transcribing, gr.Textbox], recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def heard(path: str) -> Generator[whisper.Heard, None, whisper.Transcript]:
        yield whisper.Heard("Hi.", 1.0)
        return whisper.Transcript("Hi.", (Word("Hi.", 0.0, 1.0),), "en", 1.0, 2.0, incomplete=True)

    monkeypatch.setattr(transcribing, "recognizing", heard)
    said = steps(part, recording)[-1][part[0].said]
    assert said.count("<p") == 1 and "missing from the transcript" in said


@pytest.mark.parametrize("silent", [True, False], ids=["silence", "nothing"])
def test_without_words_there_is_a_sentence_and_the_transcript_stays(
    part: tuple[Transcribing, gr.Textbox], tmp_path: Path, silent: bool
) -> None:
    quiet = write_wav(tmp_path / "quiet.wav", 0.01 * np.random.default_rng(0).normal(size=2 * RATE), RATE)
    last = steps(part, quiet if silent else None)[-1]
    assert 'data-parameter="audio"' in last[part[0].said] and part[1] not in last
    assert last[part[0].start]["visible"]
