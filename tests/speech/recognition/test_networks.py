"""The recogniser's network follows the machine: large on a card, base elsewhere."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import ctranslate2
import hubrepo
import pytest

from pipeline import hub
from pipeline.speech.recognition import networks


def test_the_large_network_needs_a_card_and_follows_the_named_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STUDIO_DEVICE", raising=False)
    assert networks.fitting() is networks.BASE
    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: 1)
    assert networks.fitting() is networks.LARGE
    monkeypatch.setenv("STUDIO_DEVICE", "cpu")
    assert networks.fitting() is networks.BASE


def test_without_its_files_the_large_network_is_replaced_by_base_with_a_warning(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: 1)
    monkeypatch.delenv("STUDIO_DEVICE", raising=False)
    hubrepo.point_at(monkeypatch, tmp_path, offline=True)
    network, model = networks.load_fitting()
    assert network is networks.BASE and model.model.is_multilingual
    assert "whisper-base instead" in caplog.text


def test_the_large_network_loads_from_its_published_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Base's own weights, in the file names of the large one."""
    files = {Path(hub.CHECKPOINTS[key].file).name: hub.fetch(key) for key in networks.BASE.checkpoints}
    contents = {
        "model.bin": files["model.bin"].read_bytes(),
        "config.json": files["config.json"].read_bytes(),
        "preprocessor_config.json": b'{"feature_size": 80}',
        "tokenizer.json": files["tokenizer.json"].read_bytes(),
        "vocabulary.json": json.dumps(files["vocabulary.txt"].read_text("utf-8").split("\n")[:-1]).encode(),
    }
    names = {key: Path(hub.CHECKPOINTS[key].file).name for key in networks.LARGE.checkpoints}
    assert sorted(names.values()) == sorted(contents)
    hubrepo.use(monkeypatch, tmp_path, {key: contents[name] for key, name in names.items()})
    model = networks.load(replace(networks.LARGE, device="cpu", precision="int8"))
    assert model.model.is_multilingual and model.feat_kwargs == {"feature_size": 80}
