"""The teeth of a script's presenters: the photo's mouth, open, with each row; the picked one is kept."""

from __future__ import annotations

from copy import deepcopy
from functools import partial
from typing import Any

import gradio as gr

from pipeline.puppet.options import Teeth as Row
from pipeline.script import ScriptError
from pipeline.service import messages
from pipeline.service.messages import Message
from pipeline.service.teeth import ROWS
from pipeline.ui import markup, script_editing, script_handlers, script_project, teeth
from pipeline.ui.events import AT_ONCE, PRIVATE, QUIET
from pipeline.ui.output import Changes
from pipeline.ui.script_handlers import HELD, go_on
from pipeline.ui.script_presenters import Casting
from pipeline.ui.script_project import Project
from pipeline.ui.script_tab import ScriptTab
from pipeline.ui.widgets import Widget


def wire(tab: ScriptTab, visit: gr.Textbox) -> None:
    """Show a presenter's mouth when asked to; a picture that is picked is saved with the script."""
    inputs = {*tab.inputs, visit}
    for index, (photo, part) in enumerate(((tab.photo, tab.teeth), (tab.second_photo, tab.second_teeth))):
        looks: dict[str, Any] = {"concurrency_id": "look", "concurrency_limit": 2}
        shown = [part.said, part.pictures]
        go_on(part.show.click(_shown(tab, index), inputs, shown, js=HELD, **PRIVATE, **looks))
        kept = [tab.project, tab.message, tab.script_file, part.said]
        chosen = part.pictures.select(_picked(tab, visit, index, part), inputs, kept, js=HELD, **QUIET)
        go_on(chosen)
        photo.change(teeth.hidden, outputs=shown, **AT_ONCE)


def with_row(project: Project, casting: Casting, index: int, row: Row) -> Project:
    """The project in which a presenter's mouth shows these teeth.

    Args:
        project: which.
        casting: who speaks.
        index: of the presenter, 0 or 1.
        row: of teeth.
    """
    content = deepcopy(project.content)
    presenters = content["presenters"] = content.get("presenters") or {}
    presenter = presenters.setdefault(script_project.presenter_names(project, casting)[index], {})
    own = presenter.get("head") in (None, teeth.HEAD)
    options = (presenter.get("head_options") or {}) if own else {}
    presenter |= {"head": teeth.HEAD, "head_options": {**options, "teeth": row}}
    return script_editing.with_undo(project, content)


def _shown(tab: ScriptTab, index: int) -> Any:
    """The handler that draws a presenter's mouth."""

    def shown(values: dict[Widget, Any]) -> tuple[str, Any]:
        project, casting = script_handlers.read(tab, values), tab.cast(values)
        presenter, folder = _presenter(project, casting, index), project and project.folder
        others = [str(folder / file) for file in presenter.get("teeth_from") or () if folder]
        face = float(presenter.get("face") or 1)
        return teeth.shown("photo", casting.speakers[index].photo, face, others)

    return shown


def _picked(tab: ScriptTab, visit: gr.Textbox, index: int, part: teeth.Teeth) -> Any:
    """The handler that keeps what was picked."""

    def picked(values: dict[Widget, Any], chosen: gr.SelectData) -> Changes:
        project, casting = script_handlers.read(tab, values), tab.cast(values)
        row = ROWS[int(chosen.index)]
        found = messages.attempt("page", partial(_with_row, project, casting, index, row))
        if isinstance(found, Message):
            return {part.said: markup.problem(found)}
        return {part.said: "", **script_handlers.saved(tab, found, casting, values[visit])}

    return picked


def _with_row(project: Project | None, casting: Casting, index: int, row: Row) -> Project:
    if project is None:
        raise ScriptError(script_project.OPEN_FIRST, parameter="document")
    return with_row(project, casting, index, row)


def _presenter(project: Project | None, casting: Casting, index: int) -> dict[str, Any]:
    """What is known of a presenter besides picture and voice."""
    if project is None:
        return {}
    names = script_project.presenter_names(project, casting)
    presenters = project.content.get("presenters") or {}
    return presenters.get(names[index]) or {} if index < len(names) else {}
