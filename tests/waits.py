"""Counts what makes the host wait for a device, or the device for the host, on a machine that has none."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable
from typing import Any

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode, _disable_current_modes

from pipeline.inference import transfer

_READS = {"cpu", "numpy", "tolist"}
"""Methods of a tensor that copy it to the host."""
_OPERATORS = {"_local_scalar_dense", "item", "is_nonzero", "nonzero"}
"""A number that the host reads (`item`, `if`, an index that is a tensor), or a size that it must know."""

_MOVES = {"to", "_to_copy"}


class _Operators(TorchDispatchMode):
    def __init__(self, seen: Counter[str]) -> None:
        super().__init__()
        self._seen = seen

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = func.overloadpacket.__name__
        # Numbers of the host that become a tensor: `torch.tensor`, an index that is a list. Their copy to the
        # device waits, but that of a single number (`x[:, 0] = 1`) is an argument of the kernel.
        made = name == "lift_fresh" and args[0].dim() > 0
        result = func(*args, **(kwargs or {}))
        if made or name in _OPERATORS or (name in _MOVES and _moved(args[0], result)):
            self._seen[f"{name} at {_caller()}"] += 1
        return result


def _moved(before: torch.Tensor, after: torch.Tensor) -> bool:
    """Whether that was a copy of the host's memory to a device, which both wait for."""
    return before.device.type == "cpu" and after.device.type != "cpu"


class _Methods(TorchFunctionMode):
    def __init__(self, seen: Counter[str]) -> None:
        super().__init__()
        self._seen = seen

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = getattr(func, "__name__", "")
        if name in _READS:
            self._seen[f"{name} at {_caller()}"] += 1
        return func(*args, **(kwargs or {}))


def waits(work: Callable[[], object], monkeypatch: Any, *modules: Any) -> Counter[str]:
    """What waits while `work` runs, by place; `upload`, as `transfer` and those modules call it, does not."""
    plain = transfer.upload

    def upload(values: Any, where: torch.device) -> torch.Tensor:
        with _disable_current_modes():
            return plain(values, where)

    for module in (transfer, *modules):
        monkeypatch.setattr(module, "upload", upload)
    seen: Counter[str] = Counter()
    with torch.inference_mode(), _Methods(seen), _Operators(seen):
        work()
    return seen


def _caller() -> str:
    """The innermost line of the package under test."""
    frames = [frame for frame in traceback.extract_stack() if "/pipeline/" in frame.filename]
    return f"{frames[-1].filename.rsplit('/pipeline/')[-1]}:{frames[-1].lineno}" if frames else "elsewhere"
