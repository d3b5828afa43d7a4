"""The right-hand side of the page: the video where the eye falls, with progress, downloads and the report.

`draw` makes the components; the other functions are the states that they go through, each as the changes that
a Gradio handler yields.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from pipeline.progress import Chunk, Event, Progress, Result
from pipeline.service import video_file
from pipeline.service.messages import Message
from pipeline.ui import cancelling, consent, markup
from pipeline.ui.components import Preview

Changes = dict[gr.components.Component, Any]
"""What a handler yields: the components that change, and how."""

EMPTY = """<div class="vacant">
<svg viewBox="0 0 120 120" aria-hidden="true"><circle cx="60" cy="46" r="22"/>
<path d="M20 108c4-26 20-36 40-36s36 10 40 36"/>
<path class="voice" d="M50 55q10 8 20 0"/></svg>
<p>Your video appears here</p></div>"""

_AGAIN = "Make another version"
_ANOTHER_TAB = "A video is being made in another tab. You can create one here too. It starts after that one."


@dataclass(frozen=True)
class Screen:
    """The components of this part."""

    place: gr.HTML
    """What stands where the video will be."""
    preview: Preview
    player: gr.Video
    poster: gr.HTML
    """A still in the player's place, of a video that browsers cannot play."""
    progress: gr.HTML
    message: gr.HTML
    consent: gr.Radio
    video_file: gr.DownloadButton
    captions_file: gr.DownloadButton
    motion_file: gr.DownloadButton
    report: gr.HTML
    create: gr.Button
    cancel: gr.Button
    render: gr.State
    """The name of the render that is followed: the one that was begun last, here or before the page was
    opened; or None."""
    busy: gr.State
    """Whether a job is under way, from its acceptance to its end."""
    made: gr.State
    """The `Result` of the finished video, once there is one."""
    staged: gr.State
    """Which photo or video stands on the stage, or did before its result, as `identity` tells it."""
    asked: gr.State
    """The question that was asked before a job, which pressing Create again answers; or nothing."""
    settings: gr.State
    """What was filled in for the last job."""

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
        poster = gr.HTML(visible=False, elem_id="poster")
    progress = gr.HTML(elem_id="progress")
    message = gr.HTML(elem_id="message")
    states: dict[str, Any] = {
        "render": gr.State(None),
        "busy": gr.State(False),
        "made": gr.State(None),
        "staged": gr.State(""),
        "asked": gr.State(""),
        "settings": gr.State(None),
    }
    return Screen(place, preview, player, poster, progress, message, **_actions(), **states)


def _actions() -> dict[str, Any]:
    """Consent, and what can be pressed; below it what belongs to a finished video."""
    question = consent.draw("consent")
    with gr.Row(elem_id="actions"):
        video_file = gr.DownloadButton(
            visible=False, variant="primary", size="lg", scale=4, elem_id="video-file"
        )
        create = gr.Button("Create", variant="primary", size="lg", scale=4, elem_id="create")
        cancel = gr.Button("Cancel", size="lg", scale=1, min_width=110, visible=False, elem_id="cancel")
    with gr.Row(elem_classes="downloads"):
        captions_file, motion_file = (
            gr.DownloadButton(visible=False, size="sm", min_width=0, elem_id=f"{name}-file")
            for name in ("captions", "motion")
        )
    report = gr.HTML(elem_id="report")
    return {
        "consent": question,
        "video_file": video_file,
        "captions_file": captions_file,
        "motion_file": motion_file,
        "report": report,
        "create": create,
        "cancel": cancel,
    }


def staged(subject: Path, kind: str) -> str:
    """The "photo" or "video" where the result is going to be, in the same shape."""
    source = markup.address(subject)
    if kind == "video":
        shown = f'<video muted preload="metadata" src="{source}#t=0.1" aria-label="Your video"></video>'
    else:
        shown = f'<img src="{source}" alt="Your photo">'
    return f'<div class="still">{shown}</div>'


def showing_subject(screen: Screen, subject: str | None, kind: str) -> Changes:
    """A new photo or video takes the stage; the finished one stays among this visit's videos."""
    picture = EMPTY if subject is None else staged(Path(subject), kind)
    return {
        **_empty(screen),
        **_ready(screen),
        screen.place: gr.HTML(picture, visible=True),
        screen.staged: identity(subject),
    }


def identity(subject: str | None) -> str:
    """An identifier of a photo or video that survives Gradio's copying."""
    path = Path(subject or "")
    return f"{path.name} {path.stat().st_size}" if path.is_file() else ""


def followed(screen: Screen, render: str) -> Changes:
    """A render was begun, or goes on as the page is opened. The last video stays until the first seconds of
    the new one are there.
    """
    return {
        screen.message: "",
        screen.progress: markup.stepper(None, 0.0),
        screen.create: gr.Button("Creating…", interactive=False, variant="primary"),
        screen.cancel: cancelling.offered(),
        screen.video_file: gr.DownloadButton(visible=False),
        screen.busy: True,
        screen.render: render,
    }


def another_tab(screen: Screen) -> Changes:
    """As the page is opened, another tab of the same browser makes a video."""
    return {screen.message: markup.notice(_ANOTHER_TAB, kind="note")}


def step(screen: Screen, event: Event, note: str = "", own_ahead: int = 0) -> Changes:
    """The changes for one event of the studio.

    Args:
        note: shown beside the finished video.
        own_ahead: how many of those that come before a waiting one are the visitor's own.
    """
    if isinstance(event, Progress) and event.stage == "waiting":
        # nobody is before it where one that was cancelled still has to end
        told = (
            markup.waiting(event.ahead, event.seconds_left or 0.0, own_ahead)
            if event.ahead
            else markup.stepper(None, 0.0)
        )
        return {screen.progress: told}
    if isinstance(event, Progress):
        return {screen.progress: markup.stepper(event.stage, event.fraction, event.seconds_left)}
    if isinstance(event, Chunk):
        return {screen.preview: event.path}
    return finished(screen, event, note)


def first_seconds(screen: Screen) -> Changes:
    """The preview takes the place of the placeholder or the last video, before its first segment comes."""
    hidden = gr.DownloadButton(visible=False)
    return {
        screen.preview: gr.Video(visible=True),
        screen.place: gr.HTML(visible=False),
        screen.player: gr.Video(visible=False),
        screen.poster: gr.HTML(visible=False),
        screen.captions_file: hidden,
        screen.motion_file: hidden,
        screen.report: gr.HTML(visible=False),
    }


def cleared(screen: Screen) -> Changes:
    """The finished video that is shown was removed."""
    return {**_empty(screen), **_ready(screen), screen.message: ""}


def watched(screen: Screen, result: Result) -> Changes:
    """An earlier video of this visit takes the stage."""
    return {
        **_showing(screen, result),
        screen.preview: gr.Video(None, visible=False),
        screen.consent: gr.Radio(visible=False),
        screen.message: _said(result),
        screen.report: gr.HTML("", visible=True),
        screen.made: result,
    }


def finished(screen: Screen, result: Result, note: str = "") -> Changes:
    """The video is there, with its downloads."""
    return {
        **_showing(screen, result),
        screen.message: _said(result, note),
        screen.consent: gr.Radio(visible=False),
        screen.report: gr.HTML("", visible=True),
        screen.made: result,
    }


def refused(screen: Screen, message: Message, last: Result | None = None) -> Changes:
    """The job ended with a sentence, or never began; what was made before it stays."""
    return {**as_before(screen, last), screen.message: markup.problem(message)}


def cancelled(screen: Screen, last: Result | None = None) -> Changes:
    """The visitor stopped the job; what was made before it comes back."""
    return {**as_before(screen, last), screen.message: markup.notice("Cancelled.", kind="note")}


def as_before(screen: Screen, last: Result | None) -> Changes:
    """The last video with its files and its report, or the empty screen."""
    if last is None or not last.video.is_file():
        return {**_empty(screen), **_ready(screen)}
    return {
        **_showing(screen, last),
        screen.preview: gr.Video(None, visible=False),
        screen.report: gr.HTML(visible=True),
    }


def _said(result: Result, note: str = "") -> str:
    """What its maker should know of a video."""
    said = (markup.faceless(result.faceless), *result.notes, note)
    return "".join(markup.notice(sentence, kind="note") for sentence in said if sentence)


def _showing(screen: Screen, result: Result) -> Changes:
    plays = video_file.playable(result.video)
    still = "" if plays else markup.still(video_file.still(result.video))
    return {
        **_ready(screen),
        screen.create: gr.Button(_AGAIN, interactive=True, variant="secondary"),
        screen.place: gr.HTML(visible=False),
        screen.player: gr.Video(str(result.video) if plays else None, visible=plays),
        screen.poster: gr.HTML(still, visible=not plays),
        screen.progress: "",
        screen.video_file: _download(result.video, "Download video"),
        screen.captions_file: _download(result.captions, "Captions"),
        screen.motion_file: _download(result.motion, "Motion"),
    }


def _empty(screen: Screen) -> Changes:
    hidden = gr.DownloadButton(visible=False)
    return {
        screen.place: gr.HTML(visible=True),
        screen.preview: gr.Video(None, visible=False),
        screen.player: gr.Video(None, visible=False),
        screen.poster: gr.HTML("", visible=False),
        screen.progress: "",
        screen.video_file: hidden,
        screen.captions_file: hidden,
        screen.motion_file: hidden,
        screen.report: gr.HTML("", visible=False),
        screen.made: None,
    }


def _ready(screen: Screen) -> Changes:
    return {
        screen.create: gr.Button("Create", interactive=True, variant="primary"),
        screen.cancel: gr.Button(visible=False),
        screen.busy: False,
    }


def _download(path: Path | None, label: str) -> gr.DownloadButton:
    if path is None:
        return gr.DownloadButton(visible=False)
    kind = "" if path.suffix == ".mp4" else f" ({path.suffix[1:].upper()})"
    return gr.DownloadButton(f"{label}{kind}", value=str(path), visible=True)
