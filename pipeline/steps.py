"""Progress within frames that take many seconds each, and a way to stop between two steps of their making.

An engine that works in steps, such as a diffusion model, gives its clip `Steps` and reports after each step.
Whoever reads the clip sees from another thread how far the next frames are, or gives them up.
"""

from __future__ import annotations

import threading


class GivenUpError(Exception):
    """The frames are no longer wanted; raised in the thread that makes them."""


class Steps:
    """How far the making of a clip is. One thread works and reports, another reads."""

    def __init__(self) -> None:
        self.seconds = 0.0
        """Seconds of the clip that are as good as made."""
        self._given_up = threading.Event()

    def reach(self, seconds: float) -> None:
        """Report that a step is done and `seconds` of the clip are as good as made.

        Raises:
            GivenUpError: the frames were given up, so no further step may begin.
        """
        if self._given_up.is_set():
            raise GivenUpError
        self.seconds = max(self.seconds, seconds)

    def give_up(self) -> None:
        """Let the work end with its present step."""
        self._given_up.set()
