"""Parses YAML and JSON into plain values, with the line number of each.

Only plain data is read: values, lists and mappings, as YAML 1.2's core schema understands them, so that `no`
is Norwegian and `16:9` an aspect. Tags, anchors and aliases are refused, and so are keys that stand twice,
because a script is written by people and opened from anywhere. PyYAML does the parsing: it is the parser that
gives every value its line.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pipeline.script.errors import ScriptError

Place = tuple[str | int, ...]
"""The keys and positions that lead to a value."""

_LARGEST = 4_000_000
"""Bytes of a file."""
_DEEPEST = 12
"""Levels of values inside values; a script has seven."""
_MOST = 200_000
"""Values in a file."""
_NULLS = ("", "~", "null", "Null", "NULL")
_BOOLS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?")
_SURROGATES = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
"""A character beyond U+FFFF as JSON escapes it, which YAML does not read."""
_BARE_COLOUR = re.compile(r"[:-]\s+#([0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b")
_QUOTED = 'A colour stands in quotation marks: "#{}"; otherwise # begins a comment.'
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The parser in C where it was built: ten times as fast."""


@dataclass(frozen=True)
class Located:
    """Values and where they stand."""

    value: Any
    lines: dict[Place, int]
    """Line of each value, counted from 1, by its place; of a mapping's entry, the line of its key."""

    def line(self, place: Place) -> int:
        """The line of a value, or of the nearest one around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def at(self, place: Place) -> Any:
        """The value at a place; None where there is none."""
        value = self.value
        for step in place:
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                return None
        return value

    def dotted(self) -> dict[str, int]:
        """The lines by places as errors name them: "scenes.1.lines.2"."""
        return {dotted(place): line for place, line in self.lines.items()}


def dotted(place: Place) -> str:
    """A place as a person counts: "scenes.1.lines.2"."""
    return ".".join(str(part + 1 if isinstance(part, int) else part) for part in place)


def read_located(path: Path) -> Located:
    """The values of a YAML or JSON file.

    Raises:
        ScriptError: it cannot be read, is not UTF-8, or is not plain data.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except FileNotFoundError as error:
        raise ScriptError(f"There is no script at {path}; check the name.", parameter="script") from error
    except OSError as error:
        raise ScriptError(f"{path} cannot be read: {error.strerror or error}.", parameter="script") from error
    if len(content) > _LARGEST:
        raise ScriptError(
            f"{path} is larger than {_LARGEST // 1_000_000} MB; split the script.", parameter="script"
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = content[: error.start].count(b"\n") + 1
        raise ScriptError(
            "This is not UTF-8 text; save the script as UTF-8.", path=path, line=number
        ) from error
    return parse_located(text, path)


def parse_located(text: str, path: Path) -> Located:
    """The values of a YAML or JSON text; `path` is only named in errors, and its suffix tells JSON."""
    if path.suffix.lower() != ".json":
        return _parse(text, path)
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        raise ScriptError(f"This is not JSON: {error.msg}.", path=path, line=error.lineno) from error
    except RecursionError as error:
        raise ScriptError("Values are nested too deeply for a script.", path=path) from error
    text = _SURROGATES.sub(_one_character, text)
    return _parse(text.replace("\t", " "), path)  # in JSON, a tab stands only between values


def _one_character(found: re.Match[str]) -> str:
    pair = bytes.fromhex(found[2] + found[3])
    return found[1] + pair.decode("utf-16-be")


def _parse(text: str, path: Path) -> Located:
    try:
        _check_events(text, path)
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        sentence, line = _problem(error, text, line)
        raise ScriptError(sentence, path=path, line=line) from error
    except yaml.YAMLError as error:
        control = _CONTROL.search(text)
        line = 1 if control is None else text.count("\n", 0, control.start()) + 1
        sentence = "There is a control character, which is no text; remove it."
        raise ScriptError(sentence, path=path, line=line) from error
    lines: dict[Place, int] = {}
    found = Located(None if root is None else _value(root, (), lines, path), lines)
    if _BARE_COLOUR.search(text):
        _check_colours(found, text, path)
    return found


def _problem(error: yaml.MarkedYAMLError, text: str, line: int) -> tuple[str, int]:
    """What is wrong with a YAML text, as one sentence, and in which line; `line` is where reading ended."""
    rows = text.split("\n")
    row = rows[line - 1] if line <= len(rows) else ""
    if "\t" in row[: len(row) - len(row.lstrip())]:
        return "This line begins with a tab; indent with spaces.", line
    problem = error.problem or "it cannot be read"
    if problem.startswith("mapping values are not allowed"):
        return "There is one colon too many; put a text with a colon in quotation marks.", line
    if "invalid Unicode character" in problem:
        return "An escape in this text stands for no character; write the character itself.", line
    if "escape" in problem or "hexdecimal" in problem:
        return "In double quotes a backslash begins an escape; write paths with / or in single quotes.", line
    for number in range(min(line, len(rows)), 0, -1):
        if bare := _BARE_COLOUR.search(rows[number - 1]):
            return _QUOTED.format(bare[1]), number
    return f"This is not YAML: {problem}.", line


def _check_colours(found: Located, text: str, path: Path) -> None:
    """Refuse colours without quotation marks: for YAML they are comments, and the value is empty."""
    rows = text.split("\n")
    for place, line in found.lines.items():
        if found.at(place) is None and line <= len(rows) and (bare := _BARE_COLOUR.search(rows[line - 1])):
            raise ScriptError(
                _QUOTED.format(bare[1]),
                path=path,
                line=line,
                parameter=dotted(place) or None,
            )


def _check_events(text: str, path: Path) -> None:
    """Refuse what is not plain data before any of it is built."""
    depth = documents = 0
    for count, event in enumerate(yaml.parse(text, Loader=_LOADER)):
        line = event.start_mark.line + 1
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
        if isinstance(event, (yaml.SequenceStartEvent, yaml.MappingStartEvent)):
            depth += 1
        elif isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
            depth -= 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise ScriptError(
                "Anchors and aliases (& and *) are not read in scripts; write the value out.",
                path=path,
                line=line,
            )
        if (tag := getattr(event, "tag", None)) not in (None, "!"):
            raise ScriptError(f"The tag {tag[:40]} is not read in scripts; remove it.", path=path, line=line)
        if depth > _DEEPEST or count > _MOST or documents > 1:
            what = "nested too deeply" if depth > _DEEPEST else "too many"
            sentence = (
                "A file holds one script; remove the line ---."
                if documents > 1
                else (f"The values are {what} for a script; simplify it.")
            )
            raise ScriptError(sentence, path=path, line=line)


def _value(node: yaml.Node, place: Place, lines: dict[Place, int], path: Path) -> Any:
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, place, lines, path)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*place, number), lines, path) for number, item in enumerate(node.value)]
    return _scalar(node)


def _mapping(node: yaml.MappingNode, place: Place, lines: dict[Place, int], path: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode) or not (key_node.style or key_node.value.strip()):
            raise ScriptError("A name is missing before the colon.", path=path, line=line)
        key = key_node.value
        if key in found:
            raise ScriptError(f"{key} stands here twice; remove one of them.", path=path, line=line)
        lines[(*place, key)] = line
        found[key] = _value(value_node, (*place, key), lines, path)
    return found


def _scalar(node: yaml.ScalarNode) -> Any:
    """A value by YAML 1.2's core schema; what is quoted is text."""
    text = node.value
    if node.style:
        return text
    if text in _NULLS:
        return None
    if text in _BOOLS:
        return _BOOLS[text]
    if not _INTEGER.fullmatch(text) and not _FLOAT.fullmatch(text):
        return text
    number = int(text) if _INTEGER.fullmatch(text) else float(text)
    return number if str(number) == text else text  # a version 1.10 keeps its zero where it is text
