"""A script's file becomes a `Script`; what is wrong with it is said with file, line and the field's name."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from os import PathLike
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from pipeline.script.document import LONGEST_SCRIPT, Script
from pipeline.script.errors import ScriptError
from pipeline.script.located import Located, Place, dotted, parse_located, read_located
from pipeline.script.templates import filled, placeholders


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
            _sentence(first, place),
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
            sentence = f"the id {name!r} is used twice; give each scene and line its own."
        elif kind == "presenter" and name not in script.presenters:
            sentence = f"there is no presenter called {name!r}; {_nearest(name, script.presenters)}"
        else:
            seen.update([name] if kind == "id" else [])
            continue
        line = None if path is None else found.line(place)
        raise ScriptError(f"{dotted(place)}: {sentence}", path=path, line=line, parameter=dotted(place))
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


def _sentence(error: ErrorDetails, place: Place) -> str:
    name, value = dotted(place), error["input"]
    if error["type"] == "extra_forbidden":
        model = _model_at(place[:-1])
        known = [] if model is None else list(model.model_fields)
        return f"{name} is unknown; {_nearest(str(place[-1]), known)}"
    if error["type"] == "missing":
        return f"{name} is missing; give one."
    if error["type"] in ("too_short", "string_too_short"):
        return f"{name} is empty; give one."
    message = error["msg"].removeprefix("Value error, ")
    message = message[:1].lower() + message[1:].replace("valid tuple", "list").replace(
        "valid dictionary", "mapping"
    )
    if isinstance(value, (str, int, float)):
        shown = str(value) if len(str(value)) <= 60 else f"{str(value)[:60]}…"
        return f"{name}: {shown} is not possible; {message}."
    return f"{name}: {message}."


def _nearest(name: str, known: Any) -> str:
    names = list(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f"did you mean {near[0]!r}?" if near else f"choose one of {', '.join(names[:20])}."


def _model_at(place: Place) -> type[BaseModel] | None:
    """The model whose fields stand at a place of the document."""
    hint: Any = Script
    for step in place:
        if isinstance(hint, type) and issubclass(hint, BaseModel):
            field = hint.model_fields.get(str(step))
            hint = None if field is None else _item(field.annotation)
        else:
            hint = _item(hint)
    return hint if isinstance(hint, type) and issubclass(hint, BaseModel) else None


def _item(hint: Any) -> Any:
    """The type itself, without None; kept for lists and mappings, whose items come with the next step."""
    origin = get_origin(hint)
    if origin is Annotated:
        return _item(get_args(hint)[0])
    if origin in (Union, UnionType):
        return _item(next(part for part in get_args(hint) if part is not NoneType))
    if origin is tuple:
        return _Items(_item(get_args(hint)[0]))
    if origin is dict:
        return _Items(_item(get_args(hint)[1]))
    return hint.of if isinstance(hint, _Items) else hint


class _Items:
    """A list or a mapping of one type."""

    def __init__(self, of: Any) -> None:
        self.of = of
