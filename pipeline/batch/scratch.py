"""Folders for results on their way to a URL. The next process removes those of one that was killed."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

_ENDING = ".lock"
"""Of the file beside each folder that is locked as long as its process lives."""


@contextmanager
def scratch_folder(parent: Path) -> Iterator[Path]:
    """An empty folder in `parent` for the length of the block.

    Raises:
        OSError: it cannot be made.
    """
    parent.mkdir(parents=True, exist_ok=True)
    _sweep(parent)
    folder = parent / secrets.token_hex(8)
    held = folder.with_suffix(_ENDING)
    with FileLock(held):
        try:
            folder.mkdir()
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            held.unlink(missing_ok=True)


def _sweep(parent: Path) -> None:
    """Remove the folders whose processes have ended."""
    for held in parent.glob(f"*{_ENDING}"):
        with suppress(Timeout, OSError), FileLock(held, timeout=0):
            shutil.rmtree(held.with_suffix(""), ignore_errors=True)
            held.unlink(missing_ok=True)
