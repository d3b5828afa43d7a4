"""The page as a whole: where its parts stand, and the wires between them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from pipeline.service import session, warmup
from pipeline.ui import endpoint, examples, handlers, output, speech, style, subject, theme
from pipeline.ui.examples import Examples
from pipeline.ui.output import Changes, Screen
from pipeline.ui.speech import Words
from pipeline.ui.style import Delivery
from pipeline.ui.subject import Subject
from pipeline.ui.widgets import Widget

TITLE = "Talking-head studio"

_HEADER = """<header class="masthead">
<svg viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="9"/>
<path d="M8 13v6M12 9.5v13M16 12v8M20 7v18M24 13v6"/></svg>
<div><h1>Talking-head studio</h1>
<p>Turn one photo and a few words into a video of that person talking.</p></div>
</header>"""

_FOOTER = """<p class="smallprint">Videos made here carry a small mark and a note in the file that they are
AI-generated. Use only faces that you have the right to use, and never to deceive.</p>"""

_DAY_SECONDS = 24 * 60 * 60


def build() -> gr.Blocks:
    """Draw and wire the page."""
    with gr.Blocks(title=TITLE, analytics_enabled=False, delete_cache=(3600, _DAY_SECONDS)) as page:
        gr.HTML(_HEADER)
        with gr.Row(elem_id="studio"):
            with gr.Column(scale=5, min_width=320, elem_id="asking"):
                with _section(1, "Choose a face"):
                    who = subject.draw()
                with _section(2, "Write the script"):
                    what = speech.draw()
                with _section(3, "Adjust the delivery"):
                    how = style.draw()
            with gr.Column(scale=6, min_width=320, elem_id="showing"):
                shown = output.draw()
                tries = examples.draw()
        gr.HTML(_FOOTER)
        subject.wire(who)
        speech.wire(what)
        style.wire(how, who.kind, (who.photo_tab, who.video_tab))
        _wire_making(who, what, how, shown, tries)
        endpoint.wire()
    return page


def serve(page: gr.Blocks) -> None:
    """Serve the page until stopped, on port 7860 unless GRADIO_SERVER_NAME and GRADIO_SERVER_PORT differ."""
    page.queue(default_concurrency_limit=1, max_size=32)
    page.launch(
        theme=theme.theme(),
        css_paths=[theme.STYLE],
        head=f"<script>{theme.SCRIPT.read_text(encoding='utf-8')}</script>",
        favicon_path=theme.ICON,
        ssr_mode=False,
        footer_links=["api"],
        max_file_size="500mb",
        prevent_thread_lock=True,
    )
    warmup.in_background()
    page.block_thread()


def _section(number: int, title: str) -> gr.Column:
    with gr.Column(elem_classes="section") as section:
        gr.HTML(f'<h2><span class="number">{number}</span>{title}</h2>')
    return section


def _answers(who: Subject, what: Words, how: Delivery, values: dict[Widget, Any]) -> dict[str, Any]:
    """What is filled in, by the names of the form's fields; where there are tabs, in the open one."""
    unseen = "video" if values[who.kind] == "photo" else "photo"
    chosen = {name: values[widget] for name, widget in who.fields.items()}
    return {**chosen, unseen: None, **what.given(values), **how.given(values)}


def _wire_making(who: Subject, what: Words, how: Delivery, shown: Screen, tries: Examples) -> None:
    """Create and the examples start a job; Cancel stops it; a finished video is reviewed."""

    def prepare(values: dict[Widget, Any], request: gr.Request) -> Changes:
        memory = session.memory(request, values[who.answered])
        return handlers.prepare(_answers(who, what, how, values), shown, values[shown.made], memory)

    def run(job: Any, made: Any) -> Iterator[Changes]:
        yield from handlers.run(job, shown, made)

    fields = [*who.fields.values(), who.kind, who.answered, *what.inputs, *how.inputs]
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    checks: dict[str, Any] = {
        **quiet,
        "outputs": shown.everything,
        "concurrency_id": "check",
        "concurrency_limit": None,
    }
    filled = examples.wire(tries, who, what, how)
    for start in (shown.create.click, *(event.then for event in filled)):
        start(prepare, {*fields, shown.made}, **checks).then(None, js="() => studioPage.showOutcome()")
    job = shown.job.change(
        run,
        [shown.job, shown.made],
        shown.everything,
        concurrency_id="render",
        concurrency_limit=1,
        **quiet,
    )
    shown.cancel.click(None, cancels=[job]).then(
        lambda made: output.cancelled(shown, made), shown.made, shown.everything, queue=False, **quiet
    )
    shown.made.change(None, js="() => studioPage.handOver()")
    shown.made.change(
        handlers.review,
        shown.made,
        shown.report,
        concurrency_id="review",
        concurrency_limit=1,
        **quiet,
    )
