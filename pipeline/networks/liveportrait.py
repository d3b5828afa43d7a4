"""LivePortrait's networks: appearance and motion extractors, warping, SPADE decoder, and stitching.

Guo et al.: LivePortrait: Efficient Portrait Animation with Stitching and Retargeting Control, 2024
(arXiv:2407.03168). The published checkpoints of `KlingTeam/LivePortrait` load unchanged. Pictures are RGB in
0..1, keypoints `(B, 21, 3)`.
"""

from __future__ import annotations

import itertools

import torch
from torch import Tensor, nn

from pipeline.networks.facevid2vid import Appearance, Warping
from pipeline.networks.spade import SpadeDecoder

KEYPOINTS = 21
"""Implicit 3-D keypoints of a face."""
_BINS = 66
"""Bins of 3 degrees for an angle's logits."""


class AppearanceExtractor(Appearance):
    """`(B, 3, 256, 256)` to the feature volume `(B, 32, 16, 64, 64)`; once per photo."""

    def forward(self, image: Tensor) -> Tensor:
        return self.encode(image)


class WarpingModule(Warping):
    """The feature volume warped to other keypoints: feature map `(B, 256, 64, 64)`."""

    def __init__(self) -> None:
        super().__init__(KEYPOINTS)

    def forward(self, feature: Tensor, driving: Tensor, source: Tensor) -> Tensor:
        return self.warp(feature, driving, source)["out"]


class SpadeGenerator(SpadeDecoder):
    """Feature map `(B, 256, 64, 64)` to the picture `(B, 3, 512, 512)`."""

    def __init__(self) -> None:
        super().__init__(upscale=2)


class _ChannelNorm(nn.LayerNorm):
    """Layer norm over the channels of `(B, C, H, W)`."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)


class _ResponseNorm(nn.Module):
    """Global response normalisation of ConvNeXt V2 (arXiv:2301.00808), on `(B, H, W, C)`."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.zeros(1, 1, 1, channels))
        self.beta = nn.Parameter(torch.zeros(1, 1, 1, channels))

    def forward(self, x: Tensor) -> Tensor:
        energy = torch.linalg.vector_norm(x, dim=(1, 2), keepdim=True)
        return self.gamma * (x * (energy / (energy.mean(-1, keepdim=True) + 1e-6))) + self.beta + x


class _Block(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.dwconv = nn.Conv2d(channels, channels, 7, padding=3, groups=channels)
        self.norm = nn.LayerNorm(channels, eps=1e-6)
        self.pwconv1 = nn.Linear(channels, 4 * channels)
        self.act = nn.GELU()
        self.grn = _ResponseNorm(4 * channels)
        self.pwconv2 = nn.Linear(4 * channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        inner = self.pwconv1(self.norm(self.dwconv(x).movedim(1, -1)))
        return x + self.pwconv2(self.grn(self.act(inner))).movedim(-1, 1)


class _Detector(nn.Module):
    """ConvNeXt V2 tiny with one linear layer per part of the motion."""

    DEPTHS = (3, 3, 9, 3)
    WIDTHS = (96, 192, 384, 768)
    HEADS = (
        ("kp", 3 * KEYPOINTS),
        ("scale", 1),
        ("pitch", _BINS),
        ("yaw", _BINS),
        ("roll", _BINS),
        ("t", 3),
        ("exp", 3 * KEYPOINTS),
    )

    def __init__(self) -> None:
        super().__init__()
        widths = self.WIDTHS
        stem = nn.Sequential(nn.Conv2d(3, widths[0], 4, stride=4), _ChannelNorm(widths[0], eps=1e-6))
        halvings = [
            nn.Sequential(_ChannelNorm(before, eps=1e-6), nn.Conv2d(before, after, 2, stride=2))
            for before, after in itertools.pairwise(widths)
        ]
        self.downsample_layers = nn.ModuleList([stem, *halvings])
        self.stages = nn.ModuleList(
            nn.Sequential(*(_Block(width) for _ in range(depth)))
            for width, depth in zip(widths, self.DEPTHS, strict=True)
        )
        self.norm = nn.LayerNorm(widths[-1], eps=1e-6)
        for name, size in self.HEADS:
            self.add_module(f"fc_{name}", nn.Linear(widths[-1], size))

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        x = image
        for down, stage in zip(self.downsample_layers, self.stages, strict=True):
            x = stage(down(x))
        x = self.norm(x.mean(dim=(2, 3)))
        return {name: getattr(self, f"fc_{name}")(x) for name, _ in self.HEADS}


class MotionExtractor(nn.Module):
    """`(B, 3, 256, 256)` to the raw outputs `kp`, `exp` `(B, 63)`, `scale (B, 1)`, `t (B, 3)`, and the logits
    `pitch`, `yaw`, `roll (B, 66)`."""

    def __init__(self) -> None:
        super().__init__()
        self.detector = _Detector()

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        return self.detector(image)


class Retargeting(nn.Module):
    """A multi-layer perceptron, `(B, inputs)` to `(B, outputs)`: for stitching, for eyes, or for lips."""

    def __init__(self, inputs: int, hidden: tuple[int, ...], outputs: int) -> None:
        super().__init__()
        widths = (inputs, *hidden, outputs)
        layers: list[nn.Module] = []
        for before, after in itertools.pairwise(widths):
            layers += [nn.Linear(before, after), nn.ReLU()]
        self.mlp = nn.Sequential(*layers[:-1])

    def forward(self, x: Tensor) -> Tensor:
        return self.mlp(x)


def retargeting() -> nn.ModuleDict:
    """The three perceptrons with random weights: `stitching`, `eye` and `lip`."""
    return nn.ModuleDict(
        {
            "stitching": Retargeting(6 * KEYPOINTS, (128, 128, 64), 3 * KEYPOINTS + 2),
            "eye": Retargeting(3 * KEYPOINTS + 3, (256, 256, 128, 128, 64), 3 * KEYPOINTS),
            "lip": Retargeting(3 * KEYPOINTS + 2, (128, 128, 64), 3 * KEYPOINTS),
        }
    )
