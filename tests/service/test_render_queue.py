"""The queue in which the page's visitors and the callers of HTTP wait."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from pathlib import Path

from pipeline.progress import Progress
from pipeline.samples import HOPPER
from pipeline.service import form
from pipeline.service.render_queue import RENDER_QUEUE, Place, RenderQueue, Side


def test_turns_come_in_the_order_of_joining() -> None:
    queue, order = RenderQueue(), []
    inside = threading.Event()

    def take(name: str) -> None:
        with queue.joined("page") as place:
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


def test_sides_take_turns() -> None:
    queue, order = RenderQueue(), []
    with ExitStack() as stays:

        def join(name: str, side: Side) -> None:
            leave = ExitStack()
            places[name] = leave.enter_context(queue.joined(side)), leave
            stays.push(leave)

        def serve() -> None:
            name = next(name for name, (place, _) in places.items() if place.wait(0))
            order.append(name)
            places.pop(name)[1].close()

        places: dict[str, tuple[Place, ExitStack]] = {}
        for number in range(6):
            join(f"visit {number}", "visits")
        serve()
        join("script", "page")
        join("job 1", "store")
        assert [places[name][0].ahead for name in ("script", "job 1", "visit 2")] == [1, 2, 3]
        for name in ("visit 4", "visit 5"):
            places.pop(name)[1].close()  # those that were given up change nothing for the others
        serve()
        join("visit 6", "visits")
        for _ in range(2):
            serve()
        join("job 2", "store")
        while places:
            serve()
    assert order == [
        "visit 0", "visit 1", "script", "job 1", "visit 2", "job 2", "visit 3", "visit 6"
    ]  # fmt: skip


def test_who_leaves_the_queue_holds_up_nobody() -> None:
    queue = RenderQueue()
    with queue.joined("page") as first:
        with queue.joined("page") as second:
            assert first.wait(0) and not second.wait(0)
        leaving = threading.Event()
        with queue.joined("page", leaving), queue.joined("page") as third:
            assert not third.wait(0) and third.ahead == 2
            leaving.set()
            assert third.ahead == 1, "who is leaving is not waited for in words"
    with queue.joined("page") as last:
        assert last.wait(0)


def test_a_job_that_waits_says_so_and_can_be_given_up(tmp_path: Path) -> None:
    job = form.accept({"photo": str(HOPPER.path), "text": "Hi.", "size": 128}, tmp_path)
    with RENDER_QUEUE.joined("visits"):
        events = job.run("visits", preview=False)
        began = time.monotonic()
        assert next(events) == Progress("waiting", 0.0, ahead=1)
        assert time.monotonic() - began < 3
        events.close()
        assert len(RENDER_QUEUE) == 1
    assert not job.folder.exists()
