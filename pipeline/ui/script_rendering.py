"""Render and Cancel of the Script tab: the film is made whether or not its page stays open, and followed."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Generator, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from pipeline.progress import Progress
from pipeline.script import Film, FilmProgress, Script, stream
from pipeline.script.history import History
from pipeline.service import gpu, messages, running_jobs, session
from pipeline.service.estimates import ESTIMATES
from pipeline.service.messages import Message
from pipeline.service.render_queue import RENDER_QUEUE, Side
from pipeline.service.rendering import Cancelled, Render, Work
from pipeline.service.visit_renders import RENDERS
from pipeline.ui import (
    following,
    handlers,
    markup,
    script_handlers,
    script_markup,
    script_project,
    script_saving,
    script_screen,
)
from pipeline.ui.events import AT_ONCE
from pipeline.ui.output import Changes
from pipeline.ui.parts import Visit
from pipeline.ui.script_handlers import HELD, go_on
from pipeline.ui.script_presenters import Casting
from pipeline.ui.script_project import Project
from pipeline.ui.widgets import Widget

if TYPE_CHECKING:
    from pipeline.trust import Memory
    from pipeline.ui.script_tab import ScriptTab

_LOOK_SECONDS = 1.0
_CANCELLED = "Cancelled. Finished lines are kept; Render goes on from there."


def wire(tab: ScriptTab, visit: Visit, opened: Any) -> None:
    """Say what Render and Cancel do.

    Args:
        opened: Gradio's event after which the page shows the visit's script, and a film that goes on.
    """

    def begin(values: dict[Widget, Any], request: gr.Request) -> Changes:
        project, casting, secret = script_handlers.read(tab, values), tab.cast(values), values[visit.secret]
        kept = {} if project is None else script_handlers.saved(tab, project, casting, secret)
        memory = session.memory(request, values[tab.answered])
        return {**kept, **begun(tab, project, casting, secret, values[visit.tab], memory)}

    clicked = tab.render.click(begin, {*tab.inputs, visit.secret, visit.tab}, tab.outputs, js=HELD, **AT_ONCE)
    go_on(clicked)
    following.wire(
        tab.cancel,
        [tab.job, visit.secret],
        [clicked, opened],
        lambda render: followed(tab, render),
        lambda: _cancelled(tab),
        tab.outputs,
    )


def begun(
    tab: ScriptTab,
    project: Project | None,
    casting: Casting,
    visit: str,
    browser_tab: str,
    memory: Memory | None,
) -> Changes:
    """A film begins to be made, or why it cannot. It goes on whether or not the page stays open; its finished
    lines stay in the store in any case.

    Args:
        visit: the visitor's secret.
        browser_tab: to which a reload brings the film back.
    """

    def work() -> Render:
        script = script_project.script(project, casting, memory)
        assert project is not None, "see script_project.script()"
        given_up = threading.Event()
        made = messages.told("page", _kept(events(script, memory, side="visits", given_up=given_up), project))
        name = f"{project.folder.name}-{secrets.token_hex(4)}"
        return RENDERS.start(Work(name, made, given_up, visit, browser_tab, "film", shown=project))

    render = messages.attempt("page", work)
    if isinstance(render, Message):
        said = script_screen.problem(render, project.folder if project else None)
        return {**script_screen.idle(tab), tab.message: said, tab.job: None}
    return {**script_screen.busy(tab), tab.job: render.name}


def going_on(tab: ScriptTab, visit: str, browser_tab: str) -> Changes:
    """The film that is still made as the page is opened; nothing where none is."""
    render = RENDERS.last(visit, browser_tab, "film") if visit else None
    return {} if render is None else {**script_screen.busy(tab), tab.job: render.name}


def followed(tab: ScriptTab, render: Render) -> Iterator[Changes]:
    """Show a film that was begun, from now to its end. It goes on when this is closed."""
    project: Project = render.shown
    with closing(render.follow()) as steps:
        for step in steps:
            if isinstance(step, Message):
                yield {**script_screen.idle(tab), tab.message: script_screen.problem(step, project.folder)}
            elif isinstance(step, Cancelled):
                yield _cancelled(tab)
            elif isinstance(step, Film):
                # only that: while it was made, the script may have been edited further
                history: Any = script_screen.history(project, render.visit)
                yield {**script_screen.finished(tab, step), tab.history: history}
            elif isinstance(step, FilmProgress | Progress):
                yield {tab.outlook: shown(step, RENDERS.own_ahead(render))}


def events(
    script: Script,
    memory: Memory | None,
    target: Path | None = None,
    *,
    side: Side = "page",
    given_up: threading.Event | None = None,
) -> Generator[Progress | FilmProgress | Film, None, None]:
    """The render's events. While it waits for its turn, a `Progress` in the stage "waiting" now and then.

    Args:
        target: the video to write; the project's next film where None.
        side: of the queue, on which it waits.
        given_up: as of `RenderQueue.joined`.
    """
    store = script_saving.store(handlers.cache())
    with running_jobs.entered(script.folder), RENDER_QUEUE.joined(side, given_up) as place:
        while not place.wait(_LOOK_SECONDS):
            running_jobs.require_open()
            waits = ESTIMATES.waiting_seconds(place.ahead)
            yield Progress("waiting", 0.0, waits, ahead=place.ahead)
        target = target or script_saving.film_path(script.folder, script.output.path.suffix)
        made = stream(script, target, overwrite=True, store=store, memory=memory, make_clip=gpu.make_clip)
        with closing(ESTIMATES.watch_film(made)) as told:
            for event in told:
                running_jobs.require_open()
                yield event


def shown(event: Progress | FilmProgress, own_ahead: int = 0) -> str:
    """Markup for one event; `own_ahead`: as of `markup.waiting`."""
    if isinstance(event, FilmProgress):
        return script_markup.progress(event)
    if event.ahead:
        return markup.waiting(event.ahead, event.seconds_left or 0.0, own_ahead)
    return script_markup.waiting()


def _kept(
    events: Generator[Progress | FilmProgress | Film, None, None], project: Project
) -> Generator[Progress | FilmProgress | Film, None, None]:
    """The `events`; what was rendered stays among the project's versions, whether or not anybody follows."""
    with closing(events):
        for event in events:
            if isinstance(event, Film):
                messages.attempt("page", partial(History(project.folder).keep, project.content, "rendered"))
            yield event


def _cancelled(tab: ScriptTab) -> Changes:
    return {**script_screen.idle(tab), tab.outlook: markup.notice(_CANCELLED, kind="note")}
