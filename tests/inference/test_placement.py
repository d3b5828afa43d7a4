"""Placement: how a network runs on a device, decided for a described device and applied on a CPU."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn

from pipeline.errors import StudioError
from pipeline.inference.placement import COMPILE, PRECISION, Placement, place, power_of_two

CPU = torch.device("cpu")
CARD = torch.device("cuda")
"""Only its kind is read; no card is needed."""


def on_this_machine(placement: Placement) -> Placement:
    return replace(placement, where=CPU)


@pytest.mark.parametrize("name", ["float32", "float16", "bfloat16"])
def test_a_precision_may_be_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(PRECISION, name)
    for where in (CPU, CARD):
        placement = Placement.choose(where, half=True)
        assert placement.dtype is getattr(torch, name)
        assert placement.channels_last == (name != "float32")
    assert Placement.choose(CARD, half=False).dtype is None, "what needs single precision keeps it"


@pytest.mark.parametrize("amx", [True, False])
def test_bfloat16_is_for_cpus_that_multiply_it(monkeypatch: pytest.MonkeyPatch, amx: bool) -> None:
    monkeypatch.delenv(PRECISION, raising=False)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: amx)
    assert Placement.choose(CPU, half=True, bfloat16=True).dtype is (torch.bfloat16 if amx else None)
    assert Placement.choose(CPU, half=True).dtype is None, "other networks lose accuracy"
    assert Placement.choose(CARD, half=True, bfloat16=True).dtype is torch.float16
    monkeypatch.setenv(PRECISION, "float32")
    assert Placement.choose(CPU, half=True, bfloat16=True).dtype is torch.float32


def test_a_precision_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PRECISION, "float8")
    with pytest.raises(StudioError, match=r"float8.*bfloat16"):
        Placement.choose(CPU, half=True)


def test_zero_gpu_compiles_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(COMPILE, "1")
    assert Placement.choose(CARD, half=True).compiled
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    assert not Placement.choose(CARD, half=True).compiled


class Painter(nn.Module):
    """Called by two names, as the engines call their networks; notes the batches that reach it."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(3, 3)
        self.seen: list[int] = []

    def forward(self, faces: torch.Tensor, audio: torch.Tensor) -> torch.Tensor:
        self.seen.append(len(faces))
        return self.layer(faces) + audio

    def render(self, faces: torch.Tensor) -> dict[str, torch.Tensor]:
        self.seen.append(len(faces))
        return {"prediction": self.layer(faces)}


def test_batches_are_filled_up_to_few_shapes() -> None:
    placement = on_this_machine(Placement.choose(CARD, half=False))
    network = placement.apply(Painter(), calls=("forward", "render"))
    plain = Painter()
    plain.load_state_dict(network.state_dict())
    faces, audio = torch.rand(7, 3), torch.rand(7, 3)
    with torch.inference_mode():
        for count in range(1, 8):
            made = network(faces[:count], audio[:count])
            torch.testing.assert_close(made, plain(faces[:count], audio[:count]))
            made = network.render(faces[:count])["prediction"]
            torch.testing.assert_close(made, plain.layer(faces[:count]))
    assert sorted(set(network.seen)) == [1, 2, 4, 8]


def test_what_is_no_batch_of_items_keeps_its_shape() -> None:
    network = on_this_machine(Placement.choose(CARD, half=False)).apply(Painter(), calls=("forward",))
    with torch.inference_mode():
        network(torch.rand(3, 3), torch.rand(1, 3))
        network(torch.rand(3, 3), torch.tensor(1.0))
    assert network.seen == [3, 3]


def test_what_is_called_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []

    def record(call: Callable[..., Any], *, dynamic: bool) -> Callable[..., Any]:
        assert not dynamic, "shapes are few and fixed"
        compiled.append(call.__qualname__)
        return call

    monkeypatch.setattr(torch, "compile", record)
    monkeypatch.setenv(COMPILE, "1")
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", "kept")
    card = on_this_machine(Placement.choose(CARD, half=False))
    network = card.apply(nn.ModuleDict({"painter": Painter()}), calls=("painter.render",))
    assert compiled == ["Painter.render"]
    network["painter"].render(torch.rand(3, 3))
    assert network["painter"].seen == [4]


def test_the_layout_and_precision_do_not_reach_other_layers() -> None:
    network = nn.ModuleDict(
        {"flat": nn.Conv2d(3, 4, 3), "volume": nn.Conv3d(3, 4, 3), "line": nn.Conv1d(3, 4, 3)}
    )
    on_this_machine(Placement.choose(CARD, half=True)).apply(network)
    assert {weight.dtype for weight in network.parameters()} == {torch.float16}
    assert network["flat"].weight.is_contiguous(memory_format=torch.channels_last)
    assert network["volume"].weight.is_contiguous()


def test_powers_of_two() -> None:
    assert [power_of_two(count) for count in (1, 2, 3, 4, 5, 16, 17)] == [1, 2, 4, 4, 8, 16, 32]


def test_place_returns_the_network_itself() -> None:
    network = nn.Linear(2, 2)
    assert place(network, CPU) is network and not network.training
