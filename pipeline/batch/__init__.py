"""Batches: a table becomes a folder of videos, one for each row.

`run` makes what is missing or changed, `stream` does the same event by event, and `plan` says what would be
done. An error in one row never stops the others, and nothing that is finished is lost.

Importing this package is quick: a process that only passes on how far others are loads nothing else.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.batch.errors import BatchError
    from pipeline.batch.events import Batch, BatchCheck, BatchEvent, BatchProgress
    from pipeline.batch.guests import Guest
    from pipeline.batch.outcomes import Outcome
    from pipeline.batch.planning import BatchPlan, plan
    from pipeline.batch.running import run, stream

_HOMES = {
    "Batch": "events",
    "BatchCheck": "events",
    "BatchError": "errors",
    "BatchEvent": "events",
    "BatchPlan": "planning",
    "BatchProgress": "events",
    "Guest": "guests",
    "Outcome": "outcomes",
    "plan": "planning",
    "run": "running",
    "stream": "running",
}
"""The modules that the names below come from; each is imported when it is first asked for."""

__all__ = [
    "Batch",
    "BatchCheck",
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


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
