"""Weights: read from every kind of checkpoint file, strictly, and without running code from it."""

from __future__ import annotations

import os
from pathlib import Path

import hubrepo
import numpy as np
import pytest
import torch

from pipeline.errors import CheckpointError
from pipeline.weights import load_into, load_state, read_pickle


@pytest.mark.parametrize("name", ["net.pth", "net.pth.tar", "net.safetensors"])
def test_states_are_read_from_either_kind(tmp_path: Path, name: str) -> None:
    network = torch.nn.Linear(3, 2)
    path = tmp_path / name
    path.write_bytes(
        hubrepo.serialised(name, {f"module.{key}": value for key, value in network.state_dict().items()})
    )
    other = torch.nn.Linear(3, 2)
    load_into(other, load_state(path, prefix="module."), name="linear")
    assert torch.equal(network.weight, other.weight)
    assert not other.training


def test_a_part_of_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "net.pt"
    torch.save({"state_dict": {"a": torch.ones(2)}, "step": 3, "args": {"n": 1}}, path)
    assert list(load_state(path, part="state_dict")) == ["a"]
    with pytest.raises(CheckpointError, match="'model'"):
        load_state(path, part="model")
    with pytest.raises(CheckpointError, match="no such weights"):
        load_state(path)
    with pytest.raises(CheckpointError, match="no such weights"):
        load_state(path, part="state_dict", prefix="module.")


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.99])
def test_incomplete_files_are_refused(tmp_path: Path, share: float, legacy: bool) -> None:
    path = tmp_path / "net.pth"
    torch.save({"weight": torch.ones(1000)}, path, _use_new_zipfile_serialization=not legacy)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(CheckpointError, match=r"net\.pth is damaged"):
        load_state(path)
    other = tmp_path / "net.safetensors"
    data = hubrepo.serialised(other.name, {"weight": torch.ones(1000)})
    other.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(CheckpointError, match=r"net\.safetensors is damaged"):
        load_state(other)


class Evil:
    """Would run a command if it were unpickled without care."""

    def __reduce__(self) -> tuple:
        return os.system, ("exit 1",)


def test_pickles_run_no_code(tmp_path: Path) -> None:
    path = tmp_path / "net.pth"
    torch.save({"weight": torch.ones(2), "extra": Evil()}, path)
    with pytest.raises(CheckpointError, match="more than weights"):
        load_state(path)


def test_harmless_classes_can_be_allowed(tmp_path: Path) -> None:
    from argparse import Namespace

    path = tmp_path / "net.pt"
    torch.save({"args": Namespace(n=3), "model": {"a": torch.ones(1)}}, path)
    with pytest.raises(CheckpointError, match="more than weights"):
        read_pickle(path)
    assert read_pickle(path, allow=[Namespace])["args"].n == 3


def test_another_networks_weights_change_nothing() -> None:
    network = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
    before = {key: value.clone() for key, value in network.state_dict().items()}
    state = {key: torch.ones_like(value) for key, value in before.items()}
    for change, words in (
        (lambda s: s.pop("0.bias"), r"1 missing \(0.bias\)"),
        (lambda s: s.update(other=torch.ones(1)), r"1 unexpected \(other\)"),
        (lambda s: s.update({"0.weight": torch.ones(2, 4)}), r"1 of another shape \(0.weight\)"),
    ):
        wrong = dict(state)
        change(wrong)
        with pytest.raises(CheckpointError, match=f"not a Wav2Lip checkpoint: {words}"):
            load_into(network, wrong, name="Wav2Lip")
        assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())


def test_names_that_older_files_lack_may_be_missing() -> None:
    network = torch.nn.BatchNorm1d(2)
    state = {key: value for key, value in network.state_dict().items() if key != "num_batches_tracked"}
    load_into(network, state, name="norm", may_lack=("num_batches_tracked",))


@pytest.mark.parametrize("seed", range(20))
def test_noise_in_place_of_weights_is_refused(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "noise.pth"
    path.write_bytes(b"\x80\x02" + np.random.default_rng(seed).bytes(400))
    with pytest.raises(CheckpointError, match=r"noise\.pth"):
        load_state(path)
