"""Whether an engine's network and the work around it run beside one another, on a machine without a GPU.

    python -m benchmarks overlap [ENGINE …] [--frames N] [--rounds N]

The network is replaced by one that sleeps as long as a card would compute and gives back what it was shown.
Decoding, cropping, pasting back and encoding are real, at 512 x 512, with the landmarks at hand as a head
gives them. The work around the network is the same path with a network that takes no time.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from pipeline.types import RATE, Clip, Frame, Portrait, Speech, Style

PHOTO = Path(__file__).parents[1] / "assets" / "portraits" / "astronaut.jpg"
SIZE, FPS = 512, 25
MILLISECONDS = (0.3, 3.0, 12.0)
"""What cards take for a frame, from Wav2Lip to LatentSync with few steps."""


class Sleeper(nn.Module):
    """A network that sleeps for each item of a batch."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))
        self.seconds = 0.0
        """How long an item takes."""

    def sleep(self, count: int) -> None:
        time.sleep(self.seconds * count)


class Painter(Sleeper):
    """In place of Wav2Lip, MuseTalk and LatentSync: the face as it was shown."""

    def forward(self, first: Tensor, *given: Tensor, **_: Any) -> Tensor:
        self.sleep(len(first))
        if first.shape[-1] == 512:
            return first / 2 + 0.5
        return given[0][:, 3:] if given[0].dim() == 4 else first

    def latents(self, faces: Tensor) -> Tensor:
        return faces

    def classes(self, image: Tensor) -> Tensor:
        """All skin."""
        return torch.ones(len(image), *image.shape[2:], dtype=torch.uint8)


class Features:
    """In place of Whisper."""

    def frames(self, speech: Any, fps: int) -> Iterator[Tensor]:
        return itertools.chain.from_iterable([self.silence()] * part.frames(fps) for part in speech)

    def silence(self) -> Tensor:
        return torch.zeros(50, 384)


@dataclass(frozen=True)
class Path512:
    """The whole path of an engine but for the encoder."""

    network: Sleeper
    frames: Callable[[int], Iterator[Frame]]


def main(argv: Sequence[str]) -> None:
    """Print the table: milliseconds per frame, and the whole over the larger of network and work."""
    from pipeline import faces

    parser = argparse.ArgumentParser(prog="python -m benchmarks overlap", description=__doc__)
    parser.add_argument("engines", nargs="*", metavar="ENGINE", help=f"of {', '.join(ENGINES)}; default: all")
    parser.add_argument("--frames", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3, help="the quickest counts")
    arguments = parser.parse_args(argv)
    if unknown := set(arguments.engines) - set(ENGINES):
        parser.error(f"there is no engine {min(unknown)!r}; choose one of {', '.join(ENGINES)}")
    portrait = faces.portrait(PHOTO, size=SIZE)
    print(f"{'engine':14} {'network':>8} {'work':>8} {'whole':>8} {'ratio':>6}")
    with tempfile.TemporaryDirectory() as folder:
        film = Path(folder, "film.mp4")
        _write((Frame(portrait.image) for _ in range(arguments.frames)), film)
        for name in arguments.engines or ENGINES:
            path = ENGINES[name](portrait, film)
            _write(path.frames(8), Path(folder, "warm.mp4"))
            for milliseconds in MILLISECONDS:
                work, whole = measure(path, milliseconds, arguments.frames, arguments.rounds, Path(folder))
                ratio = whole / max(work, milliseconds)
                print(f"{name:14} {milliseconds:8.1f} {work:8.1f} {whole:8.1f} {ratio:6.2f}")


def measure(
    path: Path512, milliseconds: float, frames: int, rounds: int, folder: Path
) -> tuple[float, float]:
    """Milliseconds a frame of the work around the network, and of the whole; alternating, the quickest."""
    taken: dict[float, list[float]] = {0.0: [], milliseconds / 1e3: []}
    for _, seconds in itertools.product(range(rounds), taken):
        path.network.seconds = seconds
        started = time.perf_counter()
        _write(path.frames(frames), folder / "out.mp4")
        taken[seconds].append((time.perf_counter() - started) / frames * 1e3)
    work, whole = (min(each) for each in taken.values())
    return work, whole


def _write(frames: Iterator[Frame], path: Path) -> None:
    from pipeline.video import Writer

    with Writer(path, size=(SIZE, SIZE), fps=FPS, overwrite=True) as writer:
        for frame in frames:
            writer.write(frame.image)


def _lips(engine: Any, network: Sleeper, portrait: Portrait, film: Path) -> Path512:
    from pipeline.video import read_frames

    def frames(count: int) -> Iterator[Frame]:
        shown = (
            Frame(image, portrait.face.landmarks) for image in itertools.islice(read_frames(film), count)
        )
        sound = (0.1 * np.random.default_rng(0).standard_normal(count * RATE // FPS)).astype(np.float32)
        return engine.sync(Clip((SIZE, SIZE), FPS, shown), [Speech(sound)], Style()).frames

    return Path512(network, frames)


def _wav2lip(portrait: Portrait, film: Path) -> Path512:
    from pipeline.lips.wav2lip.engine import Wav2LipLips

    network: Any = Painter()
    return _lips(Wav2LipLips(network), network, portrait, film)


def _musetalk(portrait: Portrait, film: Path) -> Path512:
    from pipeline.lips.musetalk.engine import MuseTalkLips

    network: Any = Painter()
    features: Any = Features()
    return _lips(MuseTalkLips(network, features, network), network, portrait, film)


def _latentsync(portrait: Portrait, film: Path) -> Path512:
    from pipeline.lips.latentsync import Options
    from pipeline.lips.latentsync.engine import LatentSyncLips

    network: Any = Painter()
    features: Any = Features()
    return _lips(LatentSyncLips(network, features, Options()), network, portrait, film)


def _head(square: np.ndarray, compose: Callable[[np.ndarray], np.ndarray]) -> Path512:
    """A head's path once the motion is known."""
    from pipeline.overlap import rendered

    network, picture = Sleeper(), torch.from_numpy(square)

    def render(items: list[int]) -> Tensor:
        network.sleep(len(items))
        return picture.expand(len(items), -1, -1, -1).contiguous()

    return Path512(network, lambda count: rendered(range(count), render, compose, size=4))


def _sadtalker(portrait: Portrait, film: Path) -> Path512:
    from pipeline.heads.sadtalker import Options
    from pipeline.heads.sadtalker.engine import Source

    source = Source(portrait, Options())
    return _head(source.square, source.compose)


def _liveportrait(portrait: Portrait, film: Path) -> Path512:
    from pipeline.heads.liveportrait.crop import SIZE, PasteBack, face_crop

    square = np.zeros((SIZE, SIZE, 3), np.uint8)
    return _head(square, PasteBack(portrait.image, face_crop(portrait.face.landmarks)))


ENGINES: dict[str, Callable[[Portrait, Path], Path512]] = {
    "wav2lip": _wav2lip,
    "musetalk": _musetalk,
    "latentsync": _latentsync,
    "sadtalker": _sadtalker,
    "liveportrait": _liveportrait,
}
