"""Part 1 of the page: the face. A photo or a video, what the review says of it, and whose it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from pipeline.samples import SAMPLES
from pipeline.service import assessment, messages, session
from pipeline.service.assessment import PhotoVerdict
from pipeline.service.messages import Message
from pipeline.ui import markup
from pipeline.ui.components import Photo
from pipeline.ui.events import AT_ONCE, QUIET
from pipeline.ui.widgets import Widget

_NO_FACES = gr.update(value=[], visible=False)
_UNASKED = gr.update(value=None, visible=False)

Judgement = tuple[Any, Any, int, Any]
"""Changes of the verdict, the faces to choose from, the chosen one, and the question of consent."""


@dataclass(frozen=True)
class Subject:
    """The components of this part."""

    kind: gr.Textbox
    """Which of the two tabs is open: "photo" or "video"."""
    photo: Photo
    video: gr.Video
    tabs: gr.Tabs
    photo_tab: gr.Tab
    video_tab: gr.Tab
    samples: tuple[gr.Button, ...]
    verdict: gr.HTML
    faces: gr.Gallery
    face: gr.Number
    answered: gr.State
    """The answers of consent that this visit has given, where the machine's own may not be used; kept up to
    date in place, as Gradio hands every handler of a visit the same dictionary."""

    @property
    def fields(self) -> dict[str, Widget]:
        """The component of each field of the form that is filled in here."""
        return {"photo": self.photo, "video": self.video, "face": self.face}


def draw() -> Subject:
    """Make the part's components where the page is being built."""
    kind = gr.Textbox("photo", visible="hidden")
    with gr.Tabs(elem_classes="switch") as tabs:
        with gr.Tab("Photo", id="photo") as photo_tab, gr.Column(elem_classes="drop"):
            photo, samples = _photo()
        with gr.Tab("Video", id="video") as video_tab:
            video = gr.Video(sources=["upload"], show_label=False, buttons=[], height=240, elem_id="video")
            gr.HTML('<span class="hint">The speaker\'s lips will be matched to your new script.</span>')
    verdict = gr.HTML(elem_id="photo-verdict")
    faces = _faces()
    face = gr.Number(1, precision=0, visible=False)
    answered = gr.State({})
    return Subject(kind, photo, video, tabs, photo_tab, video_tab, samples, verdict, faces, face, answered)


def wire(part: Subject, consent: gr.Radio) -> None:
    """Say what happens when a picture comes, a face is picked, a sample is clicked.

    Args:
        consent: the question whether this face may be used, which is asked once there is one.
    """
    looks: dict[str, Any] = {
        **QUIET,
        "show_progress": "minimal",
        "show_progress_on": part.verdict,
        "concurrency_id": "look",
        "concurrency_limit": 2,
    }
    judged = [part.verdict, part.faces, part.face, consent]
    part.photo_tab.select(lambda: "photo", outputs=part.kind, **AT_ONCE)
    part.video_tab.select(lambda: "video", outputs=part.kind, **AT_ONCE)
    # An answer given for the picture of one tab must not be taken for that of the other.
    for event in (part.photo.change, part.photo_tab.select):
        event(judge_photo, [part.photo, part.answered], judged, **looks)
    for event in (part.video.change, part.video_tab.select):
        event(judge_video, [part.video, part.answered], judged, **looks)
    part.photo.upload(displayable, part.photo, part.photo, **AT_ONCE)
    part.faces.select(judge_face, [part.kind, part.photo], [part.verdict, part.face], **looks)
    for button, sample in zip(part.samples, SAMPLES, strict=True):
        button.click(lambda path=str(sample.path): path, outputs=part.photo, **AT_ONCE)


def judge_photo(photo: str | None, answered: dict[str, Any], request: gr.Request | None = None) -> Judgement:
    """The review's verdict, the faces to choose from, the first of them, and the question of consent."""
    if photo is None:
        return "", _NO_FACES, 1, _UNASKED
    found = messages.attempt("page", partial(assessment.assess_photo, Path(photo)))
    if isinstance(found, Message):
        return markup.problem(found), _NO_FACES, 1, _UNASKED
    return _verdict(found), _choice(found.thumbnails), 1, _question(Path(photo), answered, request)


def judge_face(kind: str, photo: str | None, chosen: gr.SelectData) -> tuple[Any, int]:
    """The verdict on the face that was picked among several, and its number; of a video only the number."""
    face = int(chosen.index) + 1
    if kind == "video" or photo is None:
        return gr.skip(), face
    found = messages.attempt("page", partial(assessment.assess_photo, Path(photo), face=face))
    return (markup.problem(found), 1) if isinstance(found, Message) else (_verdict(found), face)


def judge_video(video: str | None, answered: dict[str, Any], request: gr.Request | None = None) -> Judgement:
    """What is known of an uploaded video, in the form of `judge_photo`."""
    if video is None:
        return "", _NO_FACES, 1, _UNASKED
    found = messages.attempt("page", partial(assessment.assess_video, Path(video)))
    if isinstance(found, Message):
        return markup.problem(found), _NO_FACES, 1, _UNASKED
    width, height = found.size
    facts = f"{markup.duration(found.seconds)}, {width} × {height}. The original audio will be replaced."
    question = _question(Path(video), answered, request)
    return markup.notice(facts, kind="note"), _choice(found.thumbnails), 1, question


def displayable(photo: str | None) -> Any:
    """A JPEG in place of a photo of a kind that browsers do not show; any other stays as it is."""
    if photo is None:
        return gr.skip()
    shown = messages.attempt("page", partial(assessment.displayable, Path(photo)))
    if isinstance(shown, Message) or shown == Path(photo):  # the verdict says what is wrong
        return gr.skip()
    return str(shown)


def _photo() -> tuple[Photo, tuple[gr.Button, ...]]:
    photo = Photo(
        sources=["upload", "webcam", "clipboard"],
        type="filepath",
        show_label=False,
        buttons=[],
        height=190,
        elem_id="photo",
        placeholder="Add a front-facing photo\nDrop it here, browse, or use the camera",
    )
    with gr.Row(elem_classes="samples"):
        gr.HTML('<span class="hint">or try a sample</span>', min_width=0)
        samples = tuple(
            gr.Button(sample.name, icon=sample.path, size="sm", elem_classes="pill", min_width=0)
            for sample in SAMPLES
        )
    return photo, samples


def _faces() -> gr.Gallery:
    return gr.Gallery(
        label="Several faces found. Who should speak?",
        columns=6,
        height="auto",
        allow_preview=False,
        object_fit="cover",
        buttons=[],
        interactive=False,
        visible=False,
        elem_id="faces",
    )


def _question(picture: Path, answered: dict[str, Any], request: gr.Request | None) -> dict[str, Any]:
    """The question of consent: answered as for this very picture before, left out for a sample."""
    basis = session.answered(picture, session.memory(request, answered))
    return gr.update(value=None if basis == "sample" else basis, visible=basis != "sample")


def _choice(thumbnails: Sequence[np.ndarray]) -> Any:
    """The faces to choose from; hidden where there are not several."""
    numbered = [(cut, str(number)) for number, cut in enumerate(thumbnails, 1)]
    return gr.Gallery(numbered, visible=len(numbered) > 1, selected_index=0)


def _verdict(found: PhotoVerdict) -> str:
    verdict = markup.verdicts(found.findings, praise="This photo looks great.")
    if found.sample is None:
        return verdict
    credit = f"{found.sample.name}, photo by {found.sample.credit}: public domain, free to use."
    return markup.notice(credit, kind="note") + verdict
