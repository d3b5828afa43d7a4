"""The cost of encoding: seconds, bytes and PSNR of 250 frames of 512 × 512 with sound.

    python -m benchmarks encode [VIDEO]

Without a video, frames are cut out of a sample portrait that moves slowly. The first rows are the studio's
settings, without and with the live preview; the others are other presets of x264.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from benchmarks.usage import cpu_seconds
from pipeline.faces import read_image
from pipeline.samples import COLLINS
from pipeline.types import RATE
from pipeline.video import Writer, encode, read_frames

FRAMES, SIDE, FPS = 250, 512, 25
PRESETS = ("ultrafast", "veryfast", "medium")


def main(argv: Sequence[str]) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks encode", description=__doc__)
    parser.add_argument("video", type=Path, nargs="?")
    arguments = parser.parse_args(argv)
    source = _moving_portrait() if arguments.video is None else _looped(arguments.video)
    frames = list(itertools.islice(source, FRAMES))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        _write(path, frames[:30], preview=True)
        print(f"{'':24}{'seconds':>9}{'CPU s':>9}{'kB':>9}{'PSNR dB':>9}")
        _row(encode.PRESET, path, frames)
        _row(f"{encode.PRESET} + preview", path, frames, preview=True)
        for encode.PRESET in PRESETS:
            _row(encode.PRESET, path, frames)


def _row(name: str, path: Path, frames: Sequence[np.ndarray], *, preview: bool = False) -> None:
    wall, cpu = time.perf_counter(), cpu_seconds()
    _write(path, frames, preview=preview)
    wall, cpu = time.perf_counter() - wall, cpu_seconds() - cpu
    errors = [
        np.mean((shown.astype(np.float32) - meant) ** 2)
        for shown, meant in zip(read_frames(path), frames, strict=True)
    ]
    fidelity = 10 * np.log10(255**2 / np.mean(errors))
    print(f"{name:24}{wall:9.2f}{cpu:9.2f}{path.stat().st_size / 1e3:9.0f}{fidelity:9.2f}")


def _write(path: Path, frames: Sequence[np.ndarray], *, preview: bool) -> None:
    hum = np.random.default_rng(0).normal(0, 0.05, RATE).astype(np.float32)
    chunks = Path.unlink if preview else None
    with Writer(path, size=(SIDE, SIDE), fps=FPS, overwrite=True, chunks=chunks) as writer:
        for index, frame in enumerate(frames):
            if index % FPS == 0:
                writer.sound(hum)
            writer.write(frame)


def _moving_portrait() -> Iterator[np.ndarray]:
    """The photo, rotated and shifted a little from frame to frame like a head that talks."""
    photo = cv2.resize(read_image(COLLINS.path), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    for index in itertools.count():
        angle, (x, y) = 2 * np.sin(index / 19), 5 * np.sin([index / 23, index / 31])
        turn = cv2.getRotationMatrix2D((SIDE / 2, SIDE / 2), angle, 1.05)
        turn[:, 2] += x, y
        yield cv2.warpAffine(photo, turn, (SIDE, SIDE), flags=cv2.INTER_LINEAR)


def _looped(video: Path) -> Iterator[np.ndarray]:
    """The video's frames at the benchmark's size, repeated for ever."""
    while True:
        for frame in read_frames(video, FPS):
            yield cv2.resize(frame, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
