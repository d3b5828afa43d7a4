"""The table, the template and the folder of a batch, on this machine or at URLs, become its rows."""

from __future__ import annotations

import shutil
from dataclasses import replace
from os import PathLike, fspath
from pathlib import Path

from pipeline.batch.jobs import Job, jobs_of
from pipeline.batch.outcomes import RESULTS, Outcome, read_outcomes
from pipeline.batch.remote import exists, fetched, is_remote, workplace
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
    url, script_url = url_of(table), None if template is None else url_of(template)
    found = read_table(Path(table) if url is None else fetched(url))
    script = None if template is None else Path(template) if script_url is None else fetched(script_url)
    jobs = jobs_of(replace(found, url=url), folder_of(output), script, consent=consent)
    return [replace(job, remote=url_of(output), template_url=script_url) for job in jobs]


def known_of(output: Place) -> dict[str, Outcome]:
    """What is known of earlier runs, by the video's name; those of other machines count where there is a URL.

    Raises:
        StudioError: the URL cannot be used.
    """
    folder, url = folder_of(output), url_of(output)
    if url is not None and exists(f"{url}/{RESULTS}"):
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(fetched(f"{url}/{RESULTS}"), folder / RESULTS)
    return read_outcomes(folder)
