"""MuseTalk around its networks: audio windows, masks, blending."""

from __future__ import annotations

from math import ceil

import cv2
import numpy as np
import pytest
from parity import filling
from parity.harness import Fixture
from PIL import Image

from pipeline.lips import whisper_features
from pipeline.lips.musetalk import mask as masks
from pipeline.lips.musetalk.engine import network_crop
from pipeline.networks.positions import sinusoids

FIXTURE = Fixture("musetalk_numerics")
FACE = tuple(FIXTURE.manifest["config"]["face_box"])


@pytest.mark.parametrize("case", FIXTURE.manifest["frame_counts"], ids=lambda case: str(case.values()))
def test_audio_windows(case: dict[str, float]) -> None:
    fps, states = case["fps"], int(case["samples"] / 16_000 * 50)
    key = f"windows_{case['samples']}_{str(fps).replace('.', '_')}"
    lead = 2 * ceil(50 / fps)
    every = 20 if case["samples"] == 496_000 else 1
    # The published program drops the fraction of the rate, so its lips drift; ours keeps it.
    starts = [
        whisper_features.first_state(frame, int(fps), lead=lead) for frame in range(0, case["frames"], every)
    ]
    windows = np.array(starts)[:, None] + np.arange(whisper_features.STATES)
    windows[(windows < 0) | (windows >= states)] = -1
    FIXTURE.check(key, windows, tolerance=0)


def test_positions() -> None:
    FIXTURE.check("position_table", sinusoids(50, 384)[:, ::4], tolerance=1e-5)


def labels() -> np.ndarray:
    return np.kron(FIXTURE.golden["labels_low"], np.ones((32, 32), np.uint8)).astype(np.uint8)


@pytest.mark.parametrize("region", ["raw", "neck", "jaw"])
def test_masks(region: masks.Region) -> None:
    mask = masks.region_mask(labels(), region)
    FIXTURE.check(f"mask_{region}", mask[::4, ::4], tolerance=0)
    FIXTURE.check(f"mask_area_{region}", np.count_nonzero(mask), tolerance=0)


def test_kernels() -> None:
    FIXTURE.check("jaw_kernel", masks.jaw_kernel(), tolerance=0)
    FIXTURE.check("cheek_kernel", masks.cheek_kernel(), tolerance=0)
    FIXTURE.check("crop_box", masks.expand_box(FACE), tolerance=0.5)
    assert whole(FACE) == tuple(FIXTURE.golden["crop_box"])


def test_face_box() -> None:
    points = np.trunc(FIXTURE.input("landmarks_68"))
    box = masks.face_box(points, float(points[29, 1]))
    FIXTURE.check("bbox", np.maximum(box, 0), tolerance=0)
    # Version 1.0 lets the person move the line from which the face is repainted.
    box = masks.face_box(points, float(points[29, 1]) - 7)
    FIXTURE.check("bbox_shift_minus7", np.maximum(box, 0), tolerance=0)


def test_face_as_the_network_sees_it() -> None:
    left, top, right, bottom = FACE
    face = filling.pixels("musetalk.frame", PICTURES["frame"])[top:bottom, left:right]
    found = network_crop(face, (0, 0, right - left, bottom - top))[::8, ::8]
    FIXTURE.check("lanczos_256", found, tolerance=1)


@pytest.mark.parametrize(("key", "softness"), [("blended", 0.05), ("realtime_blended", 0.1)])
def test_blending(key: str, softness: float) -> None:
    frame, face = (filling.pixels(f"musetalk.{name}", shape) for name, shape in PICTURES.items())
    small = cv2.resize(face, (FACE[2] - FACE[0], FACE[3] - FACE[1]))
    FIXTURE.check("face_resized", small[::2, ::2], tolerance=1)
    weights = softened(FACE, softness)
    if key == "realtime_blended":
        FIXTURE.check("realtime_mask", weights, tolerance=1)
    FIXTURE.check(key, pasted(frame, small, FACE, weights), tolerance=1)


def test_blending_beyond_the_frame() -> None:
    frame, face = (filling.pixels(f"musetalk.{name}", shape) for name, shape in PICTURES.items())
    box = (-6, -4, 40, 50)
    small = cv2.resize(face, (box[2] - box[0], box[3] - box[1]))
    made = pasted(frame, small, box, softened(box, 0.05))
    FIXTURE.check("blended_outside", made[::2, ::2], tolerance=1)


PICTURES = {"frame": (120, 160, 3), "face": (256, 256, 3)}


def whole(box: masks.Box) -> masks.Box:
    """The expanded square in whole px, rounded as the published program rounds."""
    left, top, right, bottom = box
    x, y, half = (left + right) // 2, (top + bottom) // 2, int(max(right - left, bottom - top) // 2 * 1.5)
    return x - half, y - half, x + half, y + half


def softened(box: masks.Box, softness: float) -> np.ndarray:
    square = whole(box)
    size = (square[2] - square[0], square[3] - square[1])
    mask = np.array(Image.fromarray(masks.region_mask(labels())).resize(size))
    inside = tuple(side - square[axis % 2] for axis, side in enumerate(box))
    return masks.feather_mask(mask, inside, softness=softness)


def pasted(frame: np.ndarray, face: np.ndarray, box: masks.Box, weights: np.ndarray) -> np.ndarray:
    """As the published program blends: the face in the square, the square through the mask on the frame."""
    square = whole(box)
    result = Image.fromarray(frame)
    patch = result.crop(square)
    patch.paste(Image.fromarray(face), (box[0] - square[0], box[1] - square[1]))
    result.paste(patch, square[:2], Image.fromarray(weights))
    return np.array(result)
