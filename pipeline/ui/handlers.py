"""From Create to the finished video and its report: the handlers that run the service for the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from pipeline.progress import Chunk, Progress, Result
from pipeline.service import assessment, confirmations, estimates, form, jobs, messages, takes
from pipeline.service.estimates import ESTIMATES
from pipeline.service.messages import Message
from pipeline.service.rendering import Cancelled, Render
from pipeline.service.visit_renders import RENDERS
from pipeline.ui import markup, output
from pipeline.ui.output import Changes, Screen

if TYPE_CHECKING:
    from pipeline.trust import Memory


def prepare(
    answers: Mapping[str, Any],
    page: Screen,
    last: Result | None,
    memory: Memory | None = None,
    asked: str = "",
    visit: str = "",
    settings: Mapping[str, Any] | None = None,
    tab: str = "",
) -> Changes:
    """Checks what was filled in: the screen of a render that has begun, or why it cannot, or a question
    first. The render goes on whether or not the page stays open.

    Args:
        last: the video that the screen shows.
        memory: the visitor's own answers of consent; None for this machine's.
        asked: the question that was asked last, which Create answers when it is pressed again.
        visit: whose videos the finished one is kept among; nobody's where it is empty.
        settings: what was filled in, to be used again.
        tab: of the visitor's browser, to which a reload brings the render back.
    """
    accept = partial(form.accept, answers, cache(), memory=memory, lenient=True)
    job = messages.attempt("page", accept)
    if isinstance(job, Message):
        return output.refused(page, job, last)
    doubt = confirmations.confirmation(job.plan, ESTIMATES.render_seconds(estimates.video_seconds(job.plan)))
    if doubt is not None and str(doubt) != asked:
        jobs.discard(job.folder)
        return {**output.refused(page, doubt, last), page.asked: str(doubt)}
    render = messages.attempt("page", lambda: RENDERS.begin(job, visit, settings or {}, tab))
    if isinstance(render, Message):
        jobs.discard(job.folder)
        return output.refused(page, render, last)
    return {**output.followed(page, render.name), page.asked: ""}


def follow(render: Render, page: Screen, last: Result | None = None) -> Iterator[Changes]:
    """Show a render that was begun: changes of the page's screen from now to its end. The render goes on when
    this is closed.

    Args:
        last: the video that the screen shows, which comes back where this render fails.
    """
    previewing = False
    with closing(render.follow()) as steps:
        for step in steps:
            if isinstance(step, Message):
                yield output.refused(page, step, last)
            elif isinstance(step, Cancelled):
                yield output.cancelled(page, last)
            elif step is None:
                yield {page.busy: True}
            elif isinstance(step, Progress | Chunk | Result):
                if isinstance(step, Chunk) and not previewing:
                    previewing = True
                    yield output.first_seconds(page)
                yield output.step(page, step, render.note, RENDERS.own_ahead(render))


def review(made: Result | None) -> Iterator[str]:
    """The report on a finished video: how lips and head came out, measured from the file itself."""
    if made is None:
        return
    kept = takes.report_of(made)
    if kept:
        yield kept
        return
    yield markup.notice("Checking the result…", kind="note")
    report = _report(made)
    takes.keep_report(made, report)
    yield report


def cache() -> Path:
    """Where Gradio keeps the files that it serves."""
    return Path(gr.utils.get_upload_folder())


def _report(made: Result) -> str:
    found = messages.attempt("page", partial(assessment.assess_result, made))
    if isinstance(found, Message):
        return markup.notice(str(found), kind="note")
    curves = messages.attempt("page", partial(assessment.chart, found))
    if isinstance(curves, Message):
        return markup.notice(str(curves), kind="note")
    return markup.report(found.lips, found.head, assessment.plainly(found), found.findings, curves)
