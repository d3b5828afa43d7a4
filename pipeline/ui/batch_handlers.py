"""What the Batch tab does: opening a table, looking what it would lead to, making its videos."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import closing
from functools import partial
from typing import Any

import gradio as gr

from pipeline.batch import Batch, BatchCheck, BatchEvent, BatchProgress, Outcome, stream
from pipeline.errors import ConsentError
from pipeline.service import jobs, messages, running_jobs, session
from pipeline.service.messages import Message
from pipeline.ui import batch_markup, batch_project, cancelling, handlers, markup, script_markup
from pipeline.ui.batch_markup import Row
from pipeline.ui.batch_project import Outlook, Project
from pipeline.ui.batch_tab import BatchTab
from pipeline.ui.events import AT_ONCE, QUIET
from pipeline.ui.output import Changes

_DRAW_EVERY = 0.5
"""Seconds between two drawings of the rows while nothing fails."""

_CANCELLED = "Cancelled. Finished videos are kept; Start goes on from there."


def wire(tab: BatchTab) -> None:
    """Say what adding files, answering, Start and Cancel do."""

    def add(files: Any, request: gr.Request) -> Iterator[Changes]:
        yield from opened(tab, files, public=session.memory(request, {}) is not None)

    def run(project: Any, consent: Any) -> Iterator[Changes]:
        yield from rendered(tab, project, consent)

    tab.files.change(
        add,
        tab.files,
        tab.everything,
        **{**QUIET, "show_progress": "minimal", "show_progress_on": tab.rows},
    )
    begun = tab.start.click(lambda project: started(tab, project), tab.project, tab.everything, **AT_ONCE)
    job = begun.then(
        run,
        [tab.project, tab.consent],
        tab.everything,
        concurrency_id="batch",
        concurrency_limit=1,
        **QUIET,
    )

    def cancelled(shown: str) -> Changes:
        notice = markup.notice(_CANCELLED, kind="note")
        return {**_idle(tab), tab.progress: notice, tab.rows: batch_markup.stopped(shown)}

    cancelling.wire(tab.cancel, [job], cancelled, tab.rows, tab.everything)


def opened(tab: BatchTab, files: list[str] | None, *, public: bool) -> Iterator[Changes]:
    """The rows of the table among these files, with what is wrong with each, after how far they are checked;
    or why there are none.
    """
    nothing: Changes = {**_idle(tab), **_no_files(tab), tab.project: None, tab.rows: batch_markup.EMPTY}
    nothing |= {tab.message: "", tab.progress: "", tab.consent: gr.update(value=None, visible=False)}
    if not files:
        yield nothing
        return
    folder = jobs.new_folder(handlers.cache())
    project = messages.attempt("page", partial(batch_project.opened, files, folder, public=public))
    if isinstance(project, Project):
        found = yield from _looked(tab, batch_project.outlook(project, None))
        if isinstance(found, Outlook):
            asked: Changes = {tab.consent: gr.update(value=None, visible=found.asks)}
            yield {**nothing, **asked, tab.project: project, tab.rows: batch_markup.planned(found.plan)}
            return
        project = found
    jobs.discard(folder)
    yield {**nothing, tab.message: markup.problem(project.without(folder))}


def _looked(
    tab: BatchTab, events: Generator[BatchCheck | Outlook, None, None]
) -> Generator[Changes, None, Outlook | Message]:
    """The outlook, or what to tell the visitor in its place, after how far the rows are checked."""
    with closing(messages.told("page", events)) as told:
        for event in told:
            if not isinstance(event, BatchCheck):
                return event
            yield {tab.progress: batch_markup.checking(event), tab.start: gr.update(interactive=False)}
    raise AssertionError("the last event is an outlook or a message")


def started(tab: BatchTab, project: Project | None) -> Changes:
    """The tab while a batch waits to start."""
    if project is None:
        return {**_idle(tab), tab.message: markup.notice("Add a table and its files first.")}
    return {
        **_no_files(tab),
        tab.message: "",
        tab.progress: script_markup.waiting(),
        tab.start: gr.update(visible=False),
        tab.cancel: cancelling.offered(),
        tab.files: gr.update(interactive=False),  # the rows that are made are those of these files
    }


def rendered(tab: BatchTab, project: Project | None, consent: str | None) -> Iterator[Changes]:
    """Make the videos, row by row. Closing it cancels; what is finished stays, and a later one goes on."""
    if project is None:
        yield _idle(tab)
        return
    found = yield from _looked(tab, _accepted(project, consent))
    if isinstance(found, Message):
        yield {**_idle(tab), tab.progress: "", tab.message: markup.problem(found.without(project.folder))}
        return
    rows, outcomes = batch_markup.rows_of(found.plan.jobs), dict[int, Outcome]()
    drawn, latest = -_DRAW_EVERY, BatchProgress(0, found.plan.waiting, 0.0)
    with closing(messages.told("page", _events(project, consent))) as events:
        for event in events:
            if isinstance(event, Message):
                yield {
                    **_idle(tab),
                    tab.progress: "",
                    tab.message: markup.problem(event.without(project.folder)),
                }
                return
            if isinstance(event, Batch):
                yield {**_idle(tab), **_finished(tab, project, event, rows)}
                return
            if isinstance(event, Outcome):
                outcomes[event.row] = event
            elif isinstance(event, BatchProgress):
                latest = event
            failed = isinstance(event, Outcome) and event.status == "failed"
            if failed or time.monotonic() - drawn >= _DRAW_EVERY:
                drawn = time.monotonic()
                states = batch_markup.states(rows, project.output, outcomes, latest.making)
                yield {tab.progress: batch_markup.progress(latest, outcomes), tab.rows: states}


def _accepted(project: Project, consent: str | None) -> Generator[BatchCheck | Outlook, None, None]:
    """The outlook of a batch that may start, after how far its rows are checked.

    Raises:
        ConsentError: it was not said why the faces may be used.
        StudioError: it cannot be done.
    """
    for event in batch_project.outlook(project, consent):
        if isinstance(event, Outlook) and event.asks and consent is None:
            raise ConsentError("Please confirm that you may use these faces.", parameter="consent")
        yield event


def _events(project: Project, consent: str | None) -> Generator[BatchEvent, None, None]:
    with running_jobs.entered(project.folder):
        events = stream(
            project.table,
            project.output,
            template=project.template,
            workers=project.workers,
            consent=consent,
            guest=project.guest,
        )
        with closing(events):
            for event in events:
                running_jobs.require_open()
                yield event


def _finished(tab: BatchTab, project: Project, batch: Batch, rows: list[Row]) -> Changes:
    outcomes = {outcome.row: outcome for outcome in batch.outcomes}
    said = f"{batch.made} rendered, {batch.kept} kept."
    archive, summary = batch_project.pack(project, batch)
    files = {tab.archive_file: archive, tab.summary_file: summary, tab.table_file: batch.results}
    told = markup.notice(said, kind="note") + batch_markup.failure(outcomes)
    return {
        **{button: gr.update(value=str(path), visible=True) for button, path in files.items()},
        tab.progress: told,
        tab.rows: batch_markup.states(rows, project.output, outcomes, {}),
        tab.consent: gr.update(visible=False),
    }


def _idle(tab: BatchTab) -> Changes:
    """The buttons of a tab that renders nothing."""
    return {
        tab.start: gr.update(visible=True, interactive=True),
        tab.cancel: gr.update(visible=False),
        tab.files: gr.update(interactive=True),
    }


def _no_files(tab: BatchTab) -> Changes:
    hidden = gr.update(visible=False)
    return {tab.archive_file: hidden, tab.summary_file: hidden, tab.table_file: hidden}
