"""Workers on this machine: processes that keep their models and make one row after the other.

The libraries of each worker compute on one thread, so that as many workers as cores do not take one another's
turns. Workers come and go with the memory that they are seen to take. One that dies is replaced, and its row
is tried once more.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import chain
from multiprocessing.connection import Connection, wait
from pathlib import Path

from pipeline.batch.capacity import peak_bytes, room_for
from pipeline.batch.guests import Guest
from pipeline.batch.jobs import Job
from pipeline.batch.outcomes import Outcome
from pipeline.batch.rendering import render_job
from pipeline.environment import restoring
from pipeline.inference.device import DEVICE
from pipeline.stopping import leave, signals_raise

ATTEMPTS = 2
"""How often a row is tried whose worker dies."""
_REPORT_EVERY = 0.5
"""Seconds between two messages of a worker about how far it is."""
_LOOK_EVERY = 0.2
"""Seconds between two looks whether a guest's batch may go on."""
_GUESTS_NICENESS = 5
"""How far a guest's workers stand back from the rest of the machine, as `os.nice` takes it."""
_PATIENCE = 10.0
"""Seconds that a worker has to clean up when the batch is stopped."""
LIMITS = {
    "OMP_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",  # each row's threads take any of glibc's eight heaps a core, which all grow
}
"""Environment of a worker, read when it starts and when its libraries are imported."""


@dataclass(frozen=True)
class Share:
    """How far a row is."""

    row: int
    fraction: float
    """0 to 1."""


@dataclass(frozen=True)
class _Taken:
    """What a worker has taken of the memory at most, bytes."""

    peak: int


@dataclass(eq=False)
class _Worker:
    """A process and what it is doing."""

    number: int
    process: multiprocessing.process.BaseProcess
    connection: Connection
    job: Job | None = None
    subject: str | None = None
    """The picture of its last row."""
    seen: bool = False
    """Whether it has said how much memory it takes."""


@dataclass
class _Pool:
    """The processes, and the rows that wait for one."""

    size: int
    """How many are to be at work."""
    most: int | None
    """How many there may be if there is the memory; None where `size` was asked for and stays."""
    gpus: int
    store: Path | None
    guest: Guest | None
    waiting: deque[Job]
    workers: list[_Worker] = field(default_factory=list)
    deaths: dict[int, int] = field(default_factory=dict)
    """How many workers died of a row."""

    def start(self, number: int) -> None:
        """Start the worker with this number."""
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(
            target=_serve,
            args=(theirs, self.store, 0 if self.guest is None else _GUESTS_NICENESS),
            name=f"batch-{number}",
            daemon=True,
        )
        chosen = {DEVICE: f"cuda:{number % self.gpus}"} if self.gpus > 1 else {}
        guests = {} if self.guest is None else self.guest.environment
        with worker_environment({**LIMITS, **chosen, **guests}):
            process.start()
        theirs.close()
        self.workers.append(_Worker(number, process, ours))

    def feed(self) -> None:
        """Give every idle worker a row; dismiss those for whom memory has become short."""
        if self.guest is not None and self.guest.waits():
            return
        for worker in list(self.workers):
            if worker.job is None and len(self.workers) > self.size:
                self.workers.remove(worker)
                worker.connection.close()  # which ends it
            elif worker.job is None and self.waiting:
                worker.job = self._next_for(worker)
                worker.subject = worker.job.subject
                with suppress(OSError):  # it has died, which `died` finds out
                    worker.connection.send(worker.job)

    def _next_for(self, worker: _Worker) -> Job:
        """Take a row of the picture that the worker has read, else of one that no other worker has, else the
        first: to read a picture takes a third as long as a row.
        """
        others = {each.subject for each in self.workers if each is not worker}
        own = (job for job in self.waiting if job.subject == worker.subject)
        free = (job for job in self.waiting if job.subject not in others)
        job = next(chain(own, free), self.waiting[0])
        self.waiting.remove(job)
        return job

    def messages(self) -> Iterator[Outcome | Share]:
        """What the workers have to say next."""
        patience = None if self.guest is None else _LOOK_EVERY
        for ready in wait([worker.connection for worker in self.workers], patience):
            worker = next(each for each in self.workers if each.connection is ready)
            try:
                message: Outcome | Share = worker.connection.recv()
            except (EOFError, OSError):
                yield from self.died(worker)
                continue
            if isinstance(message, _Taken):
                self.fit(worker, message.peak)
                continue
            if isinstance(message, Outcome):
                worker.job = None
            yield message

    def fit(self, worker: _Worker, peak: int) -> None:
        """Start workers, or dismiss some, now that it is known how much memory one takes."""
        worker.seen = True
        if self.most is None or not peak:
            return
        coming = sum(not each.seen for each in self.workers)
        self.size = max(1, min(self.most, len(self.workers) + room_for(peak) - coming))
        free = sorted(set(range(self.most)) - {each.number for each in self.workers})
        for number in free[: max(0, min(self.size - len(self.workers), len(self.waiting)))]:
            self.start(number)

    def died(self, worker: _Worker) -> Iterator[Outcome]:
        """Replace a worker that died, and try its row again or give it up."""
        self.workers.remove(worker)
        worker.connection.close()
        worker.process.join(_PATIENCE)
        job = worker.job
        if job is not None:
            self.deaths[job.row] = self.deaths.get(job.row, 0) + 1
            if self.deaths[job.row] < ATTEMPTS:
                self.waiting.appendleft(job)
            else:
                yield Outcome(job.row, job.name, "failed", _death(worker.process.exitcode), digest=job.digest)
        if self.waiting and len(self.workers) < self.size:
            self.start(worker.number)

    def close(self) -> None:
        """Stop all workers; they remove what they have not finished."""
        for worker in self.workers:
            worker.process.terminate()
        deadline = time.monotonic() + _PATIENCE
        for worker in self.workers:
            worker.process.join(max(0.0, deadline - time.monotonic()))
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
            worker.connection.close()


def work(
    jobs: Iterable[Job],
    *,
    workers: int,
    most: int | None = None,
    gpus: int = 0,
    store: Path | None = None,
    guest: Guest | None = None,
) -> Generator[Outcome | Share | None, None, None]:
    """Make the videos of these rows; each row's `Outcome` comes when it is there. Close it to stop.

    A guest's batch gives None now and then while nothing happens.

    Args:
        jobs: the rows, in the order in which they are begun, except that each worker keeps to one picture.
        workers: how many processes work at the same time.
        most: how many may do so once their memory has been measured; None for no other number.
        gpus: CUDA devices, of which each worker gets one where there are several, in turn.
        store: the folder of finished segments; the user's own where None.
        guest: whose batch it is, if not of this machine's user.
    """
    pool = _Pool(workers, most, gpus, store, guest, deque(jobs))
    left = len(pool.waiting)
    with closing(pool):
        for number in range(min(workers, left)):
            pool.start(number)
        while left:
            pool.feed()
            heard = False
            for message in pool.messages():
                heard = True
                left -= isinstance(message, Outcome)
                yield message
            if not heard:
                yield None


def _serve(connection: Connection, store: Path | None, niceness: int) -> None:
    """Make the rows that come through the connection until it is closed; runs in a process of its own."""
    if hasattr(os, "nice"):  # Windows has no such call
        os.nice(niceness)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the batch itself stops us
    with suppress(EOFError, OSError, KeyboardInterrupt), signals_raise():
        while True:
            job: Job = connection.recv()
            outcome = render_job(job, _teller(connection, job.row), store)
            connection.send(_Taken(peak_bytes()))
            connection.send(outcome)
    leave(0)  # everything is closed; threads of libraries that are left would abort an orderly end


def _end_with_parent() -> None:
    """End this process as soon as the batch's own has died, which could not stop it."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)


def _teller(connection: Connection, row: int) -> Callable[[float], None]:
    """A function that sends how far a row is, now and then."""
    told = time.monotonic()

    def tell(fraction: float) -> None:
        nonlocal told
        if time.monotonic() - told >= _REPORT_EVERY:
            told = time.monotonic()
            connection.send(Share(row, fraction))

    return tell


def _death(code: int | None) -> str:
    how = f"was ended by signal {-code}" if code is not None and code < 0 else f"ended with code {code}"
    return f"The process that made it {how}, {ATTEMPTS} times; if memory was short, use fewer workers."


@contextmanager
def worker_environment(values: dict[str, str]) -> Iterator[None]:
    """Processes that start in this block get these variables, except limits that others have set."""
    added = {name: value for name, value in values.items() if name not in LIMITS or name not in os.environ}
    with restoring(added):
        os.environ.update(added)
        yield
