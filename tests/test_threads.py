"""OpenCV's threads are limited while somebody needs it, and only then."""

from __future__ import annotations

import subprocess
import sys
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
            leave.wait(60)

    worker = threading.Thread(target=work)
    with opencv_on_one_thread():
        worker.start()
        assert entered.wait(60)
    assert cv2.getNumThreads() == 1, "the other thread is still inside"
    leave.set()
    worker.join()
    assert cv2.getNumThreads() == 2


FORKED = """
import os, sys, time
import cv2, numpy as np
from pipeline.threads import opencv_on_one_thread

cv2.setNumThreads(4)
picture = np.zeros((3000, 3000), np.float32)
cv2.GaussianBlur(picture, (0, 0), 3)  # starts the pool
child = os.fork()
if child == 0:
    with opencv_on_one_thread():
        cv2.GaussianBlur(picture, (0, 0), 3)
    os._exit(0)
for _ in range(1000):
    if os.waitpid(child, os.WNOHANG)[0]:
        print("ended", cv2.getNumThreads())
        break
    time.sleep(0.1)
else:
    os.kill(child, 9)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
def test_a_process_forked_while_opencv_has_threads_limits_them() -> None:
    done = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True, timeout=240)
    assert done.stdout == "ended 4\n", done.stderr
