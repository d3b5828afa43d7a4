"""What runs on the nodes of a Ray cluster. Tasks get plain JSON, and give it back."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pipeline
from pipeline.batch.jobs import Job
from pipeline.batch.rendering import DiskFullError, render_job
from pipeline.stopping import signals_raise

log = logging.getLogger(__name__)

_REPORT_EVERY = 2.0
"""Seconds between two messages of a task about how far it is."""


def packed(job: Job) -> str:
    """A row as JSON."""
    return json.dumps(asdict(job), default=str)


def make(row: str, version: str, store: str | None, board: Any) -> str:
    """The task: make the video of a row.

    Returns:
        JSON with one of `outcome`, `full` (the sentence of a disk without space) and `version` (of this
            node's studio, where it is not the caller's); and the `node` that it ran on.
    """
    import ray

    node = ray.get_runtime_context().get_node_id()
    if version != pipeline.__version__:
        return json.dumps({"version": pipeline.__version__, "node": node})
    logging.basicConfig(level=logging.INFO)
    values = json.loads(row)
    template = values["template"]
    job = Job(**{**values, "folder": Path(values["folder"]), "template": template and Path(template)})
    log.info("Row %d, %s", job.row, job.name)
    folder = None if store is None else Path(store)
    try:
        with signals_raise():  # of which a cancelled task gets one
            outcome = render_job(job, _teller(board, job.row), folder, raise_full=True)
    except DiskFullError as error:
        log.warning("Row %d: %s", job.row, error)
        return json.dumps({"full": str(error), "node": node})
    log.info("Row %d is %s after %.1f s. %s", job.row, outcome.status, outcome.took, outcome.reason)
    return json.dumps({"outcome": asdict(outcome), "node": node})


def gpu_bytes() -> int:
    """Memory of the GPU that this task was given."""
    import torch

    return int(torch.cuda.get_device_properties(0).total_memory)


def _teller(board: Any, row: int) -> Callable[[float], None]:
    """A function that tells the board how far a row is, now and then; nobody waits for the answer."""
    told = time.monotonic()

    def tell(fraction: float) -> None:
        nonlocal told
        if time.monotonic() - told >= _REPORT_EVERY:
            told = time.monotonic()
            log.info("Row %d is at %.0f %%", row, 100 * fraction)
            board.tell.remote(row, fraction)

    return tell
