"""How many workers this machine carries: one for each core, as long as each has the memory that it takes."""

from __future__ import annotations

import os
from collections.abc import Iterable

from pipeline import device, engines
from pipeline.batch.jobs import Job

WORKER_BYTES = 900_000_000
"""Memory of a worker with the embedded engines and one voice at 1080p, as measured; networks come on top."""
_LAYERS: tuple[engines.Layer, ...] = ("head", "lips")
_KEPT_FREE = 500_000_000
"""Bytes that are left to everything else."""


def worker_count(jobs: Iterable[Job]) -> int:
    """How many workers make these jobs fastest: for each GPU that their engines use one, else by core and
    memory.
    """
    jobs = list(jobs)
    networks = _networks(jobs)
    gpus = gpu_count() if networks else 0
    if gpus:
        return max(1, min(gpus, len(jobs)))
    carried = (device.free_ram() - _KEPT_FREE) // task_bytes(jobs)
    return max(1, min(core_count(), int(carried), len(jobs)))


def task_bytes(jobs: Iterable[Job]) -> int:
    """Memory that a worker needs for any of these jobs."""
    return WORKER_BYTES + int(1e9 * max((card.memory_gb for card in _networks(jobs)), default=0.0))


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


def uses_networks(jobs: Iterable[Job]) -> bool:
    """Whether an engine of any of these jobs has networks."""
    return bool(_networks(jobs))


def _networks(jobs: Iterable[Job]) -> list[engines.Card]:
    """The cards of all engines with networks in these jobs."""
    names = {(layer, str(job.values.get(layer, ""))) for job in jobs for layer in _LAYERS}
    cards = [card for layer in _LAYERS for card in engines.cards(layer) if (layer, card.name) in names]
    return [card for card in cards if card.checkpoints]
