"""LivePortrait around its networks: poses, keypoints, motion transfer, crops, paste-back."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from parity.harness import Fixture
from torch import Tensor

from pipeline.heads.liveportrait import crop
from pipeline.networks import liveportrait
from pipeline.networks import liveportrait_motion as motion

FIXTURE = Fixture("liveportrait_numerics")

LAYOUTS = {
    "203": ((0, 6, 12, 18), (24, 30, 36, 42), (48, 66)),
    "106": ((33, 35, 40, 39), (87, 89, 94, 93), (52, 61)),
    "68": ((36, 39), (42, 45), (48, 54)),
    "5": ((0,), (1,), (3, 4)),
}
"""Points of the left eye, the right eye and the lip corners in each layout of landmarks."""


def source() -> tuple[Tensor, motion.Pose]:
    angles = [FIXTURE.tensor(name) for name in ("pitch", "yaw", "roll")]
    scale, expression, shift = (FIXTURE.tensor(name) for name in ("scale", "exp", "t"))
    return FIXTURE.tensor("kp"), motion.Pose(scale, motion.rotation(*angles), expression, shift)


def driving() -> motion.Pose:
    angles = [FIXTURE.tensor(f"d_{name}") for name in ("pitch", "yaw", "roll")]
    scale, expression, shift = (FIXTURE.tensor(f"d_{name}") for name in ("scale", "exp", "t"))
    return motion.Pose(scale, motion.rotation(*angles), expression, shift)


def networks() -> torch.nn.Module:
    return Fixture("liveportrait_stitching").fill(liveportrait.retargeting())


def test_pose_and_keypoints() -> None:
    points, pose = source()
    FIXTURE.check("degrees", motion.degrees(FIXTURE.tensor("pose_bins")), tolerance=1e-4)
    FIXTURE.check("rotation", pose.rotation, tolerance=1e-6)
    FIXTURE.check("keypoints", motion.transform(points, pose), tolerance=1e-6)


def test_openness() -> None:
    points = FIXTURE.tensor("landmarks_203")[:, None]
    eyes = [motion.openness_ratio(*points[list(eye)]) for eye in ((6, 18, 0, 12), (30, 42, 24, 36))]
    FIXTURE.check("eye_ratio", torch.cat(eyes, dim=1), tolerance=1e-5)
    FIXTURE.check("lip_ratio", motion.openness_ratio(*points[[90, 102, 48, 66]]), tolerance=1e-5)


def test_neutral_expression() -> None:
    FIXTURE.check("lip_array", np.array([motion.NEUTRAL]), tolerance=1e-12)


def test_stitching_and_retargeting() -> None:
    placed, parts = motion.transform(*source()), networks()
    stitched = motion.stitch(parts["stitching"], placed, FIXTURE.tensor("kp_driving_stitch"))
    FIXTURE.check("stitched", stitched, tolerance=1e-5)
    eyes = torch.tensor(FIXTURE.golden["eye_ratio"]).reshape(1, 2)
    lips = torch.tensor(FIXTURE.golden["lip_ratio"]).reshape(1, 1)
    wanted = torch.cat([eyes, torch.tensor([[0.25]])], dim=1)
    FIXTURE.check("eye_delta", motion.retarget(parts["eye"], placed[:1], wanted), tolerance=1e-5)
    shut = torch.cat([lips, torch.zeros(1, 1)], dim=1)
    FIXTURE.check("lip_delta", motion.retarget(parts["lip"], placed[:1], shut), tolerance=1e-5)


@pytest.mark.parametrize("replaced", [(), motion.LIPS], ids=["video", "audio"])
def test_relative_motion(replaced: tuple[int, ...]) -> None:
    points, poses = source()
    points, pose, driver = points[:1], poses.at(slice(1)), driving()
    moved = motion.transform(points, motion.relative(pose, driver, driver.at(slice(1)), replaced=replaced))
    start = motion.transform(points, pose)
    multiplier = motion.motion_multiplier(start, moved[:1])
    friendly = motion.start_at_source(moved, start, multiplier)
    if replaced:
        FIXTURE.check("motion_multiplier_joyvasa", multiplier, tolerance=1e-5)
        FIXTURE.check("motion_joyvasa", friendly, tolerance=1e-5)
    else:
        FIXTURE.check("motion_relative_pose", moved, tolerance=1e-5)
        FIXTURE.check("motion_multiplier", multiplier, tolerance=1e-5)
        FIXTURE.check("motion_relative_expression", friendly, tolerance=1e-5)


def test_absolute_motion() -> None:
    points, poses = source()
    moved = motion.transform(points[:1], motion.absolute(poses.at(slice(1)), driving()))
    FIXTURE.check("motion_absolute", moved, tolerance=1e-5)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_crops(layout: str) -> None:
    points = FIXTURE.input(f"landmarks_{layout}")
    FIXTURE.check(f"crop_{layout}_M_o2c", whole(square(points, layout).into), tolerance=2e-4)
    FIXTURE.check(f"crop_{layout}_M_c2o", whole(square(points, layout).back), tolerance=2e-4)
    level = square(points, layout, upright=False)
    FIXTURE.check(f"crop_{layout}_M_o2c_norot", whole(level.into), tolerance=2e-4)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_places_of_crops(layout: str) -> None:
    crop = square(FIXTURE.input(f"landmarks_{layout}"), layout)
    turn = crop.into[:, :2]
    side = 512 / np.sqrt(np.linalg.det(turn))
    FIXTURE.check(f"rect_{layout}_center", crop.back @ [256, 256, 1], tolerance=2e-3)
    FIXTURE.check(f"rect_{layout}_size", [side, side], tolerance=2e-3)
    FIXTURE.check(f"rect_{layout}_angle", np.arctan2(turn[0, 1], turn[0, 0]), tolerance=1e-5)


def test_crop_of_a_driving_video() -> None:
    # As `crop.driving_crop` cuts, but from the published landmarks.
    level = square(FIXTURE.input("landmarks_203"), "203", scale=2.2, shift_up=0.1, upright=False)
    corners = np.array([[0, 0, 1], [512, 0, 1], [512, 512, 1], [0, 512, 1]])
    FIXTURE.check("driving_bbox", corners @ level.back.T, tolerance=2e-3)
    FIXTURE.check("driving_M_o2c", whole(level.into), tolerance=2e-4)


def test_landmark_crop() -> None:
    cut = square(FIXTURE.input("landmarks_203"), "203", size=224, scale=1.5, shift_up=0.1)
    FIXTURE.check("crop_landmark224_M_o2c", whole(cut.into), tolerance=2e-4)


def test_mask_and_paste() -> None:
    FIXTURE.check("mask_template_corner", crop.mask_template()[:24, :24], tolerance=0)
    photo, painted = (FIXTURE.input(name).astype(np.uint8) for name in ("photo", "generated"))
    place = square(FIXTURE.input("landmarks_106_photo"), "106")
    FIXTURE.check("photo_M_c2o", whole(place.back), tolerance=2e-4)
    FIXTURE.check("photo_crop_256", crop.network_crop(photo, place)[::8, ::8], tolerance=1)
    shown = crop.PasteBack(np.zeros_like(photo), place)(np.full_like(painted, 255))
    FIXTURE.check("photo_mask", shown[::4, ::4, 0] / 255, tolerance=1.01 / 255)
    FIXTURE.check("photo_pasted", crop.PasteBack(photo, place)(painted), tolerance=1)


def square(points: np.ndarray, layout: str, **options: float) -> crop.Crop:
    left, right, lips = (points[list(part)].mean(0) for part in LAYOUTS[layout])
    return crop.similarity_crop(points, (left + right) / 2, lips, **options)


def whole(matrix: np.ndarray) -> np.ndarray:
    return np.vstack([matrix, [0, 0, 1]])
