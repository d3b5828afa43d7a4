"""A line is heard, or seen small, within seconds, in its own card."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import gradio as gr

from pipeline.script import Film, hear_line, line_alone
from pipeline.script.contents import Content
from pipeline.service import messages, session
from pipeline.service.messages import Message
from pipeline.trust import Memory
from pipeline.ui import (
    markup,
    script_editing,
    script_handlers,
    script_project,
    script_rendering,
    script_screen,
)
from pipeline.ui.components import clicked_data
from pipeline.ui.events import QUIET
from pipeline.ui.output import Changes
from pipeline.ui.script_presenters import Casting
from pipeline.ui.script_project import Project
from pipeline.ui.script_tab import ScriptTab
from pipeline.ui.widgets import Widget

_KEPT = 6
"""Sounds and videos that stay in a project's folder."""


def wire(tab: ScriptTab) -> None:
    """Say what Hear and See do."""

    def play(values: dict[Widget, Any], event: gr.EventData, request: gr.Request) -> Iterator[Changes]:
        given = clicked_data(event)
        project = script_handlers.read(tab, values, script_editing.told_by(given))
        if project is None:
            return
        scene, line = script_handlers.number(given, "scene"), script_handlers.number(given, "line")
        memory = session.memory(request, values[tab.answered])
        show = seen if given.get("play") == "see" else heard
        for shown in show(project, tab.cast(values), scene, line, memory):
            yield {tab.preview: _placed(shown, scene, line)}

    tab.scenes.play(
        play,
        tab.inputs,
        [tab.preview],
        concurrency_id="preview",
        concurrency_limit=2,
        **QUIET,
    )


def heard(project: Project, casting: Casting, scene: int, line: int, memory: Memory | None) -> Iterator[str]:
    """The player of a line's sound."""

    def work() -> Path:
        script = script_project.script(project, casting, memory, heard_only=True)
        number, heard = _spoken(project.content, scene, line), _new(project, "heard.wav")
        # Only the answers that stand in the script count: no other visitor's may.
        return hear_line(script, scene, number, heard, memory={})

    made = messages.attempt("page", work)
    if isinstance(made, Message):
        yield script_screen.problem(made, project.folder)
    else:
        about = f"Line {line + 1} of scene {scene + 1}"
        yield f'<audio controls autoplay src="{markup.address(made)}" aria-label="{about}"></audio>'


def seen(project: Project, casting: Casting, scene: int, line: int, memory: Memory | None) -> Iterator[str]:
    """The progress of a line's small render, and its player."""

    def work() -> Any:
        script = script_project.script(project, casting, memory)
        return line_alone(script, scene, _spoken(project.content, scene, line))

    script = messages.attempt("page", work)
    if isinstance(script, Message):
        yield script_screen.problem(script, project.folder)
        return
    events = script_rendering.events(script, memory, _new(project, "seen.mp4"))
    with closing(messages.told("page", events)) as told:
        for event in told:
            if isinstance(event, Message):
                yield script_screen.problem(event, project.folder)
            elif isinstance(event, Film):
                about = f"Line {line + 1} of scene {scene + 1}"
                source = markup.address(event.video)
                yield f'<video controls autoplay playsinline src="{source}" aria-label="{about}"></video>'
            else:
                yield script_rendering.shown(event)


def _spoken(content: Content, scene: int, line: int) -> int:
    """The number of a line among those that are not empty, from 0; -1 where it is empty or not there."""
    scenes = content["scenes"]
    lines = (scenes[scene].get("lines") or []) if 0 <= scene < len(scenes) else []
    filled = [bool(each.get("text") or each.get("audio")) for each in lines]
    return sum(filled[:line]) if 0 <= line < len(lines) and filled[line] else -1


def _new(project: Project, name: str) -> Path:
    """A path for the next sound or video; the oldest ones go."""
    folder = project.folder / "previews"
    folder.mkdir(exist_ok=True)
    for old in sorted(folder.glob("[0-9]*"), reverse=True)[_KEPT - 1 :]:
        old.unlink(missing_ok=True)
    return folder / f"{time.time_ns()}-{name}"


def _placed(shown: str, scene: int, line: int) -> str:
    return f'<div data-scene="{scene}" data-line="{line}" data-turn="{time.time_ns()}">{shown}</div>'
