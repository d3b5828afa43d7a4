"""What the Script tab does: opening, editing, planning; whatever is changed is saved at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from pipeline.script import plan
from pipeline.service import jobs, messages, session
from pipeline.service.messages import Message
from pipeline.ui import (
    handlers,
    markup,
    script_editing,
    script_files,
    script_markup,
    script_opening,
    script_presenters,
    script_project,
    script_saving,
    script_screen,
)
from pipeline.ui.components import clicked_data
from pipeline.ui.events import AT_ONCE, QUIET
from pipeline.ui.output import Changes
from pipeline.ui.script_presenters import Casting
from pipeline.ui.script_project import Project
from pipeline.ui.widgets import Widget

if TYPE_CHECKING:
    from pipeline.trust import Memory
    from pipeline.ui.script_tab import ScriptTab

TYPED = "async (...values) => [values[0], await studioPage.settled(), ...values.slice(2)]"
"""Puts what stands in the text fields in the place of `ScriptTab.typed`, the second input, once the cards'
changes are in."""
HELD = "async (...values) => [values[0], await studioPage.held(), ...values.slice(2)]"
"""The same for events that answer with a project: what is changed in the cards meanwhile waits until `go_on`,
or the answer would take it back."""

_DONE = {
    "up": "Scene moved up.",
    "down": "Scene moved down.",
    "copy": "Scene duplicated.",
    "remove": "Scene removed.",
    "add": "Scene added.",
    "add-line": "Line added.",
    "remove-line": "Line removed.",
    "undo": "Undone.",
}
"""What is read out after a button was pressed."""

Values = Mapping[Widget, Any]


def wire(tab: ScriptTab, visit: gr.Textbox) -> None:
    """Say what opening a file, the buttons of the scenes and Plan do.

    Args:
        visit: the secret that the visitor's projects are saved under.
    """
    _wire_opening(tab, visit)
    _wire_editing(tab, visit)
    _wire_plan(tab, visit)


def opened(
    tab: ScriptTab,
    make: Callable[[Path], Project],
    casting: Casting,
    visit: str,
    memory: Memory | None,
) -> Changes:
    """The project that `make` makes in a new folder, or why there is none; an open one stays then.

    Args:
        casting: who is chosen on the page.
    """
    folder = script_saving.new_folder(handlers.cache())

    def work() -> tuple[Project, Casting, Path]:
        project = make(folder)
        chosen = script_screen.merged(project, casting)
        return project, chosen, script_saving.save(project, chosen, visit, "opened")

    made = messages.attempt("page", work)
    if isinstance(made, Message):
        jobs.discard(folder)
        return {tab.message: script_screen.problem(made, folder)}
    project, chosen, file = made
    return script_screen.opened(tab, project, chosen, visit, memory, file)


def read(tab: ScriptTab, values: Values, typed: Any = None) -> Project | None:
    """The project with the current contents of the text fields.

    A server that was started again has forgotten it, but the page that shows it still knows which it was.

    Args:
        typed: the contents of the fields, as the page tells them; the value of `ScriptTab.typed` where None.
    """
    project: Project | None = values[tab.project]
    told = values[tab.typed] if typed is None else typed
    if not isinstance(told, dict):
        return project
    texts = told.get("texts")
    if project is None and isinstance(texts, list) and texts:
        kept = script_saving.shown_as(str(texts[0]), str(told.get("visit") or ""), handlers.cache())
        if kept is None:
            return None
        script_saving.answer_again(kept.casting, values[tab.answered])
        project = kept.project
    return project and script_editing.with_texts(project, texts)


def saved(tab: ScriptTab, project: Project, casting: Casting, visit: str) -> Changes:
    """The project is kept; or what kept it from being written."""
    file = messages.attempt("page", partial(script_saving.save, project, casting, visit))
    if isinstance(file, Message):
        return {tab.project: project, tab.message: markup.problem(file)}
    shown: Any = {tab.script_file: gr.update(value=str(file), visible=True)}
    return {**shown, tab.project: project, tab.offer: script_screen.offered(project, casting)}


def planned(tab: ScriptTab, project: Project | None, casting: Casting, memory: Memory | None) -> Changes:
    """What a render would do, or why it cannot be done."""

    def look() -> Any:
        script = script_project.script(project, casting, memory)
        return plan(script, store=script_saving.store(handlers.cache()))

    found = messages.attempt("page", look)
    if isinstance(found, Message):
        return {tab.message: script_screen.problem(found, project.folder if project else None)}
    return {tab.message: "", tab.outlook: script_markup.planned(found)}


def go_on(event: Any) -> None:
    """Let the cards' changes go on after an event that they waited for, whether it succeeded or not."""
    event.then(None, js="() => studioPage.sent()", **AT_ONCE)


def number(given: Mapping[str, str], name: str) -> int:
    """A number from a button's data; -1 if it is not one."""
    text = given.get(name, "")
    return int(text) if text.isdecimal() else -1


def _wire_opening(tab: ScriptTab, visit: gr.Textbox) -> None:
    def take(values: dict[Widget, Any], request: gr.Request) -> Changes:
        files = values[tab.files]
        if not files:
            return {tab.message: ""}
        memory = session.memory(request, values[tab.answered])
        make = partial(script_opening.opened, files)
        return opened(tab, make, tab.cast(values), values[visit], memory)

    about = {**QUIET, "show_progress": "minimal", "show_progress_on": tab.scenes}
    tab.files.upload(take, {*tab.inputs, tab.files, visit}, tab.outputs, **about)

    def add(values: dict[Widget, Any]) -> Changes:
        project, typed = read(tab, values), values[tab.typed]
        picture = values[tab.picture]
        if project is None or not picture or not isinstance(typed, dict):
            return {tab.message: ""}
        casting, scene = tab.cast(values), typed.get("scene")
        name = script_files.inside(Path(picture), project.folder)
        changed = script_editing.with_field(
            project, scene if isinstance(scene, int) else -1, -1, "background", name
        )
        shown = script_screen.showing(tab, changed, casting)
        return {**shown, **saved(tab, changed, casting, values[visit]), tab.message: ""}

    go_on(tab.picture.upload(add, {*tab.inputs, tab.picture, visit}, tab.outputs, js=HELD, **about))


def _wire_editing(tab: ScriptTab, visit: gr.Textbox) -> None:
    def act(values: dict[Widget, Any], event: gr.EventData, request: gr.Request) -> Changes:
        given = clicked_data(event)
        project = read(tab, values, script_editing.told_by(given))
        if project is None:
            memory = session.memory(request, values[tab.answered])
            make = partial(script_opening.from_quick, {})
            return opened(tab, make, tab.cast(values), values[visit], memory)
        casting, action = tab.cast(values), given.get("action", "")
        scene, line = number(given, "scene"), number(given, "line")
        if action == "type":
            return saved(tab, project, casting, values[visit])
        if given.get("stamp") != project.stamp:  # scenes have moved since: it was meant for another one
            anew = script_screen.showing(tab, project, casting) if values[tab.project] is None else {}
            return {**anew, **saved(tab, project, casting, values[visit])}
        if action == "set":
            field = given.get("field", "")
            project = script_editing.with_field(project, scene, line, field, given.get("value", ""))
            redrawn = field in ("background", "page", "title")
            shown = script_screen.showing(tab, project, casting) if redrawn else {}
            return {**shown, **saved(tab, project, casting, values[visit])}
        changed = script_editing.edited(project, action, scene, line)
        focus = script_markup.focus_after(action, scene, line, changed)
        casting = script_presenters.voiced_again(casting, project.content, changed.content)
        shown = script_screen.showing(tab, changed, casting, focus=focus)
        shown |= script_screen.voices(tab, casting) if action == "undo" else {}
        said = f'<p role="status">{_DONE.get(action, "")}</p>'
        return {**shown, **saved(tab, changed, casting, values[visit]), tab.said: said}

    inputs = {*tab.inputs, visit}
    go_on(tab.scenes.click(act, inputs, tab.outputs, trigger_mode="multiple", **AT_ONCE))


def _wire_plan(tab: ScriptTab, visit: gr.Textbox) -> None:
    inputs = {*tab.inputs, visit}

    def keep(values: dict[Widget, Any]) -> Changes:
        project = read(tab, values)
        if project is None:
            return {tab.message: ""}
        return saved(tab, project, tab.cast(values), values[visit])

    def look(values: dict[Widget, Any], request: gr.Request) -> Changes:
        memory = session.memory(request, values[tab.answered])
        return planned(tab, values[tab.project], tab.cast(values), memory)

    # in two steps: what is typed while the second one takes its time is not taken back by its answer
    kept = tab.plan.click(keep, inputs, tab.outputs, js=HELD, **AT_ONCE)
    go_on(kept)
    kept.then(look, inputs, [tab.message, tab.outlook], concurrency_limit=2, **QUIET)
