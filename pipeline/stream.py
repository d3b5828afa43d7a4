"""Running a generator one step ahead in a thread of its own.

The studio's steps are generators; the slow ones release the interpreter lock (onnxruntime, numba, x264), so
letting one work on its next item while the others use the last one keeps both cores busy.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")

_END = object()


def ahead(items: Iterable[Item], depth: int = 1) -> Iterator[Item]:
    """`items`, made in a background thread up to `depth` items before they are asked for.

    An exception raised while making an item is raised here in its turn. Closing this generator stops the
    thread after the item it is at, and closes `items` if it is a generator.
    """
    waiting: queue.Queue[tuple[object, BaseException | None]] = queue.Queue(maxsize=depth)
    stop = threading.Event()

    def offer(item: object, error: BaseException | None = None) -> bool:
        while not stop.is_set():
            try:
                waiting.put((item, error), timeout=0.1)
            except queue.Full:
                continue
            return True
        return False

    def work() -> None:
        try:
            for item in items:
                if not offer(item):
                    break
            else:
                offer(_END)
        except BaseException as error:  # noqa: BLE001 - handed to the thread that asks for the item
            offer(_END, error)
        finally:
            getattr(items, "close", lambda: None)()

    worker = threading.Thread(target=work, name="ahead", daemon=True)
    worker.start()
    try:
        while True:
            item, error = waiting.get()
            if error is not None:
                raise error
            if item is _END:
                return
            yield item  # type: ignore[misc]
    finally:
        stop.set()
        worker.join(timeout=10)
