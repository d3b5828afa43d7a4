"""Batches: a table becomes a folder of videos, one for each row.

`run` makes what is missing or changed, `stream` does the same event by event, and `plan` says what would be
done. An error in one row never stops the others, and nothing that is finished is lost.
"""

from pipeline.batch.errors import BatchError
from pipeline.batch.events import Batch, BatchEvent, BatchProgress
from pipeline.batch.guests import Guest
from pipeline.batch.outcomes import Outcome
from pipeline.batch.planning import BatchPlan, plan
from pipeline.batch.running import run, stream

__all__ = [
    "Batch",
    "BatchError",
    "BatchEvent",
    "BatchPlan",
    "BatchProgress",
    "Guest",
    "Outcome",
    "plan",
    "run",
    "stream",
]
