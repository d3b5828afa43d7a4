"""What is said in a recording, written down on the page, to be corrected before it is rendered."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import gradio as gr

from pipeline.errors import AudioError
from pipeline.service import messages
from pipeline.service.languages import language_name
from pipeline.service.messages import Message
from pipeline.speech.recognition.whisper import (
    INCOMPLETE,
    Heard,
    Transcript,
    available,
    recognizing,
    require_speech,
)
from pipeline.ui import cancelling, markup
from pipeline.ui.events import AT_ONCE, QUIET
from pipeline.ui.output import Changes
from pipeline.ui.translate_markup import LISTENING, share

_UNSURE = "This may not be {}. Check the words, or type them yourself."


@dataclass(frozen=True)
class Transcribing:
    """The components beside a transcript."""

    start: gr.Button
    cancel: gr.Button
    said: gr.HTML
    """How far it is, and what went wrong."""


def draw() -> Transcribing:
    """Make the components where the page is being built."""
    start = gr.Button("Write it down for me", size="sm", visible=available(), elem_id="write-down")
    cancel = gr.Button("Cancel", size="sm", visible=False, elem_id="write-down-cancel")
    return Transcribing(start, cancel, gr.HTML(elem_id="written-down"))


def wire(part: Transcribing, recording: gr.Audio, transcript: gr.Textbox) -> None:
    """Write a recording down when asked to; another recording makes a running one stop."""

    def written(path: str | None) -> Iterator[Changes]:
        yield from written_down(part, transcript, path)

    running = part.start.click(
        written,
        recording,
        [part.start, part.cancel, part.said, transcript],
        concurrency_id="transcribe",
        concurrency_limit=1,
        **QUIET,
    )
    shown = [part.start, part.cancel, part.said]
    cancelling.wire(part.cancel, [running], lambda: idle(part), None, shown)
    recording.change(None, cancels=[running]).then(lambda: "", outputs=part.said, **AT_ONCE)


def written_down(part: Transcribing, transcript: gr.Textbox, path: str | None) -> Iterator[Changes]:
    """The words as they are heard. Closing it stops the work, and what is written stays."""
    yield {
        part.start: gr.update(visible=False),
        part.cancel: cancelling.offered(),
        part.said: share(LISTENING, 0.0),
    }
    with closing(messages.told("page", _heard(path))) as events:
        for event in events:
            if isinstance(event, Message):
                yield {**idle(part), part.said: markup.problem(event)}
            elif isinstance(event, Heard):
                yield {transcript: event.text, part.said: share(LISTENING, event.fraction)}
            else:
                unsure = _UNSURE.format(language_name(event.language)) if event.doubt else ""
                missing = INCOMPLETE if event.incomplete else ""
                said = "".join(markup.hint(each) for each in (unsure, missing) if each)
                yield {**idle(part), transcript: event.text, part.said: said}


def idle(part: Transcribing) -> Changes:
    """Ready to begin."""
    return {part.start: gr.update(visible=True), part.cancel: gr.update(visible=False), part.said: ""}


def _heard(path: str | None) -> Generator[Heard | Transcript, None, None]:
    if path is None:
        raise AudioError("Add a recording first.", parameter="audio")
    transcript = yield from recognizing(path)
    yield require_speech(transcript, Path(path).name)
