"""What lies around SoulX-FlashHead's networks gives the published numbers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from parity import filling
from parity.harness import Fixture
from torch import Tensor, nn

from pipeline.heads.flashhead import framing
from pipeline.networks import (
    flashhead,
    flashhead_attention,
    flashhead_audio,
    flashhead_colour,
    flashhead_sampler,
)
from pipeline.networks.flashhead import FRAMES

FIXTURE = Fixture("flashhead_numerics")
VARIANTS = {"lite": flashhead.LITE, "pro": flashhead.PRO}


@pytest.mark.parametrize("steps", [2, 4])
def test_schedule(steps: int) -> None:
    times, shares = zip(*flashhead_sampler.schedule(steps, rounded=False), strict=True)
    FIXTURE.check(f"timesteps_{steps}", np.array(times), tolerance=2e-4)
    assert np.allclose(np.array(times) / 1000, shares)
    times, shares = zip(*flashhead_sampler.schedule(steps, rounded=True), strict=True)
    FIXTURE.check(f"timesteps_{steps}_bf16", np.array(times), tolerance=0)
    FIXTURE.check(f"time_fraction_{steps}_bf16", np.array(shares), tolerance=0)


def test_positions() -> None:
    times = FIXTURE.golden["timesteps_4"].tolist()
    waves = torch.stack([flashhead.sinusoid(time, 256) for time in times])
    FIXTURE.check("sinusoid_256", waves, tolerance=2e-5)
    x = torch.from_numpy(filling.signal("flashhead.rope.x", (1, 60, 2, 128), -1, 1))[0]
    turned = flashhead_attention.rotate(x, flashhead_attention.rotations((5, 3, 4), 128))
    FIXTURE.check("rope_apply_5_3_4", turned[None], tolerance=2e-5)


def test_audio_windows() -> None:
    FIXTURE.check("window_stream_indices", flashhead_audio.frame_windows(167, FRAMES, 200), tolerance=0)
    FIXTURE.check("window_once_indices", flashhead_audio.frame_windows(0, 61, 61), tolerance=0)
    coded = torch.arange(FRAMES)[:, None] * 10 + torch.arange(5)
    for name, settings in VARIANTS.items():
        first, later = flashhead_audio.latent_windows(coded, settings.stride[0])
        FIXTURE.check(f"{name}_latent_window_first", first, tolerance=0)
        FIXTURE.check(f"{name}_latent_window_later", later, tolerance=0)


def test_speech_encoder() -> None:
    from transformers import Wav2Vec2Config

    encoder = flashhead_audio.SpeechEncoder(Wav2Vec2Config(**FIXTURE.manifest["w2v_config"])).eval()
    encoder.wav2vec2.load_state_dict(filling.state_dict(FIXTURE.shapes("w2v_tensors")), strict=True)
    speech = torch.from_numpy(filling.signal("flashhead.audio.speech", (128_000,), -0.5, 0.5))
    FIXTURE.check("audio_full_embedding", encoder(speech), tolerance=1e-4)
    FIXTURE.check("audio_short_embedding", encoder(speech[:24_480]), tolerance=1e-4)
    beginning = F.pad(speech[:17_920], (128_000 - 17_920, 0))
    FIXTURE.check("audio_first_chunk_embedding", encoder(beginning), tolerance=1e-4)
    tail = flashhead_audio.normalised(beginning)[-64:]
    FIXTURE.check("audio_first_chunk_normalised_last64", tail, tolerance=1e-4)


def test_colour() -> None:
    source = torch.from_numpy(filling.signal("flashhead.colour.source", (1, 3, 3, 6, 8), -1.15, 1.15))[0]
    reference = filling.signal("flashhead.colour.reference", (1, 3, 1, 6, 8), -0.9, 0.7)
    source[:, 2] = 0.25
    lab = flashhead_colour.to_lab(source / 2 + 0.5)
    FIXTURE.check("colour_lab", lab.permute(1, 2, 3, 0)[None], tolerance=1e-3)
    FIXTURE.check("colour_lab_back", flashhead_colour.to_rgb(lab).permute(1, 2, 3, 0)[None], tolerance=1e-3)
    for strength in (1.0, 0.4):
        matched = flashhead_colour.match(source, torch.from_numpy(reference)[0, :, 0], strength)
        FIXTURE.check(f"colour_strength_{strength}", matched[None], tolerance=2e-5)


def test_crops() -> None:
    """Where the photo is large enough; where it is not, the published program distorts the face."""
    for row in FIXTURE.golden["face_crop_table"]:
        *box, width, height = row[:6].tolist()
        left, top, right, bottom = framing.face_square(tuple(box))
        clamped = [max(left, 0), max(top, 0), min(right, width), min(bottom, height)]
        assert clamped == row[6:].tolist()
    for width, height, wide, tall, top, left in FIXTURE.golden["resize_crop_table"].tolist():
        assert framing.cover((width, height), (512, 512)) == ((wide, tall), (left, top))


@pytest.mark.parametrize(("target", "step"), [((24, 16), 1), ((64, 64), 4)])
def test_pixels_of_a_crop(target: tuple[int, int], step: int) -> None:
    image = (filling.signal("flashhead.crop.image", (37, 53, 3)) * 256).astype(np.uint8)
    pixels = framing.fitted(image, target).transpose(2, 0, 1)[:, ::step, ::step]
    key = f"resize_crop_pixels_{target[1]}x{target[0]}"
    FIXTURE.check(key, pixels.astype(np.float32), tolerance=1)


class ToyDenoiser(nn.Module):
    """The manifest's; it records what it is given."""

    def __init__(self, settings: flashhead.Settings) -> None:
        super().__init__()
        self.settings = settings
        self.given: list[Tensor] = []

    def listen(self, audio: Tensor) -> Tensor:
        return audio[:: self.settings.stride[0]].mean(dim=(1, 2, 3))

    def forward(self, noisy: Tensor, reference: Tensor, time: float, heard: Tensor) -> Tensor:
        self.given.append(noisy.clone())
        return 0.6 * noisy - 0.3 * reference + 0.2 * time / 1000 + 0.5 * heard[:, None, None]


class ToyVae:
    """The manifest's."""

    def __init__(self, settings: flashhead.Settings) -> None:
        self.settings = settings

    def encode(self, video: Tensor, noise: object) -> Tensor:
        time, *space = self.settings.stride
        pooled = F.avg_pool2d(video.transpose(0, 1), space).transpose(0, 1)
        later = pooled[:, 1:].unflatten(1, (-1, time)).mean(2)
        channel = torch.arange(self.settings.channels)
        return (
            torch.cat([pooled[:, :1], later], dim=1)[channel % 3] * (1 + 0.1 * channel)[:, None, None, None]
        )

    def encode_still(self, picture: Tensor, frames: int, noise: object) -> Tensor:
        return self.encode(picture[:, None].expand(-1, frames, -1, -1), noise)

    def decode(self, latents: Tensor) -> Tensor:
        time, down, across = self.settings.stride
        frames = torch.cat([latents[:3, :1], latents[:3, 1:].repeat_interleave(time, dim=1)], dim=1)
        large = frames.repeat_interleave(down, dim=2).repeat_interleave(across, dim=3)
        return torch.tanh(large + torch.linspace(-0.2, 0.2, large.shape[3]))


@pytest.mark.parametrize("variant", VARIANTS)
def test_three_windows(variant: str) -> None:
    from dataclasses import replace

    sizes = FIXTURE.manifest["toy"]["sizes"][variant]
    settings = replace(VARIANTS[variant], channels=sizes["channels"])
    height, width = sizes["image"]
    image = (filling.signal(f"flashhead.{variant}.toy.image", (50, 61, 3)) * 256).astype(np.uint8)
    photo = torch.from_numpy(framing.fitted(image, (width, height)).copy()).permute(2, 0, 1) / 127.5 - 1
    drawn = 0

    def noise(shape: tuple[int, ...]) -> Tensor:
        nonlocal drawn
        made = filling.signal(f"flashhead.{variant}.toy.noise.{drawn}", shape, -1.7320508, 1.7320508)
        drawn += 1
        return torch.from_numpy(made)

    denoiser, sampling = ToyDenoiser(settings), flashhead_sampler.Sampling(rounded=False)
    chain = flashhead_sampler.Chain(denoiser, ToyVae(settings), photo, noise, sampling)
    step = 16 if variant == "lite" else 4
    shares: list[float] = []
    for window in range(3):
        name = f"flashhead.{variant}.toy.audio.{window}"
        audio = torch.from_numpy(filling.signal(name, (1, FRAMES, 5, 2, 3), -1, 1))[0]
        denoiser.given.clear()
        video = chain.next(audio, shares.append)
        if window == 1:
            continue
        key = f"{variant}_toy_w{window}"
        FIXTURE.check(f"{key}_step_inputs", torch.stack(denoiser.given)[1:3], tolerance=2e-5)
        shown = video[:, [0, settings.overlap, 32], ::step, ::step]
        FIXTURE.check(f"{key}_video_frames_0_m_32", shown, tolerance=2e-5)
        FIXTURE.check(f"{key}_next_motion_latent", chain._motion, tolerance=2e-5)
    assert drawn == 15 and shares == [0.2, 0.4, 0.6, 0.8] * 3
