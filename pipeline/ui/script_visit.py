"""A script comes back when the page is opened again, from an earlier version, a ZIP, or the quick page."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from pipeline import trust
from pipeline.script import ScriptError
from pipeline.script.history import History, Version
from pipeline.service import messages, session
from pipeline.service.messages import Message
from pipeline.trust import Memory
from pipeline.ui import (
    handlers,
    markup,
    script_casting,
    script_editing,
    script_handlers,
    script_opening,
    script_presenters,
    script_previews,
    script_rendering,
    script_saving,
    script_screen,
    script_teeth,
)
from pipeline.ui.components import clicked_data
from pipeline.ui.events import AT_ONCE, QUIET
from pipeline.ui.output import Changes
from pipeline.ui.parts import Parts
from pipeline.ui.script_handlers import HELD, TYPED, go_on
from pipeline.ui.script_presenters import Casting
from pipeline.ui.script_project import OPEN_FIRST, Project
from pipeline.ui.script_saving import Saved
from pipeline.ui.script_tab import ScriptTab
from pipeline.ui.widgets import Widget


def wire(tab: ScriptTab, parts: Parts, page: gr.Blocks) -> None:
    """Say what everything in the tab does, and how its script is saved and comes back."""
    visit = parts.visit.secret
    script_handlers.wire(tab, visit)
    script_casting.wire(tab, visit)
    script_previews.wire(tab)
    script_teeth.wire(tab, visit)

    def back(secret: str, browser_tab: str, answered: Any, request: gr.Request) -> Changes:
        saved = script_saving.latest(secret, handlers.cache())
        if saved is None:
            return {tab.message: ""}
        shown = _reopened(tab, saved, secret, session.memory(request, answered))
        return {**shown, **script_rendering.going_on(tab, secret, browser_tab)}

    known = "(...values) => [...studioPage.visit().slice(0, 2), ...values.slice(2)]"
    about = [visit, parts.visit.tab, tab.answered]
    script_rendering.wire(tab, parts.visit, page.load(back, about, tab.outputs, js=known, **AT_ONCE))
    _wire_history(tab, visit)
    _wire_packing(tab, visit)


def wire_quick(tab: ScriptTab, parts: Parts, turn: gr.Button, tabs: gr.Tabs) -> None:
    """Say what "Turn this into a script" does.

    Args:
        turn: the button.
        tabs: of the whole page, which change to the script.
    """
    visit = parts.visit.secret
    named = {*parts.named.values(), *parts.what.inputs} | {parts.who.face, parts.shown.consent}

    def turned(values: dict[Widget, Any], request: gr.Request) -> dict[Any, Any]:
        memory = session.memory(request, values[tab.answered])
        answers = parts.answers(values)
        subject, basis = answers.get("photo") or answers.get("video"), answers.get("consent")
        if subject and basis:  # answered there already
            messages.attempt("page", partial(trust.consent_for, Path(subject), basis, memory=memory))
        chosen = replace(tab.cast(values), photo=None, second_photo=None)
        make = partial(script_opening.from_quick, answers)
        changes = script_handlers.opened(tab, make, chosen, values[visit], memory)
        return {**changes, tabs: gr.Tabs(selected="script")}

    turn.click(turned, {*tab.inputs, *named, visit}, [*tab.outputs, tabs], **QUIET)


def _wire_history(tab: ScriptTab, visit: gr.Textbox) -> None:
    def fetch(values: dict[Widget, Any], event: gr.EventData, request: gr.Request) -> Changes:
        given = clicked_data(event)
        secret, project = values[visit], script_handlers.read(tab, values)
        if given.get("action") == "open":
            saved = script_saving.all_of(secret, handlers.cache())
            found = next((each for each in saved if each.project.folder.name == given.get("project")), None)
            memory = session.memory(request, values[tab.answered])
            return {tab.message: ""} if found is None else _reopened(tab, found, secret, memory)
        version = project and History(project.folder).find(given.get("version", ""))
        if not project or not version:
            return {tab.message: ""}
        return _restored(tab, project, version, tab.cast(values), secret)

    go_on(tab.history.click(fetch, {*tab.inputs, visit}, tab.outputs, js=HELD, **AT_ONCE))
    tab.history_fold.expand(script_screen.history, [tab.project, visit], tab.history, **AT_ONCE)


def _restored(tab: ScriptTab, project: Project, version: Version, casting: Casting, secret: str) -> Changes:
    """An earlier version takes the place of what is there, which stays as a version, and for Undo."""
    kept = messages.attempt("page", partial(script_saving.save, project, casting, secret, "replaced"))
    if isinstance(kept, Message):
        return {tab.message: markup.problem(kept)}
    changed = script_editing.with_undo(project, version.content)
    changed = replace(changed, revision=project.revision + 1)
    casting = script_presenters.voiced_again(casting, project.content, changed.content)
    shown = script_screen.showing(tab, changed, casting, focus="[data-do=undo]")
    saved = script_handlers.saved(tab, changed, casting, secret)
    voices = script_screen.voices(tab, casting)
    return {**shown, **voices, **saved, tab.history: script_screen.history(changed, secret)}


def _wire_packing(tab: ScriptTab, visit: gr.Textbox) -> None:
    def pack(values: dict[Widget, Any]) -> Changes:
        project = script_handlers.read(tab, values)

        def work() -> Path:
            if project is None:
                raise ScriptError(OPEN_FIRST, parameter="document")
            return script_saving.packed(project, tab.cast(values), values[visit])

        made = messages.attempt("page", work)
        if isinstance(made, Message):
            said = script_screen.problem(made, project.folder if project else None)
            return {tab.message: said, tab.pack_file: gr.update(value=None)}
        return {tab.message: "", tab.pack_file: gr.update(value=str(made))}

    # not the project: what is typed while the ZIP is written is not taken back
    outputs = [tab.message, tab.pack_file]
    packed = tab.pack.click(pack, {*tab.inputs, visit}, outputs, js=TYPED, **QUIET)
    packed.then(None, js="() => studioPage.download('#script-pack-file')", **QUIET)


def _reopened(tab: ScriptTab, saved: Saved, secret: str, memory: Memory | None) -> Changes:
    """A project of this visit takes the place of what was there; its answers of consent count again."""
    casting = _here(saved)
    script_saving.answer_again(casting, memory)
    file = messages.attempt("page", partial(script_saving.save, saved.project, casting, secret))
    if isinstance(file, Message):
        return {tab.message: markup.problem(file)}
    return script_screen.opened(tab, saved.project, casting, secret, memory, file)


def _here(saved: Saved) -> Casting:
    """Who speaks, without photos and recordings that have gone or were never the project's."""
    folder = saved.project.folder
    own = {name: Path(file) for name, file in saved.casting.files.items() if file}
    kept: dict[str, Any] = dict.fromkeys(saved.casting.files)
    kept |= {name: str(file) for name, file in own.items() if file.is_relative_to(folder) and file.is_file()}
    return replace(saved.casting, **kept)
