"""The page as a whole: where its parts stand, and the wires between them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import gradio as gr

from pipeline.service import session, warmup
from pipeline.service.form import Answers
from pipeline.ui import endpoint, examples, handlers, output, speech, style, subject, theme
from pipeline.ui.examples import Examples
from pipeline.ui.output import Changes, Screen
from pipeline.ui.speech import Words
from pipeline.ui.style import Performance
from pipeline.ui.subject import Subject

TITLE = "Talking-head studio"

_HEADER = """<header class="masthead">
<svg viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="9"/>
<path d="M8 13v6M12 9.5v13M16 12v8M20 7v18M24 13v6"/></svg>
<div><h1>Talking-head studio</h1>
<p>One photo and a few words in; a video of that person saying them out.</p></div>
</header>"""

_FOOTER = """<p class="smallprint">Videos made here carry a small mark and a note in the file that they are
AI-generated. Use only faces that you have the right to use, and never to deceive.</p>"""

_DAY = 24 * 60 * 60

_SHOW_STAGE = """() => {
    document.querySelector('#preview')?.style.removeProperty('visibility');
    if (window.innerWidth < 900) setTimeout(  // once the progress has made room below it
        () => document.querySelector('#stage').scrollIntoView({behavior: 'smooth'}), 500);
}"""

_HEIC_WELCOME = """() => {
    const typed = (file) => /\\.hei[cf]$/i.test(file.name) && !file.type
        ? new File([file], file.name, {type: 'image/heic'}) : file;
    const take = (input, files) => {
        const taken = new DataTransfer();
        [...files].map(typed).forEach((file) => taken.items.add(file));
        input.files = taken.files;
    };
    const field = (event) => event.target.closest?.('#photo');
    document.addEventListener('click', (event) => {
        if (event.target.type === 'file' && field(event)) event.target.accept = 'image/*,.heic,.heif';
    }, true);
    document.addEventListener('change', (event) => {
        if (event.target.type === 'file' && field(event)) take(event.target, event.target.files);
    }, true);
    document.addEventListener('drop', (event) => {
        const input = field(event)?.querySelector('input[type=file]'), files = event.dataTransfer.files;
        if (!input || [...files].every((file) => typed(file) === file)) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        take(input, files);
        input.dispatchEvent(new Event('change', {bubbles: true}));
    }, true);
}"""
"""Photos of iPhones have no type that every browser knows, and Gradio takes only what is called an image."""

_HAND_OVER = """() => {
    const preview = document.querySelector('#preview video');
    const player = document.querySelector('#player video');
    if (!preview || !player) return;
    const take = () => {
        const more = !preview.paused && !preview.ended && preview.currentTime < player.duration - 0.3;
        player.currentTime = more ? preview.currentTime : 0;
        preview.pause();
        document.querySelector('#preview').style.visibility = 'hidden';
        if (more) player.play().catch(() => {});
    };
    player.readyState > 0 ? take() : player.addEventListener('loadedmetadata', take, {once: true});
}"""
"""The finished video goes on where its preview has come to."""


def build() -> gr.Blocks:
    """Draw and wire the page."""
    with gr.Blocks(title=TITLE, analytics_enabled=False, delete_cache=(3600, _DAY)) as page:
        gr.HTML(_HEADER)
        with gr.Row(elem_id="studio"):
            with gr.Column(scale=5, min_width=320, elem_id="asking"):
                with _section(1, "Who speaks"):
                    who = subject.draw()
                with _section(2, "What is said"):
                    what = speech.draw()
                with _section(3, "How it is said"):
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
        js=_HEIC_WELCOME,
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


def _fields(who: Subject, what: Words, how: Performance) -> dict[str, gr.components.Component]:
    """The component behind each of the page's answers, the engines' own options apart."""
    parts = {**vars(what), **vars(how), **vars(who), "audio": what.recording}
    return {each.name: parts[each.name] for each in dataclasses.fields(Answers) if each.name in parts}


def _wire_making(who: Subject, what: Words, how: Performance, shown: Screen, tries: Examples) -> None:
    """Create and the examples render; Cancel stops; a finished video is reviewed."""
    fields = _fields(who, what, how)

    def run(values: dict[gr.components.Component, Any], request: gr.Request) -> Iterator[Changes]:
        answers = {name: values[field] for name, field in fields.items()}
        answers["video" if values[who.kind] == "photo" else "photo"] = None
        if values[what.kind] == "recording":
            answers["text"] = values[what.transcript] if values[what.recording] else None
        else:
            answers["audio"] = None
        for layer in how.tunings:
            answers[f"{layer}_options"] = how.given(layer, answers[layer], values)
        yield from handlers.run(Answers(**answers), shown, session.memory(request, values[who.answered]))

    render: dict[str, Any] = {
        "inputs": {*fields.values(), *how.options, who.kind, who.answered, what.kind, what.transcript},
        "outputs": shown.everything,
        "show_progress": "minimal",
        "show_progress_on": shown.progress,
        "concurrency_id": "render",
        "concurrency_limit": 1,
        "api_visibility": "private",
    }
    at_once: dict[str, Any] = {
        "outputs": shown.everything,
        "queue": False,
        "show_progress": "hidden",
        "api_visibility": "private",
    }
    filled = examples.wire(tries, who, what, how)
    runs = [
        start(lambda: output.started(shown), **at_once).then(run, **render)
        for start in (shown.create.click, *(event.then for event in filled))
    ]
    for button in (shown.create, *tries.buttons):
        button.click(None, js=_SHOW_STAGE)
    shown.cancel.click(None, cancels=runs).then(lambda: output.cancelled(shown), **at_once)
    for done in runs:
        done.then(None, js=_HAND_OVER).then(
            handlers.review, shown.made, shown.report, show_progress="minimal", concurrency_id="review",
            concurrency_limit=1, api_visibility="private",
        )  # fmt: skip
