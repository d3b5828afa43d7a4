"""Self re-enactment: a clip's first frame as the photo, its own tracked motion as the intent.

    python -m benchmarks reenact CLIPS_FOLDER [--every N]

Per clip, the face and the mouth of every N-th rendered frame against the true frame, as PSNR in dB and SSIM
(Wang et al., 2004, 11 px Gaussian, on luma), for the still photo, for the puppet with its mouth as painted
and for the puppet as it is, its mouth corrected by the network; for the mouth also the mean error of the
differences between neighbouring pixels, in levels of luma, which blurred teeth would raise. The puppet must
beat the photo, and the corrected mouth the painted one.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np

from pipeline.faces import track
from pipeline.faces.landmarks import FACE_OVAL, MOUTH_REGION
from pipeline.puppet.renderer import PortraitRenderer
from pipeline.types import Face, Portrait
from pipeline.video import probe, read_frames
from training.mouth_pairs import reenacted_motion


def main(argv: list[str] | None = None) -> None:
    """Re-enact every clip and print the table."""
    parser = argparse.ArgumentParser(prog="benchmarks reenact", description=__doc__.splitlines()[0])
    parser.add_argument("clips", type=Path, help="folder of .mp4 clips")
    parser.add_argument("--every", type=int, default=3, help="score every N-th frame (default 3)")
    options = parser.parse_args(argv)
    print(f"{'still, painted, puppet':22s}face PSNR          SSIM   mouth PSNR          SSIM           steps")
    rows = []
    for clip in sorted(options.clips.glob("*.mp4")):
        rows.append(reenact(clip, options.every))
        print(f"{clip.stem:10s}  {_row(rows[-1])}", flush=True)
    print(f"{'mean':10s}  {_row(np.mean(rows, 0))}")


def reenact(clip: Path, every: int) -> np.ndarray:
    """Scores `(2, 3, 3)`: of the face and of the mouth; PSNR, SSIM and steps; still, painted and puppet."""
    fps = round(probe(clip).fps)
    renderer, painted, first = None, None, None
    scores: list[list[list[list[float]]]] = []
    for index, (image, face) in enumerate(tracked(read_frames(clip), fps)):
        if face is None:
            continue
        if renderer is None or painted is None or first is None:
            photo, first = Portrait(image, face), face
            renderer, painted = PortraitRenderer(photo), PortraitRenderer(photo, refine_mouth=False)
            continue
        if index % every:
            continue
        motion = reenacted_motion(renderer, first, face)
        images = renderer.image, painted.render_frame(*motion)[0], renderer.render_frame(*motion)[0]
        face_box = _box(face.landmarks[list(FACE_OVAL), :2], image)
        mouth_box = _box(face.landmarks[list(MOUTH_REGION), :2], image)
        scores.append(
            [
                [
                    [measure(rendered[box], image[box]) for rendered in images]
                    for measure in (psnr, ssim, steps)
                ]
                for box in (face_box, mouth_box)
            ]
        )
    return np.mean(scores, 0)


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    """Peak signal-to-noise ratio in dB of two uint8 images."""
    error = float(((one.astype(np.float32) - other) ** 2).mean())
    return float(10 * np.log10(255**2 / max(error, 1e-3)))


def ssim(one: np.ndarray, other: np.ndarray) -> float:
    """Mean structural similarity of two uint8 RGB images, on luma."""
    a, b = (cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float64) for image in (one, other))
    mean_a, mean_b, aa, bb, ab = (cv2.GaussianBlur(x, (11, 11), 1.5) for x in (a, b, a * a, b * b, a * b))
    flat, bright = (0.03 * 255) ** 2, (0.01 * 255) ** 2
    structure = (2 * (ab - mean_a * mean_b) + flat) / (aa - mean_a**2 + bb - mean_b**2 + flat)
    return float((structure * (2 * mean_a * mean_b + bright) / (mean_a**2 + mean_b**2 + bright)).mean())


def steps(one: np.ndarray, other: np.ndarray) -> float:
    """Mean error of the differences between neighbouring pixels of two uint8 RGB images, in luma."""
    away = cv2.cvtColor(one, cv2.COLOR_RGB2GRAY).astype(np.float32) - cv2.cvtColor(other, cv2.COLOR_RGB2GRAY)
    return float(np.abs(np.diff(away, axis=0)).mean() + np.abs(np.diff(away, axis=1)).mean())


def tracked(images: Iterable[np.ndarray], fps: int) -> Iterator[tuple[np.ndarray, Face | None]]:
    seen: list[np.ndarray] = []

    def passing() -> Iterator[np.ndarray]:
        for image in images:
            seen.append(image)
            yield image

    for face in track(passing(), fps):
        yield seen.pop(0), face


def _box(points: np.ndarray, image: np.ndarray) -> tuple[slice, slice]:
    height, width = image.shape[:2]
    left, top = np.clip(points.min(0), 0, (width, height)).astype(int)
    right, bottom = np.clip(points.max(0), 0, (width, height)).astype(int)
    return slice(top, bottom), slice(left, right)


def _row(scores: np.ndarray) -> str:
    (face_psnr, face_ssim, _), (mouth_psnr, mouth_ssim, mouth_steps) = scores
    return "   ".join(
        [
            " ".join(f"{value:5.2f}" for value in face_psnr),
            " ".join(f"{value:.3f}" for value in face_ssim),
            " ".join(f"{value:5.2f}" for value in mouth_psnr),
            " ".join(f"{value:.3f}" for value in mouth_ssim),
            " ".join(f"{value:5.2f}" for value in mouth_steps),
        ]
    )
