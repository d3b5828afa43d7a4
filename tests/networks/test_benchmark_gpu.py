"""The benchmark of engines on a GPU, on a CPU: real rows, and one line for what fails."""

from __future__ import annotations

import json
import multiprocessing
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from benchmarks import drawn, filled, gpu, gpu_measures

CPU = torch.device("cpu")


def rows(measure: Any, name: str, settings: gpu.Settings) -> list[gpu.Row]:
    """What a measuring process sends, without the process."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    measure(name, settings, theirs)
    theirs.close()
    found = []
    while True:
        try:
            found.append(ours.recv())
        except EOFError:
            return found


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> gpu.Settings:
    monkeypatch.setenv("STUDIO_PRECISION", "")  # measuring sets it for a process of its own
    gpu_measures.Stage(2, tmp_path).prepare()
    return gpu.Settings(seconds=0.2, frames=2, folder=str(tmp_path), tiny=True)


def test_an_engine_is_measured_in_every_precision(
    settings: gpu.Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("STUDIO_DEVICE", "cpu")
    found = rows(gpu._measure, "wav2lip", settings)
    assert [row["precision"] for row in found[:3]] == ["float16", "bfloat16", "float32"]
    assert all(row["network fps"] > 0 and row["peak GB"] > 0 for row in found[:3])
    assert found[0]["whole fps"] > 0 and found[0]["first s"] > 0
    half, brain = ([float(part) for part in row["levels off"].split()] for row in found[3:])
    assert 0 < half[0] < brain[0] < 1, "float16 is nearer to float32 than bfloat16, both within a level"
    table = gpu._Table(tmp_path, "a card")
    table.extend(iter(found))
    assert json.loads((tmp_path / "gpu.json").read_text())["machine"] == "a card"
    assert (tmp_path / "gpu.md").read_text().count("| wav2lip |") == len(found)


def test_an_engine_that_fails_is_a_line_that_says_why(
    settings: gpu.Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> filled.Built:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setitem(filled.ENGINES, "wav2lip", broken)
    found = rows(gpu._measure, "wav2lip", settings)
    assert [row["note"] for row in found] == ["OutOfMemoryError: CUDA out of memory"] * 3


def test_what_takes_too_long_is_given_up(settings: gpu.Settings) -> None:
    assert [row["note"] for row in gpu._guarded(rows, "wav2lip", settings, -1)] == ["left out: no time left"]


def test_weights_follow_from_their_names_alone() -> None:
    one, other = (
        drawn.fill(nn.ModuleDict({"conv": nn.Conv2d(3, 4, 3), "norm": nn.BatchNorm2d(4)})) for _ in range(2)
    )
    assert all(torch.equal(value, other.state_dict()[name]) for name, value in one.state_dict().items())
    assert one["norm"].weight.detach().mean() > 0.5 and one["norm"].running_var.min() >= 0.5
    assert one["conv"].weight.detach().std() == pytest.approx((1 / 27) ** 0.5, rel=0.2)


def test_busy_time_counts_overlapping_work_once() -> None:
    assert gpu_measures._covered([(0, 10), (5, 8), (9, 12), (20, 21)]) == 13
    assert gpu_measures._covered([]) == 0
