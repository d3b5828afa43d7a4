"""Cost of the engines with networks: each whole path against its networks alone, and peak memory.

    python -m benchmarks networks [ENGINE …] [--frames N] [--photo FILE]

The networks alone are the lower bound: the time spent inside torch modules, measured in the same run as the
whole, so that other load slows both. Weights are filled by the parity tests' rule, as their values do not
affect the cost. Each engine runs in a process of its own, so that its peak memory is its own. A lips engine
is given frames without landmarks, so that face tracking is part of its path.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np

from pipeline.protocols import Head
from pipeline.types import RATE, Clip, Frame, Portrait, Speech, Style

if TYPE_CHECKING:
    from torch import nn

    from pipeline.lips.inpainter import LipInpainter

Network = TypeVar("Network", bound="nn.Module")

FIXTURES = Path(__file__).parents[1] / "tests" / "parity"
PHOTO = Path(__file__).parents[1] / "assets" / "portraits" / "astronaut.jpg"
SIZE = 512
"""Side in px of the frames."""
WARM_UP = 2
"""Frames rendered before the clock starts."""


def main(argv: Sequence[str]) -> None:
    """Print the table: seconds per frame, their ratio, gigabytes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks networks", description=__doc__)
    parser.add_argument("engines", nargs="*", metavar="ENGINE", help="default: all")
    parser.add_argument(
        "--frames", type=int, default=24, help="frames for a lips engine; a head renders a sixth"
    )
    parser.add_argument("--photo", type=Path, default=PHOTO)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    if arguments.one:
        print(json.dumps(_measured(arguments.engines[0], arguments.photo, arguments.frames)))
        return
    print(f"{'engine':24} {'device':6} {'whole':>9} {'network':>9} {'ratio':>6} {'peak GB':>8}")
    for name in arguments.engines or _affordable():
        if name not in ENGINES:
            parser.error(f"there is no engine {name!r}; choose one of {', '.join(ENGINES)}")
        command = [sys.executable, "-m", "benchmarks", "networks", name, "--one"]
        command += ["--frames", str(arguments.frames), "--photo", str(arguments.photo)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        figures = json.loads(done.stdout.splitlines()[-1])
        print(
            f"{name:24} {figures['device']:6} {figures['whole']:9.3f} {figures['network']:9.3f} "
            f"{figures['whole'] / figures['network']:6.2f} {figures['peak']:8.2f}"
        )


def _measured(name: str, photo: Path, frames: int) -> dict[str, Any]:
    """Seconds per frame of the whole path and of the networks, and peak memory in gigabytes."""
    from pipeline import device, faces
    from pipeline.lips.inpainter import LipInpainter

    portrait = faces.portrait(photo, size=SIZE)
    engine, where = ENGINES[name](), device.pick()
    count = frames if isinstance(engine, LipInpainter) else max(1, frames // 6)
    for _ in _rendered(engine, portrait, WARM_UP):
        pass
    with _inside_modules(where.type) as network:
        started = time.perf_counter()
        for _ in _rendered(engine, portrait, count):
            pass
        whole = time.perf_counter() - started
    return {
        "device": where.type,
        "whole": whole / count,
        "network": network[0] / count,
        "peak": _peak(where.type),
    }


def _rendered(engine: Head | LipInpainter[Any], portrait: Portrait, frames: int) -> Iterator[Frame]:
    """So many frames of a portrait that sways, for speech that is noise."""
    from pipeline.lips.inpainter import LipInpainter

    noise = np.random.default_rng(0).standard_normal(frames * RATE // 25)
    speech = [Speech((0.1 * noise).astype(np.float32))]
    if isinstance(engine, LipInpainter):
        sway = np.rint(6 * np.sin(np.arange(frames) / 8)).astype(int)
        clip = Clip((SIZE, SIZE), 25, (Frame(np.roll(portrait.image, x, axis=1)) for x in sway))
        return engine.sync(clip, speech, Style()).frames
    return engine.animate(portrait, speech, Style(), speaking=True).frames


@contextmanager
def _inside_modules(kind: str) -> Iterator[list[float]]:
    """Measures the seconds spent inside outermost torch modules, including work on the device."""
    import torch
    from torch.nn.modules import module as hooks

    spent, depth, began = [0.0], 0, 0.0

    def enter(*_: Any) -> None:
        nonlocal depth, began
        depth += 1
        if depth == 1:
            began = time.perf_counter()

    def leave(*_: Any) -> None:
        nonlocal depth
        depth -= 1
        if depth == 0:
            if kind == "cuda":
                torch.cuda.synchronize()
            spent[0] += time.perf_counter() - began

    handles = [hooks.register_module_forward_pre_hook(enter), hooks.register_module_forward_hook(leave)]
    try:
        yield spent
    finally:
        for handle in handles:
            handle.remove()


def _peak(kind: str) -> float:
    import torch

    if kind == "cuda":
        return torch.cuda.max_memory_allocated() / 1e9
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def _affordable() -> list[str]:
    """The engines that finish within an hour on this machine."""
    from pipeline import device

    return [name for name in ENGINES if name not in GPU_ONLY or device.pick().type == "cuda"]


def _filled(network: Network, *, keep: tuple[str, ...] = ()) -> Network:
    from tests.parity.filling import fill

    fill(network, keep=keep)
    return network


def _wav2lip() -> LipInpainter[Any]:
    from pipeline import device
    from pipeline.lips.wav2lip.engine import Wav2LipLips
    from pipeline.networks.wav2lip import Wav2Lip

    return Wav2LipLips(device.place(_filled(Wav2Lip()), device.pick(), half=True))


def _sadtalker(size: Literal[256, 512]) -> Callable[[], Head]:
    def load() -> Head:
        from pipeline.heads.sadtalker import Options, weights
        from pipeline.heads.sadtalker.engine import SadTalker

        options = Options(size=size)
        made = weights.empty_networks(options)
        for network in vars(made).values():
            _filled(network)
        return SadTalker(weights.prepare(made), options)

    return load


def _liveportrait() -> Head:
    import torch
    from transformers import HubertConfig

    from pipeline import device
    from pipeline.heads.liveportrait import audio_driver, engine, weights
    from pipeline.networks.joyvasa import MotionGenerator, Settings

    options, where = engine.Options(), device.pick()
    networks = weights.prepare({name: _filled(part) for name, part in weights.empty_networks().items()})
    generator = MotionGenerator(Settings(), HubertConfig())
    tables = (".pe", "betas", "alphas", "alpha_bars", "sigmas_flex", "sigmas_inflex")
    generator = device.place(_filled(generator, keep=tables), where)
    template = {name: torch.zeros(63 if "exp" in name else 1, device=where) for name in weights.TEMPLATE}
    return engine.LivePortrait(networks, audio_driver.JoyVASADriver(generator, template, options), options)


def _flashhead(variant: Literal["PRO", "LITE"]) -> Callable[[], Head]:
    def load() -> Head:
        from pipeline.heads.flashhead import Options, weights
        from pipeline.heads.flashhead.engine import FlashHead

        made = weights.empty_networks(getattr(weights, variant))
        for network in vars(made).values():
            _filled(network)
        if variant == "LITE":
            made.vae.vae.latents_std.fill_(1)  # the rule's values lie around 0
        return FlashHead(weights.prepare(made), Options())

    return load


def _published(fixture: str, key: str = "config") -> dict[str, Any]:
    """A configuration from the manifest of a parity fixture."""
    return json.loads((FIXTURES / fixture / "manifest.json").read_text())[key]


def _musetalk() -> LipInpainter[Any]:
    from pipeline import device
    from pipeline.lips.musetalk.engine import MuseTalkLips
    from pipeline.lips.whisper_features import WhisperFeatures
    from pipeline.networks import bisenet, musetalk, stable, whisper

    unet = musetalk.unet(_published("musetalk_unet", "published_config"))
    network = musetalk.MuseTalk(unet, stable.autoencoder(_published("musetalk_vae")))
    encoder, where = whisper.encoder(_published("musetalk_whisper_encoder")), device.pick()
    return MuseTalkLips(
        device.place(_filled(network), where, half=True),
        WhisperFeatures(device.place(_filled(encoder), where), musetalk.log_mel_segments),
        device.place(_filled(bisenet.BiSeNet()), where, half=True),
    )


def _latentsync(**options: Any) -> Callable[[], LipInpainter[Any]]:
    def load() -> LipInpainter[Any]:
        from pipeline import device
        from pipeline.lips.latentsync import Options
        from pipeline.lips.latentsync.engine import LatentSyncLips
        from pipeline.lips.whisper_features import WhisperFeatures
        from pipeline.networks import latentsync, stable, whisper

        vae = stable.autoencoder(_published("musetalk_vae"))
        vae.enable_slicing()
        unet = latentsync.unet(_published("latentsync_unet", "published_config"))
        network = _filled(latentsync.LatentSync(unet, vae), keep=(".pe",))
        encoder, where = whisper.encoder(_published("musetalk_whisper_encoder")), device.pick()
        features = WhisperFeatures(
            device.place(_filled(encoder), where), latentsync.log_mel_segments, repeat_ends=True
        )
        return LatentSyncLips(device.place(network, where, half=True), features, Options(**options))

    return load


GPU_ONLY = ("latentsync", "latentsync 1 step", "flashhead", "flashhead lite")
"""Measured on a CPU only when asked for by name."""

ENGINES: dict[str, Callable[[], Head | LipInpainter[Any]]] = {
    "wav2lip": _wav2lip,
    "sadtalker": _sadtalker(256),
    "sadtalker 512": _sadtalker(512),
    "liveportrait": _liveportrait,
    "musetalk": _musetalk,
    "latentsync": _latentsync(),
    "latentsync 1 step": _latentsync(steps=1),
    "flashhead": _flashhead("PRO"),
    "flashhead lite": _flashhead("LITE"),
}
"""How each engine is built without a download. A CPU has time for one of LatentSync's twenty steps, for
which the network's share of the whole is smallest."""
