"""Weights: read from every kind of checkpoint file, strictly, and without running code from it."""

from __future__ import annotations

import errno
import os
from pathlib import Path, PosixPath, PurePosixPath

import hubrepo
import numpy as np
import pytest
import torch

from pipeline.errors import CheckpointError
from pipeline.inference import weights
from pipeline.inference.weights import load_into, load_state, read_pickle


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
    with pytest.raises(CheckpointError, match="no such weights; replace it"):
        load_state(path)
    with pytest.raises(CheckpointError, match="no such weights; replace it"):
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
    link = tmp_path / "cached.safetensors"  # as in the Hub's cache
    link.symlink_to(other)
    with pytest.raises(CheckpointError, match=rf"cached\.safetensors is damaged .* delete {other} and try"):
        load_state(link)


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


def test_a_files_tensors_become_the_networks_own(tmp_path: Path) -> None:
    """Nothing is copied: what is never used is never read from the file."""
    plain = torch.nn.Linear(64, 64)
    torch.save(plain.state_dict(), tmp_path / "net.pth")
    state = weights.load_state(tmp_path / "net.pth")
    network = weights.empty_weights(lambda: torch.nn.Linear(64, 64))
    assert network.weight.is_meta
    weights.load_into(network, state, name="test")
    assert network.weight.data_ptr() == state["weight"].data_ptr()
    assert torch.equal(network.weight, plain.weight) and not network.training


def test_tensors_of_another_precision_take_the_networks(tmp_path: Path) -> None:
    torch.save(torch.nn.Linear(4, 4).half().state_dict(), tmp_path / "net.pth")
    network = weights.empty_weights(lambda: torch.nn.Linear(4, 4))
    weights.load_into(network, weights.load_state(tmp_path / "net.pth"), name="test")
    assert network.weight.dtype == torch.float32


def test_what_a_file_may_lack_is_zero_in_an_empty_network() -> None:
    network = weights.empty_weights(lambda: torch.nn.Linear(4, 4))
    weights.load_into(network, {"weight": torch.ones(4, 4)}, name="test", may_lack=("bias",))
    assert torch.equal(network.bias, torch.zeros(4))


def test_a_class_may_be_read_in_place_of_another(tmp_path: Path) -> None:
    """A path of a POSIX machine, which Windows cannot make."""
    torch.save({"root": PosixPath("/runs/one")}, tmp_path / "net.pt")
    allow = [(PurePosixPath, "pathlib.PosixPath"), (PurePosixPath, "pathlib._local.PosixPath")]
    content = weights.read_pickle(tmp_path / "net.pt", allow=allow)
    assert type(content["root"]) is PurePosixPath and content["root"].name == "one"


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_a_file_is_not_called_damaged_where_memory_ran_out(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def short(*_: object, **__: object) -> None:
        raise OSError(errno.ENOMEM, "Cannot allocate memory")

    monkeypatch.setattr("torch.load", short)
    monkeypatch.setattr("safetensors.torch.load_file", short)
    (tmp_path / f"net{suffix}").write_bytes(b"weights")
    with pytest.raises(OSError, match="Cannot allocate"):
        load_state(tmp_path / f"net{suffix}")
