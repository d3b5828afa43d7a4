"""How often a caller may ask for something to be made: a bucket of tokens for each, refilled steadily."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict

_MOST_CALLERS = 10_000
"""Buckets that are kept; the one that was used longest ago goes first, and is full by then."""


class Limits:
    """The buckets of all callers."""

    def __init__(self, per_minute: int) -> None:
        """`per_minute`: requests, also the most at once."""
        self._lock = threading.Lock()
        self._size = float(per_minute)
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """Tokens left of each caller, and when that was, on the monotonic clock."""

    def wait(self, client: str) -> int:
        """Take a token of a caller: 0, or the seconds until there is one."""
        now = time.monotonic()
        with self._lock:
            left, then = self._buckets.pop(client, (self._size, now))
            left = min(left + (now - then) * self._size / 60, self._size)
            taken = left >= 1
            self._buckets[client] = (left - taken, now)
            while len(self._buckets) > _MOST_CALLERS:
                self._buckets.popitem(last=False)
        return 0 if taken else math.ceil((1 - left) * 60 / self._size)
