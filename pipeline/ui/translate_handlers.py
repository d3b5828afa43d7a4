"""What the Translate tab does: opening and translating, correcting, dubbing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from pipeline.errors import TextError
from pipeline.progress import Progress, Result
from pipeline.service import jobs, messages, session, translations
from pipeline.service.jobs import Job
from pipeline.service.messages import Message
from pipeline.service.translations import Opened
from pipeline.ui import cancelling, handlers, markup, translate_markup
from pipeline.ui.components import clicked_data
from pipeline.ui.events import AT_ONCE, QUIET
from pipeline.ui.output import Changes
from pipeline.ui.translate_tab import TranslateTab, voice_choices

if TYPE_CHECKING:
    from pipeline.trust import Memory


_COLLECT = """(...values) => [
    [...document.querySelectorAll("#translate-lines textarea")].map((field) => field.value),
    ...values.slice(1)]"""
"""Puts what stands in the text fields in the place of the first input."""

_OPEN_FIRST = "Open a file first."
_BY_HAND = "You can also write the translation yourself."
_CANCELLED = "Cancelled."


def wire(tab: TranslateTab) -> None:
    """Say what Translate, typing, dubbing and Cancel do."""
    _wire_translating(tab)
    _wire_dubbing(tab)


def translated(
    tab: TranslateTab, file: str | None, to: str, language: str, glossary: str, asks: Any
) -> Iterator[Changes]:
    """Open a file, show its lines, and fill in their translation; where that fails, they wait for a person's.

    Args:
        asks: says whether a picture's consent has to be asked for.
    """
    if file is None:
        yield {tab.message: markup.problem(Message(_OPEN_FIRST))}
        return
    yield {tab.message: "", tab.outlook: translate_markup.busy(translate_markup.LISTENING)}
    folder = jobs.new_folder(handlers.cache())
    kept = translations.kept(file, folder)
    work = messages.attempt("page", partial(translations.open_file, kept, language))
    if isinstance(work, Message):
        jobs.discard(folder)
        yield {tab.message: markup.problem(work), tab.outlook: ""}
        return
    blank = [""] * len(work.texts)
    shown: Changes = {
        tab.work: work,
        tab.shown: to,
        tab.lines: translate_markup.side_by_side(work.texts, blank, to),
        tab.voice: gr.update(**voice_choices(to), visible=work.is_video),
        tab.dub: gr.update(visible=work.is_video),
        tab.consent: gr.update(value=None, visible=work.is_video and asks(kept)),
        tab.film: gr.update(value=None, visible=False),
        tab.film_file: gr.update(visible=False),
        tab.text_file: _file(work, to, blank),
    }
    shown[tab.message] = "".join(markup.notice(note, kind="note") for note in work.document.notes)
    yield {**shown, tab.outlook: translate_markup.busy(translate_markup.TRANSLATING)}
    checked = list[str]()
    texts = messages.attempt("page", partial(translations.suggested, work, to, glossary, checked.append))
    if isinstance(texts, Message):
        note = markup.notice(_BY_HAND, kind="note")
        yield {tab.message: markup.problem(texts) + note, tab.outlook: ""}
        return
    lines = translate_markup.side_by_side(work.texts, texts, to)
    notes = "".join(markup.notice(note, kind="note") for note in (*work.document.notes, *checked))
    yield {tab.lines: lines, tab.text_file: _file(work, to, texts), tab.outlook: "", tab.message: notes}


def accepted(
    tab: TranslateTab,
    typed: Any,
    work: Opened | None,
    to: str,
    answers: dict[str, Any],
    memory: Memory | None,
) -> Changes:
    """A job for the dub begins, or why it cannot."""
    job = messages.attempt("page", partial(_job, typed, work, to, answers, memory))
    if isinstance(job, Message):
        return {tab.message: markup.problem(job), tab.job: None}
    hidden = gr.update(visible=False)
    waits = translate_markup.progress(Progress("waiting", 0.0))
    started: Changes = {tab.message: "", tab.outlook: waits}
    return {**started, tab.job: job, tab.dub: hidden, tab.cancel: cancelling.offered()}


def dubbed(tab: TranslateTab, job: Job | None) -> Iterator[Changes]:
    """Render the job, step by step. Closing it cancels."""
    if job is None:
        return
    with closing(messages.told("page", job.run("page", preview=False))) as events:
        for event in events:
            if isinstance(event, Message):
                yield {**_idle(tab), tab.message: markup.problem(event)}
            elif isinstance(event, Result):
                yield {**_idle(tab), **_made(tab, event)}
            elif isinstance(event, Progress):
                yield {tab.outlook: translate_markup.progress(event)}


def _wire_translating(tab: TranslateTab) -> None:
    def run(
        file: str | None, to: str, language: str, glossary: str, answered: Any, request: gr.Request
    ) -> Iterator[Changes]:
        memory = session.memory(request, answered)
        yield from translated(
            tab, file, to, language, glossary, lambda path: session.answered(path, memory) is None
        )

    tab.translate.click(
        run,
        [tab.file, tab.to, tab.language, tab.glossary, tab.answered],
        tab.everything,
        concurrency_id="translate",
        concurrency_limit=1,
        **QUIET,
    )

    def corrected(work: Opened | None, to: str, event: gr.EventData) -> Any:
        typed: Any = None
        with suppress(ValueError):
            typed = json.loads(clicked_data(event).get("texts", ""))
        return gr.skip() if work is None else _file(work, to, _texts(work, typed))

    tab.lines.click(corrected, [tab.work, tab.shown], tab.text_file, **AT_ONCE)


def _wire_dubbing(tab: TranslateTab) -> None:
    def begin(
        typed: Any, work: Opened | None, to: str, voice: str, consent: Any, answered: Any,
        request: gr.Request,
    ) -> Changes:  # fmt: skip
        answers = {"voice": voice, "consent": consent}
        return accepted(tab, typed, work, to, answers, session.memory(request, answered))

    begun = tab.dub.click(
        begin,
        [tab.typed, tab.work, tab.shown, tab.voice, tab.consent, tab.answered],
        tab.everything,
        js=_COLLECT,
        **AT_ONCE,
    )
    job = begun.then(
        lambda job: (yield from dubbed(tab, job)),
        tab.job,
        tab.everything,
        concurrency_id="render",
        concurrency_limit=1,
        **QUIET,
    )
    cancelling.wire(
        tab.cancel,
        [job],
        lambda: {**_idle(tab), tab.outlook: markup.notice(_CANCELLED, kind="note")},
        None,
        tab.everything,
    )


def _job(typed: Any, work: Opened | None, to: str, answers: dict[str, Any], memory: Memory | None) -> Job:
    if work is None:
        raise TextError(_OPEN_FIRST, parameter="text")
    return translations.dub(work, to, _texts(work, typed), answers, handlers.cache(), memory)


def _texts(work: Opened, typed: Any) -> list[str]:
    """The contents of the text fields; "" for those that the browser did not send."""
    texts = [str(text) for text in typed] if isinstance(typed, list) else []
    return [*texts, *[""] * len(work.texts)][: len(work.texts)]


def _file(work: Opened, to: str, texts: Sequence[str]) -> Any:
    """The button that downloads the translation, with the file as it is now."""
    if not any(text.strip() for text in texts):
        return gr.update(visible=False)
    path = messages.attempt("page", partial(translations.saved, work, to, texts, work.source.parent))
    return gr.update(value=str(path), visible=True) if isinstance(path, Path) else gr.update(visible=False)


def _idle(tab: TranslateTab) -> Changes:
    """The buttons of a tab that makes nothing."""
    return {tab.dub: gr.update(visible=True), tab.cancel: gr.update(visible=False), tab.outlook: ""}


def _made(tab: TranslateTab, result: Result) -> Changes:
    return {
        tab.outlook: "".join(markup.notice(note, kind="note") for note in result.notes),
        tab.film: gr.update(value=str(result.video), visible=True),
        tab.film_file: gr.update(value=str(result.video), visible=True),
        tab.consent: gr.update(visible=False),
    }
