"""Thread counts of the embedded engines' libraries: one thread each, except for the voice.

BLAS and OpenCV parallelise even a product of a few thousand numbers or a warp of a few thousand pixels, and
their threads then spin on the cores that the voice and the encoder need: that took a third of the CPU time of
the puppet's frames.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import TYPE_CHECKING

from threadpoolctl import ThreadpoolController

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


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


@cache
def opencv_on_one_thread() -> None:
    """Limit OpenCV to the calling thread, for the whole process and for good, as it has no smaller scope."""
    import cv2

    cv2.setNumThreads(1)


@cache
def _pools() -> ThreadpoolController:
    return ThreadpoolController()
