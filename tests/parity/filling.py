"""Weights and inputs that anybody can make again from a name and a shape alone.

Two programs that follow this rule hold the same numbers without exchanging a file, so a network written
here can be compared, output by output, with goldens recorded elsewhere, and a test can write a checkpoint
in any published layout without downloading one. NumPy's `default_rng` (PCG64) draws the numbers because
its stream is fixed across platforms; the CRC-32 of the name is the seed.

Where nothing is compared with what was recorded elsewhere, `pieces` draws the same kind of numbers in a tenth
of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from math import prod
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

if TYPE_CHECKING:
    import torch

Shape = tuple[int, ...]
Draw = Callable[[str, Shape], np.ndarray]
"""Normal numbers of deviation 1 for a tensor: float32, not to be changed."""


def by_name(name: str, shape: Shape) -> np.ndarray:
    """Those of the rule, which any program can draw again."""
    return _generator(name).standard_normal(shape).astype(np.float32)


def pieces(name: str, shape: Shape) -> np.ndarray:
    """Cheap ones: a piece of the same four million, which begins somewhere else for each name."""
    pool, count = _pool(), prod(shape)
    start = crc32(name.encode()) % len(pool)
    if start + count > len(pool):
        rest = np.resize(pool, start + count - len(pool))
        return np.concatenate([pool[start:], rest]).reshape(shape)
    return pool[start : start + count].reshape(shape)


@cache
def _pool() -> np.ndarray:
    return np.random.default_rng(0).standard_normal(4_000_037, np.float32)


def tensor(name: str, shape: Shape, draw: Draw = by_name) -> np.ndarray:
    """The array that a checkpoint holds under `name`: float32, or int64 zeros for a step counter.

    Gains lie around 1 and biases around 0 with deviation 0.1, running variances in [0.5, 1.5), and
    matrices have deviation 1/sqrt(fan in), so that activations keep their size through any depth.
    """
    for endings, make in _BY_ENDING.items():
        if name.endswith(endings):
            return make(name, shape, draw)
    if len(shape) >= 2:
        return draw(name, shape) / _fan_in_root(shape)
    spread = np.float32(0.1) * draw(name, shape)
    return 1 + spread if name.endswith(("weight", "gamma", "weight_g")) else spread


def signal(name: str, shape: Shape, low: float = 0.0, high: float = 1.0) -> np.ndarray:
    """A test input called `name`: float32, uniform in [low, high)."""
    return _generator(name).uniform(low, high, shape).astype(np.float32)


def pixels(name: str, shape: Shape) -> np.ndarray:
    """A test picture called `name`: `shape` uint8, uniform over all 256 levels."""
    return np.floor(signal(name, shape, 0, 256)).astype(np.uint8)


def fill(module: torch.nn.Module, *, keep: tuple[str, ...] = (), draw: Draw = by_name) -> torch.nn.Module:
    """Gives every tensor of `module` its rule's value and sets it to evaluation.

    One without memory gets it. `keep` names endings of computed buffers that the rule does not govern.
    """
    import torch

    if any(value.is_meta for value in module.state_dict().values()):
        module.to_empty(device="cpu")
    with torch.no_grad():
        for name, value in module.state_dict().items():
            if not name.endswith(keep or "\0"):
                value.copy_(torch.from_numpy(np.asarray(tensor(name, tuple(value.shape), draw))))
    return module.eval()


def state_dict(shapes: Mapping[str, Shape], draw: Draw = by_name) -> dict[str, torch.Tensor]:
    """A checkpoint of the given layout, filled by the rule."""
    import torch

    return {name: torch.from_numpy(np.asarray(tensor(name, tuple(shapes[name]), draw))) for name in shapes}


def _generator(name: str) -> np.random.Generator:
    return np.random.default_rng(crc32(name.encode()))


def _fan_in_root(shape: Shape) -> np.float32:
    return np.float32(np.sqrt(prod(shape[1:])))


def _steps(_: str, shape: Shape, draw: Draw) -> np.ndarray:
    return np.zeros(shape, np.int64)


def _variance(name: str, shape: Shape, draw: Draw) -> np.ndarray:
    return signal(name, shape, 0.5, 1.5)


def _mean(name: str, shape: Shape, draw: Draw) -> np.ndarray:
    return np.float32(0.1) * draw(name, shape)


def _direction(name: str, shape: Shape, draw: Draw) -> np.ndarray:
    vector = draw(name, shape)
    return vector / np.linalg.norm(vector)


def _unit_spectrum(name: str, shape: Shape, draw: Draw) -> np.ndarray:
    """A matrix whose spectral norm, as estimated by the stored `u` and `v`, is 1."""
    base = name.removesuffix("orig")
    u, v = _direction(base + "u", shape[:1], draw), _direction(base + "v", (prod(shape[1:]),), draw)
    matrix = (draw(name, shape) / _fan_in_root(shape)).reshape(shape[0], -1)
    return (matrix + (1 - u @ (matrix @ v)) * np.outer(u, v)).reshape(shape)


_BY_ENDING: dict[tuple[str, ...], Callable[[str, Shape, Draw], np.ndarray]] = {
    ("num_batches_tracked",): _steps,
    ("running_var",): _variance,
    ("running_mean",): _mean,
    ("weight_u", "weight_v"): _direction,
    ("weight_orig",): _unit_spectrum,
}
