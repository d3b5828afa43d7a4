"""Where a text is cut into lines that are said one at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.speech.text import Said


@dataclass(frozen=True)
class Line:
    """What is said in one go: a sentence, or a clause of a long one."""

    said: tuple[Said, ...]
    pause: float
    """Seconds of silence after it, at normal pace."""


def lines(said: Sequence[Said]) -> Iterator[Line]:
    """The lines of a text."""
    line: list[Said] = []
    for item in said:
        line.append(item)
        if item.spoken.rstrip("\"')]”’»")[-1:] in tuple(".!?…"):
            yield Line(tuple(line), 0.25)
            line = []
    if line:
        yield Line(tuple(line), 0.25)
