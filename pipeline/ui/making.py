"""Create, Cancel, and what is done with finished videos: the wires between the parts of the page."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import gradio as gr

from pipeline.progress import Result
from pipeline.service import session
from pipeline.service import takes as kept_takes
from pipeline.service.visit_renders import RENDERS
from pipeline.ui import cancelling, examples, following, handlers, output, settings, takes, voices
from pipeline.ui.events import AT_ONCE, QUIET
from pipeline.ui.output import Changes
from pipeline.ui.parts import Parts
from pipeline.ui.widgets import Widget


def wire(parts: Parts, opened: Any) -> None:
    """Say what Create, Cancel, the examples and the list of videos do.

    Args:
        opened: Gradio's event after which the page is filled in.
    """
    voices.wire(parts.what.voices, parts.how.voice_chosen, parts.how.voice_outputs)
    _wire_stage(parts)
    _wire_checks(parts)
    _wire_render(parts, opened)
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
    """Create and the examples check what is filled in; a render that is possible begins."""
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
        visit, tab = values[parts.visit.secret], values[parts.visit.tab]
        changes = handlers.prepare(answers, shown, made, memory, values[shown.asked], visit, filled, tab)
        if shown.render not in changes:
            return changes
        return {**changes, shown.settings: filled}

    read = {*parts.named.values(), *parts.what.inputs, parts.who.face, shown.consent, parts.who.answered}
    read |= {shown.made, shown.asked, shown.settings, parts.visit.secret, parts.visit.tab}
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


def _wire_render(parts: Parts, opened: Any) -> None:
    """A render is followed while the page is open; Cancel stops it; a finished video is reviewed."""
    shown = parts.shown

    def follow(name: str | None, made: Any, visit: str) -> Iterator[Any]:
        if name is None:
            yield gr.skip()  # a generator that yields nothing would empty the page
            return
        render = RENDERS.find(name, visit)
        if render is None:  # it ended meanwhile, and another page of the visit has shown it
            yield {**output.as_before(shown, made), parts.videos: takes.listed(visit)}
            return
        for changes in handlers.follow(render, shown, made):
            done = shown.made in changes
            yield {**changes, parts.videos: takes.listed(visit)} if done else changes

    about: dict[str, Any] = {
        "fn": follow,
        "inputs": [shown.render, shown.made, parts.visit.secret],
        "outputs": [*shown.everything, parts.videos],
        "concurrency_limit": None,
        **QUIET,
    }
    # the event that opens the page goes past Gradio's queue, and so triggers no change
    follows = [shown.render.change(**about), opened.then(**about)]
    left = cancelling.wire(
        shown.cancel, follows, lambda made: output.cancelled(shown, made), shown.made, shown.everything
    )
    left.then(following.give_up, [shown.render, parts.visit.secret], **AT_ONCE)
    shown.made.change(None, js="() => studioPage.handOver()")
    shown.made.change(
        handlers.review, shown.made, shown.report, concurrency_id="review", concurrency_limit=1, **QUIET
    )


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
