"""Thread counts of the embedded engines' libraries: one thread each, except for the voice.

BLAS and OpenCV parallelise even a product of a few thousand numbers or a warp of a few thousand pixels, and
their threads then spin on the cores that the voice and the encoder need: that took a third of the CPU time of
the puppet's frames.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import TYPE_CHECKING, Generic, TypeVar

from threadpoolctl import ThreadpoolController

from pipeline.forks import after_fork, around_fork

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Value = TypeVar("Value")

_TURN = 5e-4
"""Seconds after which a thread that runs Python gives way to one that waits."""


def one_thread() -> AbstractContextManager[object]:
    """A context in which numpy's matrix products run on the calling thread alone."""
    return _pools().limit(limits=1, user_api="blas")


def onnx_session(model: str | bytes, *, threads: int = 1) -> InferenceSession:
    """A CPU session for a model, given by path or as bytes, with so many threads; idle ones do not spin."""
    import onnxruntime

    onnxruntime.disable_telemetry_events()  # for a program that imported it before `pipeline` turned it off
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


@contextmanager
def opencv_on_one_thread() -> Iterator[None]:
    """A context in which OpenCV runs on the calling thread alone.

    Its setting is the whole process's: it holds while any thread is in such a context, and what was set
    before the first came in is restored when the last one leaves.
    """
    _opencv.enter()
    try:
        yield
    finally:
        _opencv.leave()


@contextmanager
def quick_turns() -> Iterator[None]:
    """A context in which threads hand on Python's lock after half a millisecond, for the whole process.

    By default a thread that comes back from OpenCV waits up to 5 ms for one that runs Python, such as a
    network's, and it comes back some twenty times a frame: pasting back took half as long again.
    """
    _turns.enter()
    try:
        yield
    finally:
        _turns.leave()


class _Shared(Generic[Value]):
    """A setting of the whole process, changed while any context wants it, then as it was found."""

    def __init__(self, read: Callable[[], Value], write: Callable[[Value], None], wanted: Value) -> None:
        self._read, self._write, self._wanted = read, write, wanted
        self._lock = threading.Lock()
        self._inside, self._before = 0, wanted

    def enter(self) -> None:
        with self._lock:
            if not self._inside:
                self._before = self._read()
                self._write(self._wanted)
            self._inside += 1

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._write(self._before)


def _opencv_threads() -> int:
    import cv2

    count: int = cv2.getNumThreads()
    return count


def _set_opencv_threads(count: int) -> None:
    import cv2

    cv2.setNumThreads(count)


def _settings() -> tuple[_Shared[int], _Shared[float]]:
    return _Shared(_opencv_threads, _set_opencv_threads, 1), _Shared(
        sys.getswitchinterval, sys.setswitchinterval, _TURN
    )


_opencv, _turns = _settings()


@after_fork
def _renew() -> None:
    """A forked process counts its own contexts; the threads of the parent's pool are not there."""
    global _opencv, _turns
    _opencv, _turns = _settings()


class _Fork:
    """OpenCV's pool of threads while the process forks.

    A forked process waits for ever when it sets the number of threads, if the pool had any at the fork. So
    they are stopped, and the forked process stays with one thread.
    """

    def __init__(self) -> None:
        self._before = 0

    def stop(self) -> None:
        if (cv2 := sys.modules.get("cv2")) is not None:
            self._before = cv2.getNumThreads()
            cv2.setNumThreads(1)

    def resume(self) -> None:
        if (cv2 := sys.modules.get("cv2")) is not None:
            cv2.setNumThreads(self._before)


_fork = _Fork()
around_fork(_fork.stop, _fork.resume)


@cache
def _pools() -> ThreadpoolController:
    return ThreadpoolController()
