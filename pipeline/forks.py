"""Objects that do not survive a fork, made anew in each process.

Threads do not: a forked process has only the one that forked. An object with threads of its own, such as a
MediaPipe graph, answers no more there, and waiting for it never ends. ZeroGPU forks a process for every lease
of a card, from a page that has such objects already.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

Made = TypeVar("Made")


def once_per_process(make: Callable[[], Made]) -> Callable[[], Made]:
    """`make`, whose result is kept for this process; a forked one makes its own.

    What the parent made stays referred to, since tearing it down would wait for its threads as well.
    """
    made: dict[int, Made] = {}

    @wraps(make)
    def get() -> Made:
        process = os.getpid()
        if process not in made:
            made[process] = make()
        return made[process]

    return get


def after_fork(renew: Callable[[], None]) -> Callable[[], None]:
    """Have `renew` called in every forked process, for what was held while it was forked; a decorator."""
    if hasattr(os, "register_at_fork"):  # Windows has no fork
        os.register_at_fork(after_in_child=renew)
    return renew


def around_fork(stop: Callable[[], None], resume: Callable[[], None]) -> None:
    """Have `stop` called before every fork, and `resume` afterwards in the process that forked."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=stop, after_in_parent=resume)
