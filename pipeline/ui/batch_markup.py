"""The rows of a batch as a table: what is wrong with each, how far it is, and what became of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path

from pipeline.batch import BatchCheck, BatchPlan, BatchProgress, Outcome
from pipeline.batch.jobs import Job
from pipeline.batch.rendering import thumbnail_of
from pipeline.ui import markup

EMPTY = '<div class="vacant script-vacant"><p>Your rows appear here</p></div>'

_MOST_SHOWN = 200
"""Rows in the table; failed ones are shown first."""
_LONGEST = 70
"""Characters of a row's words."""

Row = tuple[int, str, str]
"""Number, name of the video, and words."""
Cell = tuple[str, str]
"""A kind, for its colour, and markup."""


def rows_of(jobs: Iterable[Job]) -> list[Row]:
    """What is shown of each row."""
    return [(job.row, job.name, _words(job)) for job in jobs]


def planned(found: BatchPlan) -> str:
    """What a batch would do, row by row."""
    left = {job.row for job in found.left}
    cells = {
        job.row: _cell("todo", "Ready") if job.row in left else _cell("kept", "Kept") for job in found.jobs
    }
    for problem in found.problems:
        column = f"<b>Column {escape(problem.column)}</b> " if problem.column else ""
        cells[problem.row or 0] = ("failed", f"{column}<span>{escape(problem.sentence)}</span>")
    return _outlook(found) + table(rows_of(found.jobs), cells)


def progress(event: BatchProgress, outcomes: Mapping[int, Outcome]) -> str:
    """A bar, how many videos are made, and the time left; the first failure as soon as there is one."""
    left = f"About {markup.duration(event.seconds_left)} left" if event.seconds_left else ""
    return _bar(event.fraction, f"{event.done} of {event.total} videos", left) + failure(outcomes)


def checking(event: BatchCheck) -> str:
    """A bar, and how many rows are checked."""
    return _bar(event.fraction, f"{event.done} of {event.total} rows checked", "")


def _bar(fraction: float, said: str, left: str) -> str:
    percent = round(100 * fraction)
    return (
        '<div class="progress"><p class="script-now" role="status">'
        f"<span>{said}</span><span>{left}</span></p>"
        f'<div class="bar" role="progressbar" aria-label="Progress" aria-valuemin="0" aria-valuemax="100" '
        f'aria-valuenow="{percent}"><span style="width:{percent}%"></span></div></div>'
    )


def failure(outcomes: Mapping[int, Outcome]) -> str:
    """What is wrong with the first row that failed, if any has."""
    first = next((each for each in outcomes.values() if each.status == "failed"), None)
    return "" if first is None else markup.notice(f"Row {first.row} failed: {first.plain_reason}")


def states(
    rows: Iterable[Row], folder: Path, outcomes: Mapping[int, Outcome], making: Mapping[int, float]
) -> str:
    """All rows as they are now."""
    cells: dict[int, Cell] = {}
    for number, _, _ in rows:
        outcome = outcomes.get(number)
        if outcome is None:
            share = making.get(number)
            cells[number] = _cell("todo", "Waiting") if share is None else _cell("now", f"{share:.0%}")
        elif outcome.status == "failed":
            cells[number] = ("failed", f"<span>{escape(outcome.plain_reason)}</span>")
        else:
            cells[number] = ("kept", _made(outcome, folder))
    return table(rows, cells)


def stopped(shown: str) -> str:
    """Rows as `states` showed them, of which nothing is being made any more."""
    kind, said = _cell("todo", "Waiting")
    return re.sub(
        r'<tr class="now">(.*?<td>)<span>\d+%</span></td></tr>',
        rf'<tr class="{kind}">\1{said}</td></tr>',
        shown,
        flags=re.DOTALL,
    )


def table(rows: Iterable[Row], cells: Mapping[int, Cell]) -> str:
    """The rows, failed ones first, with what is to be said of each."""
    ordered = sorted(rows, key=lambda row: cells[row[0]][0] != "failed")
    shown = "".join(
        f'<tr class="{cells[number][0]}"><th scope="row">{number}</th><td translate="no">{escape(name)}'
        f"<small>{escape(words)}</small></td><td>{cells[number][1]}</td></tr>"
        for number, name, words in ordered[:_MOST_SHOWN]
    )
    more = len(ordered) - _MOST_SHOWN
    rest = f'<p class="hint">{more} more rows are not shown.</p>' if more > 0 else ""
    return (
        '<table class="rows"><thead><tr><th scope="col">Row</th><th scope="col">Video</th>'
        f'<th scope="col">Status</th></tr></thead><tbody>{shown}</tbody></table>{rest}'
    )


def _outlook(found: BatchPlan) -> str:
    length, taken = markup.duration(found.duration), markup.duration(found.seconds)
    said = f"{found.waiting} of {found.rows} videos to render, {length} in all. It takes about {taken}."
    mistaken = len(found.problems)
    faults = ""
    if mistaken:
        noun = "1 row has a mistake" if mistaken == 1 else f"{mistaken} rows have mistakes"
        faults = f"<p>{noun} and will be left out.</p>"
    said = said if found.waiting or faults else "Nothing has changed; every video is there."
    return f'<div class="script-plan" role="status"><p>{said}</p>{faults}</div>'


def _made(outcome: Outcome, folder: Path) -> str:
    picture = folder / thumbnail_of(outcome.output)
    shown = f'<img src="{markup.address(picture)}" alt="" loading="lazy">' if picture.is_file() else ""
    link = (
        f'<a href="{markup.address(folder / outcome.output)}" target="_blank" rel="noopener">'
        f"{shown}<span>{markup.duration(outcome.duration)}</span></a>"
    )
    return link + (f"<small>{escape(outcome.reason)}</small>" if outcome.reason else "")


def _words(job: Job) -> str:
    values = [job.values.get("text") or job.values.get("audio") or ""]
    text = " · ".join(map(str, values if job.template is None else job.values.values()))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _cell(kind: str, said: str) -> Cell:
    return kind, f"<span>{said}</span>"
