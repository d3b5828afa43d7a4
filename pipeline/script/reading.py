"""Reads a script's file into a `Script`; errors name the file, the line and the field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from pipeline.script.document import LONGEST_SCRIPT, Script
from pipeline.script.errors import ScriptError
from pipeline.script.located import Located, Place, dotted, parse_located, read_located
from pipeline.script.templates import filled, placeholders
from pipeline.script.wording import nearest, sentence


def read_script(path: str | PathLike[str], values: Mapping[str, Any] | None = None) -> Script:
    """The script in a YAML or JSON file.

    Args:
        path: the file.
        values: for the `{placeholders}` in the texts of a template; without them, braces are only text.

    Raises:
        ScriptError: it cannot be read, something in it is not possible, or a placeholder has no value.
    """
    path = Path(path)
    found = read_located(path)
    return _checked(found if values is None else filled(found, values, path), path)


def parse_script(text: str, path: Path = Path("script.yaml")) -> Script:
    """The script in a text, as if it stood in the file `path`; see `read_script`."""
    return _checked(parse_located(text, path), path)


def placeholders_of(path: str | PathLike[str]) -> list[str]:
    """The names of the placeholders in a template's texts, each once, in order.

    Raises:
        ScriptError: it cannot be read.
    """
    return placeholders(read_located(Path(path)).value)


def script_of(values: dict[str, Any], *, folder: Path = Path()) -> Script:
    """The script with these values, as `read_script` finds them in a file.

    Raises:
        ScriptError: something in it is not possible.
    """
    return _checked(Located(values, {}), None).within(folder)


def _checked(found: Located, path: Path | None) -> Script:
    if not isinstance(found.value, dict):
        raise ScriptError("A script has scenes and presenters; this has neither.", path=path, line=1)
    _check_length(found, path)
    try:
        script = Script.model_validate(found.value)
    except ValidationError as error:
        first = _most_telling(error)
        place = _place(first["loc"], found)
        raise ScriptError(
            sentence(first, place, found.at(place[:-1])),
            path=path,
            line=None if path is None else found.line(place),
            parameter=dotted(place),
        ) from None
    _check_names(script, found, path)
    if path is None:
        return script
    return script.within(path.parent, source=(path, found.dotted()))


def _check_length(found: Located, path: Path | None) -> None:
    scenes = found.value.get("scenes")
    if not isinstance(scenes, list):
        return
    counted = 0
    for number, scene in enumerate(scenes):
        lines = scene.get("lines") if isinstance(scene, dict) else None
        counted += max(1, len(lines)) if isinstance(lines, list) else 1
        if counted > LONGEST_SCRIPT:
            raise ScriptError(
                f"A script has at most {LONGEST_SCRIPT:,} lines; split it into several.",
                path=path,
                line=None if path is None else found.line(("scenes", number)),
                parameter=f"scenes.{number + 1}",
            )


def _check_names(script: Script, found: Located, path: Path | None) -> None:
    """Refuse ids that are used twice, and presenters that are not there."""
    seen: set[str] = set()
    for place, kind, name in _named(script):
        if kind == "id" and name in seen:
            said = f"the id {name!r} is used twice; give each scene and line its own."
        elif kind == "presenter" and name not in script.presenters:
            said = f"there is no presenter called {name!r}; {nearest(name, script.presenters)}"
        else:
            seen.update([name] if kind == "id" else [])
            continue
        line = None if path is None else found.line(place)
        raise ScriptError(f"{dotted(place)}: {said}", path=path, line=line, parameter=dotted(place))
    for number, scene in enumerate(script.scenes):
        for index, spoken in enumerate(scene.lines):
            where: Place = ("scenes", number, "lines", index)
            line = None if path is None else found.line(where)
            if spoken.text is None and spoken.audio is None:
                raise ScriptError(
                    f"{dotted(where)}: there is nothing to say; give a text or an audio.",
                    path=path, line=line, parameter=dotted(where),
                )  # fmt: skip
            if not script.presenters:
                raise ScriptError(
                    "There are lines but no presenters; add one with a subject.",
                    path=path, line=line, parameter="presenters",
                )  # fmt: skip


def _named(script: Script) -> Iterator[tuple[Place, str, str]]:
    """Every id and every presenter that is named, with its place."""
    for number, scene in enumerate(script.scenes):
        if scene.id is not None:
            yield ("scenes", number, "id"), "id", scene.id
        for index, name in enumerate(scene.presenters):
            yield ("scenes", number, "presenters", index), "presenter", name
        for index, line in enumerate(scene.lines):
            if line.id is not None:
                yield ("scenes", number, "lines", index, "id"), "id", line.id
            if line.presenter is not None:
                yield ("scenes", number, "lines", index, "presenter"), "presenter", line.presenter


def _most_telling(error: ValidationError) -> ErrorDetails:
    """The first error, unless a name is unknown: that is what makes others missing."""
    found = error.errors(include_url=False)
    return next((each for each in found if each["type"] == "extra_forbidden"), found[0])


def _place(loc: tuple[int | str, ...], found: Located) -> Place:
    """pydantic's location without the names of its own that are no places of the document."""
    place: list[str | int] = []
    value = found.value
    for step in loc:
        if isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        elif isinstance(value, dict) and isinstance(step, str) and step != "[key]":
            value = value.get(step)
        else:
            continue
        place.append(step)
    return tuple(place)
