"""Lip sync as papers report it: LSE-D, LSE-C and the offset, by SyncNet, of finished videos.

    python -m benchmarks lse VIDEO …

LSE-D is the distance of picture and sound (lower is better; real speakers about 7), LSE-C the confidence
(higher is better; real speakers about 7). The face is followed by the studio's tracker, cut as SyncNet's own
pipeline cuts it, and scored in memory: the published figures went through JPEG and XVID as well, so compare
videos with each other rather than with papers. SyncNet's weights are pulled from the Hub on first use.
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
"""Frames that a crop's place is the median of."""
_AROUND = (1.4, 1.0, 1.8)
"""The crop in half face sides: to the left and right of the face's middle, above it and below it."""
_GREY = 110


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
    from pipeline import device, hub

    network = SyncNet()
    state = hub.load_state(hub.fetch("syncnet"))
    hub.load_into(network, state, name="SyncNet", may_lack=("num_batches_tracked",))
    return device.place(network, device.pick())


def scored(network: SyncNet, path: Path) -> SyncScore:
    """The score of a video's longest stretch with a face.

    Raises:
        VideoError, AudioError: the video or its sound cannot be read, or is too short to be scored.
        NoFaceError: no face is seen in it.
    """
    import torch

    from pipeline.video import read_frames, read_sound

    start, places = _longest(_places(path))
    sound = np.concatenate(list(read_sound(path, RATE)))[start * RATE // FPS :]
    samples = np.rint(np.clip(sound, -1, 1) * 32767).astype(np.int16)
    frames = zip(_median(places), read_frames(path, FPS, start=start), strict=False)
    with torch.inference_mode():
        seen, heard = network.embed((cropped(frame, place) for place, frame in frames), samples)
    if not len(seen):
        raise VideoError(
            f"{path.name} shows a face for less than {FRAMES + 1} frames; that cannot be scored."
        )
    return score(seen, heard)


def cropped(frame: np.ndarray, place: np.ndarray) -> np.ndarray:
    """`(224, 224, 3)` uint8 BGR around a face whose half side and middle x, y are `place`; grey outside."""
    half, x, y = place
    side, above, below = (factor * half for factor in _AROUND)
    edge = int(_AROUND[2] * half)
    padded = cv2.copyMakeBorder(frame, *[edge] * 4, cv2.BORDER_CONSTANT, value=(_GREY,) * 3)
    rows = slice(max(int(y - above) + edge, 0), int(y + below) + edge)
    columns = slice(max(int(x - side) + edge, 0), int(x + side) + edge)
    return np.ascontiguousarray(cv2.resize(padded[rows, columns], (SIDE, SIDE))[:, :, ::-1])


def _places(path: Path) -> Iterator[np.ndarray | None]:
    """Half side and middle of the face in each frame at 25 a second."""
    from pipeline.faces import track
    from pipeline.video import read_frames

    for face in track(read_frames(path, FPS), FPS):
        if face is None:
            yield None
            continue
        left, top, right, bottom = face.box
        yield np.array([max(right - left, bottom - top) / 2, (left + right) / 2, (top + bottom) / 2])


def _longest(places: Iterator[np.ndarray | None]) -> tuple[int, np.ndarray]:
    """First frame of the longest run of places, and the run `(n, 3)`."""
    best, run = (0, []), []
    for index, place in enumerate(places):
        if place is None:
            run = []
            continue
        run.append(place)
        if len(run) > len(best[1]):
            best = index + 1 - len(run), run
    if not best[1]:
        raise NoFaceError("No face is seen in this video; there is nothing to score.")
    return best[0], np.array(best[1])


def _median(places: np.ndarray) -> np.ndarray:
    padded = np.pad(places, ((_MEDIAN // 2, _MEDIAN // 2), (0, 0)), mode="edge")
    return np.median(np.lib.stride_tricks.sliding_window_view(padded, _MEDIAN, axis=0), axis=-1)
