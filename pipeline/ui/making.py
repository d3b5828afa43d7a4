"""Create, Cancel, and what is done with finished videos: the wires between the parts of the page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Any

import gradio as gr

from pipeline.progress import Result
from pipeline.service import session
from pipeline.service import takes as kept_takes
from pipeline.service.estimates import ESTIMATES
from pipeline.service.visit_renders import RENDERS
from pipeline.ui import cancelling, examples, handlers, output, settings, takes, voices
from pipeline.ui.events import AT_ONCE, QUIET
from pipeline.ui.output import Changes
from pipeline.ui.parts import Parts
from pipeline.ui.widgets import Widget

_LOOK_SECONDS = 1.0
"""Between looks at the queue while a visitor waits in it."""
_FIRST_LOOKS = 5
"""Looks after which a job that was never seen in the queue has begun: a busy browser queues it late."""


def wire(parts: Parts, page: gr.Blocks, opened: Any) -> None:
    """Say what Create, Cancel, the examples and the list of videos do.

    Args:
        opened: Gradio's event after which the page is filled in.
    """
    voices.wire(parts.what.voices, parts.how.voice_chosen, parts.how.voice_outputs)
    _wire_stage(parts)
    _wire_checks(parts)
    _wire_job(parts, page, opened)
    _wire_takes(parts)


def _wire_stage(parts: Parts) -> None:
    """What is going to speak takes the stage, unless a job is under way."""
    shown, who = parts.shown, parts.who

    def stage(kind: str, photo: str | None, video: str | None, busy: bool, before: str) -> Changes:
        subject = photo if kind == "photo" else video
        if output.identity(subject) == before:  # a draft or a tab may bring the same one again
            return gr.skip()
        if busy:
            return {shown.staged: output.identity(subject)}
        return output.showing_subject(shown, subject, kind)

    read = [who.photo, who.video, shown.busy, shown.staged]
    for changed in (who.photo.change, who.video.change):
        changed(stage, [who.kind, *read], shown.everything, **AT_ONCE)
    for kind, tab in (("photo", who.photo_tab), ("video", who.video_tab)):
        tab.select(partial(stage, kind), read, shown.everything, **AT_ONCE)


def _wire_checks(parts: Parts) -> None:
    """Create and the examples check what is filled in; a job that is accepted starts."""
    shown = parts.shown

    def prepare(values: dict[Widget, Any], request: gr.Request) -> Changes:
        memory = session.memory(request, values[parts.who.answered])
        made, before = values[shown.made], values[shown.settings]
        filled = settings.snapshot(parts.named, values)
        answers = parts.answers(values)
        filled["seed_field"] = filled["seed"]
        if isinstance(made, Result) and {**filled, "seed": ""} == {**(before or {}), "seed": ""}:
            # The same settings would give the very same video.
            filled["seed"] = answers["seed"] = _next_seed(before["seed"])
        changes = handlers.prepare(answers, shown, made, memory, values[shown.asked])
        if shown.job not in changes:
            return changes
        return {**changes, shown.settings: filled}

    read = {*parts.named.values(), *parts.what.inputs, parts.who.face, shown.consent, parts.who.answered}
    read |= {shown.made, shown.asked, shown.settings}
    checks: dict[str, Any] = {
        **QUIET,
        "outputs": shown.everything,
        "concurrency_id": "check",
        "concurrency_limit": None,
    }
    filled = examples.wire(parts.tries, parts.who, parts.what, parts.how.fields["style"], parts.named)
    for start in (shown.create.click, *(event.then for event in filled)):
        start(prepare, read, **checks).then(None, js="() => studioPage.showOutcome()")


def _next_seed(seed: Any) -> str:
    """Another seed than the one of the last video, as the form has it: a number, or blank."""
    typed = str(seed or "").strip()
    return str(int(typed) + 1) if typed.isdecimal() else "1"


def _wire_job(parts: Parts, page: gr.Blocks, opened: Any) -> None:
    """An accepted job waits for its turn and runs, whether or not the page stays open; Cancel stops it; a
    finished video is reviewed.
    """
    shown = parts.shown

    def listing(steps: Iterator[Changes], visit: str) -> Iterator[Changes]:
        for changes in steps:
            done = shown.made in changes
            yield {**changes, parts.videos: takes.listed(visit)} if done else changes

    def run(job: Any, made: Any, visit: str, filled: Any) -> Iterator[Changes]:
        yield from listing(handlers.run(job, shown, made, visit, filled), visit)

    def resume(resumed: Any, made: Any, visit: str) -> Iterator[Any]:
        if resumed is None:
            yield gr.skip()  # a generator that yields nothing would empty the page
            return
        if render := RENDERS.find(resumed, visit):
            yield from listing(handlers.follow(render, shown, made), visit)
        else:
            yield {**output.as_before(shown, made), parts.videos: takes.listed(visit)}

    def give_up(job: Any, resumed: Any, visit: str) -> None:
        names = [job.folder.name] if job else []
        names += [resumed] if resumed else []
        for name in names:
            if render := RENDERS.find(name, visit):
                render.cancel()

    async def wait(job: Any, request: gr.Request) -> AsyncIterator[Any]:
        looks = 0 if job is None else _FIRST_LOOKS
        while looks > 0:
            await asyncio.sleep(_LOOK_SECONDS)
            looks -= 1
            if ahead := _ahead(page, request.session_hash):
                looks = 1
                yield output.waiting(shown, ahead, ESTIMATES.waiting_seconds(ahead))
        yield gr.skip()

    job = shown.job.change(
        run,
        [shown.job, shown.made, parts.visit.secret, shown.settings],
        [*shown.everything, parts.videos],
        concurrency_id="render",
        concurrency_limit=1,
        **QUIET,
    )
    shown.job.change(wait, shown.job, shown.progress, concurrency_limit=None, **QUIET)
    resumed = opened.then(
        resume,
        [shown.resumed, shown.made, parts.visit.secret],
        [*shown.everything, parts.videos],
        concurrency_limit=None,
        **QUIET,
    )
    left = cancelling.wire(
        shown.cancel, [job, resumed], lambda made: output.cancelled(shown, made), shown.made, shown.everything
    )
    # only then, or one that begins meanwhile would be followed by nobody and go on
    left.then(give_up, [shown.job, shown.resumed, parts.visit.secret], **AT_ONCE)
    shown.made.change(None, js="() => studioPage.handOver()")
    shown.made.change(
        handlers.review, shown.made, shown.report, concurrency_id="review", concurrency_limit=1, **QUIET
    )


def _ahead(page: gr.Blocks, visitor: str | None) -> int:
    """How many jobs come before this visitor's in Gradio's queue; 0 once it runs, or where it has gone."""
    queue = page._queue.event_queue_per_concurrency_id.get("render")
    if queue is None:
        return 0
    waiting = [event.session_hash for event in queue.queue]
    return waiting.index(visitor) + queue.current_concurrency if visitor in waiting else 0


def _wire_takes(parts: Parts) -> None:
    """What the buttons in the list of videos do."""
    shown, who, what = parts.shown, parts.who, parts.what

    def act(visit: str, busy: bool, made: Any, event: gr.EventData) -> dict[Any, Any]:
        action, name = takes.clicked(event)
        take = kept_takes.find(name, visit, handlers.cache())
        if take is None:
            return {parts.videos: takes.listed(visit)}
        if action == "remove":
            kept_takes.remove(take)
            gone = isinstance(made, Result) and made.video == take.result.video and not busy
            cleared = output.cleared(shown) if gone else {}
            return {**cleared, parts.videos: takes.listed(visit)}
        if action == "reuse":
            return examples.restored(who, what, parts.named, take.settings)
        return gr.skip() if busy else output.watched(shown, take.result)

    outputs = [*shown.everything, parts.videos, *parts.named.values(), who.tabs, what.tabs]
    parts.videos.click(act, [parts.visit.secret, shown.busy, shown.made], outputs, **AT_ONCE)
