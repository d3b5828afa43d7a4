"""The Script tab: slides or a text become scenes, whose lines are edited, planned and rendered to a film."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from pipeline import engines
from pipeline.engines import DEFAULT_VOICE
from pipeline.samples import SAMPLES
from pipeline.service import catalog
from pipeline.ui import script_markup
from pipeline.ui.components import Clickable, Photo
from pipeline.ui.output import BASES
from pipeline.ui.script_project import KINDS

_ASPECTS = ("16:9", "9:16", "1:1", "4:5")
_HEIGHTS = (480, 720, 1080)

_CARRY_TEXTS = """const texts = () => JSON.stringify([...element.querySelectorAll("textarea")].map(
    (field) => [field.dataset.scene, field.dataset.line, field.value]));
element.addEventListener("click", (event) => {
    const button = event.target.closest("[data-action]");
    if (button) button.dataset.texts = texts();
}, true);
element.addEventListener("change", () => trigger("click", { action: "type", texts: texts() }));"""
"""A button of the scenes takes along what was typed; leaving a field reports it too."""


@dataclass(frozen=True)
class ScriptTab:
    """The components of this tab."""

    files: gr.File
    photo: Photo
    sample: gr.Button
    consent: gr.Radio
    voice: gr.Dropdown
    aspect: gr.Radio
    height: gr.Radio
    scenes: Clickable
    typed: gr.JSON
    """What stands in the text fields, as the browser sends it; not seen."""
    message: gr.HTML
    outlook: gr.HTML
    """The plan, or the progress of a render."""
    plan: gr.Button
    render: gr.Button
    cancel: gr.Button
    film: gr.Video
    film_file: gr.DownloadButton
    captions_file: gr.DownloadButton
    script_file: gr.DownloadButton
    project: gr.State
    """The `Project`, or None."""
    answered: gr.State
    """As `Subject.answered`, for this tab's photos."""

    @property
    def casting(self) -> list[gr.components.Component]:
        """The fields of a `Casting`, in order."""
        return [self.photo, self.consent, self.voice, self.aspect, self.height]


def draw() -> ScriptTab:
    """Make the components where the page is being built, and say what they do."""
    from pipeline.ui import script_handlers

    with gr.Row(elem_id="script-studio"):
        with gr.Column(scale=4, min_width=320, elem_id="script-asking"):
            made: dict[str, Any] = {**_source(), **_presenter(), **_format()}
        with gr.Column(scale=7, min_width=320, elem_id="script-showing"):
            made |= {**_scenes(), **_film()}
    tab = ScriptTab(**made, project=gr.State(None), answered=gr.State({}))
    script_handlers.wire(tab)
    return tab


def _source() -> dict[str, Any]:
    with gr.Column(elem_classes="section"):
        gr.HTML("<h2>Open slides, a text or a script</h2>")
        files = gr.File(
            file_count="multiple",
            file_types=[*KINDS, "image", "video", "audio"],
            label="Open slides, a text or a script",
            show_label=False,
            height=130,
            elem_id="script-files",
            elem_classes="upload",
        )
        gr.HTML(
            '<p class="hint">PDF, PPTX, DOCX, Markdown, plain text or YAML. '
            "Drop the files that a script names together with it.</p>"
        )
    return {"files": files}


def _presenter() -> dict[str, Any]:
    with gr.Column(elem_classes="section"):
        gr.HTML("<h2>Choose a presenter</h2>")
        photo = Photo(
            sources=["upload"],
            type="filepath",
            show_label=False,
            buttons=[],
            height=200,
            elem_id="script-photo",
            placeholder="Add a front-facing photo\nDrop it here, browse, or use the camera",
        )
        sample = gr.Button("or try a sample", size="sm", elem_id="script-sample")
        consent = gr.Radio(
            BASES,
            label="Do you have permission to use this face?",
            info="We ask once per photo and save your answer in the video file.",
            elem_id="script-consent",
            elem_classes="stack",
            visible=False,
        )
        voices = [(catalog.voice_title(voice), voice.name) for voice in engines.voices()]
        voice = gr.Dropdown(voices, value=DEFAULT_VOICE, label="Voice", elem_id="script-voice")
    sample.click(
        lambda path=str(SAMPLES[0].path): path,
        outputs=photo,
        queue=False,
        show_progress="hidden",
        api_visibility="private",
    )
    return {"photo": photo, "sample": sample, "consent": consent, "voice": voice}


def _format() -> dict[str, Any]:
    with gr.Column(elem_classes="section"):
        aspect = gr.Radio(
            list(_ASPECTS),
            value=_ASPECTS[0],
            label="Format",
            elem_classes="segments",
            elem_id="script-aspect",
        )
        heights = [(f"{height}p", height) for height in _HEIGHTS]
        height = gr.Radio(
            heights, value=720, label="Resolution", elem_classes="segments", elem_id="script-height"
        )
    return {"aspect": aspect, "height": height}


def _scenes() -> dict[str, Any]:
    scenes = Clickable(script_markup.EMPTY, on_load=_CARRY_TEXTS, elem_id="scenes")
    message = gr.HTML(elem_id="script-message")
    outlook = gr.HTML(elem_id="script-outlook")
    with gr.Row(elem_id="script-actions"):
        render = gr.Button("Render", variant="primary", size="lg", scale=3, elem_id="script-render")
        plan = gr.Button("Plan", size="lg", scale=1, min_width=110, elem_id="script-plan")
        cancel = gr.Button(
            "Cancel", size="lg", scale=1, min_width=110, visible=False, elem_id="script-cancel"
        )
    return {
        "scenes": scenes,
        "typed": gr.JSON(visible=False),
        "message": message,
        "outlook": outlook,
        "render": render,
        "plan": plan,
        "cancel": cancel,
    }


def _film() -> dict[str, Any]:
    film = gr.Video(visible=False, buttons=[], show_label=False, interactive=False, elem_id="script-film")
    with gr.Row(elem_classes="downloads"):
        film_file, captions_file, script_file = (
            gr.DownloadButton(label, visible=False, size="sm", min_width=0, elem_id=f"script-{name}-file")
            for label, name in (
                ("Download video", "film"),
                ("Captions (SRT)", "captions"),
                ("Download script", "yaml"),
            )
        )
    return {
        "film": film,
        "film_file": film_file,
        "captions_file": captions_file,
        "script_file": script_file,
    }
