"""The queue in which the page's visitors and the callers of HTTP wait."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from pipeline.progress import Progress
from pipeline.samples import HOPPER
from pipeline.service import form
from pipeline.service.render_queue import RENDER_QUEUE, RenderQueue


def test_turns_come_in_the_order_of_joining() -> None:
    queue, order = RenderQueue(), []
    inside = threading.Event()

    def take(name: str) -> None:
        with queue.joined() as place:
            joined.release()
            while not place.wait(60):
                pass
            inside.wait(60)
            order.append(name)

    joined = threading.Semaphore(0)
    threads = []
    for name in "abc":
        threads.append(threading.Thread(target=take, args=(name,)))
        threads[-1].start()
        joined.acquire()
    assert len(queue) == 3
    inside.set()
    for thread in threads:
        thread.join()
    assert order == ["a", "b", "c"] and len(queue) == 0


def test_who_leaves_the_queue_holds_up_nobody() -> None:
    queue = RenderQueue()
    with queue.joined() as first:
        with queue.joined() as second:
            assert first.wait(0) and not second.wait(0)
        with queue.joined() as third:
            assert not third.wait(0)
    with queue.joined() as last:
        assert last.wait(0)


def test_a_job_that_waits_says_so_and_can_be_given_up(tmp_path: Path) -> None:
    job = form.accept({"photo": str(HOPPER.path), "text": "Hi.", "size": 128}, tmp_path)
    with RENDER_QUEUE.joined():
        events = job.run(preview=False)
        began = time.monotonic()
        assert next(events) == Progress("waiting", 0.0)
        assert time.monotonic() - began < 3
        events.close()
        assert len(RENDER_QUEUE) == 1
    assert not job.folder.exists()
