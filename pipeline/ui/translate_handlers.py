"""What the Translate tab does: opening and translating, correcting, dubbing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from pipeline.errors import TextError
from pipeline.progress import Progress, Result
from pipeline.service import jobs, messages, session, translations
from pipeline.service.messages import Message
from pipeline.service.rendering import Cancelled, Render
from pipeline.service.translations import Opened
from pipeline.service.visit_renders import RENDERS, BusyError
from pipeline.ui import cancelling, following, handlers, markup, translate_markup
from pipeline.ui.components import clicked_data
from pipeline.ui.events import AT_ONCE, QUIET
from pipeline.ui.output import Changes
from pipeline.ui.parts import Visit
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


@dataclass(frozen=True)
class Dubbed:
    """What stands in the tab while a dub is made."""

    work: Opened
    to: str
    """The language's code."""
    texts: tuple[str, ...]
    """The translation, line by line."""
    voice: str
    consent: str | None
    """The answer that was given."""


def wire(tab: TranslateTab, visit: Visit, page: gr.Blocks) -> None:
    """Say what Translate, typing, dubbing and Cancel do, and what the tab shows as the page is opened."""
    _wire_translating(tab)
    _wire_dubbing(tab, visit, page)


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
    shown: Dubbed | None,
    visit: str,
    browser_tab: str,
    memory: Memory | None,
) -> Changes:
    """A dub begins to be made, or why it cannot. It goes on whether or not the page stays open.

    Args:
        shown: what stands in the tab; None where no file is open.
        visit: the visitor's secret.
        browser_tab: to which a reload brings the dub back.
    """

    def begin() -> Render:
        if shown is None:
            raise TextError(_OPEN_FIRST, parameter="text")
        answers = {"voice": shown.voice, "consent": shown.consent}
        job = translations.dub(shown.work, shown.to, shown.texts, answers, handlers.cache(), memory)
        try:
            return RENDERS.begin_dub(job, visit, browser_tab, shown)
        except BusyError:
            jobs.discard(job.folder)
            raise

    render = messages.attempt("page", begin)
    if isinstance(render, Message):
        return {tab.message: markup.problem(render), tab.job: None}
    return {tab.message: "", **_busy(tab, render)}


def going_on(tab: TranslateTab, visit: str, browser_tab: str, asks: Any) -> Changes:
    """What the tab shows of the dub that was begun last, as the page is opened; nothing where there is none.

    Args:
        asks: as of `translated`.
    """
    render = RENDERS.last(visit, browser_tab, "dub") if visit else None
    if render is None:
        return {tab.job: None}
    shown: Dubbed = render.shown
    voices = {**voice_choices(shown.to), "value": shown.voice}
    return {
        tab.work: shown.work,
        tab.shown: shown.to,
        tab.lines: translate_markup.side_by_side(shown.work.texts, shown.texts, shown.to),
        tab.voice: gr.update(**voices, visible=True),
        tab.consent: gr.update(value=shown.consent, visible=asks(shown.work.source)),
        tab.text_file: _file(shown.work, shown.to, shown.texts),
        **_busy(tab, render),
    }


def followed(tab: TranslateTab, render: Render) -> Iterator[Changes]:
    """Show a dub that was begun, from now to its end. It goes on when this is closed."""
    with closing(render.follow()) as steps:
        for step in steps:
            if isinstance(step, Message):
                yield {**_idle(tab), tab.message: markup.problem(step)}
            elif isinstance(step, Cancelled):
                yield _cancelled(tab)
            elif isinstance(step, Result):
                yield {**_idle(tab), **_made(tab, step)}
            elif isinstance(step, Progress):
                yield {tab.outlook: translate_markup.progress(step, RENDERS.own_ahead(render))}


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


def _wire_dubbing(tab: TranslateTab, visit: Visit, page: gr.Blocks) -> None:
    def begin(
        typed: Any, work: Opened | None, to: str, voice: str, consent: Any, answered: Any,
        secret: str, browser_tab: str, request: gr.Request,
    ) -> Changes:  # fmt: skip
        shown = None if work is None else Dubbed(work, to, tuple(_texts(work, typed)), voice, consent)
        return accepted(tab, shown, secret, browser_tab, session.memory(request, answered))

    def back(secret: str, browser_tab: str, answered: Any, request: gr.Request) -> Changes:
        memory = session.memory(request, answered)
        return going_on(tab, secret, browser_tab, lambda path: session.answered(path, memory) is None)

    mine = [visit.secret, visit.tab]
    begun = tab.dub.click(
        begin,
        [tab.typed, tab.work, tab.shown, tab.voice, tab.consent, tab.answered, *mine],
        tab.everything,
        js=_COLLECT,
        **AT_ONCE,
    )
    known = "(...values) => [...studioPage.visit().slice(0, 2), ...values.slice(2)]"
    opened = page.load(back, [*mine, tab.answered], tab.everything, js=known, **AT_ONCE)
    following.wire(
        tab.cancel,
        [tab.job, visit.secret],
        [begun, opened],
        lambda render: followed(tab, render),
        lambda: _cancelled(tab),
        tab.everything,
    )


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


def _busy(tab: TranslateTab, render: Render) -> Changes:
    """The buttons of a tab that shows a dub which was begun."""
    hidden = gr.update(visible=False)
    waits = translate_markup.progress(Progress("waiting", 0.0))
    return {
        tab.job: render.name,
        tab.dub: hidden,
        tab.cancel: cancelling.offered(),
        tab.outlook: waits,
    }


def _cancelled(tab: TranslateTab) -> Changes:
    return {**_idle(tab), tab.outlook: markup.notice(_CANCELLED, kind="note")}


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
