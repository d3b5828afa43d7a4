"""Batches: in order, of few shapes, and smaller where memory runs out."""

from __future__ import annotations

import weakref
from functools import partial

import pytest
import torch

from pipeline.errors import StudioError
from pipeline.inference import device
from pipeline.inference.minibatches import as_they_are, in_batches, prepared, results


def test_batches_come_back_in_order_without_gradients() -> None:
    weight = torch.ones(1, requires_grad=True)
    sizes = []

    def run(items: list[int]) -> list[torch.Tensor]:
        sizes.append(len(items))
        return [weight * item for item in items]

    made = list(in_batches(run, iter(range(10)), 4))
    assert [int(value) for value in made] == list(range(10))
    assert not any(value.requires_grad for value in made)
    assert sizes == [4, 4, 2]


@pytest.mark.parametrize("each", [1, 3])
def test_padded_batches_have_one_shape_until_memory_runs_out(each: int) -> None:
    sizes = []

    def run(items: list[int]) -> list[int]:
        sizes.append(len(items))
        if len(sizes) > 4 and len(items) > 4:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return [item for item in items for _ in range(each)]

    batches = prepared(as_they_are, range(30), 8, first=2, padded=True)
    made = list(results(run, as_they_are, batches, 8, padded=True))
    assert made == [item for item in range(30) for _ in range(each)]
    assert sizes == [8, 8, 8, 8, 8, 4, 4]


@pytest.mark.parametrize("short", ["prepare", "run"])
def test_batches_that_do_not_fit_are_prepared_again_in_parts(short: str) -> None:
    """Even those that were prepared before it was known."""
    seen: dict[str, list[int]] = {"prepare": [], "run": []}

    def step(name: str, items: list[int]) -> list[int]:
        seen[name].append(len(items))
        if name == short and len(items) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return items

    ahead = list(prepared(partial(step, "prepare"), range(10), 4))
    assert list(results(partial(step, "run"), partial(step, "prepare"), ahead, 4)) == list(range(10))
    assert seen["run"] == [2] * 5 if short == "prepare" else [4, 2, 2, 2, 2, 2]


def test_what_was_prepared_for_a_batch_leaves_before_a_smaller_one_runs() -> None:
    """It lies on the device, whose memory is short."""
    alive: weakref.WeakSet[torch.Tensor] = weakref.WeakSet()

    def prepare(items: list[int]) -> torch.Tensor:
        made = torch.tensor(items)
        alive.add(made)
        return made

    def run(given: torch.Tensor) -> list[int]:
        if len(given) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        assert [len(other) for other in alive] == [2]
        return given.tolist()

    assert list(results(run, prepare, prepared(prepare, range(8), 8), 8)) == list(range(8))


@pytest.mark.parametrize(
    "error", [torch.OutOfMemoryError("CUDA out of memory"), RuntimeError("MPS backend out of memory")]
)
def test_a_batch_that_does_not_fit_is_halved(error: RuntimeError) -> None:
    sizes = []

    def run(items: list[int]) -> list[int]:
        sizes.append(len(items))
        if len(items) > 3:
            raise error
        return items

    assert list(in_batches(run, range(20), 16)) == list(range(20))
    assert sizes[:3] == [16, 8, 4]
    assert set(sizes[3:]) == {2}


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            torch.OutOfMemoryError("CUDA out of memory"),
            "The device .* smaller size, or set STUDIO_DEVICE=cpu",
        ),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), r"This computer .* a smaller size\.$"),
    ],
)
def test_what_never_fits_is_reported(error: RuntimeError, said: str) -> None:
    def run(items: list[int]) -> list[int]:
        raise error

    with pytest.raises(StudioError, match=said):
        list(in_batches(run, range(4), 4))


def test_engines_of_other_jobs_leave_before_it_is_given_up() -> None:
    device.model_cache().get("idle", lambda: [1], size=1)

    def run(items: list[int]) -> list[int]:
        if device.model_cache()._models:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return items

    assert list(in_batches(run, range(4), 4)) == list(range(4))


def test_other_errors_are_not_hidden() -> None:
    def run(items: list[int]) -> list[int]:
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    with pytest.raises(RuntimeError, match="mat1"):
        list(in_batches(run, range(4), 4))


def test_items_are_read_no_further_ahead_than_a_batch() -> None:
    taken = []
    stream = in_batches(lambda items: items, (taken.append(i) or i for i in range(100)), 5)
    next(stream)
    assert len(taken) == 5
