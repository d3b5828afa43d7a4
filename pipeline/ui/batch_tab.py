"""The Batch tab: a table and its files become a folder of videos, row by row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from pipeline.ui import batch_markup, consent
from pipeline.ui.batch_project import TABLES, TEMPLATES


@dataclass(frozen=True)
class BatchTab:
    """The components of this tab."""

    files: gr.File
    consent: gr.Radio
    start: gr.Button
    cancel: gr.Button
    message: gr.HTML
    progress: gr.HTML
    rows: gr.HTML
    archive_file: gr.DownloadButton
    summary_file: gr.DownloadButton
    table_file: gr.DownloadButton
    project: gr.State
    """The `Project`, or None."""

    @property
    def everything(self) -> list[Any]:
        """All components, as the outputs of a handler."""
        return list(vars(self).values())


def draw() -> BatchTab:
    """Make the components where the page is being built."""
    with gr.Row(elem_id="batch-studio"):
        with gr.Column(scale=4, min_width=320, elem_id="batch-asking"):
            made: dict[str, Any] = _asking()
        with gr.Column(scale=7, min_width=320, elem_id="batch-showing"):
            made |= _showing()
    return BatchTab(**made, project=gr.State(None))


def _asking() -> dict[str, Any]:
    with gr.Column(elem_classes="section"):
        gr.HTML("<h2>Add a table and its files</h2>")
        files = gr.File(
            file_count="multiple",
            file_types=[*TABLES, *TEMPLATES, ".zip", ".pdf", ".pptx", "image", "video", "audio"],
            label="Add a table and its files",
            show_label=False,
            height=130,
            elem_id="batch-files",
            elem_classes="upload",
        )
        gr.HTML(
            '<p class="hint">CSV, TSV, XLSX or JSON Lines with a row for each video and the columns subject, '
            "text and output. Drop the photos together with it, or everything in a ZIP.</p>"
            '<p class="hint">With a script (YAML) among the files, the columns are its {placeholders}.</p>'
        )
        question = consent.draw(
            "batch-consent",
            label="Do you have permission to use these faces?",
            info="For rows that do not say so themselves. The answer is saved in the video files.",
        )
    return {"files": files, "consent": question}


def _showing() -> dict[str, Any]:
    message, progress = gr.HTML(elem_id="batch-message"), gr.HTML(elem_id="batch-progress")
    with gr.Row(elem_id="batch-actions"):
        start = gr.Button("Start", variant="primary", size="lg", scale=3, elem_id="batch-start")
        cancel = gr.Button("Cancel", size="lg", scale=1, min_width=110, visible=False, elem_id="batch-cancel")
    with gr.Row(elem_classes="downloads"):
        archive, summary, table = (
            gr.DownloadButton(label, visible=False, size="sm", min_width=0, elem_id=f"batch-{name}-file")
            for label, name in (
                ("Download all (ZIP)", "archive"),
                ("Summary page", "summary"),
                ("Results (CSV)", "table"),
            )
        )
    rows = gr.HTML(batch_markup.EMPTY, elem_id="batch-rows")
    return {
        "message": message,
        "progress": progress,
        "start": start,
        "cancel": cancel,
        "archive_file": archive,
        "summary_file": summary,
        "table_file": table,
        "rows": rows,
    }
