"""The Script tab: slides or a text become scenes, whose lines are edited, planned and rendered to a film."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.blocks import Block

from pipeline import engines
from pipeline.engines import DEFAULT_VOICE
from pipeline.service import catalog
from pipeline.ui import consent, script_history, script_markup
from pipeline.ui.components import Clickable, Photo, VoiceList
from pipeline.ui.events import AT_ONCE
from pipeline.ui.script_opening import KINDS
from pipeline.ui.script_presenters import Casting
from pipeline.ui.script_saving import KEEP_DAYS
from pipeline.ui.teeth import Teeth
from pipeline.ui.teeth import draw as draw_teeth
from pipeline.ui.voices import choices_of, draw_own, shown_own
from pipeline.ui.widgets import Widget

ASPECTS = ("16:9", "9:16", "1:1", "4:5")
HEIGHTS = (480, 720, 1080, 2160)


@dataclass(frozen=True)
class ScriptTab:
    """The components of this tab."""

    typed: gr.JSON
    """What stands in the text fields, as the browser sends it; not seen. Inputs are in the
    order in which they are made: it is the second one, after `answered`, where the browser puts its value."""
    files: gr.File
    photo: Photo
    sample: gr.Button
    consent: gr.Radio
    language: gr.Dropdown
    """Of the voices that are listed, and of the one that is chosen."""
    voice: VoiceList
    own_voice: gr.Column
    """What a voice that imitates asks for."""
    voice_from: gr.Audio
    voice_consent: gr.Radio
    teeth: Teeth
    add_second: gr.Button
    second: gr.Column
    """What is asked of the second presenter."""
    second_photo: Photo
    second_sample: gr.Button
    second_consent: gr.Radio
    second_language: gr.Dropdown
    second_voice: VoiceList
    second_own_voice: gr.Column
    second_voice_from: gr.Audio
    second_voice_consent: gr.Radio
    second_teeth: Teeth
    aspect: gr.Radio
    height: gr.Radio
    enlarged: gr.HTML
    """That a photo is smaller than the picture."""
    history_fold: gr.Accordion
    history: Clickable
    pack: gr.Button
    offer: Clickable
    """Voices of the language that the script is in, where the presenters' speak another one."""
    scenes: Clickable
    picture: gr.UploadButton
    """For backgrounds; pressed by the cards."""
    said: gr.HTML
    """What a button has done, for screen readers."""
    preview: gr.HTML
    """A line that is heard or seen; the browser shows it in the line's card."""
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
    pack_file: gr.DownloadButton
    project: gr.State
    """The `Project`, or None."""
    job: gr.State
    """The name of the render that is followed, or None."""
    answered: gr.State
    """As `Subject.answered`."""

    @property
    def casting(self) -> list[Widget]:
        """The fields of a `Casting`, in order."""
        first = [self.photo, self.consent, self.voice, self.voice_from, self.voice_consent]
        second = [self.second_photo, self.second_consent, self.second_voice]
        second += [self.second_voice_from, self.second_voice_consent]
        return [*first, *second, self.aspect, self.height]

    @property
    def inputs(self) -> set[Block]:
        """What handlers read."""
        return {self.typed, self.project, self.answered, *self.casting}

    @property
    def outputs(self) -> list[Block]:
        """What handlers change."""
        pressed = (self.sample, self.second_sample, self.picture, self.pack)
        unchanged = (self.typed, self.files, self.answered, self.teeth, self.second_teeth, *pressed)
        return [each for each in vars(self).values() if each not in unchanged]

    def cast(self, values: Mapping[Widget, Any]) -> Casting:
        """Who speaks, and the size of the picture."""
        return Casting(*(values[each] for each in self.casting))


def draw(answered: gr.State) -> ScriptTab:
    """Make the components where the page is being built.

    Args:
        answered: the answers of consent that this visit has given.
    """
    typed = gr.JSON(visible=False)
    with gr.Row(elem_id="script-studio"):
        with gr.Column(scale=4, min_width=320, elem_id="script-asking"):
            made: dict[str, Any] = {**_source(), **_presenters(), **_format(), **_project()}
        with gr.Column(scale=7, min_width=320, elem_id="script-showing"):
            made |= {**_scenes(), **_film()}
    return ScriptTab(**made, typed=typed, project=gr.State(None), job=gr.State(None), answered=answered)


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


def _presenters() -> dict[str, Any]:
    with gr.Column(elem_classes="section"):
        gr.HTML("<h2>Choose a presenter</h2>")
        first = _presenter("script", DEFAULT_VOICE)
        add = gr.Button("Add a second presenter", size="sm", elem_id="script-second")
        # not a fold: what is drawn inside a closed one is measured there, and shows no text
        with gr.Column(visible=False) as column:
            gr.HTML("<h3>The second presenter</h3>")
            second = _presenter("second", _another_voice())
    add.click(
        lambda: [gr.Column(visible=True), gr.Button(visible=False)],
        outputs=[column, add],
        **AT_ONCE,
    )
    of_second = {f"second_{field}": component for field, component in second.items()}
    return {**first, "add_second": add, "second": column, **of_second}


def _presenter(name: str, chosen: str) -> dict[str, Any]:
    photo = Photo(
        sources=["upload"],
        type="filepath",
        show_label=False,
        buttons=[],
        height=200,
        elem_id=f"{name}-photo",
        placeholder="Add a front-facing photo\nDrop it here, browse, or use the camera",
    )
    sample = gr.Button("or try a sample", size="sm", elem_id=f"{name}-sample")
    question = consent.draw(f"{name}-consent")
    spoken = catalog.voice_language(chosen)
    languages = [(each.name, each.code) for each in catalog.voice_languages().values()]
    # what is typed into a list is compared with the English names, whatever language the page is shown in
    read: dict[str, Any] = {"filterable": False}
    language = gr.Dropdown(languages, value=spoken, label="Language", elem_id=f"{name}-language", **read)
    voice = VoiceList(
        choices_of(spoken, chosen), value=chosen, label="Voice", elem_id=f"{name}-voice", **read
    )
    own, recording, voice_consent = draw_own(name)
    voice.change(shown_own, voice, own, **AT_ONCE)
    return {
        "photo": photo,
        "sample": sample,
        "consent": question,
        "language": language,
        "voice": voice,
        "own_voice": own,
        "voice_from": recording,
        "voice_consent": voice_consent,
        "teeth": draw_teeth(name),
    }


def _another_voice() -> str:
    """A voice that is here already, other than the first presenter's where there is one."""
    here = [voice.name for voice in engines.voices() if not catalog.download_bytes(voice)]
    return next((name for name in here if name != DEFAULT_VOICE), DEFAULT_VOICE)


def _format() -> dict[str, Any]:
    with gr.Column(elem_classes="section"):
        aspect = gr.Radio(
            list(ASPECTS),
            value=ASPECTS[0],
            label="Format",
            elem_classes="segments",
            elem_id="script-aspect",
        )
        heights = [(f"{height}p", height) for height in HEIGHTS]
        height = gr.Radio(
            heights, value=720, label="Resolution", elem_classes="segments", elem_id="script-height"
        )
        enlarged = gr.HTML(elem_id="script-enlarged")
    return {"aspect": aspect, "height": height, "enlarged": enlarged}


def _project() -> dict[str, Any]:
    with gr.Column(elem_classes="section"):
        gr.HTML(
            '<p class="hint">Your script saves itself and comes back in this browser, for '
            f"{KEEP_DAYS} days after the last change. Save it as a project to keep it longer.</p>"
        )
        pack = gr.Button("Save project (ZIP)", size="sm", elem_id="script-pack")
        pack_file = gr.DownloadButton("Save project (ZIP)", visible="hidden", elem_id="script-pack-file")
        with gr.Accordion("Versions and projects", open=False, elem_id="script-history") as fold:
            history = Clickable(script_history.listed(None, []), elem_id="script-versions")
    return {"history_fold": fold, "history": history, "pack": pack, "pack_file": pack_file}


def _scenes() -> dict[str, Any]:
    offer = Clickable("", elem_id="script-offer")
    scenes = Clickable(script_markup.EMPTY, on_load="studioPage.scenes(element, trigger);", elem_id="scenes")
    picture = gr.UploadButton(
        "Add a picture, video or slides",
        file_types=["image", "video", ".pdf", ".pptx"],
        visible="hidden",
        elem_id="script-picture",
    )
    said = gr.HTML(elem_id="script-said")
    preview = gr.HTML(elem_id="script-preview")
    message = gr.HTML(elem_id="script-message")
    outlook = gr.HTML(elem_id="script-outlook")
    with gr.Row(elem_id="script-actions"):
        render = gr.Button("Render", variant="primary", size="lg", scale=3, elem_id="script-render")
        plan = gr.Button("Plan", size="lg", scale=1, min_width=110, elem_id="script-plan")
        cancel = gr.Button(
            "Cancel", size="lg", scale=1, min_width=110, visible=False, elem_id="script-cancel"
        )
    return {
        "offer": offer,
        "scenes": scenes,
        "picture": picture,
        "said": said,
        "preview": preview,
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
