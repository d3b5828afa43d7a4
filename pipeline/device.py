"""Where the networks run: which device, which precision, how many items at once, which models stay.

torch is imported inside the functions only, so that listing engines stays quick and the embedded engine
never pays for it.
"""

from __future__ import annotations

import gc
import logging
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Generic, TypeVar

from pipeline.errors import StudioError

if TYPE_CHECKING:
    import torch
    from torch.nn import Module

log = logging.getLogger(__name__)

Item = TypeVar("Item")
Made = TypeVar("Made")
Model = TypeVar("Model")
Network = TypeVar("Network", bound="Module")

DEVICE = "STUDIO_DEVICE"
"""Environment variable that overrides the choice of device: "cuda", "cuda:1", "mps" or "cpu"."""

COMPILE = "STUDIO_COMPILE"
"""Environment variable: "1" has networks compiled on CUDA, a minute at first, quicker in long jobs."""


def pick() -> torch.device:
    """The device that networks run on: `STUDIO_DEVICE`, else CUDA, else Apple's MPS, else the CPU.

    Raises:
        StudioError: the device asked for is not in this machine.
    """
    import torch

    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    wanted = os.environ.get(DEVICE)
    if not wanted:
        return torch.device(next(kind for kind, present in there.items() if present))
    kind, _, number = wanted.partition(":")
    if not there.get(kind) or (number and not (kind == "cuda" and number in _numbers())):
        usable = ", ".join(kind for kind, present in there.items() if present)
        raise StudioError(f"{DEVICE}={wanted}, but torch finds no such device here; choose one of {usable}.")
    return torch.device(wanted)


def place(network: Network, where: torch.device, *, half: bool = False) -> Network:
    """Moves a network to its device, ready to run.

    Args:
        half: the network keeps its accuracy in float16, so it runs in it where that is quicker: on CUDA,
            with the channels last as the tensor cores want them. Read its dtype off its parameters.

    Returns:
        the network, compiled if `STUDIO_COMPILE` asks for it.
    """
    import torch

    network = network.to(where).eval().requires_grad_(False)
    if half and where.type == "cuda":
        network = network.to(torch.float16).to(memory_format=torch.channels_last)
    if os.environ.get(COMPILE) == "1" and where.type == "cuda":
        network.compile(dynamic=True)
    return network


def free_bytes(where: torch.device) -> int:
    """Bytes that can still be allocated there, torch's own idle cache counted in."""
    import torch

    if where.type == "cuda":
        cached = torch.cuda.memory_reserved(where) - torch.cuda.memory_allocated(where)
        return torch.cuda.mem_get_info(where)[0] + cached
    if where.type == "mps":
        return torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory()
    return _free_ram()


def batch_size(where: torch.device, item_bytes: int, *, most: int = 64) -> int:
    """How many items to run at once: as many as fit into half of the free memory, on a CPU at most four,
    where larger batches only wait longer for the first frame.

    Args:
        item_bytes: memory that one item takes at the network's widest place.
        most: upper limit.
    """
    most = min(most, 4) if where.type == "cpu" else most
    return max(1, min(most, free_bytes(where) // (2 * item_bytes)))


def in_batches(
    run: Callable[[list[Item]], Sequence[Made]], items: Iterable[Item], size: int
) -> Iterator[Made]:
    """What `run` makes of the items, one by one in order; `run` is given up to `size` of them at once,
    without gradients. When memory runs out the batch is halved and run again, and stays that small.

    Raises:
        StudioError: not even a single item fits into memory.
    """
    items = iter(items)
    while batch := list(islice(items, size)):
        while batch:
            made = _attempt(run, batch[:size])
            if made is None and size == 1:
                raise StudioError(
                    "The device has too little memory for this engine; close other programs, choose a "
                    f"smaller size, or set {DEVICE}=cpu."
                )
            if made is None:
                size = max(1, size // 2)
                log.warning("Out of memory; going on with %d at once", size)
                continue
            batch = batch[size:]
            yield from made


class ModelCache(Generic[Model]):
    """Loaded models, kept between jobs; the least recently used leave when memory is short."""

    def __init__(self, free: Callable[[], int]) -> None:
        """`free` tells the bytes that can still be allocated."""
        self._free = free
        self._models: OrderedDict[Hashable, Model] = OrderedDict()
        self._order = threading.Lock()
        self._loading = threading.Lock()

    def get(self, key: Hashable, load: Callable[[], Model], *, size: int) -> Model:
        """The model of that key, loaded if it is not here; `size` is the bytes that it is going to take.

        One model loads at a time, while those that are here can be had at once. A model that leaves while
        a job still uses it goes when that job lets go of it.
        """
        if (model := self._find(key)) is not None:
            return model
        with self._loading:
            if (model := self._find(key)) is None:
                self._make_room(size)
                model = load()
                with self._order:
                    self._models[key] = model
            return model

    def _find(self, key: Hashable) -> Model | None:
        with self._order:
            if key in self._models:
                self._models.move_to_end(key)
            return self._models.get(key)

    def _make_room(self, size: int) -> None:
        while self._models and self._free() < size:
            with self._order:
                key = self._models.popitem(last=False)[0]
            log.info("Letting go of %s to make room", key)
            release_memory()


@cache
def model_cache() -> ModelCache:
    """The shelf of this process's engines, on the device of `pick`."""
    where = pick()
    return ModelCache(lambda: free_bytes(where))


def release_memory() -> None:
    """Gives memory that nobody refers to any more back to the device."""
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    if torch.backends.mps.is_available():
        torch.mps.empty_cache()


def _attempt(run: Callable[[list[Item]], Sequence[Made]], batch: list[Item]) -> Sequence[Made] | None:
    """What `run` makes of the batch; None when memory ran out."""
    import torch

    try:
        with torch.inference_mode():
            return run(batch)
    except RuntimeError as error:
        if not _out_of_memory(error):
            raise
    # Outside the handler, as the exception holds on to the tensors of the failed attempt.
    release_memory()
    return None


def _out_of_memory(error: RuntimeError) -> bool:
    """CUDA has an exception of its own; MPS and the CPU's allocator only say it in words."""
    import torch

    words = str(error).lower()
    return (
        isinstance(error, torch.OutOfMemoryError)
        or "out of memory" in words
        or "can't allocate memory" in words
    )


def _numbers() -> set[str]:
    import torch

    return {str(number) for number in range(torch.cuda.device_count())}


def _free_ram() -> int:
    """Memory that programs can still get; Linux counts its file cache in, elsewhere a careful guess."""
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:
            sizes = dict(line.split(":", 1) for line in lines)
        return int(sizes["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError):
        return 4 << 30
