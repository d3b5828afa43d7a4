"""SadTalker's coefficients over time, against recorded numbers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from parity import filling
from parity.harness import Fixture, enlarge

from pipeline.heads.sadtalker.coefficients import to_tensor
from pipeline.networks.sadtalker_coefficients import (
    POSE,
    add_reference,
    blinks,
    compose,
    pad_ends,
    pose_path,
    regular_blinks,
    resample,
    smooth,
)

FIXTURE = Fixture("sadtalker_coefficients")
FIRST = filling.signal("sadtalker_coefficients.first", (1, 73), -1, 1)[0]
CLIP = filling.signal("sadtalker_coefficients.clip", (5, 70), -1, 1)


def windows(clip: np.ndarray) -> np.ndarray:
    """`(n, C, 27)` of `(n, C)`."""
    return np.lib.stride_tricks.sliding_window_view(pad_ends(clip), 27, axis=1).swapaxes(0, 1)


@pytest.mark.parametrize("case", FIXTURE.manifest["cases"])
def test_composition(case: str) -> None:
    rule = FIXTURE.manifest["cases"][case]
    source = FIRST if rule["preprocess"] == "full" else FIRST[:70]
    clip = compose(CLIP, source, expression=rule["expression_scale"], still=rule["still"])
    padded = windows(clip)[[0, 1, 2, 3, 4, 4]]
    FIXTURE.check(f"{case}.target", padded.reshape(2, 3, -1, 27))
    FIXTURE.check(f"{case}.source", windows(source[None]))


@pytest.mark.parametrize("frames", [5, 40])
def test_window_index(frames: int) -> None:
    FIXTURE.check(f"window_index.{frames}", windows(np.arange(frames)[:, None])[:, 0])


@pytest.mark.parametrize("case", FIXTURE.manifest["camera"])
def test_camera(case: str) -> None:
    rule = FIXTURE.manifest["camera"][case]
    walk = pose_path(rule["list"], rule["frames"])
    missing = -len(walk) % rule["batch"]
    padded = np.pad(walk, (0, missing), mode="edge").reshape(rule["batch"], -1)
    FIXTURE.check(f"camera.{case}", padded)


@pytest.mark.parametrize("stops", [[10, 10], [10, 10, 20], [5]])
@pytest.mark.parametrize("frames", [1, 2, 7])
def test_camera_that_rests(stops: list[float], frames: int) -> None:
    walk = pose_path(stops, frames)
    assert walk.shape == (frames,) and np.isfinite(walk).all() and walk[0] == stops[0]


@pytest.mark.parametrize("frames", [int(count) for count in FIXTURE.manifest["smooth_window"]])
def test_smoothing(frames: int) -> None:
    poses = filling.signal(f"sadtalker_coefficients.pose{frames}", (1, frames, 6), -1, 1)
    FIXTURE.check(f"smooth.{frames}", smooth(poses[0])[None])


@pytest.mark.parametrize("frames", [0, 1, 2])
def test_short_clips_are_not_smoothed(frames: int) -> None:
    assert np.array_equal(smooth(np.ones((frames, 6))), np.ones((frames, 6)))


@pytest.mark.parametrize("frames", [0, 1, 5, 20, 21, 22, 40, 1000])
def test_blinks(frames: int) -> None:
    lids = blinks(frames, 3)
    assert lids.shape == (frames, 1)
    assert np.array_equal(lids, blinks(frames, 3))
    assert not blinks(frames, 3, pace=0).any()
    if frames == 1000:
        starts = np.flatnonzero(np.diff(lids[:, 0] > 0, prepend=False))[::2]
        assert np.diff(starts).min() >= 15 and np.diff(starts).max() <= 75
        assert (blinks(frames, 3, pace=0.5) == 1).sum() < (lids == 1).sum()


def test_regular_blinks() -> None:
    Fixture("sadtalker_audio").check("blink.fixed", regular_blinks(200))
    assert (regular_blinks(1000, pace=2) == 1).sum() > 1.5 * (regular_blinks(1000) == 1).sum()
    assert not regular_blinks(89).any() and not regular_blinks(1000, pace=0).any()


def test_reference_pose() -> None:
    clip = filling.signal("sadtalker_coefficients.pred", (11, 70), -1, 1)
    reference = filling.signal("sadtalker_coefficients.refpose", (4, 73), -1, 1)
    clip[:, POSE] = add_reference(clip[:, POSE], reference[:, POSE])
    FIXTURE.check("refpose", clip)


def test_photo_as_the_renderer_reads_it() -> None:
    photo = enlarge(filling.pixels("sadtalker_coefficients.image", (32, 32, 3)), (8, 8, 1))
    FIXTURE.check("image", to_tensor(photo[None], torch.nn.Linear(1, 1)))


def test_retimed() -> None:
    clip = np.arange(25, dtype=np.float32)[:, None]
    assert np.array_equal(resample(clip, 25, 25), clip)
    assert np.allclose(resample(clip, 50, 50)[:49, 0], np.arange(49) / 2)
    assert len(resample(clip[:1], 30, 7)) == 7
