"""The error of a script: one sentence, with the file and the line where there is one."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import StudioError


class ScriptError(StudioError):
    """A script, or a document that becomes one, cannot be used."""

    def __init__(
        self,
        sentence: str,
        *,
        path: Path | None = None,
        line: int | None = None,
        parameter: str | None = None,
    ) -> None:
        """`path` and `line`, counted from 1, are named before the sentence; `parameter` is the field."""
        place = "" if path is None else f"{path}: " if line is None else f"{path}, line {line}: "
        super().__init__(f"{place}{sentence}", parameter=parameter)
        self.sentence = sentence
        self.path = path
        self.line = line
