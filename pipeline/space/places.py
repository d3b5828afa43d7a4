"""Finds the line of a key in a TOML file, which parsers do not report."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_HEADING = re.compile(r"\s*(\[\[?)\s*([\w-]+)\s*\]")
_KEY = re.compile(r"""\s*(?:"([\w-]+)"|([\w-]+))\s*=""")


def line_of(text: str, place: Sequence[int | str]) -> int | None:
    """The line, counted from 1, where a key is set; None where it is not there at all.

    Args:
        text: the file; tables are at most one deep, as `[table]` or `[[table]]`.
        place: keys and indices from the outside in, as pydantic gives them. What is missing is looked for in
            what it should be in.
    """
    places = _places(text)
    for length in range(len(place), 0, -1):
        line = places.get(tuple(place[:length]))
        if line is not None:
            return line
    return None


def _places(text: str) -> dict[tuple[int | str, ...], int]:
    """The line of every table and key."""
    found: dict[tuple[int | str, ...], int] = {}
    table: tuple[int | str, ...] = ()
    seen: Counter[str] = Counter()
    for number, line in enumerate(text.splitlines(), start=1):
        heading, key = _HEADING.match(line), _KEY.match(line)
        if heading is not None:
            name = heading[2]
            table = (name, seen[name]) if heading[1] == "[[" else (name,)
            seen[name] += 1
            found.setdefault(table, number)
        elif key is not None:
            found.setdefault((*table, key[1] or key[2]), number)
    return found
