"""Where answers about consent are remembered between runs: one small SQLite file in the user's state folder.

SQLite, because several processes and threads may answer at once and no answer may be lost. Where no file can
be kept (no home folder, a read-only disk), answers last as long as the process and a warning is logged.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
from collections.abc import Iterator, MutableMapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast, get_args

from platformdirs import user_state_dir

from pipeline.sqlite_files import open_or_renew
from pipeline.types import ConsentBasis

log = logging.getLogger(__name__)

_FOLDER = "talking-head-studio"
_DATABASE = "consent.db"
_FORMER = "consent.json"
"""Where versions before 0.2 kept the answers."""
_PATIENCE = 15.0
"""Seconds to wait for another process that is writing."""
_VERSION = 1
"""Of the table's layout, kept as the file's `user_version`; 0 is a new file."""
_TABLE = """
CREATE TABLE IF NOT EXISTS consent (
    picture TEXT PRIMARY KEY,
    basis TEXT NOT NULL,
    given TEXT NOT NULL
)
"""
_UPSERT = "INSERT OR REPLACE INTO consent (picture, basis, given) VALUES (?, ?, ?)"


@dataclass(frozen=True)
class Consent:
    """What was answered for one picture, or for the recording of a voice."""

    basis: ConsentBasis | Literal["sample"]
    given: str
    """Day of the answer, YYYY-MM-DD; empty for a sample."""
    checksum: str
    """SHA-256 of the picture's or video's file, or of a recording's whose voice is imitated."""
    voice: Consent | None = None
    """The answer for the recording whose voice is imitated beside it; not kept with this one."""


Memory = MutableMapping[str, Consent]
"""Answers by the picture's checksum, and for voices by the recording's after "voice:"."""

_in_process: Memory = {}
"""Answers that could not be written to disk."""


def ledger_path() -> Path | None:
    """The database file, in the user's state folder (`XDG_STATE_HOME` is honoured); None without a home."""
    named = os.environ.get("XDG_STATE_HOME", "").strip()
    try:
        folder = Path(named) / _FOLDER if named else Path(user_state_dir(_FOLDER, appauthor=False))
    except RuntimeError:  # neither HOME nor an entry in the password file
        return None
    # Older versions of platformdirs give a literal "~" instead, which must not become a folder.
    return folder / _DATABASE if folder.is_absolute() else None


def recall(checksum: str) -> Consent | None:
    """The answer for the picture with this checksum; None where there is none, or none that makes sense."""
    if (unwritten := _in_process.get(checksum)) is not None:
        return unwritten
    found: tuple[Any, ...] | None = None
    with _database() as database:
        if database is not None:
            query = "SELECT basis, given FROM consent WHERE picture = ?"
            found = database.execute(query, (checksum,)).fetchone()
    if found is None or found[0] not in get_args(ConsentBasis):
        return None
    return Consent(cast(ConsentBasis, found[0]), str(found[1]), checksum)


def remember(consent: Consent) -> None:
    """Keep an answer, in place of an earlier one for the same picture."""
    _in_process[consent.checksum] = consent
    with _database() as database:
        if database is not None:
            database.execute(_UPSERT, (consent.checksum, consent.basis, consent.given))
            _in_process.pop(consent.checksum, None)  # another thread may have stored the same answer


@contextmanager
def _database() -> Iterator[sqlite3.Connection | None]:
    """An open database; None where there can be none. SQLite's errors in the block end it with a warning."""
    path = ledger_path()
    if path is None:
        log.warning("There is no home folder, so answers about consent last only as long as this process.")
        yield None
        return
    try:
        database = _opened(path)
    except (OSError, sqlite3.Error) as error:
        log.warning("%s cannot be used, so answers last only as long as this process: %s", path, error)
        yield None
        return
    with closing(database):
        try:
            yield database
        except sqlite3.Error as error:
            log.warning("%s cannot be read or written, so this answer is not kept: %s", path, error)


def _opened(path: Path) -> sqlite3.Connection:
    """The database, made or mended first if need be.

    Raises:
        OSError, sqlite3.Error: it cannot be opened or made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    return open_or_renew(path, _connected, lost="and consent is asked again")


def _connected(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
    try:
        if _version(database) < _VERSION:
            _set_up(database, path.with_name(_FORMER))
        # Reads the whole file, which is small: damage may lie anywhere in it.
        if (said := database.execute("PRAGMA quick_check").fetchone()[0]) != "ok":
            raise sqlite3.DatabaseError(said)
    except BaseException:
        database.close()
        raise
    return database


def _set_up(database: sqlite3.Connection, former: Path) -> None:
    """Make the table and take over the answers of an earlier version, once."""
    with suppress(sqlite3.OperationalError):  # a network file system has no shared memory; works without
        database.execute("PRAGMA journal_mode = WAL")
    database.execute("BEGIN IMMEDIATE")
    if _version(database) < _VERSION:  # no other process was faster
        database.execute(_TABLE)
        database.executemany(_UPSERT, _former_answers(former))
        database.execute(f"PRAGMA user_version = {_VERSION}")
    database.execute("COMMIT")
    with suppress(OSError):
        former.unlink(missing_ok=True)


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def _former_answers(path: Path) -> Iterator[tuple[str, str, str]]:
    """Picture, basis and day of each answer in an earlier version's file that makes sense."""
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        log.warning("%s cannot be read, so earlier answers about consent are not known: %s", path, error)
        return
    for picture, entry in known.items() if isinstance(known, dict) else ():
        if isinstance(entry, dict) and entry.get("right") in get_args(ConsentBasis):
            yield picture, entry["right"], str(entry.get("given", ""))
