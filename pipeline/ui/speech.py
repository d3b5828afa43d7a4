"""Part 2 of the page: what is said. A text with a voice, or a recording with an optional transcript."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from pipeline.service.messages import sentence
from pipeline.speech.voices.catalog import voices
from pipeline.ui import markup

CHARACTERS_PER_SECOND = 15
"""How fast a text is spoken, for the estimate under the text box."""

_LISTENED = 60
"""Seconds of a recording that the first verdict listens to, at `_RATE` samples per second."""

_RATE = 16_000

_EMPTY = '<span class="hint">Any text, up to a few minutes.</span>'

_COUNT = """(text) => {
    const characters = text.trim().length;
    if (!characters) return `EMPTY`;
    const whole = Math.max(1, Math.round(characters / RATE));
    const minutes = Math.floor(whole / 60), rest = whole % 60;
    const length = minutes ? `${minutes} min${rest ? ` ${rest} s` : ''}` : `${rest} s`;
    const noun = characters === 1 ? 'character' : 'characters';
    return `<span class="hint">${characters.toLocaleString('en')} ${noun}, about ${length}</span>`;
}""".replace("RATE", str(CHARACTERS_PER_SECOND)).replace("EMPTY", _EMPTY)


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
    recording: gr.Audio
    transcript: gr.Textbox
    verdict: gr.HTML


def draw() -> Words:
    """Make the part's components where the page is being built."""
    kind = gr.State("text")
    known = voices()
    with gr.Tabs(elem_classes="switch") as tabs:
        with gr.Tab("Text", id="text") as text_tab:
            text = gr.Textbox(
                lines=5,
                max_lines=12,
                show_label=False,
                label="Text",
                placeholder="Type what the person shall say.",
                elem_id="text",
            )
            count = gr.HTML(_EMPTY, elem_id="count")
            voice = gr.Dropdown(
                [(card.title, card.name) for card in known],
                value=known[0].name,
                label="Voice",
                filterable=True,
            )
            card = gr.HTML(describe_voice(known[0].name))
        with gr.Tab("Recording", id="recording") as recording_tab:
            recording = gr.Audio(
                sources=["upload", "microphone"],
                type="filepath",
                show_label=False,
                buttons=[],
                elem_id="recording",
            )
            verdict = gr.HTML(elem_id="sound-verdict")
            transcript = gr.Textbox(
                lines=2,
                label="What is said in it",
                info="Optional: the words, as spoken, make the lips more exact.",
                elem_id="transcript",
            )
    return Words(
        kind, tabs, text_tab, recording_tab, text, count, voice, card, recording, transcript, verdict
    )


def wire(part: Words) -> None:
    """Say what happens when a text grows, a voice is chosen, a recording comes."""
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    part.text_tab.select(lambda: "text", outputs=part.kind, queue=False, **quiet)
    part.recording_tab.select(lambda: "recording", outputs=part.kind, queue=False, **quiet)
    part.text.change(None, part.text, part.count, js=_COUNT, **quiet)
    part.voice.change(describe_voice, part.voice, part.voice_card, queue=False, **quiet)
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
    """The card of a voice: language, licence, download."""
    card = next(card for card in voices() if card.name == name)
    return markup.voice_card(
        card.language, card.licence, commercial=card.commercial, download=card.download_bytes
    )


def judge_recording(recording: str | None) -> str:
    """The review's verdict on the first minute of a recording."""
    if recording is None:
        return ""
    from pipeline import review

    try:
        return markup.verdicts(review.review_sound(_opening(Path(recording)), _RATE))
    except Exception as error:  # noqa: BLE001 - every failure becomes a sentence
        return markup.notice(sentence(error))


def _opening(recording: Path) -> np.ndarray:
    from pipeline.video import read_sound

    parts, left = [], _LISTENED * _RATE
    for part in read_sound(recording, _RATE):
        parts.append(part[:left])
        left -= len(parts[-1])
        if left <= 0:
            break
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)
