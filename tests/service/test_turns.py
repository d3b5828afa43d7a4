"""The line in which the page's visitors and the callers of HTTP wait."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from pipeline.progress import Progress
from pipeline.samples import HOPPER
from pipeline.service import form
from pipeline.service.turns import TURNS, Turns


def test_turns_come_in_the_order_of_joining() -> None:
    line, order = Turns(), []
    inside = threading.Event()

    def take(name: str) -> None:
        with line.joined() as turn:
            joined.release()
            while not turn.come(60):
                pass
            inside.wait(60)
            order.append(name)

    joined = threading.Semaphore(0)
    threads = []
    for name in "abc":
        threads.append(threading.Thread(target=take, args=(name,)))
        threads[-1].start()
        joined.acquire()
    assert len(line) == 3
    inside.set()
    for thread in threads:
        thread.join()
    assert order == ["a", "b", "c"] and len(line) == 0


def test_who_leaves_the_line_holds_up_nobody() -> None:
    line = Turns()
    with line.joined() as first:
        with line.joined() as second:
            assert first.come(0) and not second.come(0)
        with line.joined() as third:
            assert not third.come(0)
    with line.joined() as last:
        assert last.come(0)


def test_a_job_that_waits_says_so_and_can_be_given_up(tmp_path: Path) -> None:
    job = form.accept({"photo": str(HOPPER.path), "text": "Hi.", "size": 128}, tmp_path)
    with TURNS.joined():
        events = job.run(preview=False)
        began = time.monotonic()
        assert next(events) == Progress("waiting", 0.0)
        assert time.monotonic() - began < 3
        events.close()
        assert len(TURNS) == 1
    assert not job.folder.exists()
