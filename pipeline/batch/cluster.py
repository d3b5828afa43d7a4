"""Workers on a Ray cluster: the same function for each row as on this machine, as a task with what it needs.

The cluster's nodes have the studio installed, in this version, and reach the table's files and the batch's
folder under the same paths. A task gets plain JSON and a function by its name: no code is sent.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Generator, Iterable
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

import pipeline
from pipeline.batch.capacity import core_count, networks, task_bytes
from pipeline.batch.jobs import Job
from pipeline.batch.outcomes import Outcome
from pipeline.batch.processes import ATTEMPTS, ONE_THREAD
from pipeline.batch.rendering import render_job
from pipeline.errors import OptionError

_AHEAD = 2
"""Tasks in flight for each core of the cluster: enough that no core waits, and few to cancel."""


def work_on_ray(
    jobs: Iterable[Job], address: str, *, store: Path | None = None
) -> Generator[Outcome, None, None]:
    """Make the videos of these rows on a cluster; each row's `Outcome` comes when it is there.

    Args:
        jobs: the rows, in the order in which they are begun.
        address: "local" for a cluster on this machine, "auto" for the one that this machine is part of, or
            ray://HOST:PORT.
        store: the folder of finished segments, shared by all nodes; each node's own where None.

    Raises:
        OptionError: Ray is not installed, or no cluster answers there.
    """
    jobs = list(jobs)
    ray = _connected(address)
    try:
        yield from _worked(ray, jobs, store)
    finally:
        ray.shutdown()


def _connected(address: str) -> ModuleType:
    try:
        import ray
    except ModuleNotFoundError as error:
        sentence = "Ray is not installed; install the studio with its extra `cluster`, or leave ray out."
        raise OptionError(sentence, parameter="ray") from error
    if address not in ("local", "auto") and not address.startswith("ray://"):
        sentence = f"ray={address} is no cluster; give local, auto or ray://HOST:PORT."
        raise OptionError(sentence, parameter="ray")
    variables = dict(ONE_THREAD)
    about: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if address == "local":
        variables["PYTHONPATH"] = str(Path(pipeline.__file__).parents[1])
        about |= {"num_cpus": core_count(), "include_dashboard": False}
    try:
        ray.init(address, runtime_env={"env_vars": variables}, **about)
    except (ConnectionError, RuntimeError, ValueError, TimeoutError) as error:
        sentence = f"No cluster answers at {address}; start one, or check the address and its port."
        raise OptionError(sentence, parameter="ray") from error
    return ray


def _worked(ray: ModuleType, jobs: list[Job], store: Path | None) -> Generator[Outcome, None, None]:
    """Keep a few tasks for each core in flight until all rows are finished."""
    cluster = ray.cluster_resources()
    gpus = 1 if networks(jobs) and cluster.get("GPU") else 0
    task = ray.remote(num_cpus=1, num_gpus=gpus, memory=task_bytes(jobs), max_retries=ATTEMPTS - 1)(_made)
    room = _AHEAD * max(1, int(cluster.get("CPU", 1)))
    waiting, flying = iter(jobs), dict[Any, Job]()
    try:
        while True:
            for job in islice(waiting, room - len(flying)):
                flying[task.remote(_packed(job), pipeline.__version__, store and str(store))] = job
            if not flying:
                return
            ready, _ = ray.wait(list(flying), num_returns=1)
            for reference in ready:
                yield _outcome(ray, reference, flying.pop(reference))
    finally:
        for reference in flying:
            ray.cancel(reference, force=True)


def _outcome(ray: ModuleType, reference: Any, job: Job) -> Outcome:
    try:
        outcome = Outcome(**json.loads(ray.get(reference)))
    except ray.exceptions.RayError as error:
        reason = f"The cluster could not make it ({type(error).__name__}); see Ray's dashboard for its log."
        return Outcome(job.row, job.name, "failed", reason, digest=job.digest)
    if outcome.status == "done" and not job.path.is_file():
        reason = f"It was made, but is not in {job.folder} here; give a folder that all nodes share."
        return Outcome(job.row, job.name, "failed", reason, digest=job.digest)
    return outcome


def _packed(job: Job) -> str:
    return json.dumps(asdict(job), default=str)


def _made(packed: str, version: str, store: str | None) -> str:
    """The task: a row's outcome as JSON. Runs on a node of the cluster."""
    values = json.loads(packed)
    template = values["template"]
    job = Job(**{**values, "folder": Path(values["folder"]), "template": template and Path(template)})
    if version != pipeline.__version__:
        reason = (
            f"A node has version {pipeline.__version__} of the studio, and this machine {version}; install "
            "the same one."
        )
        return json.dumps(asdict(Outcome(job.row, job.name, "failed", reason, digest=job.digest)))
    return json.dumps(asdict(render_job(job, _unheard, None if store is None else Path(store))))


def _unheard(fraction: float) -> None:
    """A task tells nobody how far it is: Ray's dashboard shows it as running."""
