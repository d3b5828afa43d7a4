"""Prefetching in a thread keeps order and errors, and can be stopped."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from pipeline.prefetch import Prefetcher, map_ahead, shared


def test_items_come_in_order() -> None:
    assert list(Prefetcher(iter(range(50)), depth=3)) == list(range(50))


def test_items_are_made_ahead_of_the_reader() -> None:
    made: list[int] = []

    def items() -> Iterator[int]:
        for item in range(5):
            made.append(item)
            yield item

    stream = Prefetcher(items())
    assert next(stream) == 0
    deadline = time.monotonic() + 60
    while len(made) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert made[:3] == [0, 1, 2]
    stream.close()


def test_an_error_is_raised_in_its_place() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    stream = Prefetcher(items())
    assert next(stream) == 1
    with pytest.raises(ValueError, match="broken"):
        next(stream)


def test_closing_stops_the_thread_and_closes_the_source() -> None:
    closed = threading.Event()

    def items() -> Iterator[int]:
        try:
            yield from range(10**9)
        finally:
            closed.set()

    stream = Prefetcher(items())
    next(stream)
    stream.close()
    assert closed.wait(60)


def test_results_are_made_ahead_in_order() -> None:
    asked: list[int] = []

    def items() -> Iterator[int]:
        for item in range(6):
            asked.append(item)
            yield item

    with ThreadPoolExecutor(1) as pool:
        stream = map_ahead(lambda item: item * item, items(), pool, depth=2)
        assert next(stream) == (0, 0)
        assert asked == [0, 1, 2]
        assert list(stream) == [(item, item * item) for item in range(1, 6)]


def test_a_failed_result_is_raised_in_its_place() -> None:
    with ThreadPoolExecutor(1) as pool:
        stream = map_ahead(lambda item: 1 // item, [2, 1, 0], pool, depth=3)
        assert [next(stream)[1], next(stream)[1]] == [0, 1]
        with pytest.raises(ZeroDivisionError):
            next(stream)


def test_a_reader_that_waits_is_woken_by_closing() -> None:
    silent = threading.Event()

    def items() -> Iterator[int]:
        silent.wait(20)
        yield 1

    stream = Prefetcher(items())
    got: list[int] = []
    reader = threading.Thread(target=lambda: got.extend(stream))
    reader.start()
    closer = threading.Thread(target=stream.close)
    closer.start()
    reader.join(60)
    assert not reader.is_alive() and not got
    silent.set()
    closer.join(60)


def test_readers_in_several_threads_share_items() -> None:
    def items() -> Iterator[int]:
        for item in range(200):
            if item % 50 == 0:
                time.sleep(0.01)
            yield item

    readers = shared(items(), 3)
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(list, readers)) == [list(range(200))] * 3


def test_every_reader_is_told_of_an_error() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    for reader in shared(items(), 2):
        assert next(reader) == 1
        with pytest.raises(ValueError, match="broken"):
            next(reader)


def test_what_all_readers_have_read_is_let_go() -> None:
    class Item:
        pass

    alive: list[weakref.ref[Item]] = []

    def items() -> Iterator[Item]:
        for _ in range(20):
            item = Item()
            alive.append(weakref.ref(item))
            yield item
            del item

    one, other = shared(items(), 2)
    for _ in range(10):
        next(one), next(other)
    assert sum(ref() is not None for ref in alive) <= 2
