"""The shared parts of the face-vid2vid family, of which SadTalker's and LivePortrait's renderers are built.

Wang, Mallya, Liu: One-Shot Free-View Neural Talking-Head Synthesis, CVPR 2021 (arXiv:2011.15126): a picture
becomes a feature volume, implicit 3-D keypoints determine how the volume is warped, and a decoder with
spatially adaptive normalisation turns the warped volume into a picture. Sub-modules are named as in the
published checkpoints. B is the batch, K the number of keypoints; volumes are `(B, C, depth, height, width)`,
keypoints `(B, K, 3)` as x, y, z in about -1..1.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

DEPTH = 16
"""Slices of the feature volume."""
CHANNELS = 32
"""Channels of the feature volume."""
FEATURES = 256
"""Channels of the warped feature map, the decoder's input."""


class ConvNorm(nn.Module):
    """Convolution 3 (2-D or 3-D), batch norm, ReLU; nearest upsampling before or average pooling after.

    `upsample` and `pool` are factors of height and width; the depth of a volume stays.
    """

    def __init__(
        self, inputs: int, outputs: int, *, volume: bool = False, upsample: int = 1, pool: int = 1
    ) -> None:
        super().__init__()
        conv, norm = (nn.Conv3d, nn.BatchNorm3d) if volume else (nn.Conv2d, nn.BatchNorm2d)
        self.conv: nn.Module = conv(inputs, outputs, 3, padding=1)
        self.norm: nn.Module = norm(outputs)
        self._upsample, self._pool = upsample, pool

    def forward(self, x: Tensor) -> Tensor:
        if self._upsample > 1:
            x = _on_planes(partial(F.interpolate, scale_factor=self._upsample), x)
        x = F.relu(self.norm(self.conv(x)))
        return _on_planes(partial(F.avg_pool2d, kernel_size=self._pool), x) if self._pool > 1 else x


def _on_planes(operation: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """A 2-D operation on height and width, run on each plane of `(B, C, [D,] H, W)`.

    Its 3-D counterpart is missing on Apple's MPS.
    """
    return operation(x.flatten(1, -3)).unflatten(1, x.shape[1:-2])


class Residual3d(nn.Module):
    """Two rounds of batch norm, ReLU and convolution on a volume, added to the volume."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv3d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv3d(channels, channels, 3, padding=1)
        self.norm1 = nn.BatchNorm3d(channels)
        self.norm2 = nn.BatchNorm3d(channels)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv2(F.relu(self.norm2(self.conv1(F.relu(self.norm1(x))))))


class Appearance(nn.Module):
    """A picture to its feature volume. Cooperative: a network may inherit this beside `Warping`."""

    def __init__(self, **others: Any) -> None:
        super().__init__(**others)
        self.first = ConvNorm(3, 64)
        self.down_blocks = nn.ModuleList([ConvNorm(64, 128, pool=2), ConvNorm(128, 256, pool=2)])
        self.second = nn.Conv2d(256, CHANNELS * DEPTH, 1)
        self.resblocks_3d = nn.Sequential()
        for index in range(6):
            self.resblocks_3d.add_module(f"3dr{index}", Residual3d(CHANNELS))

    def encode(self, image: Tensor) -> Tensor:
        """`(B, 3, H, W)` RGB in 0..1 to `(B, 32, 16, H/4, W/4)`."""
        x = self.first(image)
        for block in self.down_blocks:
            x = block(x)
        return self.resblocks_3d(self.second(x).unflatten(1, (CHANNELS, DEPTH)))


class _Encoder(nn.Module):
    def __init__(self, widths: list[int]) -> None:
        super().__init__()
        self.down_blocks = nn.ModuleList(
            ConvNorm(inputs, outputs, volume=True, pool=2) for inputs, outputs in itertools.pairwise(widths)
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        states = [x]
        for block in self.down_blocks:
            states.append(block(states[-1]))
        return states


class _Decoder(nn.Module):
    def __init__(self, widths: list[int], channels: int) -> None:
        super().__init__()
        outputs = [*widths[-2:0:-1], widths[1] // 2]
        inputs = [widths[-1], *(2 * width for width in outputs[:-1])]
        self.up_blocks = nn.ModuleList(
            ConvNorm(before, after, volume=True, upsample=2)
            for before, after in zip(inputs, outputs, strict=True)
        )
        self.conv = nn.Conv3d(channels, channels, 3, padding=1)
        self.norm = nn.BatchNorm3d(channels)

    def forward(self, states: list[Tensor]) -> Tensor:
        x = states[-1]
        for block, skipped in zip(self.up_blocks, reversed(states[:-1]), strict=True):
            x = torch.cat([block(x), skipped], dim=1)
        return F.relu(self.norm(self.conv(x)))


class Hourglass(nn.Module):
    """Five halvings and five doublings of height and width, with skips: `inputs` channels become 32 more."""

    def __init__(self, inputs: int) -> None:
        super().__init__()
        widths = [inputs, 64, 128, 256, 512, 1024]
        self.channels = inputs + 32
        self.encoder = _Encoder(widths)
        self.decoder = _Decoder(widths, self.channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.decoder(self.encoder(x))


class DenseMotion(nn.Module):
    """The dense motion field: per voxel a soft assignment to the background or to one keypoint's motion."""

    _COMPRESSED = 4
    _VARIANCE = 0.01

    def __init__(self, keypoints: int, *, prune: float = 0.0) -> None:
        """`prune`: weights of the assignment below this become zero (SadTalker: 0.001)."""
        super().__init__()
        motions = keypoints + 1
        self.hourglass = Hourglass(motions * (self._COMPRESSED + 1))
        self.mask = nn.Conv3d(self.hourglass.channels, motions, 7, padding=3)
        self.compress = nn.Conv3d(CHANNELS, self._COMPRESSED, 1)
        self.norm = nn.BatchNorm3d(self._COMPRESSED)
        self.occlusion = nn.Conv2d(self.hourglass.channels * DEPTH, 1, 7, padding=3)
        self.prune = prune

    def forward(self, feature: Tensor, driving: Tensor, source: Tensor) -> dict[str, Tensor]:
        """Volume `(B, 32, 16, h, w)` and keypoints `(B, K, 3)` to three maps.

        Returns:
            `mask (B, K+1, 16, h, w)` the assignment (before pruning), `deformation (B, 16, h, w, 3)` where
            to sample, `occlusion_map (B, 1, h, w)` in 0..1, 1 where the source is visible.
        """
        grid = identity_grid(feature)
        flows = self._flows(grid, driving, source)
        heat = self._heat(grid, driving, source).to(feature)
        x = torch.cat([heat, self._sampled(feature, flows)], dim=2)
        x = self.hourglass(x.flatten(1, 2))
        mask = self.mask(x).softmax(dim=1)
        weights = torch.where(mask < self.prune, 0.0, mask) if self.prune else mask
        return {
            "mask": mask,
            "deformation": torch.einsum("bkdhw,bkdhwc->bdhwc", weights.to(flows), flows),
            "occlusion_map": self.occlusion(x.flatten(1, 2)).sigmoid(),
        }

    @staticmethod
    def _flows(grid: Tensor, driving: Tensor, source: Tensor) -> Tensor:
        """`(B, K+1, D, h, w, 3)`: the identity, then one translation per keypoint."""
        shifts = F.pad(source - driving, (0, 0, 1, 0))
        return grid + shifts[:, :, None, None, None]

    def _heat(self, grid: Tensor, driving: Tensor, source: Tensor) -> Tensor:
        """`(B, K+1, 1, D, h, w)`: a Gaussian at each driving keypoint minus one at its source."""
        gaussians = [
            torch.exp(-0.5 / self._VARIANCE * (grid - points[:, :, None, None, None]).square().sum(-1))
            for points in (driving, source)
        ]
        return F.pad(gaussians[0] - gaussians[1], (0, 0) * 3 + (1, 0)).unsqueeze(2)

    def _sampled(self, feature: Tensor, flows: Tensor) -> Tensor:
        """`(B, K+1, 4, D, h, w)`: the compressed volume warped by each flow."""
        small = F.relu(self.norm(self.compress(feature)))
        batch, motions = flows.shape[:2]
        copies = small[:, None].expand(-1, motions, -1, -1, -1, -1).flatten(0, 1)
        return sample_volume(copies, flows.flatten(0, 1)).unflatten(0, (batch, motions))


class Warping(nn.Module):
    """The volume warped from its own keypoints to others, and flattened to the decoder's feature map."""

    def __init__(self, keypoints: int, *, prune: float = 0.0, **others: Any) -> None:
        super().__init__(**others)
        self.dense_motion_network = DenseMotion(keypoints, prune=prune)
        self.third = ConvNorm(CHANNELS * DEPTH, FEATURES)
        self.fourth = nn.Conv2d(FEATURES, FEATURES, 1)

    def warp(self, feature: Tensor, driving: Tensor, source: Tensor) -> dict[str, Tensor]:
        """`(B, 32, 16, h, w)` and keypoints to the maps of `DenseMotion` and `out (B, 256, h, w)`."""
        maps = self.dense_motion_network(feature, driving, source)
        moved = sample_volume(feature, maps["deformation"]).flatten(1, 2)
        moved = F.leaky_relu(self.third.norm(self.third.conv(moved)), 0.01)
        return {**maps, "out": self.fourth(moved) * maps["occlusion_map"]}


def identity_grid(volume: Tensor) -> Tensor:
    """`(D, h, w, 3)`: x, y, z of every voxel, -1 to 1 including both ends.

    Sampling places the ends half a voxel further out (`align_corners=False`); the networks were trained with
    that mismatch.
    """
    depth, height, width = volume.shape[-3:]
    axes = [torch.linspace(-1, 1, n, device=volume.device) for n in (depth, height, width)]
    z, y, x = torch.meshgrid(*axes, indexing="ij")
    return torch.stack([x, y, z], dim=-1)


def sample_volume(volume: Tensor, where: Tensor) -> Tensor:
    """`(B, C, D, h, w)` sampled at `(B, D, h, w, 3)`: trilinear, zero outside."""
    where = where.to(volume.dtype)
    try:
        return F.grid_sample(volume, where, align_corners=False)
    except NotImplementedError:
        # Apple's MPS supports this from torch 2.9 on.
        return F.grid_sample(volume.cpu(), where.cpu(), align_corners=False).to(volume.device)
