"""A clean stop when the system asks for one: a signal becomes an exception, so that every `finally` runs.

Python does so for Ctrl-C only; the signals of `kill`, of a closed terminal and of a machine that shuts down
would end the process where it stands and leave unfinished files behind.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import NoReturn

from pipeline.files import discard_all

_SIGNALS = ("SIGTERM", "SIGHUP", "SIGBREAK")
"""Those that ask a process to end; SIGHUP exists everywhere but on Windows, SIGBREAK only there."""


class Terminated(KeyboardInterrupt):
    """The system asked this process to end; handled wherever Ctrl-C is."""

    def __init__(self, number: int) -> None:
        """`number`: of the signal."""
        super().__init__(number)
        self.exit_code = 128 + number


class Stopped(KeyboardInterrupt):
    """An interrupt with its own sentence."""

    def __init__(self, sentence: str, stop: KeyboardInterrupt) -> None:
        """`sentence`: what the interrupt `stop` leaves behind."""
        super().__init__(sentence)
        self.sentence = sentence
        self.exit_code: int = getattr(stop, "exit_code", 130)


def leave(code: int) -> NoReturn:
    """End the process at once: everything was closed, and a library's thread may not end by itself.

    What runs at exit does not run then, except for the removal of unfinished files that an interrupt left
    before anybody held them.
    """
    discard_all()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    os._exit(code)


@contextmanager
def signals_raise() -> Iterator[None]:
    """In this block, signals that ask to end raise `Terminated` in the main thread, once.

    Further ones are ignored, so that they do not interrupt the cleaning up; so is any that the caller had
    ignored, as `nohup` does. Other threads than the main one may not set handlers, and are left alone.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]
    taken = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]

    def stop(number: int, frame: FrameType | None) -> None:
        for each in taken:
            signal.signal(each, signal.SIG_IGN)
        raise Terminated(number)

    for number in taken:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)
