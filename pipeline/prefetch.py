"""Prefetching: computing the next items of a stream in the background while the last ones are used.

The pipeline's steps are generators; the slow ones release the interpreter lock (onnxruntime, numba, x264), so
overlapping them keeps all cores busy.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from contextlib import suppress
from typing import Generic, TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")


def map_ahead(
    make: Callable[[Item], Made], items: Iterable[Item], pool: Executor, depth: int
) -> Iterator[tuple[Item, Made]]:
    """Each item with the result of `make`, in order, while the pool works on up to `depth` following ones.

    The items are taken in the caller's thread; an error that they raise is raised after the results before
    it. If `items` is a `Prefetcher` whose next item is not ready, finished results are yielded meanwhile.
    """
    source, end = iter(items), None
    pending: deque[tuple[Item, Future[Made]]] = deque()
    while end is None or pending:
        if end is None and not (pending and _late(source)):
            try:
                item = next(source)
            except Exception as error:  # noqa: BLE001 - raised below, after the items before it
                end = error
            else:
                pending.append((item, pool.submit(make, item)))
        if pending and (end is not None or len(pending) > depth or _late(source)):
            item, job = pending.popleft()
            yield item, job.result()
    if not isinstance(end, StopIteration):
        raise end


def _late(source: Iterator[object]) -> bool:
    """Whether taking the next item would block, as far as that is known."""
    return isinstance(source, Prefetcher) and source.empty


class Prefetcher(Iterator[Item], Generic[Item]):
    """`items`, iterated in a background thread from now on, up to `depth` of them ahead of the reader.

    An exception of `items` is raised here in its place. `close` stops the thread after the current item, and
    closes `items` if it is a generator.
    """

    def __init__(self, items: Iterable[Item], depth: int = 1) -> None:
        self._items = items
        self._waiting: queue.Queue[tuple[Item | None, BaseException | None]] = queue.Queue(depth)
        self._stop = threading.Event()
        self._worker = threading.Thread(target=self._work, name="prefetch", daemon=True)
        self._worker.start()

    def __next__(self) -> Item:
        if self._stop.is_set():
            raise StopIteration
        item, error = self._waiting.get()
        if error is not None:
            self._stop.set()
            raise error
        return item  # type: ignore[return-value]

    @property
    def empty(self) -> bool:
        """Whether the reader would wait now."""
        return self._waiting.empty()

    def close(self) -> None:
        """Stop the thread; no more items come, not even to a reader that is waiting for one."""
        self._stop.set()
        with suppress(queue.Full):
            self._waiting.put_nowait((None, StopIteration()))
        self._worker.join(timeout=10)

    def _work(self) -> None:
        try:
            for item in self._items:
                if not self._offer(item, None):
                    return
            self._offer(None, StopIteration())
        except BaseException as error:  # noqa: BLE001 - re-raised in the reader's thread
            self._offer(None, error)
        finally:
            getattr(self._items, "close", lambda: None)()

    def _offer(self, item: Item | None, error: BaseException | None) -> bool:
        """Whether the reader has not stopped meanwhile."""
        while not self._stop.is_set():
            try:
                self._waiting.put((item, error), timeout=0.1)
            except queue.Full:
                continue
            return True
        return False


def shared(items: Iterable[Item], readers: int) -> tuple[Iterator[Item], ...]:
    """So many iterators over the same items, each for a thread of its own.

    `itertools.tee` is for readers in one thread. As there, what the slowest reader has not read yet is kept,
    and nothing is for a reader that was dropped. An exception of `items` is raised to every reader.
    """
    source, lock, first = iter(items), threading.Lock(), _Link[Item]()
    return tuple(_read(source, lock, first) for _ in range(readers))


class _Link(Generic[Item]):
    """A place in a shared stream: its item once that is known, and the place after it."""

    def __init__(self) -> None:
        self.item: Item | None = None
        self.next: _Link[Item] | None = None
        self.error: BaseException | None = None
        """Why the stream ends here."""

    @property
    def known(self) -> bool:
        return self.next is not None or self.error is not None

    def fill(self, source: Iterator[Item]) -> None:
        try:
            self.item = next(source)
        except BaseException as error:  # noqa: BLE001 - raised to each reader
            self.error = error
        else:
            self.next = _Link()


def _read(source: Iterator[Item], lock: threading.Lock, link: _Link[Item]) -> Iterator[Item]:
    while True:
        if not link.known:
            with lock:
                if not link.known:
                    link.fill(source)
        if link.error is not None:
            if isinstance(link.error, StopIteration):
                return
            raise link.error
        yield link.item  # type: ignore[misc]  # it is known
        assert link.next is not None, "a place without a next one has an error"
        link = link.next
