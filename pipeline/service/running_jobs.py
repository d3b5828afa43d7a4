"""The running jobs: visible to other processes that share the cache, and stopped together.

A running job holds a lock on a file in its folder. The system releases it when the process ends in any way,
so that there are no stale entries and no time-outs.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pipeline.errors import StudioError

try:
    import fcntl
except ImportError:  # Windows, where an open file cannot be removed anyway
    fcntl = None  # type: ignore[assignment]

_LOCK = ".running"
"""File in a job's folder whose lock is held while the job runs."""
_POLL = 0.05
"""Seconds between two checks whether all jobs have stopped."""

_folders: set[Path] = set()
_stopping = threading.Event()


class CancelledError(StudioError):
    """A job was given up on purpose."""


@contextmanager
def entered(folder: Path) -> Iterator[None]:
    """The job whose files go into `folder` runs in this block.

    Raises:
        CancelledError: the server is stopping.
    """
    require_open()
    with locked(folder / _LOCK):
        _folders.add(folder)
        try:
            yield
        finally:
            _folders.discard(folder)


def is_running(folder: Path) -> bool:
    """Whether a job of this or another process is writing into `folder`."""
    if folder in _folders:
        return True
    return is_locked(folder / _LOCK)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """A lock file of this process, which is there for as long as the block runs."""
    with path.open("wb") as file:
        _lock(file)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def is_locked(path: Path) -> bool:
    """Whether a living process holds the lock on a file."""
    try:
        with path.open("rb") as file:
            return not _lock(file)
    except OSError:
        return False


def is_stopping() -> bool:
    """Whether all jobs of this process are to stop."""
    return _stopping.is_set()


def require_open() -> None:
    """Let a job go on, unless all are to stop.

    Raises:
        CancelledError: the server is stopping.
    """
    if _stopping.is_set():
        raise CancelledError("The server is stopping, so the job was cancelled; try again in a minute.")


def stop_all(*, patience: float = 10.0) -> bool:
    """Cancel every running job of this process, and let none begin any more.

    Args:
        patience: seconds to wait for them to clean up; each looks up about once a second.

    Returns:
        whether all have stopped.
    """
    _stopping.set()
    deadline = time.monotonic() + patience
    while _folders and time.monotonic() < deadline:
        time.sleep(_POLL)
    return not _folders


def _lock(file: IO[bytes]) -> bool:
    """Lock a file for as long as it is open; False where another holds it."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True
