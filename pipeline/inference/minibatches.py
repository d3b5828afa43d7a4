"""Items in batches for a network; where memory is short, in smaller ones."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from pipeline.errors import MemoryShortageError
from pipeline.inference.device import model_cache, release_memory
from pipeline.inference.device_errors import explained

log = logging.getLogger(__name__)

Item = TypeVar("Item")
Given = TypeVar("Given")
Result = TypeVar("Result")


def in_batches(
    run: Callable[[list[Item]], Iterable[Result]], items: Iterable[Item], size: int
) -> Iterator[Result]:
    """The results of `run`, one by one in order; `run` takes up to `size` items at once, in inference mode.

    When memory runs out, the batch size is halved for good and the batch is run again; where that is a single
    item, once more without the engines that are kept for other jobs.

    Raises:
        StudioError: not even a single item fits into memory, or torch cannot use the card.
    """
    return results(run, as_they_are, prepared(as_they_are, items, size), size)


def prepared(
    prepare: Callable[[list[Item]], Given],
    items: Iterable[Item],
    size: int,
    *,
    first: int | None = None,
    padded: bool = False,
) -> Iterator[tuple[list[Item], Given | None]]:
    """Batches of up to `size` items, each with what `prepare` makes of it; None where memory ran out.

    Closing the iterator closes `items` if that is a generator.

    Args:
        first: items in the first batch, if fewer; each batch after it has twice as many, up to `size`.
        padded: `prepare` is given `size` items even for smaller batches, which are filled up with their last
            item: for every new shape, a card first has to choose kernels, which takes seconds.
    """
    source, count = iter(items), first or size
    ended: Exception | None = None
    try:
        while ended is None:
            batch, ended = _taken(source, min(count, size))
            count *= 2
            if batch:
                yield batch, _attempt(prepare, _filled(batch, size, padded=padded))
    finally:
        getattr(items, "close", lambda: None)()
    if not isinstance(ended, StopIteration):
        raise ended


def results(
    run: Callable[[Given], Iterable[Result]],
    prepare: Callable[[list[Item]], Given],
    batches: Iterable[tuple[list[Item], Given | None]],
    size: int,
    *,
    padded: bool = False,
) -> Iterator[Result]:
    """What `run` makes of the batches of `prepared`, one by one, as `in_batches` says it.

    Args:
        prepare, size, padded: as for `prepared`; batches that do not fit are divided and prepared again. The
            results of items that filled up a batch are dropped.
    """
    whole, alone = size, False
    given: Given | None
    for batch, given in batches:
        if size != whole:
            given = None
        while batch:
            some, last = batch[:size], size == 1 and alone
            if given is None:
                given = _attempt(prepare, _filled(some, size, padded=padded), last=last)
            made = None if given is None else _attempt(run, given, last=last)
            given = None
            if made is None:
                alone = size == 1
                _after_shortage(size)
                size = max(1, size // 2)
                continue
            batch = batch[size:]
            yield from _without_filling(made, len(some), size) if padded else made


def as_they_are(items: list[Item]) -> list[Item]:
    """For networks whose items need no preparation."""
    return items


def _taken(items: Iterator[Item], count: int) -> tuple[list[Item], Exception | None]:
    """So many of the items, and why there are fewer; that is raised once they were used."""
    taken: list[Item] = []
    try:
        while len(taken) < count:
            taken.append(next(items))
    except Exception as error:  # noqa: BLE001 - raised by the caller, after the items before it
        return taken, error
    return taken, None


def _filled(batch: list[Item], size: int, *, padded: bool) -> list[Item]:
    return batch + batch[-1:] * (size - len(batch)) if padded else batch


def _without_filling(made: Iterable[Result], count: int, size: int) -> list[Result]:
    """The results of the first `count` of `size` items, of which each may have several."""
    every = list(made)
    return every[: len(every) * count // size]


def _attempt(run: Callable[[Given], Result], given: Given, *, last: bool = False) -> Result | None:
    """The result of `run`; None when memory ran out, unless that was the last attempt."""
    import torch

    try:
        with torch.inference_mode(), explained():
            return run(given)
    except MemoryShortageError:
        if last:
            raise
    # Not in the handler: the exception keeps the tensors of the failed attempt alive.
    release_memory()
    return None


def _after_shortage(size: int) -> None:
    """After a batch of that size did not fit."""
    if size > 1:
        log.warning("Out of memory; continuing with batches of %d", size // 2)
        return
    log.warning("Out of memory; the engines of other jobs leave it")
    model_cache().clear()
