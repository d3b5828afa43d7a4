"""Part 2 of the page: the script. A text with a voice, or a recording with an optional transcript."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from pipeline.service import assessment, messages
from pipeline.service.messages import Message
from pipeline.ui import markup, transcribing, voices
from pipeline.ui.events import AT_ONCE, PRIVATE, QUIET
from pipeline.ui.transcribing import Transcribing
from pipeline.ui.voices import Voices
from pipeline.ui.widgets import Widget


@dataclass(frozen=True)
class Words:
    """The components of this part."""

    kind: gr.Textbox
    """Which of the two tabs is open: "text" or "recording"."""
    tabs: gr.Tabs
    text_tab: gr.Tab
    recording_tab: gr.Tab
    text: gr.Textbox
    count: gr.HTML
    voices: Voices
    recording: gr.Audio
    transcript: gr.Textbox
    verdict: gr.HTML
    transcribing: Transcribing

    @property
    def inputs(self) -> list[Widget]:
        """Everything that `given` reads."""
        spoken = [self.voices.voice, self.voices.recording, self.voices.consent]
        return [self.kind, self.text, *spoken, self.recording, self.transcript]

    def given(self, values: Mapping[Widget, Any]) -> dict[str, Any]:
        """The form's fields that are filled in here, of the tab that is open."""
        if values[self.kind] == "recording":
            recording = values[self.recording]
            return {"audio": recording, "text": values[self.transcript] if recording else None}
        return {"text": values[self.text], **self.voices.given(values)}


def draw() -> Words:
    """Make the part's components where the page is being built."""
    kind = gr.Textbox("text", visible="hidden")
    with gr.Tabs(elem_classes="switch") as tabs:
        with gr.Tab("Text", id="text") as text_tab:
            text, count = _script()
            spoken = voices.draw()
        with gr.Tab("Recording", id="recording") as recording_tab:
            recording, verdict, transcript = _recording()
            writing = transcribing.draw()
    return Words(
        kind, tabs, text_tab, recording_tab, text, count, spoken, recording, transcript, verdict, writing
    )


def wire(part: Words) -> None:
    """Say what happens when a text grows and when a recording comes."""
    part.text_tab.select(lambda: "text", outputs=part.kind, **AT_ONCE)
    part.recording_tab.select(lambda: "recording", outputs=part.kind, **AT_ONCE)
    part.text.change(None, part.text, part.count, js="(text) => studioPage.count(text)", **QUIET)
    for changed in (part.text.blur, part.voices.voice.change):
        changed(voices.offered, [part.text, part.voices.voice], part.voices.offer, **AT_ONCE)
    transcribing.wire(part.transcribing, part.recording, part.transcript)
    part.recording.change(
        judge_recording,
        part.recording,
        part.verdict,
        show_progress="minimal",
        concurrency_id="look",
        concurrency_limit=2,
        **PRIVATE,
    )


def judge_recording(recording: str | None) -> str:
    """The review's verdict on the first minutes of a recording."""
    if recording is None:
        return ""
    found = messages.attempt("page", partial(assessment.assess_recording, Path(recording)))
    if isinstance(found, Message):
        return markup.problem(found)
    return markup.verdicts(found, praise="This recording sounds great.")


def _recording() -> tuple[gr.Audio, gr.HTML, gr.Textbox]:
    recording = gr.Audio(
        sources=["upload", "microphone"], type="filepath", show_label=False, buttons=[], elem_id="audio"
    )
    verdict = gr.HTML(elem_id="sound-verdict")
    transcript = gr.Textbox(
        lines=2,
        label="Transcript (optional)",
        info="Makes the lips more precise, and is needed for captions.",
        elem_id="transcript",
    )
    return recording, verdict, transcript


def _script() -> tuple[gr.Textbox, gr.HTML]:
    text = gr.Textbox(
        lines=5,
        max_lines=12,
        show_label=False,
        label="Script",
        placeholder="Type what they should say.",
        elem_id="text",
    )
    return text, gr.HTML(
        '<span class="hint">Any text, up to a few minutes. *Asterisks* emphasise a word.</span>',
        elem_id="count",
    )
