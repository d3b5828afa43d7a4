"""Changes of a script on the page: what is typed, what a card's buttons do, what its fields are set to.

Everything comes from a browser and may be anything; what does not fit the script leaves it as it is.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from pipeline import engines
from pipeline.errors import StudioError
from pipeline.script.contents import Content
from pipeline.service import catalog
from pipeline.stage.slots import Layout
from pipeline.translation import base_language
from pipeline.types import Emotion
from pipeline.ui.script_files import is_video_name
from pipeline.ui.script_project import Project

PICTURES = (".jpg", ".jpeg", ".png", ".webp")
DECKS = (".pdf", ".pptx")
OWN = ("films", "previews", "thumbnails", "versions")
"""Folders beside a script that hold what was made of it."""
COLOUR = "#204060"
"""That a scene begins with when its background becomes a colour."""

_UNDO_STEPS = 20
_LONGEST = 10_000
"""Characters of a line that are kept."""
_LONGEST_TITLE = 200
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def with_texts(project: Project, typed: Any) -> Project:
    """The project with what was typed: its stamp, then `[scene, line, text]` each, counted from 0."""
    if not isinstance(typed, list) or not typed or typed[0] != project.stamp:
        return project
    content = deepcopy(project.content)
    for entry in typed[1:]:
        match entry:
            case [scene, line, str(text)] if str(scene).isdecimal() and str(line).isdecimal():
                _type(content, int(scene), int(line), text[:_LONGEST])
    return replace(project, content=content)


def told_by(given: Mapping[str, str]) -> Any:
    """What stands in the text fields, as a button of the scenes tells it; None where it does not."""
    with suppress(ValueError):
        return json.loads(given.get("typed", ""))
    return None


def edited(project: Project, action: str, scene: int, line: int) -> Project:
    """The project after a button was pressed; the same one where that is not possible."""
    if action == "undo":
        if not project.before:
            return project
        last = project.before[-1]
        return replace(project, content=last, before=project.before[:-1], revision=project.revision + 1)
    content = deepcopy(project.content)
    if not _change(content["scenes"], action, scene, line):
        return project
    return replace(with_undo(project, content), notes=(), revision=project.revision + 1)


def with_field(project: Project, scene: int, line: int, name: str, value: str) -> Project:
    """The project after a field of a scene, or of a line of it, was set; -1 as `line` for the scene's own."""
    content = deepcopy(project.content)
    scenes = content["scenes"]
    if not 0 <= scene < len(scenes):
        return project
    lines = scenes[scene].get("lines") or []
    if line < 0:
        possible = _set_scene(scenes[scene], name, value, project.folder)
    else:
        possible = line < len(lines) and _set_line(lines[line], name, value, content)
    return with_undo(project, content) if possible and content != project.content else project


def with_undo(project: Project, content: Content) -> Project:
    """The project with another content, and a way back."""
    return replace(project, content=content, before=(*project.before, project.content)[-_UNDO_STEPS:])


def files_of(folder: Path) -> list[str]:
    """Pictures, videos and decks that lie beside a script, by their names in its folder."""
    found = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        shown = path.suffix.lower() in (*PICTURES, *DECKS) or is_video_name(path.name)
        if shown and name.parts[0] not in OWN and not path.name.startswith("."):
            found.append(name.as_posix())
    return found


def _type(content: Content, scene: int, line: int, text: str) -> None:
    scenes = content["scenes"]
    if scene < len(scenes) and line < len(scenes[scene].get("lines") or []):
        _put(scenes[scene]["lines"][line], "text", text.strip())


def _put(holder: Content, name: str, value: Any) -> None:
    """Set a value, or take it away where it is empty."""
    if value in (None, ""):
        holder.pop(name, None)
    else:
        holder[name] = value


def _set_scene(scene: Content, name: str, value: str, folder: Path) -> bool:
    """Do it in place; whether it could be done."""
    if name in ("title", "lower_third"):
        _put(scene, name, " ".join(value.split())[:_LONGEST_TITLE])
    elif name == "layout" and (not value or value in [each.value for each in Layout]):
        _put(scene, name, value)
    elif name == "transition" and value in ("cut", "crossfade"):
        _put(scene, name, value if value != "cut" else "")
    elif name == "seconds" and (seconds := _number(value, 0.5, 600)) is not None:
        scene[name] = seconds
    elif name == "background":
        return _set_background(scene, value, folder)
    elif name == "page" and (page := _number(value, 1, 2000)) is not None:
        deck = str(scene.get("background") or "").partition("#")[0]
        scene["background"] = f"{deck}#{int(page)}"
        return Path(deck).suffix.lower() in DECKS
    else:
        return False
    return True


def _set_background(scene: Content, value: str, folder: Path) -> bool:
    if value == "colour":
        scene["background"] = COLOUR
    elif value in ("", "blur") or _COLOUR.fullmatch(value):
        _put(scene, "background", value)
    elif value in files_of(folder):
        is_deck = Path(value).suffix.lower() in DECKS
        scene["background"] = f"{value}#1" if is_deck else value
    else:
        return False
    return True


def _set_line(line: Content, name: str, value: str, content: Content) -> bool:
    possible: dict[str, Callable[[str], bool]] = {
        "presenter": lambda name: len(name) <= 100,
        "emotion": lambda name: name in get_args(Emotion),
        "voice": _is_voice,
        "language": lambda tag: tag in [card.language for card in engines.voices()],
    }
    if name in possible:
        if value and not possible[name](value):
            return False
        _put(line, name, value)
        if name == "language" and value and not _speaks(str(line.get("voice") or ""), value):
            line.pop("voice", None)
        return True
    if name == "pause" and (pause := _number(value, 0, 30)) is not None:
        line[name] = pause
        return True
    return False


def _is_voice(name: str) -> bool:
    try:
        return bool(engines.voice(name))
    except StudioError:
        return False


def _speaks(voice: str, tag: str) -> bool:
    """Whether a voice speaks the language of a tag, in whatever region."""
    return catalog.voice_language(voice) == base_language(tag)


def _number(value: str, least: float, most: float) -> float | None:
    """A number within a range, as near to what was typed as possible; None where it is none."""
    try:
        number = float(value.replace(",", "."))
    except ValueError:
        return None
    return min(max(number, least), most) if math.isfinite(number) else None


def _change(scenes: list[Content], action: str, scene: int, line: int) -> bool:
    """Do it in place; whether it could be done."""
    if not 0 <= scene < len(scenes):
        return False
    lines = scenes[scene].setdefault("lines", [])
    if action == "up" and scene > 0:
        scenes.insert(scene - 1, scenes.pop(scene))
    elif action == "down" and scene + 1 < len(scenes):
        scenes.insert(scene + 1, scenes.pop(scene))
    elif action == "copy":
        scenes.insert(scene + 1, _without_ids(scenes[scene]))
    elif action == "remove" and len(scenes) > 1:
        del scenes[scene]
    elif action == "add":
        scenes.insert(scene + 1, {"lines": [{}]})
    elif action == "add-line":
        lines.append({})
    elif action == "remove-line" and 0 <= line < len(lines):
        del lines[line]
    else:
        return False
    return True


def _without_ids(scene: Content) -> Content:
    """A copy of a scene; an id stands for one scene or line only."""
    copied = deepcopy(scene)
    copied.pop("id", None)
    for line in copied["lines"]:
        line.pop("id", None)
    return copied
