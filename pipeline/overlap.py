"""A network over a stream of items, with everything that is not the network done beside it.

Four things run at once, with bounded queues between them: one thread makes the items (decoding, tracking,
cropping), one runs the network, several turn its outputs into frames, and the caller encodes them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from pipeline import device
from pipeline.device_errors import explained
from pipeline.prefetch import Prefetcher, map_ahead
from pipeline.threads import opencv_on_one_thread, quick_turns
from pipeline.transfer import Download
from pipeline.types import Frame

if TYPE_CHECKING:
    from torch import Tensor

Item = TypeVar("Item")
Raw = TypeVar("Raw")
Made = TypeVar("Made")

_FIRST = 4
"""How many times smaller than the largest batch the first is: frames come sooner, and workers wait less."""
_MOST_WORKERS = 8
"""Threads beyond which Python's lock between them costs more than they bring."""


@contextmanager
def workers() -> Iterator[ThreadPoolExecutor]:
    """Threads for the work on single frames: cropping and compositing. OpenCV uses no others meanwhile."""
    with (
        opencv_on_one_thread(),
        quick_turns(),
        ThreadPoolExecutor(worker_count(), thread_name_prefix="frames") as pool,
    ):
        yield pool


def worker_count() -> int:
    """How many threads `workers` has: one per core that this process may use, 2 to 8."""
    affinity = getattr(os, "sched_getaffinity", None)  # Linux alone
    cores = len(affinity(0)) if affinity is not None else os.cpu_count() or 1
    return max(2, min(_MOST_WORKERS, cores))


def on_workers(
    make: Callable[[Item], Made], items: Iterable[Item], pool: Executor
) -> Iterator[tuple[Item, Made]]:
    """Each item with the result of `make`, in order; the pool works on the next few meanwhile."""
    return map_ahead(make, items, pool, worker_count() + 2)


def overlapped(
    items: Iterable[Item],
    run: Callable[[list[Item]], Sequence[Raw]],
    finish: Callable[[Item, Raw], Made],
    *,
    size: int,
    pool: Executor,
    growing: bool = True,
) -> Generator[tuple[Item, Made], None, None]:
    """Each item with what `finish` makes of its output, in order.

    `run` takes up to `size` items at once, as `device.in_batches` calls it; on a GPU it must not wait for
    the result. About three batches are under way at once, the first ones smaller. Closing the iterator
    stops all threads, and closes `items` if that is a generator; errors of any step are raised here in their
    place.

    Args:
        run: the network, in a thread of its own.
        finish: called in the pool's threads.
        growing: whether the first batches may be smaller. Sizes never depend on how quick anything is, so
            that the same items give the same frames.
    """
    first = max(1, size // _FIRST) if growing else size
    results = _Outputs(items, lambda batch: list(zip(batch, run(batch), strict=True)), size, size, first)
    with explained(), closing(results):
        for (item, _), made in on_workers(lambda pair: finish(*pair), results, pool):
            yield item, made


def rendered(
    items: Iterable[Item],
    render: Callable[[list[Item]], Tensor],
    compose: Callable[[np.ndarray], np.ndarray],
    *,
    size: int,
    ahead: int | None = None,
) -> Generator[Frame, None, None]:
    """The frames of a head whose network draws pictures; for the rest see `overlapped`.

    Args:
        render: the network's pictures `(n, h, w, 3)` uint8 for some items, on the device: one for each, or
            all of a window.
        compose: from a picture to the whole frame, `(H, W, 3)` uint8.
        ahead: how many pictures may wait while the network makes more; those of a batch by default.
    """
    first = max(1, size // _FIRST)
    with workers() as pool:
        pictures = _Outputs(items, lambda some: Download(render(some)).rows(), size, ahead or size, first)
        with explained(), closing(pictures):
            for _, frame in on_workers(lambda picture: Frame(compose(picture())), pictures, pool):
                yield frame


class _Outputs(Prefetcher[Raw]):
    """What the network makes of the items, while they are made and it runs, each in a thread of its own."""

    def __init__(
        self, items: Iterable[Item], run: Callable[[list[Item]], list[Raw]], size: int, ahead: int, first: int
    ) -> None:
        """`ahead`: outputs that may wait while the network makes more; `first`: items in the first batch."""
        self._source = Prefetcher(items, depth=size)

        def outputs(batch: list[Item]) -> list[Raw]:
            return [] if self._stop.is_set() else run(batch)

        padded = device.pick().type == "cuda"
        batches = device.in_batches(outputs, self._source, size, first=first, padded=padded)
        super().__init__(batches, depth=ahead)

    def close(self) -> None:
        self._stop.set()
        self._source.close()
        super().close()
