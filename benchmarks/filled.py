"""Every engine with networks, built without a download, with the weights of `drawn`."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal

from benchmarks.drawn import fill, made, moved, signal

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from pipeline.networks.latentsync import LatentSync
    from pipeline.protocols import Head, Lips

_FIXTURES = Path(__file__).parents[1] / "tests" / "parity"
_NARROW = {"block_out_channels": [8, 8, 16, 16], "norm_num_groups": 8}
"""An autoencoder that a CPU has time for."""


@dataclass(frozen=True)
class Built:
    """An engine on the device, and its main network by itself."""

    engine: Head | Lips
    network: Callable[[int], Tensor]
    """Runs the network on so many frames at once, the same ones every time: `(n, 3, H, W)` in 0..1."""
    batch: int
    """Frames that it takes at once on a large card."""


def _published(fixture: str, key: str = "config") -> dict[str, Any]:
    """A configuration from the manifest of a parity fixture; `config` is narrow where widths vary."""
    found: dict[str, Any] = json.loads((_FIXTURES / fixture / "manifest.json").read_text())[key]
    return found


def wav2lip(where: torch.device, *, tiny: bool) -> Built:
    from pipeline.lips.wav2lip import prepare
    from pipeline.lips.wav2lip.engine import Wav2LipLips
    from pipeline.networks.wav2lip import FACE, Wav2Lip, face_input

    network = prepare(made(Wav2Lip, where), where)

    def paint(count: int) -> Tensor:
        painted: Tensor = network(mel[:count], face_input(faces[:count]))
        return painted

    mel, faces = signal(network, 64, 1, 80, 16), signal(network, 64, 3, FACE, FACE)
    return Built(Wav2LipLips(network), paint, batch=64)


def sadtalker(size: Literal[256, 512], where: torch.device, *, tiny: bool) -> Built:
    from pipeline.heads.sadtalker import Options, weights
    from pipeline.heads.sadtalker.engine import SadTalker

    options = Options(size=size)
    empty = weights.empty_networks(options)
    networks = weights.prepare(
        type(empty)(**{name: fill(net.to_empty(device=where)) for name, net in vars(empty).items()})
    )
    renderer, count = networks.generator, 4 if tiny else 64
    volume = signal(renderer, 1, 32, 16, size // 4, size // 4, normal=True)
    moving = 0.1 * signal(renderer, count, 15, 3, normal=True)

    def paint(count: int) -> Tensor:
        volumes = volume.expand(count, -1, -1, -1, -1)
        return renderer.render(volumes, moving[:count], moving[:1].expand(count, -1, -1))["prediction"]

    return Built(SadTalker(networks, options), paint, batch=32 if size == 256 else 8)


def liveportrait(where: torch.device, *, tiny: bool) -> Built:
    import torch
    from transformers import HubertConfig

    from pipeline.heads.liveportrait import audio_driver, engine, weights
    from pipeline.inference import device
    from pipeline.networks import joyvasa

    options = engine.Options()
    networks = weights.prepare(
        {name: fill(net.to_empty(device=where)) for name, net in weights.empty_networks().items()}
    )
    tables = (".pe", "betas", "alphas", "alpha_bars", "sigmas_flex", "sigmas_inflex")
    settings = joyvasa.Settings(n_diff_steps=2) if tiny else joyvasa.Settings()
    generator = moved(lambda: joyvasa.MotionGenerator(settings, HubertConfig()), where, keep=tables)
    template = {name: torch.zeros(63 if "exp" in name else 1, device=where) for name in weights.TEMPLATE}
    driver = audio_driver.JoyVASADriver(
        device.place(generator, where, calls=joyvasa.CALLS), template, options
    )
    volume = signal(networks.warping, 1, 32, 16, 64, 64, normal=True)
    moving = 0.1 * signal(networks.warping, 64, 21, 3, normal=True)

    def paint(count: int) -> Tensor:
        volumes, still = volume.expand(count, -1, -1, -1, -1), moving[:1].expand(count, -1, -1)
        painted: Tensor = networks.generator(networks.warping(volumes, moving[:count], still))
        return painted

    return Built(engine.LivePortrait(networks, driver, options), paint, batch=16)


def musetalk(where: torch.device, *, tiny: bool) -> Built:
    from pipeline.inference import device
    from pipeline.lips.musetalk.engine import MuseTalkLips
    from pipeline.lips.whisper_features import WhisperFeatures
    from pipeline.networks import bisenet, musetalk, stable, whisper

    narrow = _NARROW if tiny else {}
    unet = _published("musetalk_unet", "config" if tiny else "published_config")
    vae = {**_published("musetalk_vae"), **narrow}
    network = device.place(
        musetalk.MuseTalk(
            made(lambda: musetalk.unet(unet), where), made(lambda: stable.autoencoder(vae), where)
        ),
        where,
        half=True,
        calls=musetalk.CALLS,
    )
    encoder = moved(lambda: whisper.encoder(_published("musetalk_whisper_encoder")), where)
    latents, audio = signal(network, 32, 8, 32, 32, normal=True), signal(network, 32, 50, 384, normal=True)

    def paint(count: int) -> Tensor:
        painted: Tensor = network(latents[:count], audio[:count])
        return painted

    features = WhisperFeatures(device.place(encoder, where, half=True), musetalk.log_mel_segments)
    parser = device.place(moved(bisenet.BiSeNet, where), where, half=True)
    return Built(MuseTalkLips(network, features, parser), paint, batch=16)


def latentsync(where: torch.device, *, tiny: bool, steps: int = 20) -> Built:
    from pipeline.inference import device
    from pipeline.lips.latentsync import Options
    from pipeline.lips.latentsync.engine import LatentSyncLips
    from pipeline.lips.whisper_features import WhisperFeatures
    from pipeline.networks import latentsync, whisper

    options = Options(steps=1 if tiny else steps)
    network = device.place(_latentsync_network(where, tiny=tiny), where, half=True, calls=latentsync.CALLS)
    encoder = moved(lambda: whisper.encoder(_published("musetalk_whisper_encoder")), where)
    side = 128 if tiny else 512
    faces = 2 * signal(network, latentsync.CHUNK, 3, side, side) - 1
    mask = signal(network, side, side).round()
    audio = signal(network, latentsync.CHUNK, 50, 384, normal=True)
    noise = signal(network, 4, side // 8, side // 8, normal=True)

    def paint(count: int) -> Tensor:
        painted: Tensor = network(
            faces[:count], mask, audio[:count], noise, steps=options.steps, guidance=options.guidance
        )
        return painted

    features = WhisperFeatures(
        device.place(encoder, where, half=True), latentsync.log_mel_segments, repeat_ends=True
    )
    return Built(LatentSyncLips(network, features, options), paint, batch=latentsync.CHUNK)


def _latentsync_network(where: torch.device, *, tiny: bool) -> LatentSync:
    from pipeline.networks import latentsync, stable

    narrow = _NARROW if tiny else {}
    vae = made(lambda: stable.autoencoder({**_published("musetalk_vae"), **narrow}), where)
    vae.enable_slicing()
    config = _published("latentsync_unet", "config" if tiny else "published_config")
    return latentsync.LatentSync(made(lambda: latentsync.unet(config), where, keep=(".pe",)), vae)


def flashhead(variant: Literal["PRO", "LITE"], where: torch.device, *, tiny: bool) -> Built:
    """Its main network is a window: the denoiser's steps, and the autoencoder both ways."""
    import torch

    from pipeline.heads.flashhead import Options, weights
    from pipeline.heads.flashhead.engine import FlashHead
    from pipeline.networks.flashhead import FRAMES
    from pipeline.networks.flashhead_sampler import Chain, Sampling

    empty = weights.empty_networks(_narrow(variant) if tiny else getattr(weights, variant))
    for network in vars(empty).values():
        fill(network.to_empty(device=where))
    if variant == "LITE":
        empty.vae.vae.latents_std.fill_(1)
    networks = weights.prepare(empty)
    settings = networks.denoiser.settings
    photo = 2 * signal(networks.encoder, 3, settings.side, settings.side) - 1
    audio = signal(networks.encoder, FRAMES, 5, *settings.audio, normal=True)
    still: list[Tensor] = []

    def encode_still(*given: Any) -> Tensor:
        if not still:  # a clip's photo is encoded once
            still.append(networks.vae.encode_still(*given))
        return still[0]

    vae: Any = SimpleNamespace(
        encode=networks.vae.encode, encode_still=encode_still, decode=networks.vae.decode
    )

    def paint(count: int) -> Tensor:
        drawn = torch.Generator().manual_seed(0)
        sampling = Sampling(steps=2 if tiny else 4, sampled=False)
        chain = Chain(
            networks.denoiser, vae, photo, lambda shape: torch.randn(shape, generator=drawn), sampling
        )
        video = chain.next(audio, lambda share: None)[:, settings.overlap :]
        return video.transpose(0, 1)[:count] / 2 + 0.5

    return Built(FlashHead(networks, Options()), paint, batch=settings.fresh)


def _narrow(variant: Literal["PRO", "LITE"]) -> Any:
    """A variant that a CPU has time for."""
    from pipeline.heads.flashhead import weights
    from pipeline.networks import flashhead, flashhead_vae

    channels = {"PRO": 16, "LITE": 8}[variant]
    widths = (8, 16, 32, 32)
    settings = replace(
        getattr(flashhead, variant), channels=channels, width=64, heads=2, layers=2, hidden=96, side=64
    )
    autoencoders: dict[str, Callable[[], Any]] = {
        "PRO": lambda: flashhead_vae.wan(base_dim=8),
        "LITE": lambda: flashhead_vae.ltx(
            block_out_channels=widths, decoder_block_out_channels=widths, latent_channels=channels
        ),
    }
    return replace(getattr(weights, variant), settings=settings, autoencoder=autoencoders[variant])


ENGINES: dict[str, Callable[..., Built]] = {
    "wav2lip": wav2lip,
    "sadtalker": partial(sadtalker, 256),
    "sadtalker-512": partial(sadtalker, 512),
    "liveportrait": liveportrait,
    "musetalk": musetalk,
    "latentsync": latentsync,
    "flashhead": partial(flashhead, "PRO"),
    "flashhead-lite": partial(flashhead, "LITE"),
}
"""How each engine is built, by the name that the benchmarks call it; `tiny` is what a CPU has time for."""
