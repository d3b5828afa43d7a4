"""Whether an engine's network and the work around it run beside one another, on a machine without a GPU.

    python -m benchmarks overlap [ENGINE …] [--frames N] [--rounds N]

The network is replaced by one that takes as long as a card would and gives back what it was shown: it sleeps,
and what it computes for its answer is part of that time.
Decoding, cropping, pasting back and encoding are real, at 512 x 512, with the landmarks at hand as a head
gives them, and a head's motion at hand. The work around the network is the same path with a network that
takes no time. Both run in turn, and the ratio is the median of the turns, since other work on the machine
slows now the one and now the other. Half the CPU time of a frame is the least that two idle cores would take
for it. What torch still computes on the CPU, it does on one thread. Engines that make windows of frames are
measured on whole windows.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from pipeline.networks import flashhead
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

    def sleep(self, count: int, since: float | None = None) -> None:
        """Until that many items would be done, if the first began at `since` of `time.perf_counter`."""
        passed = 0.0 if since is None else time.perf_counter() - since
        time.sleep(max(self.seconds * count - passed, 0))


class Painter(Sleeper):
    """In place of Wav2Lip, MuseTalk and LatentSync: the face as it was shown."""

    def forward(self, first: Tensor, *given: Tensor, **_: Any) -> Tensor:
        since = time.perf_counter()
        if first.shape[-1] == 512:
            shown = torch.from_numpy(np.empty(first.shape, np.float32))
            torch.add(first, 1, out=shown).div_(2)
        else:
            shown = given[0][:, 3:] if given[0].dim() == 4 else first
        self.sleep(len(first), since)
        return shown

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
    window: int = 1
    """Frames that the network makes at once; a clip that ends within a window pays for the whole of it."""


@dataclass(frozen=True)
class Measured:
    """Milliseconds a frame."""

    work: float
    """Around the network, on the clock; the quickest turn."""
    whole: float
    """With the network; the quickest turn."""
    ratio: float
    """Of the whole to the larger of network and work; the median of the turns."""
    cpu: float
    """Of CPU time, with the network; the least of the turns."""


def main(argv: Sequence[str]) -> None:
    """Print the table: milliseconds per frame, and the whole over the larger of network and work."""
    from pipeline import faces

    parser = argparse.ArgumentParser(prog="python -m benchmarks overlap", description=__doc__)
    parser.add_argument("engines", nargs="*", metavar="ENGINE", help=f"of {', '.join(ENGINES)}; default: all")
    parser.add_argument("--frames", type=int, default=200, help="of a clip; default: %(default)s")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each")
    arguments = parser.parse_args(argv)
    if unknown := set(arguments.engines) - set(ENGINES):
        parser.error(f"there is no engine {min(unknown)!r}; choose one of {', '.join(ENGINES)}")
    torch.set_num_threads(1)  # what a card does takes no cores: here they would wait for one another
    portrait = faces.portrait(PHOTO, size=SIZE)
    print(f"{'engine':14} {'network':>8} {'work':>8} {'whole':>8} {'ratio':>6} {'CPU':>6}")
    with tempfile.TemporaryDirectory() as folder:
        film = Path(folder, "film.mp4")
        _write((Frame(portrait.image) for _ in range(arguments.frames)), film)
        for name in arguments.engines or ENGINES:
            path = ENGINES[name](portrait, film)
            _write(path.frames(8), Path(folder, "warm.mp4"))
            for milliseconds in MILLISECONDS:
                found = measure(path, milliseconds, arguments.frames, arguments.rounds, Path(folder))
                print(
                    f"{name:14} {milliseconds:8.1f} {found.work:8.1f} {found.whole:8.1f} {found.ratio:6.2f} "
                    f"{found.cpu:6.1f}",
                    flush=True,
                )


def measure(path: Path512, milliseconds: float, frames: int, rounds: int, folder: Path) -> Measured:
    """The path with the network and without it, in turn."""
    turns, frames = [], max(1, frames // path.window) * path.window
    for _ in range(rounds):
        work, _ = _timed(path, 0.0, frames, folder)
        turns.append((work, *_timed(path, milliseconds, frames, folder)))
    work, whole, cpu = (min(column) for column in zip(*turns, strict=True))
    ratio = statistics.median(both / max(alone, milliseconds) for alone, both, _ in turns)
    return Measured(work, whole, ratio, cpu)


def _timed(path: Path512, milliseconds: float, frames: int, folder: Path) -> tuple[float, float]:
    """Milliseconds a frame, on the clock and of all threads' CPU time."""
    path.network.seconds = milliseconds / 1e3
    started, spent = time.perf_counter(), time.process_time()
    _write(path.frames(frames), folder / "out.mp4")
    ended, used = time.perf_counter(), time.process_time()
    return (ended - started) / frames * 1e3, (used - spent) / frames * 1e3


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


def _head(
    square: np.ndarray, compose: Callable[[np.ndarray], np.ndarray], *, window: int = 1, size: int = 4
) -> Path512:
    """A head's path once the motion is known, whose network makes a `window` of frames for each item."""
    from pipeline.inference.overlap import rendered

    network, picture = Sleeper(), torch.from_numpy(square)

    def render(items: list[int]) -> Tensor:
        network.sleep(len(items) * window)
        return picture.expand(len(items) * window, -1, -1, -1).contiguous()

    def frames(count: int) -> Iterator[Frame]:
        made = rendered(range(-(-count // window)), render, compose, size=size, ahead=size * window)
        with closing(made):
            yield from itertools.islice(made, count)

    return Path512(network, frames, window)


def _sadtalker(portrait: Portrait, film: Path) -> Path512:
    from pipeline.heads.sadtalker import Options
    from pipeline.heads.sadtalker.engine import Source

    source = Source(portrait, Options())
    return _head(source.square, source.compose)


def _liveportrait(portrait: Portrait, film: Path) -> Path512:
    from pipeline.heads.liveportrait.crop import SIZE, PasteBack, face_crop

    square = np.zeros((SIZE, SIZE, 3), np.uint8)
    return _head(square, PasteBack(portrait.image, face_crop(portrait.face.landmarks)))


def _flashhead(portrait: Portrait, film: Path) -> Path512:
    return _windows(portrait, flashhead.PRO)


def _flashhead_lite(portrait: Portrait, film: Path) -> Path512:
    return _windows(portrait, flashhead.LITE)


def _windows(portrait: Portrait, settings: flashhead.Settings) -> Path512:
    """FlashHead's path, pasted back into the photo."""
    from pipeline.heads.flashhead.framing import Framing

    framing = Framing(portrait, "full", settings.side)
    return _head(framing.square, framing.compose, window=settings.fresh, size=1)


ENGINES: dict[str, Callable[[Portrait, Path], Path512]] = {
    "wav2lip": _wav2lip,
    "musetalk": _musetalk,
    "latentsync": _latentsync,
    "sadtalker": _sadtalker,
    "liveportrait": _liveportrait,
    "flashhead": _flashhead,
    "flashhead-lite": _flashhead_lite,
}
