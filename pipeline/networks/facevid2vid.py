"""What the face-vid2vid family shares: the renderers of SadTalker and LivePortrait are built of these parts.

Wang, Mallya, Liu: One-Shot Free-View Neural Talking-Head Synthesis, CVPR 2021 (arXiv:2011.15126): a picture
becomes a volume of features, implicit 3-D keypoints say how the volume moves, a decoder with spatially
adaptive normalisation paints the moved volume. Names of the sub-modules are those of the published
checkpoints. B is the batch, K the number of keypoints; volumes are `(B, C, depth, height, width)`, keypoints
`(B, K, 3)` as x, y, z in about -1..1.
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
GUIDE = 256
"""Channels of the map that the decoder paints from."""


class ConvNorm(nn.Module):
    """Convolution 3 (2-D or 3-D), batch norm, ReLU; `enlarge` nearest before, `pool` the mean after.

    `enlarge` and `pool` are factors of height and width; the depth of a volume stays.
    """

    def __init__(
        self, inputs: int, outputs: int, *, volume: bool = False, enlarge: int = 1, pool: int = 1
    ) -> None:
        super().__init__()
        conv, norm = (nn.Conv3d, nn.BatchNorm3d) if volume else (nn.Conv2d, nn.BatchNorm2d)
        self.conv: nn.Module = conv(inputs, outputs, 3, padding=1)
        self.norm: nn.Module = norm(outputs)
        self._enlarge, self._pool = enlarge, pool

    def forward(self, x: Tensor) -> Tensor:
        if self._enlarge > 1:
            x = _on_planes(partial(F.interpolate, scale_factor=self._enlarge), x)
        x = F.relu(self.norm(self.conv(x)))
        return _on_planes(partial(F.avg_pool2d, kernel_size=self._pool), x) if self._pool > 1 else x


def _on_planes(operation: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """An operation on height and width, run on each plane of `(B, C, [D,] H, W)`.

    Not by its 3-D namesake, which Apple's MPS lacks.
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
    """A picture to its volume of features. Cooperative: a network may inherit this beside `Warping`."""

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
            ConvNorm(before, after, volume=True, enlarge=2)
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
    """How every voxel moves: a soft choice, per voxel, between standing still and following one keypoint."""

    COMPRESSED = 4
    VARIANCE = 0.01

    def __init__(self, keypoints: int, *, cut: float = 0.0) -> None:
        """`cut`: shares of the soft choice below this become zero (SadTalker: 0.001)."""
        super().__init__()
        motions = keypoints + 1
        self.hourglass = Hourglass(motions * (self.COMPRESSED + 1))
        self.mask = nn.Conv3d(self.hourglass.channels, motions, 7, padding=3)
        self.compress = nn.Conv3d(CHANNELS, self.COMPRESSED, 1)
        self.norm = nn.BatchNorm3d(self.COMPRESSED)
        self.occlusion = nn.Conv2d(self.hourglass.channels * DEPTH, 1, 7, padding=3)
        self.cut = cut

    def forward(self, feature: Tensor, driving: Tensor, source: Tensor) -> dict[str, Tensor]:
        """Volume `(B, 32, 16, h, w)` and keypoints `(B, K, 3)` to three maps.

        Returns:
            `mask (B, K+1, 16, h, w)` the shares (before `cut`), `deformation (B, 16, h, w, 3)` where to
            sample, `occlusion_map (B, 1, h, w)` in 0..1, 1 where the source shows what is wanted.
        """
        grid = identity_grid(feature)
        flows = self._flows(grid, driving, source)
        heat = self._heat(grid, driving, source).to(feature)
        x = torch.cat([heat, self._sampled(feature, flows)], dim=2)
        x = self.hourglass(x.flatten(1, 2))
        mask = self.mask(x).softmax(dim=1)
        shares = torch.where(mask < self.cut, 0.0, mask) if self.cut else mask
        return {
            "mask": mask,
            "deformation": torch.einsum("bkdhw,bkdhwc->bdhwc", shares.to(flows), flows),
            "occlusion_map": self.occlusion(x.flatten(1, 2)).sigmoid(),
        }

    @staticmethod
    def _flows(grid: Tensor, driving: Tensor, source: Tensor) -> Tensor:
        """`(B, K+1, D, h, w, 3)`: the identity, then one rigid shift per keypoint."""
        shifts = F.pad(source - driving, (0, 0, 1, 0))
        return grid + shifts[:, :, None, None, None]

    def _heat(self, grid: Tensor, driving: Tensor, source: Tensor) -> Tensor:
        """`(B, K+1, 1, D, h, w)`: a blob at each driving keypoint less one at its source."""
        blobs = [
            torch.exp(-0.5 / self.VARIANCE * (grid - points[:, :, None, None, None]).square().sum(-1))
            for points in (driving, source)
        ]
        return F.pad(blobs[0] - blobs[1], (0, 0) * 3 + (1, 0)).unsqueeze(2)

    def _sampled(self, feature: Tensor, flows: Tensor) -> Tensor:
        """`(B, K+1, 4, D, h, w)`: the compressed volume under each flow."""
        small = F.relu(self.norm(self.compress(feature)))
        batch, motions = flows.shape[:2]
        copies = small[:, None].expand(-1, motions, -1, -1, -1, -1).flatten(0, 1)
        return sample_volume(copies, flows.flatten(0, 1)).unflatten(0, (batch, motions))


class Warping(nn.Module):
    """The volume moved from its own keypoints to others and flattened to the decoder's guide map."""

    def __init__(self, keypoints: int, *, cut: float = 0.0, **others: Any) -> None:
        super().__init__(**others)
        self.dense_motion_network = DenseMotion(keypoints, cut=cut)
        self.third = ConvNorm(CHANNELS * DEPTH, GUIDE)
        self.fourth = nn.Conv2d(GUIDE, GUIDE, 1)

    def warp(self, feature: Tensor, driving: Tensor, source: Tensor) -> dict[str, Tensor]:
        """`(B, 32, 16, h, w)` and keypoints to the maps of `DenseMotion` and `out (B, 256, h, w)`."""
        maps = self.dense_motion_network(feature, driving, source)
        moved = sample_volume(feature, maps["deformation"]).flatten(1, 2)
        moved = F.leaky_relu(self.third.norm(self.third.conv(moved)), 0.01)
        return {**maps, "out": self.fourth(moved) * maps["occlusion_map"]}


def identity_grid(volume: Tensor) -> Tensor:
    """`(D, h, w, 3)`: x, y, z of every voxel, -1 to 1 including both ends.

    Sampling takes the ends as half a voxel further out (`align_corners=False`); the networks were trained
    with that mismatch.
    """
    depth, height, width = volume.shape[-3:]
    axes = [torch.linspace(-1, 1, n, device=volume.device) for n in (depth, height, width)]
    z, y, x = torch.meshgrid(*axes, indexing="ij")
    return torch.stack([x, y, z], dim=-1)


def sample_volume(volume: Tensor, where: Tensor) -> Tensor:
    """`(B, C, D, h, w)` read at `(B, D, h, w, 3)`: tri-linear, zero outside."""
    where = where.to(volume.dtype)
    try:
        return F.grid_sample(volume, where, align_corners=False)
    except NotImplementedError:
        # Apple's MPS learned this in torch 2.9 only.
        return F.grid_sample(volume.cpu(), where.cpu(), align_corners=False).to(volume.device)
