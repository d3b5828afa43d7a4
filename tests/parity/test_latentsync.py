"""LatentSync's video UNet, schedule, alignment and mask give the published numbers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from parity import filling
from parity.harness import DEVICE, Fixture

from pipeline.lips import whisper_features
from pipeline.lips.latentsync import align
from pipeline.networks import latentsync

FIXTURE = Fixture("latentsync_unet")


@pytest.fixture(scope="module")
def network() -> latentsync.VideoUNet:
    made = latentsync.unet(FIXTURE.manifest["config"])
    assert {name: tuple(value.shape) for name, value in made.state_dict().items()} == FIXTURE.shapes()
    return filling.fill(made, keep=tuple(FIXTURE.manifest["computed_not_filled"])).to(DEVICE)


def test_noise(network: latentsync.VideoUNet) -> None:
    step = torch.tensor(FIXTURE.manifest["inputs"]["timestep"]["values"][0])
    noise = network(FIXTURE.tensor("sample"), step, FIXTURE.tensor("audio"))
    FIXTURE.check("noise", noise, tolerance=1e-4)


def test_one_frame_without_temporal_layers_is_the_2d_network(network: latentsync.VideoUNet) -> None:
    from diffusers import UNet2DConditionModel

    config, state = FIXTURE.manifest["config"], dict(network.state_dict())
    flat = UNet2DConditionModel.from_config({key: config[key] for key in latentsync._SHARED})
    flat.load_state_dict({name: value for name, value in state.items() if "motion_modules" not in name})
    still = latentsync.unet(config).eval()
    for name, value in state.items():
        if "temporal_transformer.proj_out" in name:
            state[name] = torch.zeros_like(value)
    still.load_state_dict(state)
    sample, heard = FIXTURE.tensor("sample")[:1, :, :1], FIXTURE.tensor("audio")[:1]
    wanted = flat.eval()(sample[:, :, 0], 481, encoder_hidden_states=heard).sample
    torch.testing.assert_close(still(sample, torch.tensor(481), heard)[:, :, 0], wanted, atol=1e-5, rtol=0)


@pytest.mark.parametrize("layout", ["tensors", "published_tensors"])
def test_widths_are_inferred_from_the_file(layout: str) -> None:
    state = {name: torch.empty(shape, device="meta") for name, shape in FIXTURE.shapes(layout).items()}
    with torch.device("meta"):
        made = latentsync.unet(latentsync.infer_config(state))
    assert {name: tuple(value.shape) for name, value in made.state_dict().items()} == FIXTURE.shapes(layout)


def test_schedule() -> None:
    schedule = latentsync.scheduler()
    schedule.set_timesteps(20)
    assert schedule.timesteps.tolist() == FIXTURE.manifest["ddim_timesteps_20"]
    step = schedule.step(FIXTURE.tensor("eps"), schedule.timesteps[7], FIXTURE.tensor("latents"), eta=0.0)
    FIXTURE.check("ddim_step7", step.prev_sample, tolerance=1e-5)


def test_alignment() -> None:
    usual, bias = np.array([[220, 180], [320, 185], [268, 260]]), None
    matrices, biases = [], []
    for frame in range(3):
        moved = filling.signal(f"latentsync.points{frame}", (3, 2), -12, 12).astype(np.float64)
        matrix, bias = align.similarity(np.round(moved + usual), align.template(512), before=bias)
        matrices.append(matrix)
        biases.append(bias)
    FIXTURE.check("align_matrices", np.stack(matrices), tolerance=2e-3)
    FIXTURE.check("align_bias", np.stack(biases), tolerance=1e-4)


@pytest.mark.parametrize("states", [100, 37])
def test_audio_windows(states: int) -> None:
    # The published program goes on until a frame begins beyond the last state.
    frames = next(n for n in range(1000) if int(n * 50 / 25) > states) + 1
    starts = [whisper_features.first_state(frame, 25) for frame in range(frames)]
    windows = (np.array(starts)[:, None] + np.arange(whisper_features.STATES)).clip(0, states - 1)
    FIXTURE.check(f"windows_{states}", windows, tolerance=0)


def test_mask() -> None:
    kept = align.keep_mask(256)
    FIXTURE.check("mask_bits", np.packbits(kept.astype(bool)), tolerance=0)
    FIXTURE.check("mask_256", 255 * kept[::2, ::2], tolerance=0)


def test_mask_at_512_px() -> None:
    """The published mask, doubled by the Lanczos kernel of four lobes: soft at its border."""
    small = 255.0 * align.keep_mask(256)  # as published, bit for bit: `test_mask`
    doubled = lanczos_doubled(lanczos_doubled(small).T).T
    kept = align.keep_mask(512)
    np.testing.assert_allclose(255 * kept, doubled.round().clip(0, 255), atol=1)
    soft = (kept > 0) & (kept < 1)
    assert 9_000 < soft.sum() < 9_400
    cells = kept[::8, ::8]
    assert (np.abs(cells - cells.round()) > 0).sum() == 133 and np.abs(cells - cells.round()).max() > 0.4


def lanczos_doubled(rows: np.ndarray) -> np.ndarray:
    """`(n, m)` as `(2 n, m)`: a sample lies a quarter of a row before or after each old row."""
    doubled = np.empty((2 * len(rows), rows.shape[1]))
    padded = np.pad(rows, ((4, 4), (0, 0)), mode="edge")
    for odd, offset in enumerate((-0.25, 0.25)):
        steps = np.arange(-4, 5) - offset
        weights = np.where(np.abs(steps) < 4, np.sinc(steps) * np.sinc(steps / 4), 0)
        weights /= weights.sum()
        doubled[odd::2] = sum(weight * padded[step : step + len(rows)] for step, weight in enumerate(weights))
    return doubled
