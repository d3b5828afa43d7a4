"""The benchmark against the published loop: both make the whole video, and the loop's pictures are right."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from torch import Tensor, nn

from benchmarks import gpu_measures, published


class Small(nn.Module):
    """In place of Wav2Lip, whose weights take seconds to draw."""

    def __init__(self) -> None:
        super().__init__()
        self.paint = nn.Conv2d(6, 3, 3, padding=1)

    def forward(self, sound: Tensor, faces: Tensor) -> Tensor:
        return self.paint(faces).sigmoid()


def test_both_make_the_whole_video(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(published, "Wav2Lip", Small)
    monkeypatch.setenv("STUDIO_PRECISION", "float16")
    published.main(["--frames", "3", "--rounds", "1"])
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [row[0] for row in rows] == ["precision", "default", "float32"]
    assert all(float(cell) > 0 for row in rows[1:] for cell in row[1:])
    assert os.environ["STUDIO_PRECISION"] == "float16", "as it was"


def test_the_loop_repaints_the_boxes_alone(tmp_path: Path) -> None:
    stage = gpu_measures.Stage(2, tmp_path)
    stage.prepare()

    def network(sound: Tensor, faces: Tensor) -> Tensor:
        return 1 - faces[:, 3:]

    published.published_loop(network, stage, [(100, 120, 300, 320)] * 2)
    before, after = (published._decoded(path) for path in (stage.video, tmp_path / "loop.avi"))
    changed = np.abs(before[1].astype(int) - after[1]).mean(2)
    assert len(after) == 2
    assert cv2.blur(changed, (9, 9))[130:310, 110:290].mean() > 5 * changed[:100].mean()
