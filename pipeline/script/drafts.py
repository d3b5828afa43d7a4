"""What a document gives for a script: its scenes and lines, before they are checked and written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.script.document import LONGEST_SCRIPT
from pipeline.script.errors import ScriptError

LARGEST_TEXT = 4_000_000
"""Bytes of a text, and of the text inside a DOCX."""
_LONGEST_TITLE = 200
"""Characters."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
"""Characters that no script may hold, and white space."""


@dataclass
class Draft:
    """Scenes as they are read."""

    scenes: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def begin(self, title: str) -> None:
        """Start a scene."""
        self.scenes.append({"title": _tidy(title)[:_LONGEST_TITLE], "lines": []})

    def add(self, paragraph: str) -> None:
        """Add a line to the current scene."""
        if not self.scenes:
            self.scenes.append({"lines": []})
        if text := _tidy(paragraph):
            self.scenes[-1]["lines"].append(text)

    def limited(self, source: Path) -> Draft:
        """Itself, without scenes that have neither title nor lines.

        Raises:
            ScriptError: there are too many lines.
        """
        self.scenes = [scene for scene in self.scenes if scene["lines"] or scene.get("title")]
        if sum(max(1, len(scene["lines"])) for scene in self.scenes) > LONGEST_SCRIPT:
            raise ScriptError(
                f"{source.name} has more than {LONGEST_SCRIPT:,} paragraphs; split it.", parameter="document"
            )
        return self


def missing(source: Path) -> ScriptError:
    """There is no such document."""
    return ScriptError(f"There is no document at {source}; check the name.", parameter="document")


def too_large(source: Path) -> ScriptError:
    """There is too much in it."""
    return ScriptError(f"{source.name} is too large; split it.", parameter="document")


def _tidy(text: str) -> str:
    return " ".join(_CONTROL.sub(" ", text).split())
