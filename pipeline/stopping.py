"""A clean stop when the system asks for one: a signal becomes an exception, so that every `finally` runs.

Python does so for Ctrl-C only; the signals of `kill`, of a closed terminal and of a machine that shuts down
would end the process where it stands and leave unfinished files behind.
"""

from __future__ import annotations

import _thread
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import NoReturn

from pipeline.files import discard_all

_SIGNALS = ("SIGTERM", "SIGHUP", "SIGBREAK")
"""Those that ask a process to end; SIGHUP exists everywhere but on Windows, SIGBREAK only there."""
_HANDING_OVER = frozenset(
    getattr(kind, name).__code__
    for kind, name in (
        (threading.Condition, "__enter__"),
        (threading.Condition, "_acquire_restore"),
        (threading.Condition, "_release_save"),
        (logging.Handler, "acquire"),
    )
)
"""Functions that take a lock, or give it back for a while, before their caller is ready to release it."""
_SOON = 0.01
"""Seconds until a signal that came in one of them comes again."""


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
    ignored, as `nohup` does. Ctrl-C raises `KeyboardInterrupt` each time, as without this block. None of them
    is raised where a queue's lock was just taken, which would stay so, and the cleaning up would wait for it
    for ever. Other threads than the main one may not set handlers, and are left alone.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]
    taken = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]
    interrupts = signal.getsignal(signal.SIGINT) is signal.default_int_handler

    def stop(number: int, frame: FrameType | None) -> None:
        if frame is not None and frame.f_code in _HANDING_OVER:
            _thread.start_new_thread(_again, (number,))  # the module `threading` may hold locks of its own
            return
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        for each in taken:
            signal.signal(each, signal.SIG_IGN)
        raise Terminated(number)

    for number in [*taken, signal.SIGINT] if interrupts else taken:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)
        if interrupts:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def _again(number: int) -> None:
    """Let a signal come again, from another thread: in its own handler it would come within that."""
    time.sleep(_SOON)
    _thread.interrupt_main(signal.Signals(number))
