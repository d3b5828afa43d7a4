"""The embedded head renders the same bytes as before: checksums of a short clip of five portraits.

A change of the engine that is meant to change its frames renews them:

    PYTHONPATH=. python tests/puppet/test_same_frames.py

The tracker and the compiled loops round differently on other processors and with other versions of their
libraries. There the frames are compared with small copies of the recorded ones instead.
"""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from pathlib import Path

import cv2
import numpy as np
import pytest
from llvmlite import binding

from pipeline.faces import portrait, read_image
from pipeline.heads.puppet import load
from pipeline.types import SHAPE, Face, Motion

PORTRAITS = Path(__file__).parents[2] / "assets" / "portraits"
CHECKSUMS = Path(__file__).with_name("same_frames.json")
THUMBNAILS = Path(__file__).with_name("same_frames.npz")
LIBRARIES = ("mediapipe", "numba", "numpy", "scipy")
SIZE, THUMBNAIL = 192, 32
"""Longer side of a portrait in px, and side of a small copy."""
FRAMES, FPS = 6, 25


def photos() -> dict[str, np.ndarray]:
    """Five portraits made of the two bundled ones: `(H, W, 3)` uint8 by name."""
    astronaut, hopper = (read_image(PORTRAITS / f"{name}.jpg") for name in ("astronaut", "hopper"))
    height, width = hopper.shape[:2]
    tilt = cv2.getRotationMatrix2D((width / 2, height / 2), 12, 1)
    return {
        "astronaut": astronaut,
        "hopper": hopper,
        "mirrored": np.ascontiguousarray(astronaut[:, ::-1]),
        "dark": (0.35 * hopper).astype(np.uint8),
        "tilted": cv2.warpAffine(hopper, tilt, (width, height), borderMode=cv2.BORDER_REPLICATE),
    }


def motion(face: Face) -> Motion:
    """Speech-like lips, a blink, moving eyes and a turning head, from the face's own expression."""
    time = np.linspace(0, 1, FRAMES)
    blendshapes = np.repeat(face.blendshapes[None], FRAMES, 0)
    curves = {
        "jawOpen": 0.25 + 0.25 * np.cos(4 * time),
        "mouthFunnel": 0.3 * time,
        "mouthSmileLeft": 0.4 * (1 - time),
        "eyeBlinkLeft": np.sin(np.pi * time) ** 2,
        "eyeBlinkRight": np.sin(np.pi * time) ** 2,
        "eyeLookInLeft": 0.5 * time,
        "eyeLookOutRight": 0.5 * time,
        "browInnerUp": time,
    }
    for name, curve in curves.items():
        blendshapes[:, SHAPE[name]] = np.clip(curve, 0, 1)
    pose = np.column_stack([12 * np.sin(3 * time), 6 * time, 5 * np.cos(3 * time)]).astype(np.float32)
    shift = np.column_stack([0.1 * time, -0.05 * time]).astype(np.float32)
    return Motion(FPS, blendshapes, pose, shift)


def rendered(photo: np.ndarray) -> np.ndarray:
    """The clip of one photo, `(FRAMES, H, W, 3)` uint8."""
    subject = portrait(photo, size=SIZE)
    return np.stack([frame.image for frame in load().play(subject, [motion(subject.face)]).frames])


def checksum(frames: np.ndarray) -> str:
    return hashlib.sha256(frames.tobytes()).hexdigest()


def thumbnails(frames: np.ndarray) -> np.ndarray:
    size = (THUMBNAIL, THUMBNAIL)
    return np.stack([cv2.resize(frame, size, interpolation=cv2.INTER_AREA) for frame in frames])


def environment() -> dict[str, str]:
    """What exact bytes depend on besides the code."""
    libraries = {name: version(name) for name in LIBRARIES}
    return {"processor": binding.get_host_cpu_name(), "opencv": cv2.__version__, **libraries}


@pytest.mark.parametrize("name", ["astronaut", "hopper", "mirrored", "dark", "tilted"])
def test_the_frames_are_those_recorded(name: str) -> None:
    recorded = json.loads(CHECKSUMS.read_text())
    frames = rendered(photos()[name])
    if recorded["environment"] == environment():
        assert checksum(frames) == recorded["checksums"][name]
    else:
        with np.load(THUMBNAILS) as small:
            difference = np.abs(thumbnails(frames).astype(int) - small[name])
        assert difference.mean() < 0.4


def record() -> None:
    """Write the checksums and the small copies anew."""
    clips = {name: rendered(photo) for name, photo in photos().items()}
    checksums = {name: checksum(frames) for name, frames in clips.items()}
    content = {"environment": environment(), "checksums": checksums}
    CHECKSUMS.write_text(json.dumps(content, indent=2) + "\n")
    np.savez_compressed(THUMBNAILS, **{name: thumbnails(frames) for name, frames in clips.items()})


if __name__ == "__main__":
    record()
