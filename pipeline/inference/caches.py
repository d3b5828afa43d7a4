"""Caches for results of costly computations, such as the analysis of a portrait that is rendered again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from typing import Generic, TypeVar

import numpy as np

Value = TypeVar("Value")


class LruCache(Generic[Value]):
    """The `most` values that were used last, by key. Threads may share it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value of that key, made if it is not cached. The lock is free while `make` runs."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        made = make()
        with self._lock:
            # Another thread may have been quicker; all readers of a key get one value.
            value = self._values.setdefault(key, made)
            self._values.move_to_end(key)
            while len(self._values) > self._most:
                self._values.popitem(last=False)
        return value


class Pool(Generic[Value]):
    """Values that only one user may hold at a time; up to `most` of them are kept between uses."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._free: list[tuple[Hashable, Value]] = []
        self._lock = threading.Lock()

    @contextmanager
    def lent(self, key: Hashable, make: Callable[[], Value]) -> Iterator[Value]:
        """A value of that key for the length of the block, made where none is free.

        A block that fails keeps its value to itself; one in a generator that is closed has not failed.
        """
        with self._lock:
            at = next((at for at, (kept, _) in enumerate(self._free) if kept == key), None)
            found = None if at is None else self._free.pop(at)
        value = make() if found is None else found[1]
        try:
            yield value
        except GeneratorExit:  # as whoever knows how many frames there are does after the last one
            self._take_back(key, value)
            raise
        self._take_back(key, value)

    def _take_back(self, key: Hashable, value: Value) -> None:
        with self._lock:
            self._free.append((key, value))
            del self._free[: -self._most]


def digest(*arrays: np.ndarray) -> bytes:
    """A key for the arrays' contents."""
    hashed = blake2b(digest_size=16)
    for array in arrays:
        hashed.update(repr((array.shape, array.dtype.str)).encode())
        hashed.update(np.ascontiguousarray(array).data)
    return hashed.digest()
