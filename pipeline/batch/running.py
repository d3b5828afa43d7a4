"""A batch from its table to its folder of videos: what is missing or changed is made, and nothing is lost."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath

from filelock import FileLock, Timeout

from pipeline.batch.capacity import gpu_count, most_workers, uses_gpus, worker_count
from pipeline.batch.checking import checked
from pipeline.batch.cluster import work_on_ray
from pipeline.batch.errors import BatchError
from pipeline.batch.guests import Guest
from pipeline.batch.jobs import OUTPUT, Job
from pipeline.batch.ledger import Ledger
from pipeline.batch.opening import Place, folder_of, known_of, rows_of, url_of
from pipeline.batch.outcomes import RESULTS, Outcome
from pipeline.batch.page import PAGE
from pipeline.batch.processes import Share, work
from pipeline.errors import OptionError, OutputError
from pipeline.files import discard_left, output_error
from pipeline.script import Store

_LOCK = ".batch.lock"
_MOST_WORKERS = 256


@dataclass(frozen=True)
class BatchProgress:
    """How far a batch is."""

    done: int
    """Rows that are finished, failed ones too."""
    total: int
    """Rows that are to be made in this run."""
    fraction: float
    """Share of them, 0 to 1."""
    seconds_left: float | None = None
    making: Mapping[int, float] = field(default_factory=dict)
    """The rows that are being made, and how much of each is done, 0 to 1."""


@dataclass(frozen=True)
class Batch:
    """The finished batch."""

    outcomes: tuple[Outcome, ...]
    """Of every row, in order."""
    made: int
    """How many videos were made in this run."""
    kept: int
    """How many were there already, and unchanged."""
    results: Path
    """The table of outcomes."""
    page: Path
    """The summary page."""

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """The rows without a video."""
        return tuple(outcome for outcome in self.outcomes if outcome.status == "failed")


BatchEvent = BatchProgress | Outcome | Batch


def run(
    table: Place,
    output: Place,
    *,
    template: Place | None = None,
    workers: int | None = None,
    ray: str | None = None,
    overwrite: bool = False,
    consent: str | None = None,
    review: bool = False,
    store: Store | None = None,
    progress: Callable[[BatchProgress | Outcome], None] | None = None,
) -> Batch:
    """Make a video for each row of a table; a row that fails does not stop the others.

    The workers are processes that import the calling program again, which therefore calls this under
    `if __name__ == "__main__":`.

    Args:
        table: CSV, TSV, XLSX or JSON Lines, whose columns are fields of `spec.Scene` and `spec.Output`, or
            the template's placeholders, and `output`, the name of each video. It, the files that it names,
            the template and the folder of the videos may also be URLs of s3://, gs://, hf:// and the like.
        output: the folder of the videos, which is created.
        template: a script with `{placeholders}` that each row fills in.
        workers: how many videos are made at the same time; as many as this machine, or the cluster, carries
            where None.
        ray: a Ray cluster that makes the videos instead: "local", "auto" or ray://HOST:PORT.
        overwrite: make every video again, and replace files that are not of this batch.
        consent: why the faces may be used of which neither the table nor the template says so.
        review: whether each video is reviewed as well, which takes about as long as making it.
        store: where segments of scripts are kept; the user's own where None.
        progress: called whenever the batch has come further or a row is finished.

    Raises:
        StudioError: the table, or none of its rows, can be used; nothing was rendered.
    """
    events = stream(
        table,
        output,
        template=template,
        workers=workers,
        ray=ray,
        overwrite=overwrite,
        consent=consent,
        review=review,
        store=store,
    )
    with closing(events):
        for event in events:
            if isinstance(event, Batch):
                return event
            if progress is not None:
                progress(event)
    raise AssertionError("a batch that raises nothing ends in a Batch")


def stream(
    table: Place,
    output: Place,
    *,
    template: Place | None = None,
    workers: int | None = None,
    ray: str | None = None,
    overwrite: bool = False,
    consent: str | None = None,
    review: bool = False,
    store: Store | None = None,
    guest: Guest | None = None,
) -> Generator[BatchEvent, None, None]:
    """The same as `run`, event by event. Close it to stop: what is finished stays, and a rerun goes on.

    Args:
        guest: whose batch it is, if not of this machine's user.

    Raises:
        StudioError: as for `run`; before the first event.
    """
    if workers is not None and not 1 <= workers <= _MOST_WORKERS:
        raise OptionError(
            f"workers={workers} is not possible; give a whole number from 1 to {_MOST_WORKERS}.",
            parameter="workers",
        )
    rows = rows_of(table, output, template, consent)
    jobs, mistaken = sorted_out(rows, checked(rows, store or Store(), guest))
    jobs = [replace(job, review=review) for job in jobs]
    where = _Where(workers, ray, None if store is None else store.folder, guest)
    return _events(jobs, mistaken, PurePath(table).stem, output, where, overwrite=overwrite)


def sorted_out(jobs: list[Job], found_out: Iterable[Job | BatchError]) -> tuple[list[Job], list[Outcome]]:
    """The checked jobs, and the outcomes of rows whose mistakes were found before anything is rendered.

    Raises:
        BatchError: each row is mistaken; the sentence is of the first.
    """
    found, mistaken, first = list[Job](), list[Outcome](), None
    for job, good in zip(jobs, found_out, strict=True):
        if isinstance(good, Job):
            found.append(good)
        else:
            first = first or good
            mistaken.append(Outcome(job.row, job.name, "failed", str(good)))
    if first is not None and not found:
        more = f" In all, {len(mistaken)} rows have mistakes." if len(mistaken) > 1 else ""
        sentence, about = f"{first.sentence}{more}", first.parameter or "table"
        raise BatchError(sentence, row=first.row, column=first.column, parameter=about) from first
    return found, mistaken


@dataclass(frozen=True)
class _Where:
    """What makes the videos."""

    workers: int | None
    ray: str | None
    store: Path | None
    guest: Guest | None

    def made(self, jobs: list[Job]) -> Generator[Outcome | Share | None, None, None]:
        """The messages of whoever makes these videos."""
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


def _events(
    jobs: list[Job], mistaken: list[Outcome], title: str, output: Place, where: _Where, *, overwrite: bool
) -> Generator[BatchEvent, None, None]:
    folder = folder_of(output)
    with _locked(folder):
        for name in (RESULTS, PAGE):
            discard_left(folder / name)
        before = known_of(output)
        waiting = [job for job in jobs if overwrite or not is_current(job, before)]
        if not overwrite:
            _require_own(waiting, before)
        begun = _begun(jobs, waiting, before) | {outcome.output: outcome for outcome in mistaken}
        ledger = Ledger(folder, title, len(begun), begun, url_of(output))
        ledger.write()
        yield from mistaken
        if waiting:
            with closing(where.made(waiting)) as made:
                yield from _told(made, len(waiting), ledger)
        ledger.write()
        outcomes = tuple(sorted(ledger.known.values(), key=lambda outcome: outcome.row))
        count = sum(ledger.known[job.name].status == "done" for job in waiting)
        yield Batch(outcomes, count, len(jobs) - len(waiting), folder / RESULTS, ledger.write_page())


def is_current(job: Job, before: dict[str, Outcome]) -> bool:
    """Whether the video of a row is there and nothing that decides it has changed."""
    known = before.get(job.name)
    return known is not None and known.status == "done" and known.digest == job.digest and job.exists


def _begun(jobs: list[Job], waiting: list[Job], before: dict[str, Outcome]) -> dict[str, Outcome]:
    """What is known as the run begins. Rows that wait are in it, so that their files are known as the batch's
    own even if it is killed between a file and its outcome.
    """
    missing = {job.name for job in waiting}
    return {
        job.name: Outcome(job.row, job.name, "waiting")
        if job.name in missing
        else replace(before[job.name], row=job.row)
        for job in jobs
    }


def _require_own(jobs: list[Job], before: dict[str, Outcome]) -> None:
    """Refuse to replace files that no run of this batch has made."""
    for job in jobs:
        if job.name not in before and (job.exists if job.remote else job.path.exists()):
            raise BatchError(
                f"{job.name} already exists and is not of this batch; give another folder, or allow it to be "
                "overwritten.",
                row=job.row,
                column=OUTPUT,
                parameter="overwrite",
            )


def _told(
    messages: Iterable[Outcome | Share | None], total: int, ledger: Ledger
) -> Iterator[BatchProgress | Outcome]:
    """The workers' messages as events of the batch; outcomes are written down first."""
    started, done, shares = time.monotonic(), 0, dict[int, float]()
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
        yield BatchProgress(done, total, fraction, left, dict(shares))


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep other batches out of the folder, which is created."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / _LOCK)
        lock.acquire(timeout=0)
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
