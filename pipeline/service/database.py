"""The file behind the store of jobs: how it is laid out, opened, and mended."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path

from pipeline.sqlite_files import open_or_renew

_PATIENCE = 15.0
"""Seconds to wait for another process that is writing."""
_VERSION = 1
"""Of the table's layout, kept as the file's `user_version`."""
_TABLE = """
CREATE TABLE IF NOT EXISTS job (
    id TEXT PRIMARY KEY,
    client TEXT NOT NULL,
    state TEXT NOT NULL,
    created REAL NOT NULL,
    started REAL,
    ended REAL,
    ready INTEGER NOT NULL,
    owner TEXT,
    asked TEXT NOT NULL,
    stage TEXT,
    fraction REAL NOT NULL DEFAULT 0,
    seconds_left REAL,
    problem TEXT NOT NULL DEFAULT '{}',
    result TEXT NOT NULL DEFAULT '{}',
    attempts INTEGER NOT NULL DEFAULT 0,
    repeat_key TEXT,
    digest TEXT NOT NULL DEFAULT '',
    hook TEXT NOT NULL DEFAULT '{}',
    hook_tries INTEGER NOT NULL DEFAULT 0,
    hook_due REAL
);
CREATE UNIQUE INDEX IF NOT EXISTS repeated ON job (client, repeat_key);
CREATE INDEX IF NOT EXISTS by_state ON job (state, created);
"""


def opened(path: Path) -> sqlite3.Connection:
    """The database; a damaged one is put aside, and begun anew.

    Raises:
        OSError, sqlite3.Error: it cannot be opened or made.
    """
    return open_or_renew(path, _connected, lost="and its jobs are lost")


def _connected(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        path.chmod(0o600)
        database.row_factory = sqlite3.Row
        with suppress(sqlite3.OperationalError):  # a network file system has no shared memory; works without
            database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute("PRAGMA secure_delete = ON")
        database.executescript(_TABLE)
        database.execute(f"PRAGMA user_version = {_VERSION}")
    except BaseException:
        database.close()
        raise
    return database
