"""Workers on a Ray cluster: the same function for each row as on this machine, as a task with what it needs.

The cluster's nodes have the studio installed, in this version, and reach the table's files and the batch's
folder under the same paths. A task gets plain JSON and a function by its name: no code is sent.
"""

from __future__ import annotations

import json
import logging
import os
import re
import socket
from collections import Counter, deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import pipeline
from pipeline.batch.capacity import core_count
from pipeline.batch.cluster_board import Board
from pipeline.batch.cluster_nodes import Needs, Nodes
from pipeline.batch.cluster_tasks import make, packed
from pipeline.batch.cluster_token import admitted
from pipeline.batch.jobs import Job
from pipeline.batch.outcomes import Outcome
from pipeline.batch.processes import LIMITS, Share, worker_environment
from pipeline.errors import OptionError

_ATTEMPTS = 3
"""How often a row is tried whose worker dies, and how often one whose node does: a node that is being lost
may take the same row more than once, which is not the row's fault."""
_AHEAD = 2
"""Tasks in flight for each core of the cluster: enough that no core waits, and few to cancel."""
_LOOK_EVERY = 1.0
"""Seconds between two looks at how far the tasks are."""
_ANSWER_WITHIN = 3.0
"""Seconds that a cluster's port has to accept a connection."""
_PATIENCE = 5.0
"""Seconds that tasks have to clean up when they are cancelled."""
_LOCAL = {
    "RAY_worker_niceness": "0",
    "RAY_enable_metrics_collection": "0",
    "RAY_raylet_start_wait_time_s": "240",
    "RAY_agent_register_timeout_ms": "240000",
    "RAY_worker_register_timeout_seconds": "240",
}
"""Environment of a cluster on this machine, unless it is set: its workers get as much of the cores as workers
without Ray do, not what all others leave; nobody reads the figures that its processes would collect; and its
processes, which Ray gives up after 30 to 100 s, may take longer to start where the machine is busy.
"""
_LONGEST_REASON = 300
"""Characters of what Ray itself says; of its own processes that fail, it cites the logs."""
_VERSIONS = re.compile(r"Ray: (\S+)\s+Python: (\S+)")
"""What Ray says of the cluster, and then of this machine, where they do not fit."""


def work_on_ray(
    jobs: Iterable[Job], address: str, *, store: Path | None = None, most: int | None = None
) -> Generator[Outcome | Share, None, None]:
    """Make the videos of these rows on a cluster; each row's `Outcome` comes when it is there.

    Args:
        jobs: the rows, in the order in which they are begun.
        address: "local" for a cluster on this machine, "auto" for the one that this machine is part of, or
            ray://HOST:PORT.
        store: the folder of finished segments, shared by all nodes; each node's own where None.
        most: how many rows are made at the same time; as many as the cluster has cores where None.

    Raises:
        OptionError: Ray is not installed, no cluster answers there, or answers any more, a node has another
            version of the studio, or no node can make these rows.
    """
    jobs = list(jobs)
    ray = _connected(address, most)
    try:
        with _answering(ray, address):
            yield from _Cluster(ray, jobs, store, most if address != "local" else None).work()
    finally:
        ray.shutdown()


@contextmanager
def _answering(ray: ModuleType, address: str) -> Iterator[None]:
    """Say in a sentence that the cluster itself failed, or went away, during the block."""
    try:
        yield
    except (ray.exceptions.RayError, ConnectionError, TimeoutError) as error:
        what = type(error).__name__
        sentence = f"The cluster at {address} does not answer any more ({what}); run the batch again, and it "
        raise OptionError(f"{sentence}goes on with what is missing.", parameter="ray") from error


def _connected(address: str, cores: int | None) -> ModuleType:
    """Ray, connected; a cluster on this machine gets so many cores."""
    _require_answer(address)
    try:
        with admitted(address):
            return _begun(address, cores)
    except ModuleNotFoundError as error:
        sentence = "Ray is not installed; install the studio with its extra `cluster`, or leave ray out."
        raise OptionError(sentence, parameter="ray") from error


def _begun(address: str, cores: int | None) -> ModuleType:
    about: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    inherited: dict[str, str] = {}
    if address != "local":
        # On a full disk, Python before 3.12.8 keeps half of a compiled module, which fails all later rows.
        about["runtime_env"] = {"env_vars": {**LIMITS, "PYTHONDONTWRITEBYTECODE": "1"}}
    else:
        # Processes that are started ahead, one for each core, are of use only without an environment of the
        # tasks' own.
        own = {name: value for name, value in _LOCAL.items() if name not in os.environ}
        paths = (str(Path(pipeline.__file__).parents[1]), os.environ.get("PYTHONPATH", ""))
        inherited = {**LIMITS, **own, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
        about |= {"num_cpus": cores or core_count(), "include_dashboard": False}
    try:
        with worker_environment(inherited):
            import ray  # which reads its own settings only now

            ray.init(address, **about)
    except ModuleNotFoundError:
        raise
    except Exception as error:
        raise _unstarted(address, error) from error
    return ray


def _require_answer(address: str) -> None:
    """Refuse what is no address, and ports that nobody listens at: Ray itself would try for half a minute."""
    named = os.environ.get("RAY_ADDRESS", "local") if address == "auto" else address
    if named in ("local", "auto", ""):
        return
    host, _, port = named.removeprefix("ray://").rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        sentence = f"ray={named} is no cluster; give local, auto or ray://HOST:PORT."
        raise OptionError(sentence, parameter="ray")
    try:
        socket.create_connection((host.strip("[]"), int(port)), _ANSWER_WITHIN).close()
    except OSError as error:
        raise _silent(named) from error


def _unstarted(address: str, error: Exception) -> OptionError:
    """What to say of Ray's error on starting a cluster, or on joining one."""
    reason = " ".join(str(error).split()) or type(error).__name__
    is_late = type(error) is Exception and "timed out" in reason  # as of a node; it has no kind of its own
    shortened = reason[:_LONGEST_REASON]
    versions = _VERSIONS.findall(str(error))
    if address == "local" and is_late:
        sentence = (
            "Ray does not start on this machine, which may be too busy; try again later, or leave ray out."
        )
    elif address == "local":
        sentence = f"Ray does not start on this machine: {shortened}"
    elif is_late or isinstance(error, ConnectionError | TimeoutError) or "connect to GCS" in reason:
        return _silent(address)
    elif len(versions) == 2:
        (theirs, their_python), (own, own_python) = versions
        sentence = (
            f"The cluster at {address} has Ray {theirs} on Python {their_python}, and this machine Ray {own} "
            f"on Python {own_python}; install the same ones."
        )
    else:
        sentence = f"Ray cannot use the cluster at {address}: {shortened}"
    return OptionError(sentence, parameter="ray")


def _silent(address: str) -> OptionError:
    sentence = f"No cluster answers at {address}; start one, or check the address, its port and its token."
    return OptionError(sentence, parameter="ray")


class _Cluster:
    """Rows on their way through a cluster."""

    def __init__(self, ray: ModuleType, jobs: list[Job], store: Path | None, most: int | None) -> None:
        """Look at the nodes; nothing is begun yet. `most`: rows that are under way at the same time."""
        self._ray, self._store = ray, None if store is None else str(store)
        self._waiting, self._most = deque(jobs), most
        self._flying: dict[Any, Job] = {}
        self._attempts = Counter[tuple[int, bool]]()
        self._nodes = Nodes(ray)
        self._nodes.require_version()
        self._needs = Needs(self._nodes, jobs)
        # asked every second, it would be all that there is to see in Ray's list of tasks
        unlisted = {"num_cpus": 0, "max_restarts": -1, "enable_task_events": False}
        self._board = ray.remote(**unlisted)(Board).remote()
        self._task = ray.remote(max_retries=0)(make)

    def work(self) -> Iterator[Outcome | Share]:
        """Keep a few tasks for each core in flight until all rows are finished."""
        try:
            while self._waiting or self._flying:
                while self._waiting and len(self._flying) < (self._most or _AHEAD * self._nodes.cores()):
                    self._begin(self._waiting.popleft())
                ready, _ = self._ray.wait(list(self._flying), num_returns=1, timeout=_LOOK_EVERY)
                for reference in ready:
                    yield from self._ended(reference, self._flying.pop(reference))
                yield from self._shares()
        finally:
            self._cancel()

    def _begin(self, job: Job) -> None:
        options = {**self._needs.of(job), **self._nodes.strategy(), "name": f"row {job.row}, {job.name}"}
        reference = self._task.options(**options).remote(
            packed(job), pipeline.__version__, self._store, self._board
        )
        self._flying[reference] = job

    def _ended(self, reference: Any, job: Job) -> Iterator[Outcome]:
        """The outcome of a task; nothing where its row is to be tried again."""
        errors = self._ray.exceptions
        try:
            said = json.loads(self._ray.get(reference))
        except errors.RayTaskError as error:
            yield _failed(
                job, f"A node could not make it ({error.cause!r}); see Ray's dashboard for its log."
            )
        except errors.RayError as error:  # a worker, a node or the result was lost
            lost = job.row, isinstance(error, errors.WorkerCrashedError)
            self._attempts[lost] += 1
            if self._attempts[lost] < _ATTEMPTS:
                self._waiting.appendleft(job)
                return
            what = type(error).__name__
            yield _failed(job, f"The cluster lost it {_ATTEMPTS} times ({what}); see Ray's dashboard.")
        else:
            yield from self._said(said, job)

    def _said(self, said: dict[str, Any], job: Job) -> Iterator[Outcome]:
        if "version" in said:
            raise self._nodes.mismatch(said["node"], said["version"])
        if "full" in said:
            if self._nodes.avoid(said["node"]):
                self._waiting.appendleft(job)
            else:
                yield _failed(job, said["full"])
            return
        outcome = Outcome(**said["outcome"])
        if outcome.status == "done" and job.remote is None and not job.exists:
            yield _failed(
                job, f"It was made, but is not in {job.folder} here; give a folder that all nodes share."
            )
            return
        yield outcome

    def _shares(self) -> list[Share]:
        """How far the tasks are; nothing while the board's node is not there."""
        try:
            told = self._ray.get(self._board.read.remote(), timeout=_LOOK_EVERY)
        except self._ray.exceptions.RayError:
            return []
        rows = {job.row for job in self._flying.values()}
        return [Share(row, fraction) for row, fraction in told.items() if row in rows]

    def _cancel(self) -> None:
        """Stop what is under way: tasks remove what they have not finished, those that cannot are ended."""
        with suppress(
            self._ray.exceptions.RayError, ConnectionError
        ):  # the cluster is gone, and they with it
            for force in (False, True):
                for reference in self._flying:
                    self._ray.cancel(reference, force=force)
                if self._flying:
                    everything = len(self._flying)
                    _, left = self._ray.wait(list(self._flying), num_returns=everything, timeout=_PATIENCE)
                    self._flying = {reference: self._flying[reference] for reference in left}


def _failed(job: Job, reason: str) -> Outcome:
    return Outcome(job.row, job.name, "failed", reason, digest=job.digest)
