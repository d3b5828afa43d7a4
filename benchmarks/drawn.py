"""Weights drawn on the device by their names, for networks that are built without a download.

The same name and shape give the same weights on the same kind of device, so an engine that is built twice, in
two precisions, can be compared with itself. Values keep activations at their size through any depth; they do
not affect the cost.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import TYPE_CHECKING, TypeVar
from zlib import crc32

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

Network = TypeVar("Network", bound="nn.Module")


def fill(network: Network, *, keep: tuple[str, ...] = ()) -> Network:
    """Draw every weight anew, where it lies.

    Args:
        keep: endings of computed tables, which stay as they are.
    """
    import torch

    with torch.no_grad():
        state = network.state_dict()
        for name, value in state.items():
            if value.is_floating_point() and not name.endswith(keep or "\0"):
                _draw(name, value)
        for name in state:
            if name.endswith("weight_orig"):
                _unit_spectrum(name.removesuffix("orig"), state)
    return network


def _draw(name: str, value: Tensor) -> None:
    """Gains about 1, biases about 0, matrices with the deviation that keeps the size of what they map."""
    import torch

    generator = torch.Generator(value.device).manual_seed(crc32(name.encode()))
    if name.endswith("running_var"):
        value.uniform_(0.5, 1.5, generator=generator)
        return
    value.normal_(generator=generator)
    if name.endswith(("weight_u", "weight_v")):
        value /= value.norm()
    elif value.ndim >= 2:
        value /= prod(value.shape[1:]) ** 0.5
    else:
        value *= 0.1
        if name.endswith(("weight", "gamma", "weight_g")):
            value += 1


def _unit_spectrum(layer: str, state: dict[str, Tensor]) -> None:
    """Give a spectrally normed matrix the norm 1, as its stored directions estimate it."""
    import torch

    matrix = state[f"{layer}orig"].flatten(1)
    left, right = state[f"{layer}u"], state[f"{layer}v"]
    matrix += (1 - left @ (matrix @ right)) * torch.outer(left, right)


def made(build: Callable[[], Network], where: torch.device, *, keep: tuple[str, ...] = ()) -> Network:
    """A network made on the device, and filled."""
    import torch

    with torch.device(where):
        network = build()
    return fill(network.to(where), keep=keep)


def moved(build: Callable[[], Network], where: torch.device, *, keep: tuple[str, ...] = ()) -> Network:
    """The same for a small network whose tables are computed on the CPU."""
    return fill(build().to(where), keep=keep)


def signal(like: nn.Module, *shape: int, normal: bool = False) -> Tensor:
    """An input in 0..1, or standard normal, the same on every device and in every precision."""
    import torch

    drawn = torch.randn if normal else torch.rand
    return drawn(*shape, generator=torch.Generator().manual_seed(0)).to(next(like.parameters()))
