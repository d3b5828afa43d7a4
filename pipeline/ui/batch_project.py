"""A visitor's batch on the page: a table, the files that it names, and the folder of its videos.

Everything lies in one folder of the visit. Rows may only name files that came with the table: other paths
would be the server's.
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline import zips
from pipeline.batch import Batch, BatchCheck, BatchError, BatchPlan, Guest
from pipeline.batch.capacity import core_count, networks
from pipeline.batch.guests import FINISHED
from pipeline.batch.page import page_alone
from pipeline.batch.planning import planning
from pipeline.files import written_whole
from pipeline.service import running_jobs
from pipeline.service.render_queue import RENDER_QUEUE

TABLES = (".csv", ".tsv", ".xlsx", ".jsonl", ".ndjson")
"""What can be opened as a table, by the end of its name; of several such files the first in this order."""
TEMPLATES = (".yaml", ".yml")

_LARGEST = 2_000_000_000
"""Bytes of everything in a ZIP, unpacked."""
PUBLIC_ROWS = 20
"""Rows of a batch on a page that strangers share."""
_PUBLIC_SECONDS = 600.0
"""Of video in such a batch."""


@dataclass(frozen=True)
class Project:
    """A table that was opened."""

    folder: Path
    """Where its files lie."""
    table: Path
    template: Path | None
    public: bool
    """Whether strangers share the page."""

    @property
    def output(self) -> Path:
        """The folder of the videos."""
        return self.folder / FINISHED

    @property
    def guest(self) -> Guest:
        """The limits of this batch: the folder it may read, and the jobs that it yields to."""
        return Guest(self.folder, {} if self.public else None, _others_wait)

    @property
    def workers(self) -> int | None:
        """How many: on a shared page, a core is left to those who wait for one video."""
        return max(1, core_count() - 1) if self.public else None


@dataclass(frozen=True)
class Outlook:
    """What a batch would do, and whether it has to be asked why the faces may be used."""

    plan: BatchPlan
    asks: bool


def opened(files: Sequence[str], folder: Path, *, public: bool) -> Project:
    """The table in these files, which are copied into the folder; ZIPs are unpacked.

    Raises:
        BatchError: there is no table, or a ZIP cannot be used.
    """
    for file in map(Path, files):
        if file.suffix.lower() == ".zip":
            _unpack(file, folder)
        else:
            shutil.copy(file, folder / file.name)
    files_there = (path for path in folder.rglob("*") if path.is_file())
    found = sorted(files_there, key=lambda path: (len(path.parts), path))  # before those of an earlier batch
    table = _first(found, TABLES)
    if table is None:
        raise BatchError("Add a table: CSV, TSV, XLSX or JSON Lines.")
    return Project(folder, table, _first(found, TEMPLATES), public)


def outlook(project: Project, consent: str | None) -> Generator[BatchCheck | Outlook, None, None]:
    """How far the rows are checked, then what `consent` for the faces of rows that do not say so themselves
    would lead to.

    Raises:
        StudioError: the table cannot be used, or is too much for this page.
    """
    found = yield from _planned(project, project.guest, consent)
    asks = any(each.parameter == "consent" for each in found.problems)
    if asks and consent is None:  # what else is wrong; nothing is remembered of this answer
        found = yield from _planned(project, replace(project.guest, memory={}), "fictional")
    if project.public:
        _require_modest(found)
    yield Outlook(found, asks)


def pack(project: Project, batch: Batch) -> tuple[Path, Path]:
    """The ZIP of everything that was made, and the summary page by itself."""
    folder = project.folder / "download"
    folder.mkdir(exist_ok=True)
    summary, archive = folder / f"{project.table.stem}.html", folder / f"{project.table.stem}.zip"
    with written_whole(summary) as part:
        part.write_text(page_alone(project.output, project.table.stem, batch.outcomes), encoding="utf-8")
    with written_whole(archive) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as written:
        for path in sorted(project.output.rglob("*")):
            name = path.relative_to(project.output)
            if path.is_file() and not any(each.startswith(".") for each in name.parts):
                written.write(path, name)
    return archive, summary


def _planned(project: Project, guest: Guest, consent: str | None) -> Generator[BatchCheck, None, BatchPlan]:
    return planning(
        project.table,
        project.output,
        template=project.template,
        workers=project.workers,
        consent=consent,
        guest=guest,
    )


def _others_wait() -> bool:
    """Whether a single video is being rendered or waited for.

    Raises:
        CancelledError: the server is stopping.
    """
    running_jobs.require_open()
    return len(RENDER_QUEUE) > 0


def _require_modest(found: BatchPlan) -> None:
    """Refuse what would keep a shared machine busy for long."""
    own = "run larger ones on your own machine."
    if found.rows > PUBLIC_ROWS:
        raise BatchError(f"A batch on this page has at most {PUBLIC_ROWS} rows; {own}")
    if found.duration > _PUBLIC_SECONDS:
        raise BatchError(f"A batch on this page has at most {_PUBLIC_SECONDS / 60:.0f} min of video; {own}")
    if slow := networks(found.left):
        sentence = f"A batch on this page cannot use {slow[0].name}; leave the engine out."
        raise BatchError(sentence, column=slow[0].layer)


def _first(paths: Sequence[Path], kinds: Sequence[str]) -> Path | None:
    ranked: Iterator[Path] = (path for kind in kinds for path in paths if path.suffix.lower() == kind)
    return next(ranked, None)


def _unpack(archive: Path, folder: Path) -> None:
    """Unpack the files of a ZIP into the folder, except those that are hidden."""
    with zips.opened(archive, BatchError, largest=_LARGEST) as found:
        shown = [name for name in found.entries if not any(part.startswith(".") for part in name.split("/"))]
        found.write(folder, {name: name for name in shown})
