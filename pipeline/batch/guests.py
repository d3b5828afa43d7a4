"""A batch of somebody whose machine this is not: what it may read, and whom it lets go first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.files import without_folder

if TYPE_CHECKING:
    from pipeline.trust import Memory

FINISHED = "finished"
"""Folder of the videos, among the visitor's files."""


@dataclass(frozen=True)
class Guest:
    """A visitor of the page."""

    root: Path
    """Folder of the visitor's files; no other file is read."""
    memory: Memory | None
    """The visitor's own answers of consent; None for this machine's."""
    waits: Callable[[], bool]
    """Whether no further row begins for now, because others go first."""

    @property
    def environment(self) -> dict[str, str]:
        """Of the workers, who remember a visitor's answers among the visitor's files."""
        return {} if self.memory is None else {"XDG_STATE_HOME": str(self.root / ".state")}

    def plain(self, sentence: str) -> str:
        """A sentence that names files as the visitor does, without this machine's folders."""
        return without_folder(without_folder(sentence, self.root / FINISHED), self.root)
