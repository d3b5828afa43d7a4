"""The page as a whole: where its parts stand, and how it is served."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from typing import Any

import gradio as gr

from pipeline import api
from pipeline.errors import OptionError
from pipeline.service import guard, running_jobs, settings, warmup
from pipeline.ui import (
    batch_handlers,
    batch_tab,
    cancelling,
    endpoint,
    examples,
    handlers,
    making,
    output,
    own_words,
    script_tab,
    script_translation_handlers,
    script_translation_panel,
    script_visit,
    speech,
    style,
    subject,
    takes,
    theme,
    translate_handlers,
    translate_tab,
    visit,
    words,
)
from pipeline.ui.gradio_stubs import without_application, without_collection
from pipeline.ui.parts import Parts
from pipeline.ui.streams import Streams

TITLE = "Talking-head studio"

_SUMMARY = "Turn one photo and a few words into a video of that person talking."

_HEADER = f"""<header class="masthead">
<svg viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="9"/>
<path d="M8 13v6M12 9.5v13M16 12v8M20 7v18M24 13v6"/></svg>
<div><h1>{TITLE}</h1>
<p>{_SUMMARY}</p></div>
</header>"""

_FOOTER = """<p class="smallprint">Videos made here carry a small mark and a note in the file that they are
AI-generated. Use only faces that you have the right to use, and never to deceive.</p>
<details class="smallprint"><summary>For programs and AI agents</summary>
<p>Programs make videos through the
<a href="api/docs" target="_blank" rel="noopener">HTTP API</a>. Agents connect over MCP, at this address:</p>
<p><code data-address="mcp">/mcp</code></p></details>"""

_SCRIPTS = (theme.SCRIPT, words.SCRIPT)

_DAY_SECONDS = 24 * 60 * 60
_QUEUE_LOOK_SECONDS = 0.02
"""Between looks of Gradio's queue for a new call. Its own millisecond keeps the interpreter busy all day:
every look takes the lock from the threads that make videos, a twentieth of a core in all."""


class _Page(gr.Blocks):
    """Gradio's page, except that nothing is described before it is drawn, and no values get into the log."""

    def get_config_file(self) -> Any:
        """The page as its browsers get it; Gradio asks for it already at the end of drawing, for nobody."""
        if not self.exited:
            return {}
        config: Any = super().get_config_file()
        for event in config["dependencies"]:
            if event["show_progress"] == "hidden":
                # or outputs count seconds out of sight, at every frame, and for ever if taken away meanwhile
                event["show_progress_on"] = []
        return config

    def validate_inputs(self, block_fn: Any, inputs: Sequence[Any]) -> None:
        """Refuses a call in one sentence; Gradio's own names every value that was sent."""
        wanted = len(block_fn.inputs)
        if len(inputs) < wanted:
            sentence = f"{wanted} values are needed, but {len(inputs)} were sent; send all of them in order."
            raise gr.Error(sentence, print_exception=False)


def build() -> gr.Blocks:
    """Draw and wire the page."""
    with (
        without_collection(),
        without_application(),
        _Page(title=TITLE, analytics_enabled=False, delete_cache=(3600, _DAY_SECONDS)) as page,
    ):
        gr.HTML(_HEADER)
        with gr.Tabs(elem_id="ways", elem_classes="switch", overflow_behavior="wrap") as ways:
            with gr.Tab("Quick video", id="quick"), gr.Row(elem_id="studio"):
                with gr.Column(scale=5, min_width=320, elem_id="asking"):
                    with _section(1, "Choose a face"):
                        who = subject.draw()
                    with _section(2, "Write the script"):
                        what = speech.draw()
                        line = style.draw_line()
                    how = style.draw(line)
                with gr.Column(scale=6, min_width=320, elem_id="showing"):
                    shown = output.draw()
                    videos = takes.draw()
                    turn = gr.Button("Turn this into a script", size="sm", elem_id="turn-into-script")
                    tries = examples.draw()
            with gr.Tab("Script", id="script"):
                script = script_tab.draw(who.answered)
                other_language = script_translation_panel.draw()
            with gr.Tab("Translate", id="translate"):
                translating = translate_tab.draw()
            with gr.Tab("Batch", id="batch"):
                batch = batch_tab.draw()
        gr.HTML(_FOOTER)
        parts = Parts(who, what, how, shown, videos, tries, visit.draw())
        subject.wire(who, shown.consent)
        speech.wire(what)
        style.wire(how, who)
        opened = visit.wire(parts, page, {"translate_to": translating.to})
        making.wire(parts, opened)
        script_visit.wire(script, parts, page)
        script_translation_handlers.wire(other_language, script, parts.visit.secret)
        script_visit.wire_quick(script, parts, turn, ways)
        translate_handlers.wire(translating, parts.visit, page)
        batch_handlers.wire(batch)
        endpoint.wire()
    return page


def serve(page: gr.Blocks) -> None:
    """Serve the page until stopped, on port 7860 unless GRADIO_SERVER_NAME and GRADIO_SERVER_PORT differ.

    Raises:
        OptionError: the address or the port cannot be used, or a setting is not possible.
        OutputError: the folder of the jobs cannot be used.
    """
    own_words.begin_page(TITLE, _SUMMARY)
    studio = api.Studio.open(settings.from_environment(), handlers.cache())
    try:
        with without_collection():
            _launch(page, studio)
        gc.freeze()  # the page stays, so that no collection during a video has to look through it
        warmup.in_background()
        page.block_thread()
    finally:
        running_jobs.stop_all()
        studio.close()


def _launch(page: gr.Blocks, studio: api.Studio) -> None:
    cancelling.close_aside()
    with without_application():
        page.queue(default_concurrency_limit=1, max_size=32)
    streams = Streams(page._queue)
    page._queue.sleep_when_free = page._queue.progress_update_sleep_when_free = _QUEUE_LOOK_SECONDS
    try:
        page.launch(
            theme=theme.theme(),
            css_paths=[theme.STYLE],
            head="".join(f"<script>{script.read_text(encoding='utf-8')}</script>" for script in _SCRIPTS),
            favicon_path=theme.ICON,
            ssr_mode=False,
            footer_links=["api"],
            max_file_size="500mb",
            i18n=own_words.translations(),
            enable_monitoring=False,
            app_kwargs={"middleware": [guard.middleware(), api.middleware(studio), streams.middleware()]},
            prevent_thread_lock=True,
        )
    except OSError as error:
        sentence = "The server cannot listen at this address and port; choose a port that is free."
        raise OptionError(sentence, parameter="port") from error


def _section(number: int, title: str) -> gr.Column:
    with gr.Column(elem_classes="section") as section:
        gr.HTML(f'<h2><span class="number">{number}</span>{title}</h2>')
    return section
