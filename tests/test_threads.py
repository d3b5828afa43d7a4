"""OpenCV's threads are limited while somebody needs it, and only then."""

from __future__ import annotations

import threading

import cv2
import pytest

from pipeline.threads import opencv_on_one_thread


@pytest.fixture(autouse=True)
def two_threads() -> None:
    cv2.setNumThreads(2)


def test_the_limit_ends_with_its_context() -> None:
    with opencv_on_one_thread():
        assert cv2.getNumThreads() == 1
    assert cv2.getNumThreads() == 2


def test_it_ends_where_the_context_fails() -> None:
    with pytest.raises(KeyError), opencv_on_one_thread():
        raise KeyError
    assert cv2.getNumThreads() == 2


def test_it_lasts_until_the_last_thread_leaves() -> None:
    entered, leave = threading.Event(), threading.Event()

    def work() -> None:
        with opencv_on_one_thread():
            entered.set()
            leave.wait(5)

    worker = threading.Thread(target=work)
    with opencv_on_one_thread():
        worker.start()
        assert entered.wait(5)
    assert cv2.getNumThreads() == 1, "the other thread is still inside"
    leave.set()
    worker.join()
    assert cv2.getNumThreads() == 2
