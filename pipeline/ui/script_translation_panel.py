"""The panel that makes the open script in another language."""

from __future__ import annotations

from dataclasses import dataclass

import gradio as gr

from pipeline.service import translations

_FIRST = "es"
"""The language that is chosen when the page opens."""


@dataclass(frozen=True)
class TranslatePanel:
    """The components of the panel."""

    to: gr.Dropdown
    glossary: gr.Textbox
    translate: gr.Button
    cancel: gr.Button
    message: gr.HTML
    outlook: gr.HTML
    """How far the work is."""
    lines: gr.HTML
    use: gr.Button
    work: gr.State
    """The `script_translation_handlers.Shown`, or None."""
    made: gr.State
    """The `script_translation_handlers.Made` that waits to take the original's place, or None."""

    @property
    def outputs(self) -> list[gr.components.Component]:
        """What handlers change."""
        return [each for each in vars(self).values() if each not in (self.to, self.glossary)]


def draw() -> TranslatePanel:
    """Make the components where the page is being built."""
    section = gr.Column(elem_classes="section")
    with section, gr.Accordion("Translate this script", open=False, elem_id="script-translate"):
        with gr.Row():
            to = gr.Dropdown(
                translations.spoken_languages(),
                value=_FIRST,
                label="Translate to",
                filterable=False,
                elem_id="script-to",
            )
            glossary = gr.Textbox(
                lines=2,
                label="Glossary",
                info="One term a line: the term, a comma, its translation.",
                elem_id="script-glossary",
            )
        translate = gr.Button("Translate", size="lg", elem_id="script-translate-go")
        message = gr.HTML(elem_id="script-translate-message")
        lines = gr.HTML(elem_id="script-translation")
        outlook = gr.HTML(elem_id="script-translate-outlook")
        with gr.Row():
            use = gr.Button(
                "Use this script", variant="primary", size="lg", visible=False, elem_id="script-translate-use"
            )
            cancel = gr.Button(
                "Cancel", size="lg", min_width=110, visible=False, elem_id="script-translate-cancel"
            )
    return TranslatePanel(
        to, glossary, translate, cancel, message, outlook, lines, use, gr.State(None), gr.State(None)
    )
