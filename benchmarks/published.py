"""Wav2Lip's whole path against a loop in the manner of the published program, with the same weights.

    python -m benchmarks published [--frames N] [--rounds N]

The loop decodes all frames, cuts the faces at boxes that are given, runs the plain network in float32 on 128
of them at once, resizes and pastes rectangles and writes an AVI; encoding that file again with its sound, as
the published program does, is left out. Ours is given landmarks, so neither finds faces, and ends with the
finished MP4. Both run in turn; of the ratios, the median of the turns counts. Weights are drawn at random, as
their values do not affect the cost.
"""

from __future__ import annotations

import argparse
import copy
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from benchmarks.gpu_measures import FPS, SIZE, Stage
from pipeline.inference import device
from pipeline.lips.mel_windows import frame_mels
from pipeline.lips.wav2lip import prepare
from pipeline.lips.wav2lip.boxes import Box, face_box, whole
from pipeline.lips.wav2lip.engine import Wav2LipLips
from pipeline.networks.wav2lip import FACE, Wav2Lip, face_input
from pipeline.types import Style

Network = Callable[[Tensor, Tensor], Tensor]

_BATCH = 128
"""Faces at once in the published program."""


def main(argv: Sequence[str]) -> None:
    """Print a line for each precision: ratios of time on the clock and of CPU time, and milliseconds."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks published", description=__doc__)
    parser.add_argument("--frames", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=3, help="turns of each")
    arguments = parser.parse_args(argv)
    plain = Wav2Lip().eval().requires_grad_(False)
    print(f"{'precision':10} {'ratio':>6} {'CPU':>6} {'theirs, ms':>11} {'ours, ms':>9}")
    for precision in ("", "float32"):
        engine = Wav2LipLips(prepared(plain, precision))
        with tempfile.TemporaryDirectory() as folder:
            stage = Stage(arguments.frames, Path(folder))
            stage.prepare()
            turns = [compared(plain, engine, stage) for _ in range(arguments.rounds)]
        theirs, ours = (min(turn[which][0] for turn in turns) for which in (0, 1))
        ratios = [statistics.median(mine[of] / other[of] for other, mine in turns) for of in (0, 1)]
        print(
            f"{precision or 'default':10} {ratios[0]:6.2f} {ratios[1]:6.2f} "
            f"{1e3 * theirs / arguments.frames:11.1f} {1e3 * ours / arguments.frames:9.1f}",
            flush=True,
        )


def prepared(plain: Wav2Lip, precision: str) -> Wav2Lip:
    """The same weights as the engine runs them on the CPU, in a precision or, for "", as it chooses."""
    before = os.environ.get(device.PRECISION, "")
    os.environ[device.PRECISION] = precision
    try:
        return prepare(copy.deepcopy(plain), torch.device("cpu"))
    finally:
        os.environ[device.PRECISION] = before


def compared(
    plain: Wav2Lip, engine: Wav2LipLips, stage: Stage
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Seconds on the clock and of CPU time: of the loop, and of ours."""
    marks = [frame.landmarks for frame in stage.clip().frames]
    boxes = [whole(face_box(landmarks)) for landmarks in marks if landmarks is not None]
    return timed(lambda: published_loop(plain, stage, boxes)), timed(lambda: whole_path(engine, stage))


def timed(run: Callable[[], None]) -> tuple[float, float]:
    """Seconds on the clock, and CPU seconds of all threads."""
    started, spent = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - started, time.process_time() - spent


def published_loop(network: Network, stage: Stage, boxes: list[Box]) -> None:
    """The frames of the stage's video, each with the mouth painted anew, in an AVI."""
    frames = _decoded(stage.video)
    mels = list(frame_mels(stage.speech(), FPS))
    writer = cv2.VideoWriter(
        str(stage.folder / "loop.avi"), cv2.VideoWriter.fourcc(*"DIVX"), FPS, (SIZE, SIZE)
    )
    for start in range(0, len(frames), _BATCH):
        span = slice(start, start + _BATCH)
        painted = _painted(network, frames[span], boxes[span], mels[span])
        for frame, (left, top, right, bottom), face in zip(frames[span], boxes[span], painted, strict=True):
            shown = frame.copy()
            shown[top:bottom, left:right] = cv2.resize(face, (right - left, bottom - top))
            writer.write(shown)
    writer.release()


def _decoded(path: Path) -> list[np.ndarray]:
    """All frames of a video, `(H, W, 3)` uint8 BGR."""
    video, frames = cv2.VideoCapture(str(path)), []
    while (found := video.read())[0]:
        frames.append(found[1])
    video.release()
    return frames


def _painted(
    network: Network,
    frames: list[np.ndarray],
    boxes: list[Box],
    mels: list[np.ndarray],
) -> np.ndarray:
    """The repainted faces `(n, 96, 96, 3)` uint8 BGR."""
    pairs = zip(frames, boxes, strict=True)
    faces = [
        cv2.resize(frame[top:bottom, left:right], (FACE, FACE)) for frame, (left, top, right, bottom) in pairs
    ]
    shown: Tensor = torch.from_numpy(np.stack(faces)).permute(0, 3, 1, 2) / 255
    sound = torch.from_numpy(np.stack(mels))[:, None]
    with torch.no_grad():
        painted: Tensor = network(sound, face_input(shown))
    return (painted.numpy().transpose(0, 2, 3, 1) * 255).astype(np.uint8)


def whole_path(engine: Wav2LipLips, stage: Stage) -> None:
    """The same with the studio's own code, to a finished MP4."""
    from pipeline.video import Writer

    path = stage.folder / "ours.mp4"
    with Writer(path, size=(SIZE, SIZE), fps=FPS, overwrite=True) as writer:
        for frame in engine.sync(stage.clip(), stage.speech(), Style()).frames:
            writer.write(frame.image)
