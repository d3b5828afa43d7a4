"""The table, the template and the folder of a batch, on this machine or at URLs, become its rows."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from os import PathLike, fspath
from pathlib import Path

from pipeline.batch.jobs import Job, jobs_of
from pipeline.batch.outcomes import RESULTS, Outcome, read_outcomes
from pipeline.batch.remote import fetched, files_below, is_remote, require_known, workplace
from pipeline.batch.tables import read_table

Place = str | PathLike[str]
"""A path, or the URL of a file or a folder."""


def folder_of(output: Place) -> Path:
    """The folder on this machine where a batch is written down, and its videos are where they have no URL."""
    return workplace(fspath(output)) if is_remote(output) else Path(output).absolute()


def url_of(place: Place) -> str | None:
    """The URL without a slash at the end, or None for a path."""
    return fspath(place).rstrip("/") if is_remote(place) else None


def rows_of(table: Place, output: Place, template: Place | None, consent: str | None) -> list[Job]:
    """The rows, of which columns, names and required cells are checked; see `jobs_of`.

    Raises:
        StudioError: the table or the template cannot be used.
    """
    for place in (table, output, template):
        require_known(place)
    url, script_url = url_of(table), None if template is None else url_of(template)
    found = read_table(Path(table) if url is None else fetched(url))
    script = None if template is None else Path(template) if script_url is None else fetched(script_url)
    jobs = jobs_of(replace(found, url=url), folder_of(output), script, consent=consent)
    return [replace(job, remote=url_of(output), template_url=script_url) for job in jobs]


@dataclass(frozen=True)
class Before:
    """What earlier runs left of a batch."""

    outcomes: dict[str, Outcome]
    """By the video's name."""
    listed: frozenset[str] | None
    """The files of the folder, where it has a URL: to ask for each of thousands would take minutes."""

    def has(self, folder: Path, name: str) -> bool:
        """Whether a file is there, by its name relative to the batch's folder."""
        return os.path.lexists(folder / name) if self.listed is None else name in self.listed

    def own_files(self, name: str) -> tuple[str, ...]:
        """The files that belong to the video of this name, relative to the batch's folder."""
        known = self.outcomes.get(name)
        return () if known is None else known.own_files

    def _has_video(self, job: Job) -> bool:
        """Whether there is a video of a row."""
        return job.exists if self.listed is None else job.name in self.listed

    def is_current(self, job: Job) -> bool:
        """Whether there is one, and nothing that decides what it looks like has changed."""
        known = self.outcomes.get(job.name)
        return (
            known is not None
            and known.status == "done"
            and known.digest == job.digest
            and self._has_video(job)
        )


def before_of(output: Place) -> Before:
    """What earlier runs left; those of other machines count where there is a URL.

    Raises:
        StudioError: the URL cannot be used.
    """
    own, url = read_outcomes(folder_of(output)), url_of(output)
    if url is None:
        return Before(own, None)
    listed = files_below(url)
    theirs = read_outcomes(fetched(f"{url}/{RESULTS}").parent) if RESULTS in listed else {}
    waited = {name for name, outcome in theirs.items() if outcome.status == "waiting"}
    # The table at the URL may be older than the one here, if this machine failed between the two.
    finished = {name: own[name] for name in waited & own.keys() if own[name].status == "done"}
    return Before({**own, **theirs, **finished}, listed)
