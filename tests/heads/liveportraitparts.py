"""LivePortrait for tests: its checkpoints, and small networks in place of its renderer."""

from __future__ import annotations

import argparse
import pickle
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from parity import filling
from parity.harness import Fixture
from torch import Tensor, nn

from pipeline.heads.liveportrait import weights
from pipeline.networks.joyvasa import Denoiser, Schedule, Settings
from pipeline.networks.positions import sinusoids

STEPS = 1
"""Diffusion steps, as stated in the checkpoint."""


@cache
def files() -> dict[str, object]:
    """Every published file of the engine in its own format, filled with cheap numbers."""
    names = {"appearance": "appearance", "motion": "motion", "warping": "warping", "spade": "generator"}
    shapes = {ours: Fixture(f"liveportrait_{recorded}").shapes() for recorded, ours in names.items()}
    return {
        **{
            f"liveportrait_{name}": filling.state_dict(layout, filling.pieces)
            for name, layout in shapes.items()
        },
        "liveportrait_stitching": stitching(),
        **joyvasa_files(),
    }


def motion_extractor() -> dict[str, Tensor]:
    """The motion extractor's file; its widths are fixed."""
    return filling.state_dict(Fixture("liveportrait_motion").shapes(), filling.pieces)


@cache
def joyvasa_files() -> dict[str, object]:
    """JoyVASA's files, with two layers in its audio encoder."""
    return {
        "joyvasa_motion": {"args": arguments(), "model": generator(), "iter": 20_000},
        "joyvasa_template": pickle.dumps(template()),
    }


def stitching() -> dict[str, dict[str, Tensor]]:
    state = filling.state_dict(Fixture("liveportrait_stitching").shapes(), filling.pieces)
    parts = {"retarget_shoulder": "stitching.", "retarget_mouth": "lip.", "retarget_eye": "eye."}
    return {
        part: {
            f"module.{key.removeprefix(own)}": value for key, value in state.items() if key.startswith(own)
        }
        for part, own in parts.items()
    }


def arguments() -> argparse.Namespace:
    settings = {"motion_feat_dim": 73, "n_motions": 100, "n_prev_motions": 10, "feature_dim": 256}
    return argparse.Namespace(**settings, n_diff_steps=STEPS, fps=25, root=Path("runs"))


def generator() -> dict[str, Tensor]:
    fixture = Fixture("joyvasa_motion_generator")
    layout = fixture.shapes() | fixture.shapes("tensors_reduced_audio_encoder")
    state = filling.state_dict(layout, filling.pieces)
    for key in [key for key in state if "parametrizations.weight.original" in key]:
        older = (
            key.replace("parametrizations.weight.original", "weight_").replace("_0", "_g").replace("_1", "_v")
        )
        state[older] = state.pop(key)
    # The schedule's tables are computed; the table of diffusion steps depends on the training run.
    state |= {f"diffusion_sched.{key}": value for key, value in Schedule(STEPS).state_dict().items()}
    mask = Denoiser(Settings()).alignment_mask
    tables = {"TE": sinusoids(701, 256)[None], "PE": sinusoids(600, 256)[None]}
    state |= {f"denoising_net.{key}.pe": value for key, value in tables.items()}
    return state | {"denoising_net.alignment_mask": mask}


def template() -> dict[str, np.ndarray]:
    sizes = {"scale": 1, "t": 3, "pitch": 1, "yaw": 1, "roll": 1}
    spans = {"scale": (1.2, 1.3), "t": (-0.02, 0.02), "pitch": (-6, 6), "yaw": (-6, 6), "roll": (-4, 4)}
    ends = {
        f"{end}_{name}": np.full(size, spans[name][index])
        for index, end in enumerate(("min", "max"))
        for name, size in sizes.items()
    }
    return {"mean_exp": np.zeros((1, 63)), "std_exp": np.full((1, 63), 0.01), **ends}


class SmallAppearance(nn.Module):
    """The photo itself as a feature volume `(1, 3, 1, 256, 256)`."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))

    def forward(self, image: Tensor) -> Tensor:
        return self.scale * image[:, :, None]


class SmallWarping(nn.Module):
    """Shifts the volume by the mean movement of the keypoints."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))

    def forward(self, feature: Tensor, driving: Tensor, source: Tensor) -> Tensor:
        shift = (source - driving).mean(1)[:, :2]
        # In single precision: on a CPU, sampling at the border in half precision gives NaN here and there.
        affine = torch.eye(2, 3, device=feature.device).repeat(len(feature), 1, 1)
        affine[:, :, 2] = self.scale.float() * shift.float().clamp(-0.05, 0.05)
        grid = F.affine_grid(affine, [len(feature), 3, 256, 256], align_corners=False)
        photo = feature[:, :, 0].float()
        return F.grid_sample(photo, grid, padding_mode="border", align_corners=False).to(feature)


class SmallGenerator(nn.Module):
    """Upsamples a picture of 256 px to 512 px."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))

    def forward(self, features: Tensor) -> Tensor:
        return F.interpolate(self.scale * features, scale_factor=2, mode="bilinear").clamp(0, 1)


def use_small_renderer(patch: pytest.MonkeyPatch) -> dict[str, object]:
    """Replace the renderer's networks by the small ones, and return all files of this engine."""
    small = {"appearance": SmallAppearance, "warping": SmallWarping, "generator": SmallGenerator}
    published = weights.empty_networks
    patch.setattr(
        weights, "empty_networks", lambda: published() | {name: make() for name, make in small.items()}
    )
    return {
        **{f"liveportrait_{name}": make().state_dict() for name, make in small.items()},
        "liveportrait_motion": motion_extractor(),
        "liveportrait_stitching": stitching(),
        **joyvasa_files(),
    }
