"""Lip sync of finished videos as papers report it: LSE-D, LSE-C and the offset, by SyncNet.

    python -m benchmarks lse VIDEO …

LSE-D is the distance of picture and sound (lower is better; real speakers about 7), LSE-C the confidence
(higher is better; real speakers about 7). The face is followed by the studio's tracker, cropped as in
SyncNet's own pipeline, and scored in memory. Published figures also went through JPEG and XVID, so compare
videos with each other rather than with papers. SyncNet's weights are downloaded from the Hub on first use.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from pipeline.errors import NoFaceError, VideoError
from pipeline.networks.syncnet import FPS, FRAMES, RATE, SIDE, SyncNet, SyncScore, score

_MEDIAN = 13
"""Window in frames of the median filter over a crop's position."""
_AROUND = (1.4, 1.0, 1.8)
"""Extent of the crop in half face sides: left and right of the face's centre, above it, below it."""
_GREY = 110
"""Level of the padding beyond the frame."""


def main(argv: Sequence[str]) -> None:
    """Print a line per video."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks lse", description=__doc__)
    parser.add_argument("videos", nargs="+", type=Path)
    arguments = parser.parse_args(argv)
    network = load()
    print(f"{'LSE-D':>7} {'LSE-C':>7} {'offset, frames':>15}  video")
    for path in arguments.videos:
        result = scored(network, path)
        print(f"{result.distance:7.3f} {result.confidence:7.3f} {result.offset:15d}  {path.name}")


def load() -> SyncNet:
    """SyncNet with its published weights, on the device.

    Raises:
        CheckpointError: they cannot be had.
    """
    from pipeline import hub
    from pipeline.inference import device
    from pipeline.inference.weights import load_into, load_state

    network = SyncNet()
    state = load_state(hub.fetch("syncnet"))
    load_into(network, state, name="SyncNet", may_lack=("num_batches_tracked",))
    return device.place(network, device.pick())


def scored(network: SyncNet, path: Path) -> SyncScore:
    """The scores of a video's longest run of frames with a face.

    Raises:
        VideoError, AudioError: the video or its sound cannot be read, or is too short to score.
        NoFaceError: there is no face in it.
    """
    import torch

    from pipeline.video import read_frames, read_sound

    start, places = _longest(_places(path))
    sound = np.concatenate(list(read_sound(path, RATE)))[start * RATE // FPS :]
    samples = np.rint(np.clip(sound, -1, 1) * 32767).astype(np.int16)
    frames = zip(_median(places), read_frames(path, FPS, start=start), strict=False)
    with torch.inference_mode():
        picture, voice = network.embed((cropped(frame, place) for place, frame in frames), samples)
    if not len(picture):
        raise VideoError(
            f"{path.name} shows a face for fewer than {FRAMES + 1} frames; choose a longer video to score."
        )
    return score(picture, voice)


def cropped(frame: np.ndarray, place: np.ndarray) -> np.ndarray:
    """`(224, 224, 3)` uint8 BGR around a face; `place` is its half side and centre x, y in px."""
    half, x, y = place
    side, above, below = (factor * half for factor in _AROUND)
    edge = int(_AROUND[2] * half)
    padded = np.pad(frame, ((edge, edge), (edge, edge), (0, 0)), constant_values=_GREY)
    rows = slice(max(int(y - above) + edge, 0), int(y + below) + edge)
    columns = slice(max(int(x - side) + edge, 0), int(x + side) + edge)
    return np.ascontiguousarray(cv2.resize(padded[rows, columns], (SIDE, SIDE))[:, :, ::-1])


def _places(path: Path) -> Iterator[np.ndarray | None]:
    """Half side and centre of the face in each frame at 25 fps."""
    from pipeline.faces import track
    from pipeline.video import read_frames

    for face in track(read_frames(path, FPS), FPS):
        if face is None:
            yield None
            continue
        left, top, right, bottom = face.box
        yield np.array([max(right - left, bottom - top) / 2, (left + right) / 2, (top + bottom) / 2])


def _longest(places: Iterator[np.ndarray | None]) -> tuple[int, np.ndarray]:
    """First frame of the longest run of frames with a face, and the places `(n, 3)` in it."""
    best: tuple[int, list[np.ndarray]] = (0, [])
    run: list[np.ndarray] = []
    for index, place in enumerate(places):
        if place is None:
            run = []
            continue
        run.append(place)
        if len(run) > len(best[1]):
            best = index + 1 - len(run), run
    if not best[1]:
        raise NoFaceError("There is no face in this video; choose one that shows a speaker.")
    return best[0], np.array(best[1])


def _median(places: np.ndarray) -> np.ndarray:
    padded = np.pad(places, ((_MEDIAN // 2, _MEDIAN // 2), (0, 0)), mode="edge")
    return np.median(np.lib.stride_tricks.sliding_window_view(padded, _MEDIAN, axis=0), axis=-1)
