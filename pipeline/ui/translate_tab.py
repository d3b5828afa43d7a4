"""The Translate tab: a video, a script, captions or a text in another language, corrected line by line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from pipeline.localization.opening import WRITTEN
from pipeline.service import catalog, translations
from pipeline.ui import consent, translate_markup
from pipeline.ui.components import Clickable

_FIRST = "es"
"""The language that is chosen when the page opens."""

_REPORT = """element.addEventListener("change", () => trigger("click", {
    texts: JSON.stringify([...element.querySelectorAll("textarea")].map((field) => field.value)) }));"""
"""Leaving a text field reports what stands in all of them."""


@dataclass(frozen=True)
class TranslateTab:
    """The components of this tab."""

    to: gr.Dropdown
    file: gr.File
    language: gr.Dropdown
    glossary: gr.Textbox
    translate: gr.Button
    lines: Clickable
    typed: gr.JSON
    """What stands in the text fields, as the browser sends it; not seen."""
    message: gr.HTML
    outlook: gr.HTML
    """What is being done, or what there is to say about what was."""
    text_file: gr.DownloadButton
    voice: gr.Dropdown
    consent: gr.Radio
    dub: gr.Button
    cancel: gr.Button
    film: gr.Video
    film_file: gr.DownloadButton
    work: gr.State
    """The `translations.Opened`, or None."""
    shown: gr.State
    """The language of the translation that is shown, whatever is chosen for the next one."""
    job: gr.State
    """The name of the render that is followed, or None."""
    answered: gr.State
    """As `Subject.answered`, for this tab's videos."""

    @property
    def everything(self) -> list[gr.components.Component]:
        """All components, as the outputs of a handler."""
        return list(vars(self).values())


def draw() -> TranslateTab:
    """Make the components where the page is being built."""
    with gr.Row(elem_id="translate-studio", elem_classes="studio-row"):
        with gr.Column(scale=4, min_width=320, elem_classes="studio-asking"):
            made: dict[str, Any] = _asked()
        with gr.Column(scale=7, min_width=320, elem_classes="studio-showing"):
            made |= {**_shown(), **_dubbed()}
    return TranslateTab(
        **made, work=gr.State(None), shown=gr.State(""), job=gr.State(None), answered=gr.State({})
    )


def voice_choices(language: str) -> Any:
    """The voices of a language, the best chosen."""
    names = translations.voices_of(language)
    choices = catalog.voices_by_title([catalog.voice_card(name) for name in names])
    return {"choices": choices, "value": names[0]}


def _asked() -> dict[str, Any]:
    languages = translations.spoken_languages()
    with gr.Column(elem_classes="section"):
        gr.HTML("<h2>Translate to</h2>")
        to = gr.Dropdown(
            languages,
            value=_FIRST,
            label="Translate to",
            show_label=False,
            filterable=False,
            elem_id="translate-to",
        )
    with gr.Column(elem_classes="section"):
        gr.HTML("<h2>Open a video, a script, captions or a text</h2>")
        file = gr.File(
            file_types=[*WRITTEN, "video", "audio"],
            label="Open a video, a script, captions or a text",
            show_label=False,
            height=130,
            elem_id="translate-file",
            elem_classes="upload",
        )
        language = gr.Dropdown(
            [("Automatic", ""), *languages],
            value="",
            label="Language of the original",
            filterable=False,
            elem_id="translate-from",
        )
    with gr.Column(elem_classes="section"):
        glossary = gr.Textbox(
            lines=3,
            label="Glossary",
            info="One term a line: the term, a comma, its translation.",
            elem_id="translate-glossary",
        )
    translate = gr.Button("Translate", variant="primary", size="lg", elem_id="translate-go")
    return {"to": to, "file": file, "language": language, "glossary": glossary, "translate": translate}


def _shown() -> dict[str, Any]:
    message = gr.HTML(elem_id="translate-message")
    lines = Clickable(translate_markup.EMPTY, on_load=_REPORT, elem_id="translate-lines")
    with gr.Row(elem_classes="downloads"):
        text_file = gr.DownloadButton(
            "Download translation", visible=False, size="sm", min_width=0, elem_id="translate-text-file"
        )
    return {"lines": lines, "typed": gr.JSON(visible=False), "message": message, "text_file": text_file}


def _dubbed() -> dict[str, Any]:
    voice = gr.Dropdown(
        **voice_choices(_FIRST), label="Voice", filterable=False, visible=False, elem_id="translate-voice"
    )
    question = consent.draw("translate-consent")
    outlook = gr.HTML(elem_id="translate-outlook")
    with gr.Row():
        dub = gr.Button(
            "Make the dubbed video", variant="primary", size="lg", visible=False, elem_id="translate-dub"
        )
        cancel = gr.Button("Cancel", size="lg", min_width=110, visible=False, elem_id="translate-cancel")
    film = gr.Video(visible=False, buttons=[], show_label=False, interactive=False, elem_id="translate-film")
    with gr.Row(elem_classes="downloads"):
        film_file = gr.DownloadButton(
            "Download video", visible=False, size="sm", min_width=0, elem_id="translate-film-file"
        )
    return {
        "voice": voice,
        "consent": question,
        "outlook": outlook,
        "dub": dub,
        "cancel": cancel,
        "film": film,
        "film_file": film_file,
    }
