"""Which files of a folder a batch may replace: those that it wrote itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from pipeline.batch.errors import BatchError
from pipeline.batch.jobs import Job
from pipeline.batch.naming import OUTPUT
from pipeline.batch.opening import Before
from pipeline.batch.outcomes import RESULTS
from pipeline.batch.page import PAGE
from pipeline.batch.rendering import thumbnail_of

_FOREIGN = "already exists and is not of this batch; give another folder, or allow it to be overwritten."


def require_own(folder: Path, jobs: Iterable[Job], before: Before) -> None:
    """Refuse to replace files that no run of this batch has made.

    Args:
        folder: the batch's.
        jobs: the rows whose videos are to be made, which are checked.
        before: what earlier runs left.

    Raises:
        BatchError: one of them is there.
    """
    for name in (RESULTS, PAGE):
        if not before.outcomes and before.has(folder, name):
            raise BatchError(f"{name} {_FOREIGN}", parameter="overwrite")
    for job in jobs:
        own = before.own_files(job.name)
        for name, column in _files(job):
            if name not in own and before.has(folder, name):
                raise BatchError(f"{name} {_FOREIGN}", row=job.row, column=column, parameter="overwrite")


def _files(job: Job) -> Iterator[tuple[str, str]]:
    """The files of a row, each with the column that names it."""
    yield job.name, OUTPUT
    for name in job.beside:
        yield name, "motion" if name.endswith(".csv") else "captions"
    yield thumbnail_of(job.name), OUTPUT


def files_of(job: Job, before: Before) -> tuple[str, ...]:
    """The files that are the batch's own once a row is made, with those of its earlier videos."""
    return tuple(dict.fromkeys([*before.own_files(job.name), *(name for name, _ in _files(job))]))
