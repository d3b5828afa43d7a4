"""Sizes, checksums and commits of published files that the table does not know.

A file at a pinned commit never changes, so what arrived first is what has to arrive again: that is noted at
the first download. Of a file whose checksum is known, the commit that it first arrived from is noted; it only
says where to look, since the checksum decides. Files of which neither is known may change; they are pinned
when that is asked for (`pipeline.locking`), to the commit that they are of then.
"""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from platformdirs import user_state_dir

from pipeline.checksums import sha256
from pipeline.errors import OutputError
from pipeline.files import written_whole
from pipeline.hub.checkpoints import Checkpoint

_COMMIT = re.compile(r"[0-9a-f]{40}")
"""The name of a commit's folder in the Hub's cache."""


def pinned(checkpoint: Checkpoint) -> Checkpoint:
    """The checkpoint with the size, the checksum and the commit that were noted, where the table has none."""
    if checkpoint.sha256 is not None and checkpoint.revision is not None:
        return checkpoint
    noted = _noted().get(_name(checkpoint), {})
    unknown = () if checkpoint.sha256 is not None else ("size", "sha256")
    unknown = unknown if checkpoint.revision is not None else (*unknown, "revision")
    return replace(checkpoint, **{key: noted[key] for key in unknown if noted.get(key)})


def note(checkpoint: Checkpoint, path: Path) -> None:
    """Remember what a checkpoint of the table lacks of the file that was downloaded whole to `path`.

    Without a folder to write to, it is not remembered.
    """
    if (checkpoint.sha256 is None) == (checkpoint.revision is None):
        return
    noted = _noted().get(_name(checkpoint))
    if noted is not None and (checkpoint.revision or _commit(path)) == noted.get("revision"):
        return
    try:
        _write(checkpoint, path)
    except (OSError, OutputError):
        return


def lock(checkpoint: Checkpoint, path: Path) -> Checkpoint:
    """The checkpoint pinned to the verified file at `path`, now and for later runs of this user.

    Its commit is known only of a file in the Hub's cache.

    Raises:
        OutputError: what is pinned cannot be written down.
    """
    if pinned(checkpoint).sha256 is None or pinned(checkpoint).revision is None:
        try:
            _write(checkpoint, path)
        except OSError as error:
            reason = error.strerror or error
            raise OutputError(f"{where()} cannot be written: {reason}; make its folder writable.") from error
    return pinned(checkpoint)


def where() -> Path:
    """The file that holds what was noted."""
    return Path(user_state_dir("talking-head-studio", appauthor=False), "pins.json")


def _write(checkpoint: Checkpoint, path: Path) -> None:
    if not where().is_absolute():  # without a home, platformdirs gives a relative path
        raise OutputError("There is no folder for the state of programs; set XDG_STATE_HOME.")
    entry = {
        "size": path.stat().st_size,
        "sha256": checkpoint.sha256 or sha256(path),
        "revision": checkpoint.revision or _commit(path),
    }
    where().parent.mkdir(parents=True, exist_ok=True)
    with written_whole(where()) as unfinished:
        unfinished.write_text(json.dumps(_noted() | {_name(checkpoint): entry}, indent=1), encoding="utf-8")


def _commit(path: Path) -> str | None:
    """The commit that a file in the Hub's cache is of."""
    pairs = itertools.pairwise(path.parts)
    found = [name for folder, name in pairs if folder == "snapshots" and _COMMIT.fullmatch(name)]
    return found[-1] if found else None


def _name(checkpoint: Checkpoint) -> str:
    return f"{checkpoint.repo}@{checkpoint.revision}/{checkpoint.file}"


def _noted() -> dict[str, dict[str, Any]]:
    try:
        found = json.loads(where().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
