"""Where networks run: the device, the batch size, and the cache of loaded models.

torch is imported inside functions only, so that listing engines is quick and the embedded engine never pays
for it.
"""

from __future__ import annotations

import gc
import logging
import os
import threading
import warnings
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import cache
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from pipeline.errors import MemoryShortageError, StudioError
from pipeline.forks import once_per_process
from pipeline.inference.device_errors import DEVICE, explained, too_little_memory
from pipeline.inference.placement import COMPILE, PRECISION, Placement, place, power_of_two

if TYPE_CHECKING:
    import torch

__all__ = [
    "COMPILE",
    "DEVICE",
    "PRECISION",
    "ModelCache",
    "Placement",
    "batch_size",
    "free_bytes",
    "free_ram",
    "model_cache",
    "pick",
    "place",
    "release_memory",
]

log = logging.getLogger(__name__)

Model = TypeVar("Model")

_OLD_DRIVER = "the graphics driver is too old for the installed torch"


def pick() -> torch.device:
    """The device that networks run on: `STUDIO_DEVICE`, else CUDA, else Apple's MPS, else the CPU.

    Raises:
        StudioError: this machine does not have the device that was named.
    """
    import torch

    available = {"cuda": _cuda() == "usable", "mps": torch.backends.mps.is_available(), "cpu": True}
    wanted = os.environ.get(DEVICE)
    if not wanted:
        if _cuda() == "old driver":
            _say_what_runs_instead()
        return torch.device(next(kind for kind, present in available.items() if present))
    kind, colon, index = wanted.partition(":")
    if not available.get(kind) or (colon and not (kind == "cuda" and index in _cuda_indices())):
        usable = ", ".join(kind for kind, present in available.items() if present)
        reason, advice = "torch finds no such device here", f"choose {usable}"
        if kind == "cuda" and _cuda() == "old driver":
            reason, advice = _OLD_DRIVER, f"update the driver, or {advice}"
        raise StudioError(f"{DEVICE} is {wanted}, but {reason}; {advice}.")
    return torch.device(wanted)


def free_bytes(where: torch.device) -> int:
    """Bytes that can still be allocated on the device, including torch's own idle cache."""
    import torch

    if where.type == "cuda":
        cached = torch.cuda.memory_reserved(where) - torch.cuda.memory_allocated(where)
        return torch.cuda.mem_get_info(where)[0] + cached
    if where.type == "mps":
        return torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory()
    return free_ram()


def batch_size(where: torch.device, item_bytes: int, *, most: int = 64, on_cpu: int = 4) -> int:
    """How many items to run at once, a power of two: as many as fit into half of the free memory.

    Args:
        item_bytes: peak activation memory of one item.
        most: upper limit.
        on_cpu: upper limit on a CPU, where a larger batch rarely does more than delay the first frame.
    """
    most = min(most, on_cpu) if where.type == "cpu" else most
    fitting = max(1, min(most, free_bytes(where) // (2 * item_bytes)))
    return power_of_two(fitting + 1) // 2


class ModelCache(Generic[Model]):
    """Loaded models, kept between jobs; the least recently used are evicted when memory is short."""

    def __init__(self, free: Callable[[], int]) -> None:
        """`free` returns the bytes that can still be allocated."""
        self._free = free
        self._models: OrderedDict[Hashable, Model] = OrderedDict()
        self._order = threading.Lock()
        self._loading = threading.Lock()

    def get(self, key: Hashable, load: Callable[[], Model], *, size: int) -> Model:
        """The model of that key, loaded if it is not cached; `size` is the bytes that it is going to take.

        One model loads at a time; cached ones are returned meanwhile. A model that is evicted while a job
        still uses it is freed when that job ends.
        """
        if (model := self._find(key)) is not None:
            return model
        with self._loading:
            if (model := self._find(key)) is None:
                self._make_room(size)
                model = self._loaded(load, size)
                with self._order:
                    self._models[key] = model
            return model

    def _loaded(self, load: Callable[[], Model], size: int) -> Model:
        """The model; where memory runs out, once more without the others.

        Raises:
            MemoryShortageError: there is not enough memory even so.
        """
        try:
            with explained():
                return load()
        except MemoryShortageError:
            pass
        # Not in the handler: the exception keeps what was loaded so far alive.
        self.clear()
        try:
            with explained():
                return load()
        except MemoryShortageError as error:
            cause = error.__cause__ or error
            raise too_little_memory(cause, needed=size) from cause

    def clear(self) -> None:
        """Evict all models; those that a job uses are freed when it ends."""
        with self._order:
            self._models.clear()
        release_memory()

    def _find(self, key: Hashable) -> Model | None:
        with self._order:
            if key in self._models:
                self._models.move_to_end(key)
            return self._models.get(key)

    def _make_room(self, size: int) -> None:
        while self._free() < size:
            with self._order:
                if not self._models:  # another job may just have evicted the last ones
                    return
                key = self._models.popitem(last=False)[0]
            log.info("Evicting %s to free memory", key)
            release_memory()


@once_per_process
def model_cache() -> ModelCache:
    """The cache of this process's engines, on the device of `pick`."""
    where = pick()
    return ModelCache(lambda: free_bytes(where))


def release_memory() -> None:
    """Returns memory that nothing refers to any more to the device."""
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    if torch.backends.mps.is_available():
        torch.mps.empty_cache()


@cache
def _cuda() -> Literal["usable", "old driver", "absent"]:
    """What torch finds of CUDA; that the driver is too old, it says in a warning only."""
    import torch

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        if torch.cuda.is_available():
            return "usable"
    return "old driver" if any("driver" in str(warning.message) for warning in said) else "absent"


@cache
def _say_what_runs_instead() -> None:
    log.warning("%s, so the CPU is used; update the driver.", _OLD_DRIVER.capitalize())


def _cuda_indices() -> set[str]:
    import torch

    return {str(number) for number in range(torch.cuda.device_count())}


def free_ram() -> int:
    """Memory that programs can still get, including Linux's reclaimable file cache.

    Elsewhere a quarter of the physical memory, or 4 GiB where even that is unknown.
    """
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:
            sizes = dict(line.split(":", 1) for line in lines)
        return int(sizes["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError):
        pass
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 4
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        return 4 << 30
