"""The versions of a script: what it was at earlier times, kept beside it and brought back whole."""

from __future__ import annotations

import json
import re
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipeline.files import written_whole
from pipeline.script.contents import Content, leads_outside

Occasion = Literal["opened", "edited", "rendered", "replaced", "translated"]
"""Why a version was kept: the script was opened; was worked on for a while; became a film; or an earlier one,
or its translation, took its place."""

_FOLDER = "versions"
_MOST = 50
"""Versions that are kept; the oldest go first."""
_APART = 300.0
"""Seconds of editing after which there is another version."""
_NAME = re.compile(r"[0-9]{13}")


@dataclass(frozen=True)
class Version:
    """A script as it was."""

    name: str
    """Of its file: the milliseconds since 1970 at which it was kept."""
    occasion: Occasion
    content: Content

    @property
    def made(self) -> float:
        """Seconds since 1970."""
        return int(self.name) / 1000

    @property
    def lines(self) -> int:
        """How many lines it has."""
        return sum(len(scene.get("lines") or []) for scene in self.content["scenes"])


class History:
    """The versions of the script in one folder."""

    def __init__(self, folder: Path) -> None:
        """`folder`: of the script."""
        self._folder = folder / _FOLDER

    def keep(self, content: Content, occasion: Occasion) -> None:
        """Keep a version, unless it is the same as the last one, or as good as in the midst of an edit.

        Raises:
            OutputError: it cannot be written.
        """
        last = next(iter(self.versions(most=1)), None)
        if last is not None and last.content == content:
            return
        now = time.time()
        if occasion == "edited" and last is not None and now - last.made < _APART:
            return
        self._folder.mkdir(exist_ok=True)
        name = f"{max(int(now * 1000), int(last.name) + 1 if last else 0):013d}"
        with written_whole(self._folder / f"{name}.json") as part:
            stored = {"occasion": occasion, "content": content}
            part.write_text(json.dumps(stored, ensure_ascii=False), encoding="utf-8")
        for old in self._names()[_MOST:]:
            (self._folder / f"{old}.json").unlink(missing_ok=True)

    def versions(self, most: int = _MOST) -> list[Version]:
        """The latest ones, the newest first; damaged files are passed over."""
        found = (self.find(name) for name in self._names()[:most])
        return [version for version in found if version is not None]

    def find(self, name: str) -> Version | None:
        """The version with this name; None where there is none."""
        if not _NAME.fullmatch(name):
            return None
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            stored = json.loads((self._folder / f"{name}.json").read_text(encoding="utf-8"))
            # whoever gave the script may have put a version beside it
            if not leads_outside(stored["content"], self._folder.parent):
                return Version(name, stored["occasion"], stored["content"])
        return None

    def forget(self) -> None:
        """Remove all versions."""
        for name in self._names():
            (self._folder / f"{name}.json").unlink(missing_ok=True)

    def _names(self) -> list[str]:
        """From the newest to the oldest."""
        files = self._folder.glob("*.json") if self._folder.is_dir() else ()
        return sorted((file.stem for file in files if _NAME.fullmatch(file.stem)), reverse=True)
