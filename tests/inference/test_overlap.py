"""A network's neighbours run beside it: in order, in bounded queues, and to the end or not at all."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import cv2
import numpy as np
import pytest
import torch

from pipeline.errors import StudioError
from pipeline.inference import device
from pipeline.inference.overlap import on_workers, overlapped, rendered, workers
from pipeline.inference.transfer import levels, shown

STEP = 0.01
"""Seconds that each step takes per item."""


slept: list[float] = []
"""Seconds that the pauses have really lasted, which is longer on a busy machine."""


def pause(seconds: float = STEP) -> None:
    began = time.perf_counter()
    time.sleep(seconds)
    slept.append(time.perf_counter() - began)


def slow(value: int) -> int:
    pause()
    return value


def counted(most: int, made: list[int]) -> Iterator[int]:
    for item in range(most):
        made.append(item)
        yield slow(item)


def run(batch: list[int]) -> list[int]:
    pause(STEP * len(batch))
    return [10 * item for item in batch]


def stream(
    items: Iterator[int],
    *,
    run: Callable[[list[int]], list[int]] = run,
    finish: Callable[[int, int], Any] = lambda item, raw: slow(raw + item),
) -> Iterator[tuple[int, Any]]:
    with workers() as pool, closing(overlapped(items, list, run, finish, size=4, pool=pool)) as made:
        yield from made


def threads() -> set[str]:
    return {thread.name for thread in threading.enumerate() if thread.name.startswith(("prefetch", "frames"))}


def test_the_steps_run_beside_one_another_and_in_order() -> None:
    slept.clear()
    started = time.perf_counter()
    assert list(stream(counted(60, []))) == [(item, 11 * item) for item in range(60)]
    taken = time.perf_counter() - started
    assert taken < 0.75 * sum(slept), "three steps take little more than one"
    assert not threads()


def test_only_a_few_batches_are_under_way() -> None:
    made: list[int] = []
    with closing(stream(counted(10_000, made))) as results:
        next(results)
        time.sleep(40 * STEP)
        assert len(made) < 40
    assert not threads()


@pytest.mark.parametrize("seen", [0, 1, 9])
def test_closing_midway_stops_every_thread_and_closes_the_items(seen: int) -> None:
    ended: list[bool] = []

    def items() -> Iterator[int]:
        try:
            yield from counted(10_000, [])
        finally:
            ended.append(True)

    results = stream(items())
    for _ in range(seen):
        next(results)
    results.close()
    assert not threads() and ended == [True] * bool(seen)


@pytest.mark.parametrize(
    ("where", "independent", "sizes"),
    [
        ("cpu", True, [2, 4, 8, 8, 3]),
        ("cuda", True, [8, 8, 8, 8, 8]),
        ("cpu", False, [8, 8, 8, 1]),
        ("cuda", False, [8, 8, 8, 1]),
    ],
)
def test_the_first_batches_are_small_and_all_of_one_shape_unless_that_changes_the_frames(
    where: str, independent: bool, sizes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[int] = []
    monkeypatch.setattr(device, "pick", lambda: torch.device(where))

    def run(batch: list[int]) -> list[int]:
        taken.append(len(batch))
        return batch

    with workers() as pool:
        made = overlapped(
            range(25), list, run, lambda item, raw: raw, size=8, pool=pool, independent=independent
        )
        assert [raw for _, raw in made] == list(range(25))
    assert taken == sizes


def test_frames_do_not_wait_for_the_next_batch() -> None:
    more = threading.Event()

    def run(batch: list[int]) -> list[int]:
        assert batch[0] < 15 or more.wait(60)
        return batch

    results = stream(iter(range(40)), run=run, finish=lambda item, raw: raw)
    assert [next(results)[1] for _ in range(15)] == list(range(15))
    more.set()
    results.close()


def test_closing_runs_no_further_batch() -> None:
    batches: list[int] = []
    begun, closed, third = threading.Event(), threading.Event(), threading.Event()

    def items() -> Iterator[int]:
        try:
            yield from range(10_000)
        finally:
            closed.set()
            third.wait(0.1)

    def run(batch: list[int]) -> list[int]:
        batches.append(len(batch))
        if len(batches) == 2:
            begun.set()
            assert closed.wait(60)
        elif len(batches) == 3:
            third.set()
        return batch

    results = stream(items(), run=run, finish=lambda item, raw: raw)
    next(results)
    assert begun.wait(60)
    results.close()
    assert len(batches) == 2, "but for the one that was being made"


@pytest.mark.parametrize(("step", "last"), [("items", 9), ("run", 7), ("finish", 9)])
def test_an_error_of_any_step_comes_in_its_place(step: str, last: int) -> None:
    """One of the network takes its batch with it: the fourth begins with item 7."""

    def broken(item: int) -> int:
        if item >= last:
            raise ValueError(step)
        return item

    given: dict[str, Any] = {
        "run": {"run": lambda batch: [broken(item) for item in batch]},
        "finish": {"finish": lambda item, raw: broken(item)},
    }.get(step, {})
    items = map(broken, range(20)) if step == "items" else iter(range(20))
    seen = []
    with pytest.raises(ValueError, match=step):
        for item, _ in stream(items, **given):
            seen.append(item)
    assert seen == list(range(last)) and not threads()


@pytest.mark.parametrize("step", ["items", "run", "finish"])
def test_memory_that_runs_out_anywhere_is_one_sentence(step: str) -> None:
    def short(*_: Any) -> Any:
        raise torch.OutOfMemoryError("CUDA out of memory")

    given: dict[str, Any] = {} if step == "items" else {step: short}
    items = map(short, range(20)) if step == "items" else iter(range(20))
    with pytest.raises(StudioError, match="too little memory for this engine"):
        list(stream(items, **given))
    with pytest.raises(StudioError, match="too little memory for this engine"):
        list(rendered(range(4), short, lambda picture: picture, size=4))
    assert not threads()


def test_settings_of_the_process_are_put_back() -> None:
    before = sys.getswitchinterval(), cv2.getNumThreads()
    results = stream(counted(100, []))
    next(results)
    assert sys.getswitchinterval() < before[0] and cv2.getNumThreads() == 1
    results.close()
    assert (sys.getswitchinterval(), cv2.getNumThreads()) == before


def test_workers_keep_the_order() -> None:
    def uneven(item: int) -> int:
        time.sleep(STEP * (item % 3))
        return -item

    with workers() as pool:
        assert list(on_workers(uneven, range(20), pool)) == [(item, -item) for item in range(20)]


def test_a_head_gets_frames() -> None:
    def render(levels: list[int]) -> torch.Tensor:
        return torch.tensor(levels, dtype=torch.uint8)[:, None, None, None].expand(-1, 2, 2, 3)

    frames = list(rendered(range(6), render, lambda picture: np.repeat(picture, 2, 0), size=4))
    assert [int(frame.image.mean()) for frame in frames] == list(range(6))
    assert frames[0].image.shape == (4, 2, 3)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_levels_are_those_of_rounding_the_whole_batch(dtype: torch.dtype) -> None:
    pictures = torch.rand(3, 3, 20, 30, generator=torch.Generator().manual_seed(0)).to(dtype)
    expected = (pictures.float() * 255).round().byte().permute(0, 2, 3, 1)
    for layout in (torch.contiguous_format, torch.channels_last):
        given = pictures.contiguous(memory_format=layout)
        assert torch.equal(levels(given), expected)
        assert np.array_equal(np.stack([picture() for picture in shown(given)]), expected)
