"""One render at a time, whoever asks for it: the page's visitors and the callers of HTTP share one queue.

Visitors of the page wait in Gradio's queue and the other callers in the job store. Only the first of each
waits here, so many jobs on one side do not hold up the other.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class Place:
    """A place in the queue."""

    def __init__(self, queue: RenderQueue) -> None:
        """`queue`: the one that this is a place in."""
        self._queue = queue

    def wait(self, seconds: float) -> bool:
        """Wait at most so many seconds to be first; whether this place is first now."""
        return self._queue.wait(self, seconds)


class RenderQueue:
    """First come, first served."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._places: deque[Place] = deque()

    @contextmanager
    def joined(self) -> Iterator[Place]:
        """A place in the queue until the block ends; the block waits on it before it renders."""
        place = Place(self)
        with self._changed:
            self._places.append(place)
        try:
            yield place
        finally:
            with self._changed:
                self._places.remove(place)
                self._changed.notify_all()

    def wait(self, place: Place, seconds: float) -> bool:
        """See `Place.wait`."""
        with self._changed:
            return self._changed.wait_for(lambda: self._places[0] is place, seconds)

    def __len__(self) -> int:
        """How many are in the queue, including the one that renders."""
        return len(self._places)


RENDER_QUEUE = RenderQueue()
"""The queue of this process."""
