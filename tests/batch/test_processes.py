"""How many workers there are follows from the memory that they are seen to take."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections import deque
from pathlib import Path

import pytest

from pipeline.batch import capacity, processes, rendering
from pipeline.batch.jobs import Job
from pipeline.inference.device import DEVICE

GIGABYTE = 1_000_000_000


class Connection:
    """What is sent to a worker."""

    def __init__(self) -> None:
        self.sent: list[Job] = []
        self.closed = False

    def send(self, job: Job) -> None:
        self.sent.append(job)

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def pool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> processes._Pool:
    """A pool of up to four workers that starts with one; no process is started."""

    def start(self: processes._Pool, number: int) -> None:
        self.workers.append(processes._Worker(number, None, Connection()))  # type: ignore[arg-type]

    monkeypatch.setattr(processes._Pool, "start", start)
    jobs = deque(Job(row, f"{row}.mp4", tmp_path, {}) for row in range(2, 12))
    made = processes._Pool(1, 4, 0, None, None, jobs)
    made.start(0)
    return made


def free(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr("pipeline.inference.device.free_ram", lambda: size)


def test_workers_come_where_memory_shows_to_be_enough(
    pool: processes._Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    free(monkeypatch, 3 * GIGABYTE)
    pool.fit(pool.workers[0], GIGABYTE)
    assert [worker.number for worker in pool.workers] == [0, 1, 2], "2.5 GB beside the reserve carry two more"
    pool.fit(pool.workers[0], GIGABYTE)
    assert len(pool.workers) == 3, "the new ones have not taken their memory yet"
    free(monkeypatch, 9 * GIGABYTE)
    pool.fit(pool.workers[1], GIGABYTE)
    assert len(pool.workers) == 4, "never more than can be of use"


def test_engines_with_networks_get_a_worker_for_each_gpu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(DEVICE, raising=False)
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    jobs = [Job(row, f"{row}.mp4", tmp_path, {"head": "liveportrait"}) for row in range(2, 12)]
    assert capacity.worker_count(jobs) == capacity.most_workers(jobs) == 2
    assert not capacity.uses_gpus([Job(2, "a.mp4", tmp_path, {"head": "puppet"})])
    devices: list[str | None] = []
    heaps: list[str | None] = []
    context = multiprocessing.get_context("spawn")

    def start(self: object) -> None:
        devices.append(os.environ.get(DEVICE))
        heaps.append(os.environ.get("MALLOC_ARENA_MAX"))

    monkeypatch.delenv("MALLOC_ARENA_MAX", raising=False)
    monkeypatch.setattr(context.Process, "start", start)
    pool = processes._Pool(3, None, 2, None, None, deque(jobs))
    for number in range(3):
        pool.start(number)
    assert devices == ["cuda:0", "cuda:1", "cuda:0"] and DEVICE not in os.environ
    assert heaps == ["2"] * 3, "the threads of a row would leave gaps in eight for each core"


def test_a_templates_engines_count(tmp_path: Path) -> None:
    script = "presenters: {a: {subject: me.jpg, head: liveportrait}}\nscenes:\n- lines: ['Hello {name}.']\n"
    (tmp_path / "talk.yaml").write_text(script, encoding="utf-8")
    jobs = [Job(row, f"{row}.mp4", tmp_path, {"name": "A"}, tmp_path / "talk.yaml") for row in (2, 3)]
    assert [card.name for card in capacity.networks(jobs)] == ["liveportrait"]
    assert capacity.task_bytes(jobs) > capacity.WORKER_BYTES
    assert capacity.peak_bytes() > 10_000_000


def test_an_idle_worker_goes_where_memory_is_short(
    pool: processes._Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool.start(1)
    pool.size = 2
    free(monkeypatch, GIGABYTE // 10)
    for worker in list(pool.workers):
        pool.fit(worker, GIGABYTE)
    left = pool.workers[0]
    pool.feed()
    assert pool.size == 1 and len(pool.workers) == 1 and left.connection.closed
    assert len(pool.workers[0].connection.sent) == 1
    pool.most = None
    free(monkeypatch, 9 * GIGABYTE)
    pool.fit(pool.workers[0], GIGABYTE)
    assert len(pool.workers) == 1, "a number that was asked for stays"


def test_each_worker_stays_with_a_picture(pool: processes._Pool, tmp_path: Path) -> None:
    pool.start(1)
    pool.size = 2
    subjects = "aaabbc"
    pool.waiting = deque(
        Job(row, f"{row}.mp4", tmp_path, {"subject": each}) for row, each in enumerate(subjects)
    )
    while pool.waiting:
        pool.feed()
        for worker in pool.workers:
            worker.job = None
    read = ["".join(job.subject for job in worker.connection.sent) for worker in pool.workers]
    assert read == ["aaa", "bbc"], "no picture is read by both"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's heaps are Linux's")
def test_what_a_row_leaves_is_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Free memory below what is still in use."""

    def left_behind(job: Job, report: object) -> None:
        pieces = [b"x" * 100_000 for _ in range(1000)]
        kept.append(pieces[-1])

    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    kept: list[bytes] = []
    monkeypatch.setattr(rendering, "_scene", left_behind)
    before = resident()
    assert rendering.render_job(Job(2, "a.mp4", tmp_path, {}), lambda share: None).status == "failed"
    assert resident() - before < 30_000_000


def test_a_worker_that_is_dismissed_does_not_wait_for_threads_of_libraries(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    codes: list[int] = []
    monkeypatch.setattr(processes, "leave", codes.append)
    here, there = multiprocessing.Pipe()
    here.close()
    before = signal.getsignal(signal.SIGINT)
    try:
        processes._serve(there, None, 0)
    finally:
        signal.signal(signal.SIGINT, before)
    assert codes == [0]


ORPHAN = """import multiprocessing, time
from pipeline.batch import processes
processes.render_job = lambda *about: time.sleep(60)
context = multiprocessing.get_context("fork")
here, there = context.Pipe()
worker = context.Process(target=processes._serve, args=(there, None, 0))
worker.start()
here.send(processes.Job(2, "a.mp4", None, {}))
time.sleep(0.3)
print(worker.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are found under /proc")
def test_a_worker_ends_with_a_parent_that_is_killed_though_it_has_nothing_to_tell() -> None:
    with subprocess.Popen([sys.executable, "-c", ORPHAN], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        worker = Path("/proc", parent.stdout.readline().strip())
        assert worker.name.isdecimal() and running(worker)
        parent.kill()
    deadline = time.monotonic() + 60
    while running(worker):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def running(process: Path) -> bool:
    """Whether the process of this folder in /proc is there and no zombie."""
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
