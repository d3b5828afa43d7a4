"""The course of a batch: rows are checked, what is missing or changed is made, and all is written down."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline.batch.capacity import gpu_count, most_workers, uses_gpus, worker_count
from pipeline.batch.checking import checked
from pipeline.batch.cluster import work_on_ray
from pipeline.batch.errors import BatchError
from pipeline.batch.events import Batch, BatchCheck, BatchEvent, BatchProgress
from pipeline.batch.guests import Guest
from pipeline.batch.jobs import Job
from pipeline.batch.ledger import Ledger
from pipeline.batch.leftovers import discard_unfinished
from pipeline.batch.opening import Before, Place, before_of, folder_of, url_of
from pipeline.batch.outcomes import RESULTS, Outcome
from pipeline.batch.ownership import files_of, require_own
from pipeline.batch.page import PAGE
from pipeline.batch.processes import Share, work
from pipeline.errors import OutputError
from pipeline.files import output_error
from pipeline.script import Store

_LOCK = ".batch.lock"
_PATIENCE = 15.0
"""Seconds for which a guest's batch waits for the folder: one cancelled just now is still cleaning up."""
_TOLD_AFTER = 1.0
"""Seconds for which mistakes are kept back while no row is right: where none is, one sentence says so."""


@dataclass(frozen=True)
class Where:
    """What makes the videos."""

    workers: int | None
    ray: str | None
    store: Path | None
    guest: Guest | None

    def made(self, jobs: list[Job]) -> Generator[Outcome | Share | None, None, None]:
        """The messages of whoever makes these videos."""
        if not jobs:
            return
        if self.ray is not None:
            yield from work_on_ray(jobs, self.ray, store=self.store, most=self.workers)
            return
        gpus = gpu_count() if uses_gpus(jobs) else 0
        most = None if self.workers or gpus else most_workers(jobs)
        workers = self.workers or worker_count(jobs)
        made = work(jobs, workers=workers, most=most, gpus=gpus, store=self.store, guest=self.guest)
        with closing(made):
            for message in made:
                yield self._plain(message)

    def _plain(self, message: Outcome | Share | None) -> Outcome | Share | None:
        if self.guest is None or not isinstance(message, Outcome):
            return message
        return replace(message, reason=self.guest.plain(message.reason))


def events_of(
    rows: list[Job],
    title: str,
    output: Place,
    where: Where,
    *,
    store: Store,
    review: bool,
    overwrite: bool,
) -> Generator[BatchEvent, None, None]:
    """Check these rows, and make what is missing or changed.

    Args:
        rows: as the table has them.
        title: the table's name.
        output: the folder of the videos, or its URL.
        where: what makes them.
        store: where the segments of scripts are kept.
        review: whether finished videos are reviewed.
        overwrite: whether every video is made again, and files of others are replaced.

    Raises:
        StudioError: no row can be made, or nothing can be written.
    """
    jobs, mistaken = yield from _sorted_out(rows, checked(rows, store, where.guest))
    jobs = [replace(job, review=review) for job in jobs]
    folder = folder_of(output)
    with _locked(folder, 0.0 if where.guest is None else _PATIENCE):
        before = before_of(output)
        discard_unfinished(folder, [RESULTS, PAGE, *before.outcomes, *_named_files(rows)])
        waiting = [job for job in jobs if overwrite or not before.is_current(job)]
        if not overwrite:
            require_own(folder, waiting, before)
        begun = _begun(jobs, waiting, mistaken, before)
        ledger = Ledger(folder, title, len(begun), begun, url_of(output))
        ledger.write()
        ledger.write_page()
        try:
            with closing(where.made(_by_subject(waiting))) as made:
                yield from _told(made, len(waiting), ledger)
        finally:  # of workers that were killed, or did not stop in time
            discard_unfinished(folder, _named_files(waiting))
        ledger.write()
        outcomes = tuple(sorted(ledger.known.values(), key=lambda outcome: outcome.row))
        count = sum(ledger.known[job.name].status == "done" for job in waiting)
        kept, page = len(jobs) - len(waiting), ledger.write_page()
    yield Batch(outcomes, count, kept, folder / RESULTS, page, ledger.remote)


def _sorted_out(
    rows: list[Job], found_out: Iterable[Job | BatchError | BatchCheck]
) -> Generator[Outcome | BatchCheck, None, tuple[list[Job], list[Outcome]]]:
    """Tell how far the check is, and the outcomes of rows whose mistakes it finds.

    Returns:
        The jobs that are right, and those outcomes.

    Raises:
        BatchError: each row is mistaken; the sentence is of the first.
    """
    found, mistaken, first = list[Job](), list[Outcome](), None
    started, told = time.monotonic(), 0
    following = iter(rows)
    for good in found_out:
        if isinstance(good, BatchCheck):
            yield good
            continue
        job = next(following)
        if isinstance(good, Job):
            found.append(good)
        else:
            first = first or good
            mistaken.append(Outcome(job.row, job.name, "failed", str(good)))
        if found or time.monotonic() - started >= _TOLD_AFTER:
            yield from mistaken[told:]
            told = len(mistaken)
    if first is not None and not found:
        more = f" In all, {len(mistaken)} rows have mistakes." if len(mistaken) > 1 else ""
        sentence, about = f"{first.sentence}{more}", first.parameter or "table"
        raise BatchError(sentence, row=first.row, column=first.column, parameter=about) from first
    return found, mistaken


def _begun(
    jobs: list[Job], waiting: list[Job], mistaken: list[Outcome], before: Before
) -> dict[str, Outcome]:
    """What is known as the run begins. Rows that wait are in it, so that their files are known as the batch's
    own even if it is killed between a file and its outcome; those of mistaken rows only if they were before.
    """
    missing = {job.name for job in waiting}
    begun = {
        job.name: Outcome(job.row, job.name, "waiting").owning(files_of(job, before))
        if job.name in missing
        else replace(before.outcomes[job.name], row=job.row)
        for job in jobs
    }
    for outcome in mistaken:
        begun[outcome.output] = outcome.owning(before.own_files(outcome.output))
    return begun


def _named_files(jobs: Iterable[Job]) -> Iterator[str]:
    return (name for job in jobs for name in job.named_files)


def _by_subject(jobs: list[Job]) -> list[Job]:
    """The jobs with those of a portrait together: to read one takes a third as long as a row."""
    first: dict[str, int] = {}
    return sorted(jobs, key=lambda job: first.setdefault(job.subject, len(first)))


def _told(
    messages: Iterable[Outcome | Share | None], total: int, ledger: Ledger
) -> Iterator[BatchProgress | Outcome]:
    """The workers' messages as events of the batch; outcomes are written down first."""
    started, done, shares = time.monotonic(), 0, dict[int, float]()
    if total:
        yield BatchProgress(0, total, 0.0)
    for message in messages:
        if isinstance(message, Share):
            shares[message.row] = message.fraction
        elif message is not None:
            shares.pop(message.row, None)
            done += 1
            ledger.add(message)
            yield message
        fraction = min((done + sum(shares.values())) / total, 1.0)
        elapsed = time.monotonic() - started
        left = elapsed * (1 - fraction) / fraction if fraction > 0.01 else None
        ledger.refresh_page()
        yield BatchProgress(done, total, fraction, left, dict(shares))


@contextmanager
def _locked(folder: Path, patience: float) -> Iterator[None]:
    """Keep other batches out of the folder, which is created; wait so many seconds for one that is in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # the page's events are taken by any of its threads
        lock = FileLock(folder / _LOCK, thread_local=False)
        lock.acquire(timeout=patience)
    except Timeout as error:
        raise OutputError(
            f"Another batch is writing into {folder}; wait for it, or give another folder.",
            parameter="output",
        ) from error
    except OSError as error:
        raise output_error(folder, error, parameter="output") from error
    try:
        yield
    finally:
        lock.release()
