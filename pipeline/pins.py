"""Sizes and checksums of published files that the table does not know, noted when they are first downloaded.

A file at a pinned commit never changes, so what arrived first is what has to arrive again. Files that follow
a branch may change and are not noted.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from platformdirs import user_state_dir

from pipeline.checkpoints import Checkpoint
from pipeline.errors import OutputError
from pipeline.files import sha256, written_whole


def pinned(checkpoint: Checkpoint) -> Checkpoint:
    """The checkpoint with the size and the checksum that were noted, where the table has none."""
    if not _is_open(checkpoint):
        return checkpoint
    noted = _noted().get(_name(checkpoint), {})
    return replace(checkpoint, **{key: noted[key] for key in ("size", "sha256") if key in noted})


def note(checkpoint: Checkpoint, path: Path) -> None:
    """Remember a file that was downloaded whole; without a folder to write to, it is not remembered."""
    if not _is_open(checkpoint) or _name(checkpoint) in _noted() or not _file().is_absolute():
        return  # without a home, platformdirs gives a relative path
    noted = _noted() | {_name(checkpoint): {"size": path.stat().st_size, "sha256": sha256(path)}}
    try:
        _file().parent.mkdir(parents=True, exist_ok=True)
        with written_whole(_file()) as unfinished:
            unfinished.write_text(json.dumps(noted, indent=1), encoding="utf-8")
    except (OSError, OutputError):
        return


def _is_open(checkpoint: Checkpoint) -> bool:
    return checkpoint.sha256 is None and checkpoint.revision is not None


def _name(checkpoint: Checkpoint) -> str:
    return f"{checkpoint.repo}@{checkpoint.revision}/{checkpoint.file}"


def _noted() -> dict[str, dict[str, Any]]:
    try:
        found = json.loads(_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _file() -> Path:
    return Path(user_state_dir("talking-head-studio", appauthor=False), "pins.json")
