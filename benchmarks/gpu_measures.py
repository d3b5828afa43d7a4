"""What `benchmarks.gpu` measures of one engine: its network alone, its whole path, the card's busy share."""

from __future__ import annotations

import itertools
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.filled import Built
from pipeline.faces.crops import square_crop
from pipeline.lips.inpainter import LipInpainter
from pipeline.samples import COLLINS
from pipeline.types import BLENDSHAPES, RATE, Clip, Face, Frame, Portrait, Speech, Style

if TYPE_CHECKING:
    import torch
    from torch import Tensor

FPS = 25
SIZE = 512
"""Side in px of the frames."""
_PART = 4
"""Seconds of one part of the speech; a sentence lasts as long."""
_LANDMARKS = Path(__file__).with_name("portrait.npy")
"""The sample portrait's landmarks `(478, 3)` px, so that no tracker has to be there."""
_TOP = 8
"""Kernels that are listed by the time that they take."""


@dataclass(frozen=True)
class Stage:
    """What is rendered: a portrait that sways, for speech that is noise."""

    frames: int
    folder: Path

    @cached_property
    def portrait(self) -> Portrait:
        import cv2

        photo = cv2.cvtColor(cv2.imread(str(COLLINS.path)), cv2.COLOR_BGR2RGB)
        known = np.load(_LANDMARKS)
        crop = square_crop(known, size=SIZE, scale=2.2, upright=False)
        landmarks = np.column_stack([crop.place(known), crop.scale * known[:, 2]]).astype(np.float32)
        return Portrait(crop.cut(photo), Face(landmarks, np.zeros(len(BLENDSHAPES)), np.zeros(3)))

    @property
    def video(self) -> Path:
        return self.folder / "source.mp4"

    def prepare(self) -> None:
        """Write the video that lips engines read."""
        from pipeline.video import Writer

        with Writer(self.video, size=(SIZE, SIZE), fps=FPS) as writer:
            for image, _ in self._swaying():
                writer.write(image)

    def clip(self) -> Clip:
        """The portrait's video with its landmarks."""
        return Clip((SIZE, SIZE), FPS, self._frames())

    def _frames(self) -> Iterator[Frame]:
        from pipeline.video import read_frames

        drawn = self._swaying()
        for image, (_, shift) in zip(read_frames(self.video), drawn, strict=False):
            yield Frame(image, self.portrait.face.landmarks + np.float32([shift, 0, 0]))

    def _swaying(self) -> Iterator[tuple[np.ndarray, int]]:
        for index in range(self.frames):
            shift = round(6 * np.sin(index / 8))
            yield np.roll(self.portrait.image, shift, axis=1), shift

    def speech(self) -> list[Speech]:
        rng, length = np.random.default_rng(0), _PART * FPS
        counts = [min(length, self.frames - at) for at in range(0, self.frames, length)]
        noises = (rng.standard_normal(count * RATE // FPS) for count in counts)
        return [Speech((0.1 * noise).astype(np.float32)) for noise in noises]


@dataclass(frozen=True)
class Run:
    """One pass through the whole path."""

    frames: int
    seconds: float
    first: float
    """Seconds until the first second of video was encoded, or all of it where it is shorter."""

    @property
    def fps(self) -> float:
        return self.frames / self.seconds


def whole(built: Built, stage: Stage, *, seconds: float) -> Run:
    """Decode, crop, copy, network, copy back, composite, encode; given up after so many seconds."""
    from pipeline.video import Writer

    count, first, started = 0, 0.0, time.perf_counter()
    with ExitStack() as stack:
        path = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "out.mp4"
        clip = stack.enter_context(closing(_rendered(built, stage)))
        writer = stack.enter_context(Writer(path, size=clip.size, fps=FPS))
        for count, frame in enumerate(clip.frames, start=1):
            writer.write(frame.image)
            if count == min(FPS, stage.frames):
                first = time.perf_counter() - started
            if time.perf_counter() - started > seconds:
                break
    took = time.perf_counter() - started
    return Run(count, took, first or took)


def _rendered(built: Built, stage: Stage) -> Clip:
    if isinstance(built.engine, LipInpainter):
        return built.engine.sync(stage.clip(), stage.speech(), Style())
    return built.engine.animate(stage.portrait, stage.speech(), Style(), speaking=True)


@dataclass(frozen=True)
class Bare:
    """The network by itself, back to back on the device."""

    fps: float
    start: float
    """Seconds of the first call, which chooses or compiles its kernels."""
    output: Tensor
    """`(n, 3, H, W)` float32 in 0..1, on the CPU."""


def bare(built: Built, where: torch.device, *, batch: int, seconds: float) -> Bare:
    """The network's speed without copies in the loop."""
    import torch

    with torch.inference_mode():
        started = time.perf_counter()
        output = built.network(batch).float().cpu()
        start = time.perf_counter() - started
        if where.type == "cpu" and start > 4 * seconds:  # not again: nothing was chosen or compiled in it
            return Bare(batch / start, start, output)
        once = _timed(built, where, batch, 1)
        if once > seconds:
            return Bare(batch / once, start, output)
        count = max(1, min(200, int(seconds / once)))
        return Bare(batch * count / _timed(built, where, batch, count), start, output)


def _timed(built: Built, where: torch.device, batch: int, count: int) -> float:
    """Seconds of so many calls."""
    synchronize(where)
    started = time.perf_counter()
    for _ in range(count):
        built.network(batch)
    synchronize(where)
    return time.perf_counter() - started


def synchronize(where: torch.device) -> None:
    """Wait until the card has done all that it was given."""
    import torch

    if where.type == "cuda":
        torch.cuda.synchronize(where)


@dataclass(frozen=True)
class Busy:
    """What the card did during a run."""

    share: float
    """Share of the time in which it ran a kernel or a copy."""
    frames_per_busy_second: float
    top: list[tuple[str, float]]
    """Names of the kernels that took longest, and their shares of the busy time."""


def busy(built: Built, stage: Stage, *, seconds: float) -> Busy:
    """Profile a run on CUDA; the profiler itself slows it a little, so the share is a lower bound."""
    from torch.autograd import DeviceType
    from torch.profiler import ProfilerActivity, profile

    with profile(activities=[ProfilerActivity.CUDA]) as profiler:
        run = whole(built, stage, seconds=seconds)
    events = profiler.profiler.kineto_results.events()
    ran = [each for each in events if each.device_type() == DeviceType.CUDA]
    spans = sorted((each.start_ns(), each.start_ns() + each.duration_ns()) for each in ran)
    taken = _covered(spans) / 1e9
    if not taken:
        raise RuntimeError("the profiler saw no kernel")
    kinds: dict[str, int] = {}
    for each in ran:
        kinds[each.name()] = kinds.get(each.name(), 0) + each.duration_ns()
    top = sorted(kinds.items(), key=lambda kind: -kind[1])[:_TOP]
    shares = [(name[:100], round(spent / 1e9 / taken, 3)) for name, spent in top]
    return Busy(taken / run.seconds, run.frames / taken, shares)


def _covered(spans: list[tuple[int, int]]) -> int:
    """The length of the union of intervals that are sorted by their start."""
    total, end = 0, 0
    for start, stop in spans:
        total += max(0, stop - max(start, end))
        end = max(end, stop)
    return total


def peak_gigabytes(where: torch.device) -> float:
    """The most memory that tensors took since the last `reset`; of a CPU's process, since its start."""
    import torch

    from benchmarks.usage import peak_megabytes

    if where.type == "cuda":
        return torch.cuda.max_memory_allocated(where) / 1e9
    return peak_megabytes() / 1e3


def levels_apart(one: Tensor, other: Tensor) -> tuple[float, float]:
    """Mean and greatest difference of two pictures in 0..1, in grey levels of 255."""
    apart = (one - other).abs() * 255
    return float(apart.mean()), float(apart.max())


def batches(first: int) -> Iterator[int]:
    """Batch sizes to try where memory runs out: halves down to one."""
    return itertools.takewhile(lambda size: size > 0, (first >> step for step in range(first.bit_length())))
