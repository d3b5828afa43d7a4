"""Part 1 of the page: who shall speak. A photo or a video, what the review says of it, and by what right."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np

from pipeline import engines
from pipeline.errors import NoFaceError, PhotoError
from pipeline.samples import SAMPLES, sample_of
from pipeline.service import session
from pipeline.service.messages import sentence
from pipeline.types import ConsentBasis
from pipeline.ui import markup
from pipeline.ui.components import Photo

if TYPE_CHECKING:
    from pipeline.trust import Memory

RIGHTS: list[tuple[str, ConsentBasis]] = [
    ("It is me", "me"),
    ("I have this person's permission", "permission"),
    ("A fictional or generated face", "fictional"),
]

_UNSEEN = {".heic", ".heif", ".hif", ".tif", ".tiff"}
"""Kinds of photos that people have and browsers do not show."""

_NO_FACES = gr.update(value=[], visible=False)
_UNANSWERED = gr.update(value=None, visible=True)


@dataclass(frozen=True)
class Subject:
    """The components of this part."""

    kind: gr.State
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
    consent: gr.Radio
    answered: gr.State
    """The answers of consent that this visit has given, where the machine's own may not be used; kept up to
    date in place, as Gradio hands every handler of a visit the same dictionary."""


def draw() -> Subject:
    """Make the part's components where the page is being built."""
    kind = gr.State("photo")
    with gr.Tabs(elem_classes="switch") as tabs:
        with gr.Tab("Photo", id="photo") as photo_tab:
            photo = Photo(
                sources=["upload", "webcam", "clipboard"],
                type="filepath",
                show_label=False,
                buttons=[],
                height=260,
                elem_id="photo",
                placeholder="# A face from the front\nDrop a photo here, choose one, or use the camera",
            )
            with gr.Row(elem_classes="samples"):
                gr.HTML('<span class="hint">or try</span>', min_width=0)
                samples = tuple(
                    gr.Button(sample.name, icon=sample.path, size="sm", elem_classes="pill", min_width=0)
                    for sample in SAMPLES
                )
        with gr.Tab("Video", id="video", visible=_videos_welcome()) as video_tab:
            video = gr.Video(sources=["upload"], show_label=False, buttons=[], height=260, elem_id="footage")
            gr.HTML('<span class="hint">Give this video new words: the mouth will say yours.</span>')
    verdict = gr.HTML(elem_id="photo-verdict")
    faces = gr.Gallery(
        label="Several faces: who shall speak?",
        columns=6,
        height="auto",
        allow_preview=False,
        object_fit="cover",
        buttons=[],
        interactive=False,
        visible=False,
        elem_id="faces",
    )
    face = gr.Number(0, precision=0, visible=False)
    consent = gr.Radio(
        RIGHTS,
        label="By what right may this face speak?",
        info="Asked once for each picture; the answer is written into the video's file.",
        elem_id="consent",
        elem_classes="stack",
    )
    answered = gr.State({})
    return Subject(
        kind, photo, video, tabs, photo_tab, video_tab, samples, verdict, faces, face, consent, answered
    )


def wire(part: Subject) -> None:
    """Say what happens when a picture comes, a face is picked, a sample is clicked."""
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    looks: dict[str, Any] = {
        **quiet,
        "show_progress": "minimal",
        "show_progress_on": part.verdict,
        "concurrency_id": "look",
        "concurrency_limit": 2,
    }
    judged = [part.verdict, part.faces, part.face, part.consent]
    part.photo_tab.select(lambda: "photo", outputs=part.kind, queue=False, **quiet)
    part.video_tab.select(lambda: "video", outputs=part.kind, queue=False, **quiet)
    # An answer given for the picture of one tab must not speak for that of the other.
    for event in (part.photo.change, part.photo_tab.select):
        event(judge_photo, [part.photo, part.answered], judged, **looks)
    for event in (part.video.change, part.video_tab.select):
        event(judge_video, [part.video, part.answered], judged, **looks)
    part.photo.upload(displayable, part.photo, part.photo, queue=False, **quiet)
    part.faces.select(judge_face, [part.kind, part.photo], [part.verdict, part.face], **looks)
    for button, sample in zip(part.samples, SAMPLES, strict=True):
        button.click(lambda path=str(sample.path): path, outputs=part.photo, queue=False, **quiet)


def judge_photo(
    photo: str | None, answered: dict[str, Any], request: gr.Request | None = None
) -> tuple[Any, Any, int, Any]:
    """The review's verdict, the faces to pick from, the first of them, and the question of consent."""
    if photo is None:
        return "", _NO_FACES, 0, _UNANSWERED
    from pipeline import faces

    path = Path(photo)
    try:
        image = faces.read_image(path)
        choice, verdict = _choice(image), _verdict(path, image, 0)
    except Exception as error:  # noqa: BLE001 - every failure becomes a sentence
        return markup.notice(sentence(error)), _NO_FACES, 0, _UNANSWERED
    return verdict, choice, 0, asked(path, session.memory(request, answered))


def displayable(photo: str | None) -> Any:
    """A JPEG in place of a photo of a kind that browsers do not show; any other stays as it is."""
    if photo is None or Path(photo).suffix.lower() not in _UNSEEN:
        return gr.skip()
    from PIL import Image

    from pipeline import faces

    try:
        image = faces.read_image(Path(photo))
    except PhotoError:
        return gr.skip()  # the verdict says why
    made = Path(photo).with_suffix(".jpg")
    Image.fromarray(image).save(made, quality=95, subsampling=0)
    return str(made)


def judge_face(kind: str, photo: str | None, chosen: gr.SelectData) -> tuple[Any, int]:
    """The verdict on the face that was picked among several, and its number; of a video only the number."""
    if kind == "video" or photo is None:
        return gr.skip(), chosen.index
    try:
        from pipeline import faces

        path = Path(photo)
        return _verdict(path, faces.read_image(path), chosen.index), chosen.index
    except Exception as error:  # noqa: BLE001 - every failure becomes a sentence
        return markup.notice(sentence(error)), 0


def judge_video(
    video: str | None, answered: dict[str, Any], request: gr.Request | None = None
) -> tuple[Any, Any, int, Any]:
    """What is known of an uploaded video, in the form of `judge_photo`, and the faces that it opens with."""
    if video is None:
        return "", _NO_FACES, 0, _UNANSWERED
    from pipeline.video import probe, read_frames

    try:
        info = probe(video)
        choice = _choice(next(read_frames(video)))
    except Exception as error:  # noqa: BLE001 - every failure becomes a sentence
        return markup.notice(sentence(error)), _NO_FACES, 0, _UNANSWERED
    width, height = info.size
    length = markup.duration(info.duration)
    said = f"{length} of {width} × {height} pixels; its own sound is replaced by your words."
    return (
        markup.notice(said, kind="note"),
        choice,
        0,
        asked(Path(video), session.memory(request, answered)),
    )


def asked(picture: Path, memory: Memory | None) -> dict[str, Any]:
    """The question of consent: answered as for this very picture before, left out for a sample."""
    from pipeline import trust
    from pipeline.errors import ConsentError

    try:
        right = trust.consent_for(picture, None, memory=memory).right
    except ConsentError:
        right = None
    return gr.update(value=None if right == "sample" else right, visible=right != "sample")


def _choice(image: np.ndarray) -> Any:
    """The faces to pick from, cut out of the picture; nothing to be seen where there are not several."""
    from pipeline import faces

    try:
        found = faces.find(image)
    except NoFaceError:
        return _NO_FACES
    numbered = [(cut, str(index + 1)) for index, cut in enumerate(faces.thumbnails(image, found))]
    return gr.Gallery(numbered, visible=len(found) > 1, selected_index=0)


def _verdict(photo: Path, image: np.ndarray, face: int) -> str:
    from pipeline import faces, review

    portrait = faces.portrait(image, choose=face)
    verdict = markup.verdicts(review.review_photo(portrait.image, portrait.face))
    sample = sample_of(photo)
    if sample is None:
        return verdict
    credit = f"{sample.name}, photograph by {sample.credit}, in the public domain: yours to try."
    return markup.notice(credit, kind="note") + verdict


def _videos_welcome() -> bool:
    return any("video" in card.subjects for card in engines.cards("head"))
