"""How many workers this machine carries: one for each core, as long as each has the memory that it takes.

What a worker takes is estimated until the first row is finished, and measured from then on.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterable
from contextlib import suppress

from pipeline import engines
from pipeline.batch.checking import script_of_job
from pipeline.batch.jobs import Job
from pipeline.cards import Card, Layer
from pipeline.inference import device

WORKER_BYTES = 900_000_000
"""Memory of a worker with the embedded engines and one voice at 1080p, before any was measured; networks come
on top."""
_LAYERS: tuple[Layer, ...] = ("head", "lips")
_KEPT_FREE = 500_000_000
"""Bytes that are left to everything else."""


def worker_count(jobs: Iterable[Job]) -> int:
    """How many workers to begin these jobs with: one for each GPU that their engines use, else by core and
    estimated memory.
    """
    jobs = list(jobs)
    if uses_gpus(jobs):
        return most_workers(jobs)
    return max(1, min(most_workers(jobs), room_for(task_bytes(jobs))))


def most_workers(jobs: Iterable[Job]) -> int:
    """How many workers can be of use, whatever they need: one for each GPU, or each core."""
    jobs = list(jobs)
    return max(1, min(gpu_count() if uses_gpus(jobs) else core_count(), len(jobs)))


def room_for(size: int) -> int:
    """How many more workers of so many bytes the free memory carries; negative where it is short already."""
    return int((device.free_ram() - _KEPT_FREE) // size)


def peak_bytes() -> int:
    """The most memory that this process has taken; 0 where the system does not say."""
    try:
        import resource
    except ImportError:  # Windows
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


def return_free_memory() -> None:
    """Give the system the memory that is free again; glibc keeps what lies below anything still in use."""
    if sys.platform == "linux":
        with suppress(AttributeError):  # another C library
            ctypes.CDLL(None).malloc_trim(0)


def task_bytes(jobs: Iterable[Job]) -> int:
    """Memory that a worker needs for any of these jobs."""
    return WORKER_BYTES + int(1e9 * max((card.memory_gb for card in networks(jobs)), default=0.0))


def core_count() -> int:
    """Cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # Linux alone
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def gpu_count() -> int:
    """CUDA devices that the engines with networks may use: none where another device was chosen."""
    chosen = os.environ.get(device.DEVICE, "")
    if chosen and not chosen.startswith("cuda"):
        return 0
    if ":" in chosen:
        return 1
    import torch

    return torch.cuda.device_count()


def uses_gpus(jobs: Iterable[Job]) -> bool:
    """Whether an engine of any of these jobs has networks, and there are GPUs for them."""
    return bool(networks(jobs)) and gpu_count() > 0


def networks(jobs: Iterable[Job]) -> list[Card]:
    """The cards of all engines with networks in these jobs."""
    jobs = list(jobs)
    named = [job.values for job in jobs if job.template is None]
    for job in {job.template: job for job in jobs if job.template is not None}.values():
        named += [presenter.model_dump() for presenter in script_of_job(job).presenters.values()]
    names = {(layer, str(values.get(layer, ""))) for values in named for layer in _LAYERS}
    cards = [card for layer in _LAYERS for card in engines.cards(layer) if (layer, card.name) in names]
    return [card for card in cards if card.checkpoints]
