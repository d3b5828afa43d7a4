"""A network over a stream of items, with everything that is not the network done beside it.

Five things run at once, with bounded queues between them: one thread makes the items (decoding, tracking,
cropping), one turns batches of them into tensors on the device, one runs the network, several turn its
outputs into frames, and the caller encodes them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from pipeline.inference import device
from pipeline.inference.device_errors import explained
from pipeline.inference.minibatches import as_they_are, prepared, results
from pipeline.inference.transfer import Download
from pipeline.prefetch import Prefetcher, map_ahead
from pipeline.threads import opencv_on_one_thread, quick_turns
from pipeline.types import Frame

if TYPE_CHECKING:
    from torch import Tensor

Item = TypeVar("Item")
Given = TypeVar("Given")
Raw = TypeVar("Raw")
Made = TypeVar("Made")

_FIRST = 4
"""How many times smaller than the largest batch the first is: frames come sooner, and workers wait less."""
_MOST_WORKERS = 4
"""Threads beyond which Python's lock between them costs more than they bring. Beside an H200 with 16 cores,
two to six were as quick as each other, and eight at times a third slower."""


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
    """How many threads `workers` has: one per core that this process may use, 2 to 4."""
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
    prepare: Callable[[list[Item]], Given],
    run: Callable[[Given], Sequence[Raw]],
    finish: Callable[[Item, Raw], Made],
    *,
    size: int,
    pool: Executor,
    independent: bool = True,
) -> Generator[tuple[Item, Made], None, None]:
    """Each item with what `finish` makes of its output, in order.

    Batches have up to `size` items, the first ones fewer, as `minibatches.prepared` makes them. Some four
    of them are under way at once. Closing the iterator stops all threads, and closes `items` if that is a
    generator; errors of any step are raised here in their place.

    Args:
        prepare: from the items of a batch to what the network is given, in a thread of its own. Where memory
            is short, it is called again with fewer of them.
        run: the network, in a thread of its own: a result for each item. On a GPU it must not wait for them.
        finish: called in the pool's threads.
        independent: whether an item's output is the same in any batch. If not, the first batches are as large
            as the others, and the last one is never filled up. Sizes never depend on how quick anything is,
            so that the same items give the same frames.
    """
    first = max(1, size // _FIRST) if independent else size

    def run_each(batch: tuple[list[Item], Given]) -> list[tuple[Item, Raw]]:
        return list(zip(batch[0], run(batch[1]), strict=True))

    def prepare_each(batch: list[Item]) -> tuple[list[Item], Given]:
        return batch, prepare(batch)

    outputs = _Outputs(items, prepare_each, run_each, size, size, first, padded=independent and _on_cuda())
    with explained(), closing(outputs):
        for (item, _), made in on_workers(lambda pair: finish(*pair), outputs, pool):
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

        def run(some: list[Item]) -> list[Callable[[], np.ndarray]]:
            return Download(render(some)).rows()

        pictures = _Outputs(items, None, run, size, ahead or size, first, padded=_on_cuda())
        with explained(), closing(pictures):
            for _, frame in on_workers(lambda picture: Frame(compose(picture())), pictures, pool):
                yield frame


def _on_cuda() -> bool:
    return device.pick().type == "cuda"


class _Outputs(Prefetcher[Raw]):
    """What the network makes of the items; these are made, and prepared if need be, in threads beside it."""

    def __init__(
        self,
        items: Iterable[Item],
        prepare: Callable[[list[Item]], Given] | None,
        run: Callable[[Given], list[Raw]],
        size: int,
        ahead: int,
        first: int,
        *,
        padded: bool,
    ) -> None:
        """Start.

        Args:
            prepare: None for items that are given as they are: no batch waits beside the network's then,
                which for a window of frames would be a second of speech more.
            ahead: outputs that may wait while the network makes more.
            first: items in the first batch.
            padded: fill batches up, as `minibatches.prepared` does.
        """
        ready: Callable[[list[Item]], Any] = prepare or as_they_are
        self._items_made = Prefetcher(items, depth=max(1, size // _FIRST) if prepare else size)
        batches: Iterable[Any] = prepared(ready, self._items_made, size, first=first, padded=padded)
        self._prepared = Prefetcher(batches) if prepare else None

        def outputs(given: Given) -> list[Raw]:
            return [] if self._stop.is_set() else run(given)

        super().__init__(results(outputs, ready, self._prepared or batches, size, padded=padded), depth=ahead)

    def close(self) -> None:
        self._stop.set()
        self._items_made.close()
        if self._prepared is not None:
            self._prepared.close()
        super().close()
