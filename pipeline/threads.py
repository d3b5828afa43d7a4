"""How many threads the steps of the embedded studio may use: one, but for the voice.

BLAS and OpenCV share even a product of a few thousand numbers, or a warp of a few thousand pixels, among
all cores, and their threads then wait awake for the next on the cores that the voice and the encoder need: a
third of the processor time of a puppet's frames went there.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import TYPE_CHECKING

from threadpoolctl import ThreadpoolController

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


def one_thread() -> AbstractContextManager[object]:
    """While this is entered, numpy's products run on the calling thread alone."""
    return _pools().limit(limits=1, user_api="blas")


def onnx_session(model: str | bytes, *, threads: int = 1) -> InferenceSession:
    """A network, by its path or serialised, on the CPU with so many threads; idle ones sleep."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


@cache
def opencv_on_one_thread() -> None:
    """From now on OpenCV works on the calling thread, in the whole process: it knows no smaller scope."""
    import cv2

    cv2.setNumThreads(1)


@cache
def _pools() -> ThreadpoolController:
    return ThreadpoolController()
