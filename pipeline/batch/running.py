"""Making a batch: `run` to its end, `stream` event by event."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import PurePath

from pipeline.batch.course import Where, events_of
from pipeline.batch.events import Batch, BatchCheck, BatchEvent, BatchProgress
from pipeline.batch.guests import Guest
from pipeline.batch.opening import Place, rows_of
from pipeline.batch.outcomes import Outcome
from pipeline.errors import OptionError
from pipeline.progress import run_to_end
from pipeline.script import Store

_MOST_WORKERS = 256


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
    progress: Callable[[BatchCheck | BatchProgress | Outcome], None] | None = None,
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
        progress: called whenever the check of the rows or the batch has come further, or a row is finished.

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
    return run_to_end(events, Batch, progress)


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
        StudioError: as for `run`; at once where it is the table, or before any `BatchProgress`.
    """
    if workers is not None and not 1 <= workers <= _MOST_WORKERS:
        raise OptionError(
            f"workers={workers} is not possible; give a whole number from 1 to {_MOST_WORKERS}.",
            parameter="workers",
        )
    rows = rows_of(table, output, template, consent)
    where = Where(workers, ray, None if store is None else store.folder, guest)
    title, store = PurePath(table).stem, store or Store()
    return events_of(rows, title, output, where, store=store, review=review, overwrite=overwrite)
