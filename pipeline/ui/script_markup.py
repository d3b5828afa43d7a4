"""The scenes of a script as cards, its plan and its progress, as markup."""

from __future__ import annotations

import time
from functools import partial
from html import escape

from pipeline.script import FilmPlan, FilmProgress, PlannedShot
from pipeline.service import messages
from pipeline.service.messages import Message
from pipeline.ui import (
    markup,
    script_card,
    script_editing,
    script_presenters,
    script_project,
    script_thumbnails,
)
from pipeline.ui.script_presenters import Casting
from pipeline.ui.script_project import Project

EMPTY = (
    '<div class="vacant script-vacant"><p>Your scenes appear here</p>'
    '<p><button type="button" class="link" data-do="new">Start with an empty scene</button></p></div>'
)

_ORDINARY = 720
"""Height up to which enlarging a photo is hardly seen."""
_LONGEST = 90
"""Characters of a line in the plan."""


def cards(project: Project | None, casting: Casting, *, focus: str = "") -> str:
    """All scenes, each with a thumbnail, its lines as text fields, and what can be done with it.

    Args:
        focus: selectors of what takes the focus if it was among the scenes: the first one that is there.
    """
    if project is None:
        return EMPTY
    scenes = project.content["scenes"]
    names = script_project.presenter_names(project, casting)
    presenters = [(name, _shown_name(name, index)) for index, name in enumerate(names)]
    files = script_editing.files_of(project.folder)
    drawn = "".join(_card(project, number, casting, presenters, files) for number in range(len(scenes)))
    notes = "".join(markup.notice(note, kind="note") for note in project.notes)
    undo = (
        '<button type="button" class="link" data-do="undo" data-scene="0"'
        f"{'' if project.before else ' hidden'}>Undo</button>"
    )
    # Gradio changes markup element by element, in which fields keep what was typed in others that stood at
    # their place before; where scenes or lines have moved, another name of the list has all of it drawn anew
    stamp = project.stamp
    return (
        f'{notes}<scenes-{stamp} class="scene-list" data-revision="{stamp}" data-focus="{escape(focus)}" '
        f'data-drawn="{time.time_ns()}"><ol class="scenes">{drawn}</ol>'
        f'<p class="scene-actions">{_button("add", "Add a scene", len(scenes) - 1)}{undo}</p>'
        f"</scenes-{stamp}>{script_card.voice_options()}{script_card.language_options()}"
    )


def enlarged(casting: Casting) -> str:
    """Says so where a photo has fewer pixels than a high resolution asks for."""
    sizes = [
        messages.attempt("page", partial(_pixels, each.photo)) for each in casting.speakers if each.photo
    ]
    small = min((each for each in sizes if not isinstance(each, Message)), key=min, default=None)
    if small is None or casting.height <= _ORDINARY or min(small) >= casting.height:
        return ""
    width, height = small
    return f'<p class="hint">The photo ({width} × {height}) is enlarged at this resolution.</p>'


def focus_after(action: str, scene: int, line: int, project: Project) -> str:
    """Where the focus goes after a button was pressed, as selectors."""
    scenes = project.content["scenes"]

    def button(name: str, at: int) -> str:
        return f'[data-do="{name}"][data-scene="{at}"]'

    def text(at: int, index: int) -> str:
        return f'textarea[data-scene="{at}"][data-line="{index}"]'

    last = len(scenes[min(scene, len(scenes) - 1)].get("lines") or []) - 1
    found = {
        "up": [button("up", scene - 1), button("down", scene - 1)],
        "down": [button("down", scene + 1), button("up", scene + 1)],
        "copy": [text(scene + 1, 0), button("copy", scene + 1)],
        "remove": [button("undo", 0)],
        "add": [text(scene + 1, 0)],
        "add-line": [text(scene, last)],
        "remove-line": [button("undo", 0)],
        "undo": [button("undo", 0) + ":not([hidden])", button("add", len(scenes) - 1)],
    }
    return "|".join(found.get(action, []))


def planned(plan: FilmPlan) -> str:
    """What a render would do, line by line."""
    count = len(plan.waiting)
    total = f"{count} of {len(plan.shots)} to render, about {markup.duration(plan.work)}."
    said = total if count else "Nothing has changed; the film is only joined."
    items = "".join(_planned(shot) for shot in plan.shots)
    return f'<div class="script-plan" role="status"><p>{said}</p><ol>{items}</ol></div>'


def progress(event: FilmProgress) -> str:
    """A bar, which line is being made, and the time left."""
    said = f"Line {event.shot} of {event.shots}" if event.place else "Joining the film"
    left = f"About {markup.duration(event.seconds_left)} left" if event.seconds_left else ""
    return (
        '<div class="progress" role="status">'
        f'<p class="script-now"><span>{said}</span><span>{left}</span></p>'
        f'<div class="bar"><span style="width:{event.fraction:.1%}"></span></div></div>'
    )


def waiting() -> str:
    """Shown until the render begins."""
    return '<div class="progress" role="status"><p class="script-now">Waiting to start…</p></div>'


def _card(
    project: Project, number: int, casting: Casting, presenters: list[tuple[str, str]], files: list[str]
) -> str:
    scenes = project.content["scenes"]
    scene, count = scenes[number], len(scenes)
    title = escape(str(scene.get("title") or scene.get("chapter") or ""))
    lines = "".join(
        script_card.line(number, index, line, presenters) for index, line in enumerate(scene["lines"])
    )
    silent = "" if lines else '<p class="hint">Nobody speaks: the scene is shown in silence.</p>'
    this = f"scene {number + 1}"
    moves = [
        _button("up", "Move up", number, f"Move up: {this}") if number else "",
        _button("down", "Move down", number, f"Move down: {this}") if number + 1 < count else "",
        _button("copy", "Duplicate", number, f"Duplicate: {this}"),
        _button("remove", "Remove scene", number, f"Remove {this}") if count > 1 else "",
    ]
    adding = _button("add-line", "Add a line", number, f"Add a line: {this}")
    return (
        f'<li class="scene">{script_thumbnails.thumbnail(project, number, casting)}<div>'
        f'<h3><span>Scene {number + 1}</span> <span class="hint" translate="no">{title}</span></h3>'
        f"{lines}{silent}{script_card.settings(number, scene, files)}"
        f'<p class="scene-actions">{adding}{"".join(moves)}</p></div></li>'
    )


def _shown_name(name: str, index: int) -> str:
    """What a presenter is called on the page: their own name, or a number."""
    return f"Presenter {index + 1}" if name in script_presenters.NAMES else name


def _button(action: str, words: str, scene: int, about: str = "") -> str:
    """A button for a scene; `about`: its name for those who do not see on which card it stands."""
    named = f' aria-label="{about}"' if about else ""
    return (
        f'<button type="button" class="link" data-do="{action}" data-scene="{scene}"{named}>{words}</button>'
    )


def _planned(shot: PlannedShot) -> str:
    text = shot.text if len(shot.text) <= _LONGEST else f"{shot.text[:_LONGEST]}…"
    todo = f"About {markup.duration(max(shot.work, 1))}"
    if shot.ready or shot.same_as:
        todo = "Kept" if shot.ready else "Same as an earlier line"
    kind = "kept" if shot.ready else "todo"
    return f'<li class="{kind}"><span translate="no">{escape(text) or "–"}</span><span>{todo}</span></li>'


def _pixels(photo: str) -> tuple[int, int]:
    """Width and height of a photo; nothing else of it is read."""
    from PIL import Image

    with Image.open(photo) as opened:
        return opened.size
