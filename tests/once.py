"""What is costly to make and the same in every test: the first worker that needs it makes it for all."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from filelock import FileLock

Made = TypeVar("Made")

_folder: list[Path] = []


def keep_in(factory: pytest.TempPathFactory) -> None:
    """Share what is made with the workers of this run; pytest removes it with their other files."""
    own = factory.getbasetemp()
    _folder[:] = [own.parent if "PYTEST_XDIST_WORKER" in os.environ else own]


def made(name: str, make: Callable[[], Made]) -> Made:
    """What `make` returns, which can be pickled, by a name of its own."""
    (folder,) = _folder
    path = folder / f"{name}.pickle"
    with FileLock(f"{path}.lock"):
        if not path.exists():
            path.write_bytes(pickle.dumps(make()))
    made: Made = pickle.loads(path.read_bytes())
    return made
