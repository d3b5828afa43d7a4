"""Where the person is in a picture."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import CheckpointError
from pipeline.faces import mediapipe_runtime, portrait
from pipeline.faces.segmentation import person

PORTRAITS = Path(__file__).parents[2] / "assets" / "portraits"


@pytest.mark.parametrize("name", ["astronaut.jpg", "hopper.jpg"])
def test_the_face_is_the_person_and_the_upper_corners_are_not(name: str) -> None:
    photo = portrait(PORTRAITS / name)
    seen = person(photo.image)
    height, width = seen.shape
    assert seen.shape == photo.image.shape[:2] and seen.dtype == np.float32
    x, y = np.round(photo.face.landmarks[:468, :2]).astype(int).T
    assert seen[y, x].min() > 0.5
    for corner in (np.s_[: height // 12, : width // 12], np.s_[: height // 12, -width // 12 :]):
        assert seen[corner].mean() < 0.1


def test_mediapipe_is_given_no_certificates() -> None:
    """With them it reports its use to Google, which nothing else turns off."""
    options = mediapipe_runtime.base_options(model_asset_buffer=b"model").to_ctypes()
    assert (options.ca_bundle_path, options.model_asset_buffer_count) == (os.devnull.encode(), 5)
    package = Path(mediapipe_runtime.__file__).parents[1]
    made = [path.name for path in package.rglob("*.py") if "BaseOptions" in path.read_text(encoding="utf-8")]
    assert made == ["mediapipe_runtime.py"]


def test_nobody_is_nobody() -> None:
    assert person(np.full((90, 160, 3), 127, np.uint8)).mean() < 0.1


def test_a_missing_model_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mediapipe_runtime, "MODELS", tmp_path)
    with pytest.raises(CheckpointError, match=r"selfie\.tflite is missing"):
        mediapipe_runtime.model_path("selfie.tflite")
