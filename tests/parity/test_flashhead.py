"""SoulX-FlashHead's transformer and autoencoders give the published numbers."""

from __future__ import annotations

from dataclasses import replace
from math import prod

import numpy as np
import pytest
import torch
from parity import filling
from parity.harness import Fixture
from torch import Tensor

from pipeline.heads.flashhead import weights
from pipeline.networks import flashhead, flashhead_vae
from pipeline.networks.flashhead import Denoiser, Settings

FIXTURE, VAE = Fixture("flashhead_transformer"), Fixture("flashhead_vae")
PUBLISHED = {"lite": flashhead.LITE, "pro": flashhead.PRO}
VARIANTS = list(PUBLISHED)
WIDE = 1.7320508
"""Bound of a uniform signal with variance 1."""


def reduced(variant: str) -> Settings:
    config, audio = FIXTURE.manifest["reduced_config"][variant], FIXTURE.manifest["reduced_audio"]
    return replace(
        PUBLISHED[variant],
        channels=config["out_dim"],
        width=config["dim"],
        heads=config["num_heads"],
        layers=config["num_layers"],
        hidden=config["ffn_dim"],
        frequencies=config["freq_dim"],
        audio=(audio["blocks"], audio["channels"]),
        audio_hidden=audio["hidden"],
        audio_tokens=audio["tokens"],
    )


def layout(key: str) -> dict[str, tuple[int, ...]]:
    """A checkpoint's tensors without those that are not used."""
    unused = tuple(FIXTURE.manifest["unused"])
    return {name: shape for name, shape in FIXTURE.shapes(key).items() if not name.startswith(unused)}


def filled(settings: Settings, key: str) -> Denoiser:
    network = Denoiser(settings)
    network.load_state_dict(filling.state_dict(layout(key)), strict=True)
    return network.eval()


def inputs(variant: str, case: str, settings: Settings) -> tuple[Tensor, Tensor, Tensor]:
    """The noisy latents with the motion written over their beginning, the reference, the audio."""
    shape = (1, settings.channels, *FIXTURE.manifest["cases"]["latent_grid"][variant])
    known = (*shape[:2], 1 if case == "first" else 2, *shape[3:])
    name = f"flashhead.{variant}.{case}"
    noisy = filling.signal(f"{name}.noise", shape, -WIDE, WIDE)
    noisy[:, :, : known[2]] = filling.signal(f"{name}.motion", known, -1.5, 1.5)
    reference = filling.signal(f"{name}.reference", shape, -1.5, 1.5)
    audio = filling.signal(f"{name}.audio", (1, flashhead.FRAMES, 5, *settings.audio), -1, 1)
    return torch.from_numpy(noisy)[0], torch.from_numpy(reference)[0], torch.from_numpy(audio)[0]


@pytest.mark.parametrize("variant", VARIANTS)
def test_flow(variant: str) -> None:
    settings = reduced(variant)
    network, seen = filled(settings, f"reduced_{variant}"), {}

    def keep(name: str, part: torch.nn.Module) -> None:
        def hook(_: torch.nn.Module, given: object, output: Tensor) -> None:
            seen.setdefault(name, output)

        part.register_forward_hook(hook)

    keep("time", network.time_projection)
    keep("audio", network.audio_proj)
    keep("self", network.blocks[0].self_attn)
    keep("cross", network.blocks[0].cross_attn)
    for case, time in (("first", 1000.0), ("later", 625.0), ("later_t833", 833.33331)):
        noisy, reference, audio = inputs(variant, case.split("_")[0], settings)
        flow = network(noisy, reference, time, network.listen(audio))
        FIXTURE.check(f"{variant}.{case}.output", flow[None], tolerance=2e-5)
    start = f"{variant}.first"
    grid = FIXTURE.golden[f"{start}.block0_cross_out"].shape
    FIXTURE.check(f"{start}.time_projection", seen["time"][None], tolerance=2e-5)
    FIXTURE.check(f"{start}.audio_context", seen["audio"][None], tolerance=2e-5)
    FIXTURE.check(f"{start}.block0_self_out", seen["self"][None], tolerance=2e-5)
    FIXTURE.check(f"{start}.block0_cross_out", seen["cross"].reshape(grid), tolerance=2e-5)


@pytest.mark.slow
@pytest.mark.parametrize("variant", VARIANTS)
def test_flow_at_the_published_width(variant: str) -> None:
    settings = replace(PUBLISHED[variant], layers=1)
    noisy, reference, audio = inputs(variant, "published_width", settings)
    network = filled(settings, f"published_{variant}")
    flow = network(noisy, reference, 937.5, network.listen(audio))
    FIXTURE.check(f"{variant}.published_width.output", flow[None], tolerance=2e-5)


@pytest.mark.parametrize("variant", VARIANTS)
def test_published_layout(variant: str) -> None:
    with torch.device("meta"):
        network = Denoiser(PUBLISHED[variant])
    shapes = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    stated = layout(f"published_{variant}")
    assert {name: shapes[name] for name in stated} == stated
    unused = set(FIXTURE.shapes(f"published_{variant}")) - set(stated)
    spare = sum(prod(FIXTURE.shapes(f"published_{variant}")[name]) for name in unused)
    assert sum(map(prod, shapes.values())) + spare == FIXTURE.manifest["published_parameters"][variant]
    assert all(name.startswith(Denoiser.UNUSED) for name in unused)


@pytest.fixture(scope="module")
def wan() -> flashhead_vae.WanAutoencoder:
    network = flashhead_vae.wan(base_dim=8).eval()
    own = {name: tuple(value.shape) for name, value in network.vae.state_dict().items()}
    names = VAE.manifest["wan_to_diffusers"]
    published = filling.state_dict({name: own[names[name]] for name in names})
    network.vae.load_state_dict(weights._present(published), strict=True)
    return network


def signal(name: str, shape: tuple[int, ...], bound: float) -> Tensor:
    return torch.from_numpy(filling.signal(f"flashhead.{name}", shape, -bound, bound))


def test_wan(wan: flashhead_vae.WanAutoencoder) -> None:
    video = signal("wan.video", (1, 3, 9, 32, 48), 1)[0]
    latents = signal("wan.latent", (16, 3, 4, 6), 1.5)
    VAE.check("wan.latent", wan.encode(video, None), tolerance=1e-4)
    VAE.check("wan.latent_motion5", wan.encode(video[:, -5:], None), tolerance=1e-4)
    decoded = wan.decode(latents)
    VAE.check("wan.decoded", decoded[None], tolerance=1e-4)
    VAE.check("wan.decoded_one", wan.decode(latents[:, :1])[None], tolerance=1e-4)
    assert decoded.abs().max() <= 1


def test_wan_layout() -> None:
    with torch.device("meta"):
        network = flashhead_vae.wan()
    own = {name: tuple(value.shape) for name, value in network.vae.state_dict().items()}
    names = VAE.manifest["wan_to_diffusers"]
    published = VAE.shapes("wan_published_tensors")
    assert own == {names[name]: shape for name, shape in published.items()}
    for name, values in VAE.manifest["wan"].items():
        assert np.allclose(network.vae.config[name], values)


@pytest.fixture(scope="module")
def ltx() -> flashhead_vae.LtxAutoencoder:
    widths = (8, 16, 32, 32)
    network = flashhead_vae.ltx(
        block_out_channels=widths, decoder_block_out_channels=widths, latent_channels=8
    ).eval()
    filling.fill(network.vae)
    network.vae.latents_std.mul_(0.1).add_(1)
    return network


def test_ltx(ltx: flashhead_vae.LtxAutoencoder) -> None:
    video = signal("ltx.video", (1, 3, 9, 64, 96), 1)[0]
    noise = signal("ltx.posterior_noise", (1, 8, 2, 2, 3), WIDE)[0]
    VAE.check("ltx.latent_mode_normalised", ltx.encode(video, None), tolerance=1e-4)
    VAE.check("ltx.latent_sampled_normalised", ltx.encode(video, lambda shape: noise), tolerance=1e-4)
    decoded = ltx.decode(signal("ltx.latent", (8, 2, 2, 3), 1.5))
    VAE.check("ltx.decoded_frames_0_4_8", decoded[None, :, [0, 4, 8]], tolerance=1e-4)


def test_ltx_still_is_the_video_of_one_frame(ltx: flashhead_vae.LtxAutoencoder) -> None:
    picture = signal("ltx.video", (1, 3, 9, 64, 96), 1)[0, :, 0]
    whole = ltx.encode(picture[:, None].expand(-1, flashhead.FRAMES, -1, -1), None)
    torch.testing.assert_close(ltx.encode_still(picture, flashhead.FRAMES, None), whole, atol=1e-5, rtol=0)


def test_ltx_layout() -> None:
    with torch.device("meta"):
        network = flashhead_vae.ltx()
    own = {name: tuple(value.shape) for name, value in network.vae.state_dict().items()}
    assert own == VAE.shapes("ltx_published_tensors")
