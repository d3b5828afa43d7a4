"""The right-hand side of the page: the video where the eye falls, with progress, downloads and the report.

`draw` makes the components; the other functions are the states that they go through, each as the changes that
a Gradio handler yields.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from pipeline.request import Chunk, Event, Progress, Result
from pipeline.ui import markup
from pipeline.ui.components import Preview

Changes = dict[gr.components.Component, Any]
"""What a handler yields: the components that change, and how."""

EMPTY = """<div class="empty">
<svg viewBox="0 0 120 120" aria-hidden="true"><circle cx="60" cy="46" r="22"/>
<path d="M20 108c4-26 20-36 40-36s36 10 40 36"/>
<path class="voice" d="M50 55q10 8 20 0"/></svg>
<p>Your video appears here</p></div>"""

_WORKING = '<div class="empty working"><span class="pulse"></span><p>The first second is on its way</p></div>'


@dataclass(frozen=True)
class Screen:
    """The components of this part."""

    place: gr.HTML
    """What stands where the video will be."""
    preview: Preview
    player: gr.Video
    progress: gr.HTML
    message: gr.HTML
    video_file: gr.DownloadButton
    captions_file: gr.DownloadButton
    motion_file: gr.DownloadButton
    report: gr.HTML
    create: gr.Button
    cancel: gr.Button
    made: gr.State
    """The `Result` of the finished video, once there is one."""

    @property
    def everything(self) -> list[gr.components.Component]:
        """All components, as the outputs of a handler."""
        return list(vars(self).values())


def draw() -> Screen:
    """Make the part's components where the page is being built."""
    with gr.Column(elem_id="stage"):
        place = gr.HTML(EMPTY)
        preview = Preview(
            streaming=True, autoplay=True, visible=False, buttons=[], show_label=False, elem_id="preview"
        )
        player = gr.Video(visible=False, buttons=[], show_label=False, interactive=False, elem_id="player")
    with gr.Row(elem_id="actions"):
        create = gr.Button("Create", variant="primary", size="lg", scale=4, elem_id="create")
        cancel = gr.Button("Cancel", size="lg", scale=1, min_width=110, visible=False, elem_id="cancel")
    message, progress = gr.HTML(elem_id="message"), gr.HTML(elem_id="progress")
    with gr.Row(elem_classes="downloads"):
        video_file, captions_file, motion_file = (
            gr.DownloadButton(visible=False, size="sm", elem_id=f"{name}-file")
            for name in ("video", "captions", "motion")
        )
    return Screen(
        place=place,
        preview=preview,
        player=player,
        progress=progress,
        message=message,
        video_file=video_file,
        captions_file=captions_file,
        motion_file=motion_file,
        report=gr.HTML(elem_id="report"),
        create=create,
        cancel=cancel,
        made=gr.State(None),
    )


def started(screen: Screen) -> Changes:
    """A job begins: the last one's results leave, the placeholder says that work is under way."""
    return {
        **_without_results(screen),
        screen.place: gr.HTML(_WORKING, visible=True),
        screen.progress: markup.stepper("look", 0.0),
        screen.create: gr.Button("Creating…", interactive=False),
        screen.cancel: gr.Button(visible=True),
    }


def step(screen: Screen, event: Event) -> Changes:
    """What one event of the studio changes."""
    if isinstance(event, Progress):
        return {screen.progress: markup.stepper(event.stage, event.fraction, event.seconds_left)}
    if isinstance(event, Chunk):
        return {screen.preview: event.path}
    return finished(screen, event)


def first_seconds(screen: Screen) -> Changes:
    """The preview takes the placeholder's place, before its first segment is handed over."""
    return {screen.preview: gr.Video(visible=True), screen.place: gr.HTML(visible=False)}


def finished(screen: Screen, result: Result) -> Changes:
    """The video is there, with its downloads."""
    return {
        **_ready(screen),
        screen.place: gr.HTML(visible=False),
        screen.player: gr.Video(str(result.video), visible=True),
        screen.progress: "",
        screen.message: _faceless(result.faceless),
        screen.video_file: _download(result.video, "Video"),
        screen.captions_file: _download(result.captions, "Captions"),
        screen.motion_file: _download(result.motion, "Motion"),
        screen.made: result,
    }


def refused(screen: Screen, sentence: str) -> Changes:
    """The job ended with a sentence instead of a video."""
    return {**_without_results(screen), screen.message: markup.notice(sentence)}


def cancelled(screen: Screen) -> Changes:
    """The visitor stopped the job."""
    said = "Stopped; nothing was kept."
    return {**_without_results(screen), screen.message: markup.notice(said, kind="note")}


def _without_results(screen: Screen) -> Changes:
    hidden = gr.DownloadButton(visible=False)
    return {
        screen.place: gr.HTML(EMPTY, visible=True),
        screen.preview: gr.Video(None, visible=False),
        screen.player: gr.Video(None, visible=False),
        screen.progress: "",
        screen.message: "",
        screen.video_file: hidden,
        screen.captions_file: hidden,
        screen.motion_file: hidden,
        screen.report: "",
        screen.made: None,
        **_ready(screen),
    }


def _ready(screen: Screen) -> Changes:
    return {
        screen.create: gr.Button("Create", interactive=True),
        screen.cancel: gr.Button(visible=False),
    }


def _faceless(frames: int) -> str:
    if not frames:
        return ""
    one = frames == 1
    said = "1 frame shows no face and kept its" if one else f"{frames} frames show no face and kept their"
    return markup.notice(f"{said} own picture.", kind="note")


def _download(path: Path | None, label: str) -> gr.DownloadButton:
    if path is None:
        return gr.DownloadButton(visible=False)
    return gr.DownloadButton(f"↓ {label} ({path.suffix[1:].upper()})", value=str(path), visible=True)
