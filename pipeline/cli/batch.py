"""The shell's command for batches: `batch`, which makes a video for each row of a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, get_args

import click

from pipeline.cli.console import error_console, print_path, print_table, progress_bar
from pipeline.cli.flags import Flag
from pipeline.cli.shell import command, tell
from pipeline.stopping import Stopped
from pipeline.types import ConsentBasis

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.batch import Batch, BatchPlan, Outcome

_CHECKING = "Checking the table"
_MOST_SHOWN = 20
"""Rows with mistakes that are listed."""


@command(
    "batch",
    [
        click.Argument(["table"], metavar="TABLE"),
        Flag(
            ["-o", "--output"], metavar="FOLDER", required=True,
            group="File", help="The folder of the videos, or its URL.",
        ),
        Flag(
            ["--template"], metavar="SCRIPT", group="File",
            help="A script whose {placeholders} are the table's columns.",
        ),
        Flag(["--overwrite"], is_flag=True, group="File", help="Make every video again, and replace files."),
        Flag(
            ["--dry-run"], is_flag=True, group="File",
            help="Check every row and say what would be done; render nothing.",
        ),
        Flag(
            ["--consent"], type=click.Choice(get_args(ConsentBasis)), group="File",
            help="Why the faces may be used of which neither the table nor the template says so.",
        ),
        Flag(
            ["--review"], is_flag=True, group="File",
            help="Review every video as well, for marks on the summary page; takes about as long again.",
        ),
        Flag(
            ["--workers"], type=int, metavar="N", group="Machine",
            help="How many videos are made at the same time, on a cluster too. "
            "[default: as many as cores and memory carry]",
        ),
        Flag(
            ["--ray"], metavar="ADDRESS", group="Machine",
            help="Make the videos on a Ray cluster: local, auto or ray://HOST:PORT.",
        ),
    ],
    examples="talking-head batch jobs.csv -o videos --dry-run\n"
    "talking-head batch names.xlsx --template welcome.yaml -o videos --workers 4",
)  # fmt: skip
def _batch(
    table: str,
    output: str,
    template: str | None,
    overwrite: bool,
    dry_run: bool,
    consent: str | None,
    review: bool,
    workers: int | None,
    ray: str | None,
) -> None:
    """Make a video for each row of TABLE (CSV, TSV, XLSX or JSON Lines); run again, it goes on."""
    from pipeline.batch import Batch, BatchCheck, BatchProgress, Outcome, plan, stream

    console = error_console()
    if dry_run:
        with progress_bar(console) as bar:
            task = bar.add_task(_CHECKING, total=1.0)
            planned = plan(
                table,
                output,
                template=template,
                workers=workers,
                overwrite=overwrite,
                consent=consent,
                progress=lambda check: bar.update(task, completed=check.fraction),
            )
        _print_plan(planned)
        return
    events = stream(
        table,
        output,
        template=template,
        workers=workers,
        ray=ray,
        overwrite=overwrite,
        consent=consent,
        review=review,
    )
    said = ""
    with _saying_what_stays(lambda: said), closing(events), progress_bar(console) as bar:
        task = bar.add_task(_CHECKING, total=1.0)
        for event in events:
            if isinstance(event, BatchCheck):
                bar.update(task, completed=event.fraction)
            elif isinstance(event, BatchProgress):
                said = f"{event.done} of {event.total} videos"
                bar.update(task, completed=event.fraction, description=said)
            elif isinstance(event, Outcome):
                _tell_failure(event, console)
            elif isinstance(event, Batch):
                batch = event
    _conclude(batch)


@contextmanager
def _saying_what_stays(reached: Callable[[], str]) -> Iterator[None]:
    """Let an interrupt in the block say what it leaves behind, as a single video does not."""
    try:
        yield
    except KeyboardInterrupt as stop:
        if reached():
            sentence = f"Stopped after {reached()}; run the batch again, and it makes the rest."
            raise Stopped(sentence, stop) from stop
        raise


def _tell_failure(outcome: Outcome, console: Console) -> None:
    if outcome.status == "failed":
        console.print(f"Row {outcome.row}, {outcome.output}: {outcome.plain_reason}", markup=False)


def _conclude(batch: Batch) -> None:
    tell(f"{batch.made} rendered, {batch.kept} kept.")
    for path in (batch.results, batch.page):
        print_path(path if batch.url is None else f"{batch.url}/{path.name}")
    if batch.failed:
        from pipeline.batch import BatchError

        noun = "row" if len(batch.failed) == 1 else "rows"
        raise BatchError(f"{len(batch.failed)} {noun} failed; {batch.results.name} says why.")


def _print_plan(planned: BatchPlan) -> None:
    from rich.table import Table

    from pipeline.batch.page import clock

    if planned.first:
        table = Table("First video", "")
        for name, value in planned.first:
            table.add_row(name, value)
        print_table(table)
    for problem in planned.problems[:_MOST_SHOWN]:
        tell(str(problem))
    if len(planned.problems) > _MOST_SHOWN:
        tell(f"{len(planned.problems) - _MOST_SHOWN} more rows have mistakes.")
    tell(
        f"{planned.waiting} of {planned.rows} videos to render, together about {clock(planned.duration)} "
        f"long; that takes about {clock(planned.seconds)} with {planned.workers} at the same time."
    )
    if planned.problems:
        from pipeline.batch import BatchError

        raise BatchError("Rows with mistakes are left out; put them right, and run the batch again.")
