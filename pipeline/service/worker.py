"""The background work of the job store: fetching files, making videos, telling webhooks.

One thread makes videos, one after the other and in turn with the page's; a few fetch files, so that a slow
address holds up nobody else's job; one tells webhooks and removes what is old.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict
from typing import Any

from pipeline.errors import StudioError
from pipeline.progress import Progress, Result, run_to_end
from pipeline.service import estimates, jobs, metrics, running_jobs, submission, takes, webhooks
from pipeline.service.estimates import ESTIMATES
from pipeline.service.messages import UNFORESEEN, named_as_sent
from pipeline.service.running_jobs import CancelledError
from pipeline.service.settings import Settings
from pipeline.service.store import JobStore, Record

log = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0
"""Between two looks for work that another process may have left."""
_TIDY_SECONDS = 600.0
_FETCHERS = 4
_MOST_ATTEMPTS = 3
"""How often a job is begun that the process did not survive."""
_SPACING = 0.2
"""Seconds between two records of a job's progress, and between looks whether it is still wanted."""


class Worker:
    """Works through a store until it is stopped."""

    def __init__(self, store: JobStore, settings: Settings) -> None:
        """Nothing is done before `start`."""
        self._store, self._settings = store, settings
        self._name = f"{secrets.token_hex(8)}.worker"
        self._wake, self._stop = threading.Event(), threading.Event()
        self._held = ExitStack()
        self._fetchers = ThreadPoolExecutor(_FETCHERS, "fetch")
        self._threads = [
            threading.Thread(target=work, name=name, daemon=True)
            for name, work in (("videos", self._make_all), ("webhooks", self._tell_all))
        ]

    def start(self) -> None:
        """Take up what an earlier process left, and begin."""
        self._held.enter_context(running_jobs.locked(self._store.home / self._name))
        self._recover()
        for record in self._store.unready():
            self.fetch(record)
        for thread in self._threads:
            thread.start()

    def stop(self, *, patience: float = 10.0) -> None:
        """Begin nothing more, and wait for the threads; `running_jobs.stop_all` ends a job that runs.

        Args:
            patience: seconds to wait for each thread.
        """
        self._stop.set()
        self._wake.set()
        for thread in self._threads:
            thread.join(patience)
        self._fetchers.shutdown(wait=False, cancel_futures=True)
        self._held.close()

    def notice(self, record: Record) -> None:
        """There is a new job."""
        if record.ready:
            self._wake.set()
        else:
            self.fetch(record)

    def fetch(self, record: Record) -> None:
        """Fetch a job's files in the background; it is made when they are here."""
        self._fetchers.submit(self._fetch, record)

    def _fetch(self, record: Record) -> None:
        folder = self._store.folder(record.id)
        try:
            with named_as_sent(folder / "given"):
                asked = submission.fetched(folder, record.asked, self._settings)
                submission.prepared(folder, asked)
        except Exception as error:  # noqa: BLE001 - the job says what went wrong
            self._fail(record, error)
            return
        self._store.ready(record.id, asked)
        self._wake.set()

    def _make_all(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            try:
                metrics.WAITING.set(self._store.waiting())
                record = self._store.claim(self._name)
                if record is not None:
                    self._make(record)
                    continue
            except Exception:
                log.exception("The line of jobs was interrupted.")
            self._wake.wait(_LOOK_SECONDS)

    def _make(self, record: Record) -> None:
        try:
            with named_as_sent(self._store.folder(record.id) / "given"):
                made = self._rendered(record)
            self._require_wanted(record)
            takes.keep(made, record.id, {"text": record.asked["answers"].get("text", "")})
        except Exception as error:  # noqa: BLE001 - the job says what went wrong
            if running_jobs.is_stopping():
                self._store.again(record, attempts=record.attempts - 1)
            else:
                self._fail(record, error)
            return
        if not self._store.end(record.id, "done", fraction=1.0, result=_described(made)):
            jobs.discard(self._store.folder(record.id) / "made")  # cancelled at the last moment

    def _rendered(self, record: Record) -> Result:
        job = submission.prepared(self._store.folder(record.id), record.asked)
        events = ESTIMATES.watch(job.run("store", preview=False), estimates.video_seconds(job.plan))
        written = 0.0

        def write(event: Progress) -> None:
            nonlocal written
            if time.monotonic() - written > _SPACING:
                written = time.monotonic()
                self._require_wanted(record)
                self._store.change(
                    record.id, stage=event.stage, fraction=event.fraction, seconds_left=event.seconds_left
                )

        return run_to_end(events, Result, write)

    def _require_wanted(self, record: Record) -> None:
        now = self._store.find(record.id)
        if now is None or now.state != "running":
            raise CancelledError("The job was cancelled.")

    def _fail(self, record: Record, error: Exception) -> None:
        now = self._store.find(record.id)
        if now is None or now.over:  # cancelled meanwhile
            jobs.discard(self._store.folder(record.id) / "made")
            return
        foreseen = isinstance(error, StudioError)
        if not foreseen:
            log.error("job %s failed", record.id, exc_info=error)
        problem = {
            "sentence": str(error) if foreseen else UNFORESEEN,
            "parameter": getattr(error, "parameter", None),
            "reason": type(error).__name__,
            "foreseen": foreseen,
        }
        self._store.end(record.id, "failed", problem=problem)

    def _recover(self) -> None:
        """Requeue the jobs whose process died; fail those with which it died too often."""
        for record in self._store.running():
            if record.owner and running_jobs.is_locked(self._store.home / record.owner):
                continue
            if record.attempts >= _MOST_ATTEMPTS:
                words = (
                    "The server stopped whenever it made this video; try a shorter one, or another engine."
                )
                self._fail(record, CancelledError(words))
            else:
                self._store.again(record, attempts=record.attempts)

    def _tell_all(self) -> None:
        tidied = 0.0
        while not self._stop.is_set():
            try:
                for record in self._store.hooks_due():
                    webhooks.tell(self._store, record, self._settings)
                if time.monotonic() - tidied > _TIDY_SECONDS:
                    tidied = time.monotonic()
                    self._recover()
                    self._store.sweep()
            except Exception:
                log.exception("The webhooks were interrupted.")
            self._stop.wait(_LOOK_SECONDS)


def _described(made: Result) -> dict[str, Any]:
    """What is kept of a result in the job's row; the rest is in the record beside the video."""
    files = {"video": made.video, "captions": made.captions, "motion": made.motion}
    return {
        **{name: None if path is None else path.name for name, path in files.items()},
        "seconds": round(made.duration, 3),
        "head": made.head,
        "lips": made.lips,
        "seed": made.seed,
        "notes": list(made.notes),
        "findings": [
            {key: value for key, value in asdict(found).items() if key != "value"} for found in made.findings
        ],
    }
