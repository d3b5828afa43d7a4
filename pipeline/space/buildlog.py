"""Finds in a Space's log why it does not build or start."""

from __future__ import annotations

import re
from collections.abc import Iterable

_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_SPECIFIC = re.compile(r"(?:ERROR: |E: |error: |fatal: |\s*[\w.]*(?:Error|Exception|Interrupt)(?:: |$))")
"""How the lines begin in which pip, apt, compilers, git and Python say what is wrong."""
_GENERAL = re.compile(
    r"process .* did not complete|Could not find a version|subprocess-exited|exit code", re.I
)
"""What they say besides, which does not help."""
_LONGEST = 300
"""Characters of a line that are worth reading."""


def cause(lines: Iterable[str]) -> str:
    """The line that explains the failure: the last specific error, or the last line with any text.

    Args:
        lines: the log, in order.
    """
    said = [_COLOURS.sub("", line).strip() for text in lines for line in text.splitlines()]
    said = [line for line in said if line]
    errors = [line for line in said if _SPECIFIC.match(line)]
    specific = [line for line in errors if not _GENERAL.search(line)]
    found = (specific or errors or said or [""])[-1]
    return found if len(found) <= _LONGEST else f"{found[:_LONGEST]}…"
