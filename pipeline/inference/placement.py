"""How a network runs on a device: its precision, memory layout, shapes, and whether it is compiled.

Decisions and their application are apart, so that the way of a large card can be tried on any machine. torch
is imported inside functions only, as in `pipeline.inference.device`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, wraps
from typing import TYPE_CHECKING, Any, TypeVar

from pipeline.errors import StudioError
from pipeline.user_folders import cache_folder

if TYPE_CHECKING:
    import torch
    from torch.nn import Module

Network = TypeVar("Network", bound="Module")

PRECISION = "STUDIO_PRECISION"
"""Environment variable: "float32", "float16" or "bfloat16" for the networks that keep their accuracy in half
precision. Left out, they run in float16 on CUDA and in float32 elsewhere, or in bfloat16 where a CPU has
circuits for it and their accuracy allows it."""

COMPILE = "STUDIO_COMPILE"
"""Environment variable: "1" compiles the networks on CUDA, which takes a minute and pays in long jobs. The
compiled kernels are kept in the user's cache folder."""

_ZERO_GPU = "SPACES_ZERO_GPU"
"""Set on a ZeroGPU Space, where each job runs in a process that lives too short for a compiler."""


@dataclass(frozen=True)
class Placement:
    """How a network runs on a device; the decisions alone, so that they can be tried on any machine."""

    where: torch.device
    dtype: torch.dtype | None = None
    """Precision of the weights; None leaves it as loaded."""
    channels_last: bool = False
    """Memory layout that the tensor cores want for 2-D convolutions."""
    fixed_shapes: bool = False
    """Batches are filled up to a power of two, as kernels are chosen or compiled anew for every shape."""
    compiled: bool = False

    @classmethod
    def choose(cls, where: torch.device, *, half: bool, bfloat16: bool = False) -> Placement:
        """The quickest way on that device; for `half` and `bfloat16` see `place`.

        Raises:
            StudioError: `STUDIO_PRECISION` names no precision.
        """
        on_cuda = where.type == "cuda"
        quickest = "float16" if on_cuda else ""
        if where.type == "cpu" and bfloat16 and _multiplies_bfloat16():
            quickest = "bfloat16"
        dtype = _named_precision(quickest) if half else None
        return cls(
            where,
            dtype=dtype,
            channels_last=dtype is not None and dtype.itemsize == 2,
            fixed_shapes=on_cuda,
            compiled=on_cuda and os.environ.get(COMPILE) == "1" and not os.environ.get(_ZERO_GPU),
        )

    def apply(self, network: Network, *, calls: Iterable[str] = ()) -> Network:
        """The network itself, moved, converted, and ready for inference; for `calls` see `place`."""
        import torch
        from torch import nn

        if self.where.type == "cuda":
            _choose_kernels()
        network = network.to(device=self.where, dtype=self.dtype).eval().requires_grad_(False)
        if self.channels_last:
            # Not the network as a whole: the layout does not exist for the weights of 3-D convolutions.
            for layer in network.modules():
                if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
                    layer.weight.data = layer.weight.data.contiguous(memory_format=torch.channels_last)
        for name in calls:
            self._wrap(network, name)
        return network

    def _wrap(self, network: Module, name: str) -> None:
        """Compile what is called `name`, and give it batches of few sizes."""
        import torch

        path, _, method = name.rpartition(".")
        owner = network.get_submodule(path)
        call: Callable[..., Any] = getattr(owner, method)
        if self.compiled:
            _keep_kernels()
            call = torch.compile(call, dynamic=False)
        if self.fixed_shapes:
            call = _filled_up(call)
        if self.compiled or self.fixed_shapes:
            setattr(owner, method, call)


def place(
    network: Network,
    where: torch.device,
    *,
    half: bool = False,
    bfloat16: bool = False,
    calls: Iterable[str] = ("forward",),
) -> Network:
    """Moves a network to its device, ready for inference.

    Args:
        half: the network keeps its accuracy in half precision, so it runs in float16 where that is quicker,
            on CUDA, or in what `STUDIO_PRECISION` names. Read its dtype off its parameters.
        bfloat16: it does so in bfloat16 too, in which it then runs on a CPU that has circuits for that.
        calls: the methods that are called for every batch, of the network or of its parts: "render",
            "unet.forward". They are what `STUDIO_COMPILE` compiles.
    """
    return Placement.choose(where, half=half, bfloat16=bfloat16).apply(network, calls=calls)


def power_of_two(count: int) -> int:
    """The smallest power of two that is not below `count`."""
    return 1 << max(0, count - 1).bit_length()


def _filled_up(call: Callable[..., Any]) -> Callable[..., Any]:
    """`call` with its batch filled up to a power of two by repeating the last item, and cut off again.

    Only where all its tensors have the same number of items: others are no batches of independent items.
    """
    import torch

    @wraps(call)
    def called(*given: Any, **others: Any) -> Any:
        counts = {len(item) if torch.is_tensor(item) and item.ndim else 0 for item in given}
        count = counts.pop() if len(counts) == 1 else 0
        lacking = power_of_two(count) - count if count else 0
        if not lacking:
            return call(*given, **others)
        repeated = [torch.cat([item, item[-1:].expand(lacking, *item.shape[1:])]) for item in given]
        return _cut(call(*repeated, **others), count)

    return called


def _cut(output: Any, count: int) -> Any:
    if isinstance(output, dict):
        return {name: _cut(value, count) for name, value in output.items()}
    return output[:count]


@cache
def _choose_kernels() -> None:
    """Set what torch may choose from on CUDA, for the whole process.

    cuDNN picks a convolution's kernel by rule: trying all of them took 3 to 8 s for every batch size on an
    H200, and up to 39 GB for workspaces. Networks that stay in float32 do so for their accuracy, which TF32
    would take: about ten bits of the mantissa are left.
    """
    import torch

    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False


def _keep_kernels() -> None:
    """Keep what is compiled between runs: by default it lies in the temporary folder."""
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(cache_folder() / "kernels"))


def _multiplies_bfloat16() -> bool:
    """Whether the CPU multiplies matrices of bfloat16 (Intel's AMX); without that, they are slower."""
    import torch

    # Not public: torch has no other name for it, and says no where it does not know.
    supported: Callable[[], bool] | None = getattr(torch.cpu, "_is_amx_tile_supported", None)
    return supported is not None and supported()


def _named_precision(default: str) -> torch.dtype | None:
    """What `STUDIO_PRECISION` names, else the default; None where neither names any."""
    import torch

    precisions = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}
    wanted = os.environ.get(PRECISION) or default
    if not wanted:
        return None
    if wanted not in precisions:
        raise StudioError(f"{PRECISION} is {wanted}, which is no precision; choose {', '.join(precisions)}.")
    return precisions[wanted]
