"""Templates: scripts with `{placeholders}` in their texts, filled in for each film of a batch."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.script.errors import ScriptError
from pipeline.script.located import Located, Place

_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_]*)\}")
_LONGEST = 20_000
"""Characters of a value."""


def placeholders(value: Any) -> list[str]:
    """The names of the placeholders in all texts of some plain values, each once, in order."""
    found: dict[str, None] = {}
    if isinstance(value, str):
        found.update((match[1], None) for match in _PLACEHOLDER.finditer(value) if match[1])
    elif isinstance(value, dict):
        for item in value.values():
            found.update(dict.fromkeys(placeholders(item)))
    elif isinstance(value, list):
        for item in value:
            found.update(dict.fromkeys(placeholders(item)))
    return list(found)


def filled(found: Located, given: Mapping[str, Any], path: Path | None) -> Located:
    """The values with `given` in place of the placeholders; `{{` and `}}` stand for braces.

    Raises:
        ScriptError: a placeholder has no value, or a value is too long.
    """
    texts = {name: "" if value is None else str(value) for name, value in given.items()}
    for name, text in texts.items():
        if len(text) > _LONGEST:
            raise ScriptError(f"The value of {name} has more than {_LONGEST:,} characters.", parameter=name)
    return Located(_filled(found.value, (), found, texts, path), found.lines)


def _filled(value: Any, place: Place, found: Located, texts: dict[str, str], path: Path | None) -> Any:
    if isinstance(value, dict):
        return {key: _filled(item, (*place, key), found, texts, path) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, (*place, index), found, texts, path) for index, item in enumerate(value)]
    if not isinstance(value, str):
        return value

    def put(match: re.Match[str]) -> str:
        if match[1] is None:
            return match[0][0]
        if match[1] in texts:
            return texts[match[1]]
        near = difflib.get_close_matches(match[1], texts, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else "give one."
        raise ScriptError(
            f"There is no value for {{{match[1]}}}; {hint}",
            path=path,
            line=None if path is None else found.line(place),
            parameter=match[1],
        )

    return _PLACEHOLDER.sub(put, value)
