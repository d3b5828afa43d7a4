"""Work ahead of those who wait for it, in a thread of its own.

The studio's steps are generators; the slow ones release the interpreter lock (onnxruntime, numba, x264), so
letting one work on its next item while the others use the last one keeps both cores busy.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from typing import Generic, TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")


def map_ahead(
    make: Callable[[Item], Made], items: Iterable[Item], pool: Executor, depth: int
) -> Iterator[tuple[Item, Made]]:
    """Each of `items` with what `make` makes of it, in their order, up to `depth` being made meanwhile.

    The items themselves are asked for in the caller's thread.
    """
    under_way: deque = deque()
    for item in items:
        under_way.append((item, pool.submit(make, item)))
        if len(under_way) > depth:
            item, job = under_way.popleft()
            yield item, job.result()
    for item, job in under_way:
        yield item, job.result()


class Prefetcher(Iterator[Item], Generic[Item]):
    """`items`, made in a background thread from now on, up to `depth` of them before they are asked for.

    An exception raised while making an item is raised here in its turn. `close` stops the thread after the
    item it is at, and closes `items` if it is a generator.
    """

    def __init__(self, items: Iterable[Item], depth: int = 1) -> None:
        self._items = items
        self._waiting: queue.Queue[tuple[Item | None, BaseException | None]] = queue.Queue(depth)
        self._stop = threading.Event()
        self._worker = threading.Thread(target=self._work, name="ahead", daemon=True)
        self._worker.start()

    def __next__(self) -> Item:
        if self._stop.is_set():
            raise StopIteration
        item, error = self._waiting.get()
        if error is not None:
            self._stop.set()
            raise error
        return item  # type: ignore[return-value]

    def close(self) -> None:
        """Stop; nothing comes any more."""
        self._stop.set()
        self._worker.join(timeout=10)

    def _work(self) -> None:
        try:
            for item in self._items:
                if not self._offer(item, None):
                    return
            self._offer(None, StopIteration())
        except BaseException as error:  # noqa: BLE001 - handed to the thread that asks for the item
            self._offer(None, error)
        finally:
            getattr(self._items, "close", lambda: None)()

    def _offer(self, item: Item | None, error: BaseException | None) -> bool:
        """Whether the reader was still there to take it."""
        while not self._stop.is_set():
            try:
                self._waiting.put((item, error), timeout=0.1)
            except queue.Full:
                continue
            return True
        return False
