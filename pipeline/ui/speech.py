"""Part 2 of the page: the script. A text with a voice, or a recording with an optional transcript."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from pipeline.engines import DEFAULT_VOICE
from pipeline.service import assessment, catalog, form, messages
from pipeline.service.messages import Message
from pipeline.ui import engine_options, markup, widgets
from pipeline.ui.engine_options import Panel
from pipeline.ui.widgets import Widget


@dataclass(frozen=True)
class Words:
    """The components of this part."""

    kind: gr.State
    """Which of the two tabs is open: "text" or "recording"."""
    tabs: gr.Tabs
    text_tab: gr.Tab
    recording_tab: gr.Tab
    text: gr.Textbox
    count: gr.HTML
    voice: gr.Dropdown
    voice_card: gr.HTML
    panels: tuple[Panel, ...]
    """The options of each voice family that has some."""
    pace: Widget
    recording: gr.Audio
    transcript: gr.Textbox
    verdict: gr.HTML

    @property
    def inputs(self) -> list[Widget]:
        """Everything that `given` reads."""
        own = [widget for panel in self.panels for widget in panel.widgets.values()]
        return [self.kind, self.text, self.voice, self.pace, self.recording, self.transcript, *own]

    def given(self, values: Mapping[Widget, Any]) -> dict[str, Any]:
        """The form's fields that are filled in here, of the tab that is open."""
        if values[self.kind] == "recording":
            recording = values[self.recording]
            return {"audio": recording, "text": values[self.transcript] if recording else None}
        voice = values[self.voice]
        family = catalog.voice_card(voice).family
        return {
            "text": values[self.text],
            "voice": voice,
            "voice_options": engine_options.given(self.panels, family, values),
            "pace": values[self.pace],
        }


def draw() -> Words:
    """Make the part's components where the page is being built."""
    kind = gr.State("text")
    with gr.Tabs(elem_classes="switch") as tabs:
        with gr.Tab("Text", id="text") as text_tab:
            text, count = _script()
            voice = gr.Dropdown(
                catalog.voice_choices(), value=DEFAULT_VOICE, label="Voice", filterable=True, elem_id="voice"
            )
            card = gr.HTML(describe_voice(DEFAULT_VOICE))
            pace = widgets.draw(form.fields()["pace"])
            panels = engine_options.draw("voice", catalog.voice_card(DEFAULT_VOICE).family)
        with gr.Tab("Recording", id="recording") as recording_tab:
            recording = gr.Audio(
                sources=["upload", "microphone"],
                type="filepath",
                show_label=False,
                buttons=[],
                elem_id="audio",
            )
            verdict = gr.HTML(elem_id="sound-verdict")
            transcript = gr.Textbox(
                lines=2,
                label="Transcript (optional)",
                info="Makes the lips more precise, and is needed for captions.",
                elem_id="transcript",
            )
    return Words(
        kind,
        tabs,
        text_tab,
        recording_tab,
        text,
        count,
        voice,
        card,
        panels,
        pace,
        recording,
        transcript,
        verdict,
    )


def wire(part: Words) -> None:
    """Say what happens when a text grows, a voice is chosen, a recording comes."""
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    part.text_tab.select(lambda: "text", outputs=part.kind, queue=False, **quiet)
    part.recording_tab.select(lambda: "recording", outputs=part.kind, queue=False, **quiet)
    part.text.change(None, part.text, part.count, js="(text) => studioPage.count(text)", **quiet)
    part.voice.change(
        lambda name: _chosen(part, name),
        part.voice,
        [part.voice_card, *(panel.frame for panel in part.panels)],
        queue=False,
        **quiet,
    )
    part.recording.change(
        judge_recording,
        part.recording,
        part.verdict,
        show_progress="minimal",
        concurrency_id="look",
        concurrency_limit=2,
        api_visibility="private",
    )


def describe_voice(name: str) -> str:
    """The card of a voice: licence, download."""
    card = catalog.voice_card(name)
    return markup.voice_card(card.licence, commercial=card.commercial, download=card.download_bytes)


def judge_recording(recording: str | None) -> str:
    """The review's verdict on the first minute of a recording."""
    if recording is None:
        return ""
    found = messages.attempt("page", partial(assessment.assess_recording, Path(recording)))
    if isinstance(found, Message):
        return markup.problem(found)
    return markup.verdicts(found, praise="This recording sounds great.")


def _chosen(part: Words, voice: str) -> list[Any]:
    family = catalog.voice_card(voice).family
    return [describe_voice(voice), *engine_options.shown(part.panels, family)]


def _script() -> tuple[gr.Textbox, gr.HTML]:
    text = gr.Textbox(
        lines=5,
        max_lines=12,
        show_label=False,
        label="Text",
        placeholder="Type what they should say.",
        elem_id="text",
    )
    return text, gr.HTML('<span class="hint">Any text, up to a few minutes.</span>', elem_id="count")
