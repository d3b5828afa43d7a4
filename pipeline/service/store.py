"""Jobs that outlive the process: one SQLite file, and a folder per job with what was given and what was made.

SQLite with a write-ahead log, because progress is written while others read. Times are seconds since the
epoch. What a caller asked for is forgotten as soon as the job has ended; the files stay for a day, as the
page's do.
"""

from __future__ import annotations

import json
import secrets
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from pipeline.errors import OutputError
from pipeline.service import database
from pipeline.service.jobs import KEEP_SECONDS

State = Literal["queued", "running", "done", "failed", "cancelled"]

_NEXT = """
SELECT * FROM job AS mine WHERE state = 'queued' AND ready
ORDER BY (SELECT MAX(started) FROM job AS theirs WHERE theirs.client = mine.client), created LIMIT 1
"""
"""The oldest job of the caller who was served longest ago: many jobs of one do not hold up another's."""

_OPEN = "id = ? AND ended IS NULL"
"""A job that is not over."""


@dataclass(frozen=True)
class Record:
    """A job as it is kept."""

    id: str
    client: str
    """Who asked for it: a hash of the key or the address."""
    state: State
    created: float
    started: float | None
    ended: float | None
    ready: bool
    """Whether every file that was asked for is here."""
    owner: str | None
    """The process that makes it, by the name of its lock file."""
    asked: Mapping[str, Any]
    """What was asked for, as `submission` keeps it; empty once the job has ended."""
    stage: str | None
    fraction: float
    seconds_left: float | None
    problem: Mapping[str, Any]
    """Why it failed: `sentence`, `parameter` and `reason`."""
    result: Mapping[str, Any]
    """What was made: the files' names and what is known of them."""
    attempts: int
    """How often it was begun."""
    repeat_key: str | None
    """The caller's idempotency key."""
    digest: str
    """Of the request, to tell a repetition from another request under the same key."""
    hook: Mapping[str, Any]
    """Whom to tell when it has ended: `url`, and the server's own address `base`; empty for nobody."""
    hook_tries: int
    hook_due: float | None
    """When to tell it next; None where there is nothing to tell."""

    @property
    def over(self) -> bool:
        """Whether nothing changes any more."""
        return self.state in ("done", "failed", "cancelled")


class JobStore:
    """The jobs of one server."""

    def __init__(self, home: Path) -> None:
        """`home`: the folder that everything is kept in; it is made, for this user alone.

        Raises:
            OutputError: it cannot be used.
        """
        self.home = home
        self._lock = threading.RLock()
        self._watchers: dict[str, list[Callable[[], None]]] = {}
        try:
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._database = database.opened(home / "jobs.db")
        except (OSError, sqlite3.Error) as error:
            sentence = f"The jobs cannot be kept in {home} ({error}); check STUDIO_DATA and its permissions."
            raise OutputError(sentence) from error

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()

    def new_folder(self) -> Path:
        """A folder for a job that may be added, whose name is the job's id and cannot be guessed."""
        folder = self.home / secrets.token_urlsafe(16)
        (folder / "given").mkdir(mode=0o700, parents=True)
        return folder

    def folder(self, name: str) -> Path:
        """The folder of a job."""
        return self.home / name

    def add(self, name: str, client: str, **more: Any) -> Record:
        """Keep a new job in the queue; one that the caller asked for before under its `repeat_key` instead.

        Args:
            name: of its folder.
            more: other columns: `asked`, `ready`, `repeat_key`, `digest` and `hook`.
        """
        values = {"id": name, "client": client, "state": "queued", "created": time.time(), **_written(more)}
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        with self._lock:
            self._database.execute(
                f"INSERT OR IGNORE INTO job ({names}) VALUES ({marks})", tuple(values.values())
            )
            if (key := values.get("repeat_key")) is not None and (before := self.repeated(client, key)):
                return before
            return self[name]

    def __getitem__(self, name: str) -> Record:
        """A job that is known to exist."""
        found = self.find(name)
        if found is None:
            raise KeyError(name)
        return found

    def find(self, name: str) -> Record | None:
        """A job by its id; None where there is none, or no longer."""
        return self._one("SELECT * FROM job WHERE id = ?", name)

    def repeated(self, client: str, key: str) -> Record | None:
        """The job that a caller asked for under an idempotency key."""
        return self._one("SELECT * FROM job WHERE client = ? AND repeat_key = ?", client, key)

    def claim(self, owner: str) -> Record | None:
        """The job to make next, which `owner` runs from now on; None where none waits."""
        with self._writing():
            found = self._one(_NEXT)
            if found is not None:
                self.change(
                    found.id,
                    state="running",
                    owner=owner,
                    started=time.time(),
                    attempts=found.attempts + 1,
                    stage="waiting",
                )
        return None if found is None else self.find(found.id)

    def change(self, name: str, **values: Any) -> None:
        """Set some columns of a job, if there still is one."""
        self._update("id = ?", name, values)

    def ready(self, name: str, asked: Mapping[str, Any]) -> None:
        """Mark a job as ready to run, all its files being here; a job that has ended stays as it is."""
        self._update(_OPEN, name, {"asked": asked, "ready": True})

    def again(self, record: Record, *, attempts: int) -> None:
        """Put a job that was interrupted back into the queue, as one that was begun so many times."""
        values = {"state": "queued", "owner": None, "stage": None, "fraction": 0.0, "seconds_left": None}
        self._update(_OPEN, record.id, {**values, "attempts": attempts})

    def end(self, name: str, state: State, **values: Any) -> bool:
        """A job has ended: what was asked for is forgotten, and its webhook is due.

        Returns:
            Whether this ended it; not where it had ended in another way, or was removed.
        """
        values |= {"state": state, "ended": time.time(), "asked": {}, "seconds_left": None, "stage": None}
        with self._writing():
            if not self._update(_OPEN, name, values):
                return False
            self._database.execute(
                "UPDATE job SET hook_due = ? WHERE id = ? AND hook != '{}'", (time.time(), name)
            )
        self._forget_words()
        shutil.rmtree(self.folder(name) / "given", ignore_errors=True)
        self._tell(name)
        return True

    def remove(self, name: str) -> None:
        """Forget a job, and remove its files."""
        with self._lock:
            self._database.execute("DELETE FROM job WHERE id = ?", (name,))
        self._forget_words()
        shutil.rmtree(self.folder(name), ignore_errors=True)
        self._tell(name)

    @contextmanager
    def watching(self, name: str, told: Callable[[], None]) -> Iterator[None]:
        """Within the block, `told` is called when a job ends or is removed in this process.

        Args:
            told: called in the thread that ends the job; it must neither wait nor raise.
        """
        with self._lock:
            self._watchers.setdefault(name, []).append(told)
        try:
            yield
        finally:
            with self._lock:
                self._watchers[name].remove(told)
                if not self._watchers[name]:
                    del self._watchers[name]

    def _tell(self, name: str) -> None:
        with self._lock:
            for told in self._watchers.get(name, ()):
                told()

    def ahead(self, record: Record) -> int:
        """Roughly how many jobs run before a waiting one: those that run or were submitted earlier."""
        query = "SELECT COUNT(*) FROM job WHERE id != ? AND state IN ('queued', 'running') AND created < ?"
        return self._count(query, record.id, record.created)

    def waiting(self) -> int:
        """How many jobs wait."""
        return self._count("SELECT COUNT(*) FROM job WHERE state = 'queued'")

    def running(self) -> list[Record]:
        """The jobs that run, in whichever process."""
        return self._all("SELECT * FROM job WHERE state = 'running'")

    def unready(self) -> list[Record]:
        """The jobs some of whose files have yet to be fetched."""
        return self._all("SELECT * FROM job WHERE state = 'queued' AND NOT ready")

    def hooks_due(self) -> list[Record]:
        """The jobs whose webhook is due."""
        return self._all("SELECT * FROM job WHERE hook_due <= ? ORDER BY hook_due", time.time())

    def sweep(self) -> None:
        """Remove the jobs that ended more than a day ago, and folders that belong to none."""
        past = time.time() - KEEP_SECONDS
        for record in self._all("SELECT * FROM job WHERE ended < ?", past):
            self.remove(record.id)
        for folder in self.home.iterdir():
            with suppress(FileNotFoundError):
                stray = folder.is_dir() and folder.stat().st_mtime < past and self.find(folder.name) is None
                if stray:
                    shutil.rmtree(folder, ignore_errors=True)

    def _one(self, query: str, *values: Any) -> Record | None:
        return next(iter(self._all(query, *values)), None)

    def _all(self, query: str, *values: Any) -> list[Record]:
        with self._lock:
            rows = self._database.execute(query, values).fetchall()
        return [_record(row) for row in rows]

    def _count(self, query: str, *values: Any) -> int:
        with self._lock:
            return int(self._database.execute(query, values).fetchone()[0])

    def _forget_words(self) -> None:
        """Leave nothing of an ended job in the log of writes either, which otherwise is overwritten late."""
        with self._lock:
            self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _update(self, which: str, name: str, values: Mapping[str, Any]) -> bool:
        """Set columns of the job that a condition finds; whether there was one."""
        pairs = ", ".join(f"{key} = ?" for key in values)
        with self._lock:
            given = (*_written(values).values(), name)
            return self._database.execute(f"UPDATE job SET {pairs} WHERE {which}", given).rowcount > 0

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """A transaction, which no other process interrupts."""
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")


def _record(row: sqlite3.Row) -> Record:
    values = {field.name: row[field.name] for field in fields(Record)}
    for name in ("asked", "problem", "result", "hook"):
        values[name] = json.loads(values[name])
    return Record(**{**values, "ready": bool(values["ready"])})


def _written(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as SQLite takes them."""
    return {name: json.dumps(value) if isinstance(value, dict) else value for name, value in values.items()}
