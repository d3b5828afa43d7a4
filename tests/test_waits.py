"""No engine's network waits for the host between frames: counted on devices that have no contents.

The networks lie on torch's meta device, where shapes are computed and numbers are not: reading one fails.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from waits import waits

from pipeline import faces
from pipeline.lips.inpainter import Sample
from pipeline.types import Frame, Portrait, Style

PHOTO = Path(__file__).parents[1] / "assets" / "portraits" / "astronaut.jpg"
META = torch.device("meta")


@pytest.fixture(scope="module")
def portrait() -> Portrait:
    return faces.portrait(PHOTO, size=256)


def on_meta(make: Callable[[], nn.Module]) -> Any:
    with META:
        return make().eval()


def samples(engine: Any, portrait: Portrait, sound: Tensor) -> list[Sample[Any]]:
    face = engine._crop_face(portrait.image, portrait.face.landmarks)
    return [Sample(Frame(portrait.image), face, sound)] * 2


def test_the_counter_sees_what_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    some = torch.ones(4)

    def work() -> None:
        if some.sum() > 0:
            some[[0, 1]].cpu()
            some[1:] = 0
        some.to(META)

    assert sum(waits(work, monkeypatch).values()) == 4


def test_wav2lip(portrait: Portrait, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.lips.wav2lip import engine
    from pipeline.networks.wav2lip import Wav2Lip

    lips = engine.Wav2LipLips(on_meta(Wav2Lip))
    batch = samples(lips, portrait, torch.zeros(80, 16))
    assert not waits(lambda: lips._inpaint(lips._prepare(batch), Style()), monkeypatch, engine)


def test_musetalk(portrait: Portrait, monkeypatch: pytest.MonkeyPatch) -> None:
    from lips import parts
    from parity.harness import Fixture

    from pipeline.lips.musetalk import engine
    from pipeline.networks import bisenet, musetalk, stable

    class Downloaded:
        def __init__(self, values: Tensor) -> None:
            self._count = len(values)

        def rows(self) -> list[None]:
            return [None] * self._count

    monkeypatch.setattr(engine, "Download", Downloaded)
    unet = {**Fixture("musetalk_unet").manifest["config"], "cross_attention_dim": parts.WIDTH}
    vae = Fixture("musetalk_vae").manifest["config"]
    network = on_meta(lambda: musetalk.MuseTalk(musetalk.unet(unet), stable.autoencoder(vae)))
    lips = engine.MuseTalkLips(network, None, on_meta(bisenet.BiSeNet))
    batch = samples(lips, portrait, torch.zeros(50, parts.WIDTH))
    with torch.inference_mode():
        assert not waits(lambda: lips._inpaint(lips._prepare(batch), Style()), monkeypatch, engine, bisenet)


def test_latentsync(portrait: Portrait, monkeypatch: pytest.MonkeyPatch) -> None:
    from lips import parts
    from parity.harness import Fixture

    from pipeline.lips.latentsync import Options, engine
    from pipeline.networks import latentsync, stable

    widths = {"block_out_channels": [32, 32, 32, 32], "cross_attention_dim": parts.WIDTH}
    unet = {**Fixture("latentsync_unet").manifest["config"], **widths}
    vae = Fixture("musetalk_vae").manifest["config"]
    network = on_meta(lambda: latentsync.LatentSync(latentsync.unet(unet), stable.autoencoder(vae)))

    def counted(steps: int) -> Counter[str]:
        lips = engine.LatentSyncLips(network, None, Options(steps=steps))
        batch = samples(lips, portrait, torch.zeros(50, parts.WIDTH))
        return waits(lambda: lips._inpaint(lips._prepare(batch), Style()), monkeypatch, engine, latentsync)

    # The schedule is read on the host, where it is: none of that grows with the steps.
    assert all(place.startswith(("lift_fresh", "tolist")) for place in counted(2))


def test_sadtalker() -> None:
    from pipeline.networks.sadtalker_render import Generator

    network = on_meta(Generator)
    feature = network.encode(torch.empty(1, 3, 256, 256, device=META))
    points = torch.empty(2, 15, 3, device=META)
    with pytest.MonkeyPatch.context() as patch:
        assert not waits(lambda: network.render(feature.expand(2, -1, -1, -1, -1), points, points), patch)


def test_liveportrait(monkeypatch: pytest.MonkeyPatch) -> None:
    from types import SimpleNamespace

    from pipeline.heads.liveportrait import Options, engine
    from pipeline.networks.liveportrait import SpadeGenerator, WarpingModule

    networks: Any = SimpleNamespace(warping=on_meta(WarpingModule), generator=on_meta(SpadeGenerator))
    driver: Any = None
    head = engine.LivePortrait(networks, driver, Options())
    source: Any = SimpleNamespace(
        feature=torch.empty(1, 32, 16, 64, 64, device=META), keypoints=torch.empty(1, 21, 3, device=META)
    )
    batch = [torch.zeros(21, 3)] * 2
    assert not waits(lambda: head._render(source, batch), monkeypatch, engine)


@pytest.mark.parametrize("variant", ["PRO", "LITE"])
def test_flashhead(variant: str, portrait: Portrait, monkeypatch: pytest.MonkeyPatch) -> None:
    from heads import flashheadparts

    from pipeline.heads.flashhead import engine, weights, windows
    from pipeline.networks import flashhead_sampler
    from pipeline.steps import Steps

    networks = flashheadparts.reduced(getattr(weights, variant))
    for network in (networks.encoder, networks.denoiser, networks.vae):
        network.to(META).eval()
    square = portrait.image[: flashheadparts.SIDE, : flashheadparts.SIDE].copy()
    settings = networks.denoiser.settings
    slices = [np.zeros(settings.fresh * windows.SAMPLES, np.float32)]

    def perform(steps: int) -> None:
        engine._Performance(networks, square, 0, flashhead_sampler.Sampling(steps), Steps())(slices)

    def counted(steps: int) -> Counter[str]:
        return waits(lambda: perform(steps), monkeypatch, engine, windows, flashhead_sampler)

    with torch.inference_mode():
        for steps in (1, 2):
            perform(steps)  # constants, the times of the steps among them, are copied to the device once
    # As for LatentSync, the schedule and the places of a window's frames are the host's own.
    few, many = counted(1), counted(2)
    assert few == many and few and all(place.startswith("tolist") for place in many), many
