"""Opening a SQLite file that may be damaged."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger(__name__)


def open_or_renew(
    path: Path, connect: Callable[[Path], sqlite3.Connection], *, lost: str
) -> sqlite3.Connection:
    """The database; a damaged one is put aside with a warning, and begun anew.

    Args:
        connect: opens the file and lays it out if it is new.
        lost: the end of the warning, what follows from the loss: "and its jobs are lost".

    Raises:
        OSError, sqlite3.Error: it cannot be opened or made.
    """
    try:
        return connect(path)
    except sqlite3.OperationalError:  # locked, read-only: the file itself is sound
        raise
    except sqlite3.DatabaseError as error:
        aside = path.with_suffix(".damaged")
        log.warning("%s is damaged (%s): moved to %s, %s.", path, error, aside.name, lost)
        path.replace(aside)
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        return connect(path)
