"""One render at a time, whoever asks for it: the page's visitors and the callers of HTTP share one queue.

What the page's visits make waits here from the moment it is accepted. Of what else is made, lines that are
seen alone and the jobs of the store, only the first of each waits here; the others wait in Gradio's queue or
in the store. Sides therefore take turns, so that many jobs on one do not hold up another.
"""

from __future__ import annotations

import bisect
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

Side = Literal["visits", "page", "store"]
"""Who waits: renders of visits; what waits in Gradio's queue first, as lines that are seen alone do; jobs of
the store."""


class Place:
    """A place in the queue."""

    def __init__(self, queue: RenderQueue, side: Side, turn: int, leaving: threading.Event) -> None:
        """`queue`: the one that this is a place in; `turn`: its number, the lowest one being first;
        `leaving`: see `RenderQueue.joined`.
        """
        self._queue = queue
        self.side = side
        self.turn = turn
        self.leaving = leaving

    def wait(self, seconds: float) -> bool:
        """Wait at most so many seconds to be first; whether this place is first now."""
        return self._queue.wait(self, seconds)

    @property
    def ahead(self) -> int:
        """How many come before it, including the one that renders; not those that are leaving."""
        return self._queue.ahead(self)


class RenderQueue:
    """First come, first served on each side; the sides take turns."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._places: list[Place] = []
        self._served: dict[Side, int] = {}
        """The last turn that each side has had."""

    @contextmanager
    def joined(self, side: Side, leaving: threading.Event | None = None) -> Iterator[Place]:
        """A place in the queue until the block ends; the block waits on it before it renders.

        Args:
            leaving: set once the block is going to end before its time; the others do not count it then,
                but still wait until it has ended.
        """
        with self._changed:
            place = Place(self, side, self._next_turn(side), leaving or threading.Event())
            bisect.insort(self._places, place, key=lambda each: each.turn)
        try:
            yield place
        finally:
            with self._changed:
                if self._places[0] is place:
                    self._served[side] = place.turn
                self._places.remove(place)
                if not self._places:
                    self._served.clear()
                self._changed.notify_all()

    def wait(self, place: Place, seconds: float) -> bool:
        """See `Place.wait`."""
        with self._changed:
            return self._changed.wait_for(lambda: self._places[0] is place, seconds)

    def ahead(self, place: Place) -> int:
        """See `Place.ahead`."""
        with self._changed:
            before = self._places[: self._places.index(place)]
            return sum(not each.leaving.is_set() for each in before)

    def _next_turn(self, side: Side) -> int:
        """After the last one of its side, and not before the one that has its turn now."""
        now = self._places[0].turn if self._places else 0
        waiting = [place.turn for place in self._places if place.side == side]
        return max(now, 1 + (waiting[-1] if waiting else self._served.get(side, 0)))

    def __len__(self) -> int:
        """How many are in the queue, including the one that renders."""
        return len(self._places)


RENDER_QUEUE = RenderQueue()
"""The queue of this process."""
