"""How many threads the small products of the embedded studio may use: one.

BLAS shares even a product of a few thousand numbers among all cores, where it takes longer than on one,
and its threads then wait awake on the cores that the voice and the encoder need.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache

from threadpoolctl import ThreadpoolController


def one_thread() -> AbstractContextManager[object]:
    """While this is entered, numpy's products run on the calling thread alone."""
    return _pools().limit(limits=1, user_api="blas")


@cache
def _pools() -> ThreadpoolController:
    return ThreadpoolController()
