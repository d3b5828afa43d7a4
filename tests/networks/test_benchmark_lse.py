"""Scores of a real video file, by a SyncNet with filled weights from a Hub folder."""

from __future__ import annotations

from pathlib import Path

import hubrepo
import numpy as np
import pytest
import torch
from parity import filling
from parity.harness import Fixture

from benchmarks import lse
from pipeline import faces
from pipeline.errors import NoFaceError
from pipeline.types import RATE
from pipeline.video import Writer

PHOTO = Path(__file__).parents[2] / "assets" / "portraits" / "astronaut.jpg"


def video(path: Path, images: list[np.ndarray]) -> Path:
    noise = 0.1 * np.random.default_rng(0).standard_normal(len(images) * RATE // 25)
    with Writer(path, size=images[0].shape[1::-1], fps=25, metadata={}) as writer:
        writer.sound(noise.astype(np.float32))
        for image in images:
            writer.write(image)
    return path


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> lse.SyncNet:
    torch.set_num_threads(1)
    state = filling.state_dict(Fixture("syncnet").shapes(), filling.pieces)
    old = {name: value for name, value in state.items() if not name.endswith("num_batches_tracked")}
    hubrepo.use(monkeypatch, tmp_path / "hub", {"syncnet": old})
    return lse.load()


def test_a_video_is_scored(network: lse.SyncNet, tmp_path: Path) -> None:
    image = faces.portrait(PHOTO, size=192).image
    path = video(tmp_path / "clip.mp4", [*[np.full_like(image, 90)] * 2, *[image] * 8])
    result = lse.scored(network, path)
    assert len(result.per_window) == 3, "eight frames with a face, less five"
    assert result.distance > 0 and -15 <= result.offset <= 15


def test_a_video_without_a_face_is_refused(network: lse.SyncNet, tmp_path: Path) -> None:
    path = video(tmp_path / "clip.mp4", [np.full((192, 192, 3), 90, np.uint8)] * 3)
    with pytest.raises(NoFaceError, match="no face in this video"):
        lse.scored(network, path)


def test_the_crop_is_square_with_more_below() -> None:
    frame = np.zeros((100, 200, 3), np.uint8)
    frame[40:61, 90:111, 0] = 255
    crop = lse.cropped(frame, np.array([10.0, 100.0, 50.0]))
    rows, columns = np.nonzero(crop[:, :, 2] > 128)
    assert crop.shape == (224, 224, 3)
    assert rows.min() < 4 and 155 < rows.max() < 175, "from one half side above to 1.8 below"
    assert 28 < columns.min() < 36 and 188 < columns.max() < 200


def test_outside_the_frame_it_is_grey() -> None:
    crop = lse.cropped(np.zeros((60, 60, 3), np.uint8), np.array([20.0, 0.0, 30.0]))
    assert (crop[:, :100] == 110).all() and (crop[100, 120:] == 0).all()
