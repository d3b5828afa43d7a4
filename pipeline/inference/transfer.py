"""Pictures and tensors on their way to the device and back, without waiting for either.

On CUDA, copies go through pinned memory on streams of their own, so that the network runs meanwhile. On other
devices they are plain copies, and on the CPU none at all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache, lru_cache, partial

import cv2
import numpy as np
import torch
from torch import Tensor


def upload(values: np.ndarray | Tensor, where: torch.device) -> Tensor:
    """The values on the device, for use on the current stream; the caller does not wait for the copy."""
    here = torch.from_numpy(values) if isinstance(values, np.ndarray) else values
    if where.type != "cuda" or here.device.type == "cuda":
        return here.to(where)
    copying, current = _stream(where, "up"), torch.cuda.current_stream(where)
    with torch.cuda.stream(copying):
        there = here.pin_memory().to(where, non_blocking=True)
    current.wait_stream(copying)
    there.record_stream(current)
    return there


@lru_cache(maxsize=64)
def constant(values: tuple[float, ...] | tuple[tuple[float, ...], ...], where: torch.device) -> Tensor:
    """Numbers on the device, float32; only the first call waits for the copy."""
    return torch.tensor(values).to(where)


def network_input(
    pictures: Sequence[np.ndarray], like: Tensor, normalise: Callable[[Tensor], Tensor]
) -> Tensor:
    """Pictures `(h, w, 3)` uint8 as `(n, 3, h, w)` on the device and in the precision of `like`.

    Args:
        normalise: from levels, 0 to 255, to the range that the network expects, element by element. The
            device does that; where that is the CPU, a table, for which torch takes four times as long.
    """
    if like.device.type != "cpu":
        uploaded = upload(np.stack(pictures), like.device)
        return normalise(uploaded.permute(0, 3, 1, 2)).to(like.dtype)
    table = normalise(torch.arange(256, dtype=torch.uint8)).float().numpy()
    # numpy's large arrays lie on large pages, torch's on small ones, and most of the time would be theirs
    planes = np.empty((len(pictures), 3, *pictures[0].shape[:2]), np.float32)
    for picture, colours in zip(pictures, planes, strict=True):
        for colour, values in zip(cv2.split(picture), colours, strict=True):
            cv2.LUT(colour, table, values)
    return torch.from_numpy(planes).to(like.dtype)


def levels(pictures: Tensor) -> Tensor:
    """`(n, h, w, 3)` uint8, rounded, where the pictures are: `(n, 3, h, w)` in 0..1."""
    if pictures.device.type != "cpu":
        return (pictures.float() * 255).round().byte().permute(0, 2, 3, 1).contiguous()
    return torch.from_numpy(np.stack([_rounded(picture) for picture in pictures]))


def shown(pictures: Tensor) -> list[Callable[[], np.ndarray]]:
    """For each picture of `(n, 3, h, w)` in 0..1 a function that returns it as `(h, w, 3)` uint8, rounded,
    once it is back from the device; any thread may call it.

    The device rounds; where that is the CPU, whoever calls the function does, beside the network.
    """
    if pictures.device.type == "cpu":
        return [partial(_rounded, picture) for picture in pictures]
    return Download(levels(pictures)).rows()


def _rounded(picture: Tensor) -> np.ndarray:
    return cv2.merge([cv2.convertScaleAbs(colour, alpha=255) for colour in picture.float().numpy()])


class Download:
    """A tensor on its way back from the device, `(n, …)`; nobody waits until a row is asked for."""

    def __init__(self, values: Tensor) -> None:
        self._arrived: torch.cuda.Event | None = None
        self._here = self._copied(values) if values.device.type == "cuda" else values.cpu()

    def rows(self) -> list[Callable[[], np.ndarray]]:
        """For each row a function that returns it, once it is here; any thread may call it."""
        return [partial(self._row, index) for index in range(len(self._here))]

    def _row(self, index: int) -> np.ndarray:
        if self._arrived is not None:
            self._arrived.synchronize()
        return self._here[index].numpy()

    def _copied(self, values: Tensor) -> Tensor:
        copying = _stream(values.device, "down")
        copying.wait_stream(torch.cuda.current_stream(values.device))
        # A blocking event: the thread that waits for it sleeps instead of spinning.
        self._arrived = torch.cuda.Event(blocking=True)
        with torch.cuda.stream(copying):
            here = torch.empty(values.shape, dtype=values.dtype, pin_memory=True)
            here.copy_(values, non_blocking=True)
            self._arrived.record(copying)
        values.record_stream(copying)
        return here


def beside(where: torch.device) -> AbstractContextManager[object]:
    """A context whose work on the device runs beside the frames' network instead of queueing behind it.

    What is made in it must not leave it before it was waited for, as `.cpu()` does.
    """
    if where.type != "cuda":
        return nullcontext()
    stream = _stream(where, "beside")
    stream.wait_stream(torch.cuda.current_stream(where))
    return torch.cuda.stream(stream)


@cache
def _stream(where: torch.device, purpose: str) -> torch.cuda.Stream:
    return torch.cuda.Stream(where)
