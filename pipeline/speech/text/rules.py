"""A rule of text normalisation."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """A pattern, and how what it matches is read aloud."""

    pattern: re.Pattern[str]
    verbalize: Callable[[re.Match[str]], str | None]
    """None where what is matched turns out to be something else; a later rule may then take it."""
    spells: bool = False
    """Whether it spells initialisms; it then leaves words alone that are only shouted."""


def rule(
    pattern: str, verbalize: Callable[[re.Match[str]], str | None], flags: int = 0, *, spells: bool = False
) -> Rule:
    """A rule from the text of its pattern."""
    return Rule(re.compile(pattern, flags), verbalize, spells)
