"""One render at a time, whoever asks for it: visitors of the page and callers of HTTP take turns.

The page's visitors wait in Gradio's queue and the other callers in the job store. Only the first of each line
waits here, so a long line on one side does not hold up the other.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class Turn:
    """A place in the line."""

    def __init__(self, line: Turns) -> None:
        """`line`: that it is a place in."""
        self._line = line

    def come(self, seconds: float) -> bool:
        """Wait at most so many seconds; whether it is this one's turn."""
        return self._line.wait(self, seconds)


class Turns:
    """A line, first come, first served."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._places: deque[Turn] = deque()

    @contextmanager
    def joined(self) -> Iterator[Turn]:
        """A place in the line for the length of the block, and the turn itself once it has come."""
        turn = Turn(self)
        with self._changed:
            self._places.append(turn)
        try:
            yield turn
        finally:
            with self._changed:
                self._places.remove(turn)
                self._changed.notify_all()

    def wait(self, turn: Turn, seconds: float) -> bool:
        """See `Turn.come`."""
        with self._changed:
            return self._changed.wait_for(lambda: self._places[0] is turn, seconds)

    def __len__(self) -> int:
        """How many are in the line, the one whose turn it is included."""
        return len(self._places)


TURNS = Turns()
"""That of this process."""
