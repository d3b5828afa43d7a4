"""Cost of the engines with networks: each whole path against its networks alone, and peak memory.

    python -m benchmarks networks [ENGINE …] [--frames N] [--photo FILE]

The networks alone are the lower bound: the time spent inside torch modules, measured in the same run as the
whole, so that other load slows both. Weights are drawn at random, as their values do not affect the cost.
Each engine runs in a process of its own, so that its peak memory is its own. A lips engine is given frames
without landmarks, so that face tracking is part of its path.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import filled
from pipeline.protocols import Head, Lips
from pipeline.types import RATE, Clip, Frame, Portrait, Speech, Style

PHOTO = Path(__file__).parents[1] / "assets" / "portraits" / "astronaut.jpg"
SIZE = 512
"""Side in px of the frames."""
WARM_UP = 2
"""Frames rendered before the clock starts."""


def main(argv: Sequence[str]) -> None:
    """Print the table: seconds per frame, their ratio, gigabytes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks networks", description=__doc__)
    parser.add_argument("engines", nargs="*", metavar="ENGINE", help="default: all")
    parser.add_argument(
        "--frames", type=int, default=24, help="frames for a lips engine; a head renders a sixth"
    )
    parser.add_argument("--photo", type=Path, default=PHOTO)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    if arguments.one:
        print(json.dumps(_measured(arguments.engines[0], arguments.photo, arguments.frames)))
        return
    print(f"{'engine':24} {'device':6} {'whole':>9} {'network':>9} {'ratio':>6} {'peak GB':>8}")
    for name in arguments.engines or _affordable():
        if name not in ENGINES:
            parser.error(f"there is no engine {name!r}; choose one of {', '.join(ENGINES)}")
        command = [sys.executable, "-m", "benchmarks", "networks", name, "--one"]
        command += ["--frames", str(arguments.frames), "--photo", str(arguments.photo)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        figures = json.loads(done.stdout.splitlines()[-1])
        print(
            f"{name:24} {figures['device']:6} {figures['whole']:9.3f} {figures['network']:9.3f} "
            f"{figures['whole'] / figures['network']:6.2f} {figures['peak']:8.2f}"
        )


def _measured(name: str, photo: Path, frames: int) -> dict[str, Any]:
    """Seconds per frame of the whole path and of the networks, and peak memory in gigabytes."""
    from pipeline import faces
    from pipeline.inference import device
    from pipeline.lips.inpainter import LipInpainter

    portrait = faces.portrait(photo, size=SIZE)
    where = device.pick()
    engine = ENGINES[name](where, tiny=False).engine
    count = frames if isinstance(engine, LipInpainter) else max(1, frames // 6)
    for _ in _rendered(engine, portrait, WARM_UP):
        pass
    with _inside_modules(where.type) as network:
        started = time.perf_counter()
        for _ in _rendered(engine, portrait, count):
            pass
        whole = time.perf_counter() - started
    return {
        "device": where.type,
        "whole": whole / count,
        "network": network[0] / count,
        "peak": _peak(where.type),
    }


def _rendered(engine: Head | Lips, portrait: Portrait, frames: int) -> Iterator[Frame]:
    """So many frames of a portrait that sways, for speech that is noise."""
    from pipeline.lips.inpainter import LipInpainter

    noise = np.random.default_rng(0).standard_normal(frames * RATE // 25)
    speech = [Speech((0.1 * noise).astype(np.float32))]
    if isinstance(engine, LipInpainter):
        sway = np.rint(6 * np.sin(np.arange(frames) / 8)).astype(int)
        clip = Clip((SIZE, SIZE), 25, (Frame(np.roll(portrait.image, x, axis=1)) for x in sway))
        return engine.sync(clip, speech, Style()).frames
    return engine.animate(portrait, speech, Style(), speaking=True).frames


@contextmanager
def _inside_modules(kind: str) -> Iterator[list[float]]:
    """Measures the seconds spent inside outermost torch modules, including work on the device."""
    import torch
    from torch.nn.modules import module as hooks

    spent, depth, began = [0.0], 0, 0.0

    def enter(*_: Any) -> None:
        nonlocal depth, began
        depth += 1
        if depth == 1:
            began = time.perf_counter()

    def leave(*_: Any) -> None:
        nonlocal depth
        depth -= 1
        if depth == 0:
            if kind == "cuda":
                torch.cuda.synchronize()
            spent[0] += time.perf_counter() - began

    handles = [hooks.register_module_forward_pre_hook(enter), hooks.register_module_forward_hook(leave)]
    try:
        yield spent
    finally:
        for handle in handles:
            handle.remove()


def _peak(kind: str) -> float:
    import torch

    if kind == "cuda":
        return torch.cuda.max_memory_allocated() / 1e9
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def _affordable() -> list[str]:
    """The engines that finish within an hour on this machine."""
    from pipeline.inference import device

    return [name for name in ENGINES if name not in GPU_ONLY or device.pick().type == "cuda"]


GPU_ONLY = ("latentsync", "latentsync-1-step", "flashhead", "flashhead-lite")
"""Measured on a CPU only when asked for by name."""

ENGINES: dict[str, Callable[..., filled.Built]] = {
    **filled.ENGINES,
    "latentsync-1-step": partial(filled.latentsync, steps=1),
}
"""How each engine is built without a download. A CPU has time for one of LatentSync's twenty steps, for
which the network's share of the whole is smallest."""
