"""SadTalker's renderer: coefficients to the motion of 15 keypoints, and keypoints to pictures.

Zhang et al., CVPR 2023 (arXiv:2211.12194), section 3.3, on the renderer of Wang et al., CVPR 2021. Pictures
are RGB in [0, 1] with a side of 256 or 512 px; keypoints x, y, z in about -1..1. Tensor names are those of
the published files: the mapping network's own file, and the prefixes `kp_extractor.` and `generator.`.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline.networks.facevid2vid import Appearance, ConvNorm, Warping, identity_grid
from pipeline.networks.spade import SpadeDecoder

KEYPOINTS = 15
"""Implicit 3-D keypoints of a face."""
RADIUS = 13
"""Frames before and after a frame in the window of its motion."""

_BINS = 66
"""Bins of 3 degrees for an angle's logits."""
_PRUNE = 1e-3
"""Weights of the dense motion's assignment below this are zero."""
_TEMPERATURE = 0.1
"""Of the softmax over keypoint positions."""


class HeadMotion(NamedTuple):
    """The motion of the keypoints over n frames."""

    yaw: Tensor
    """`(n,)` degrees, as are `pitch` and `roll`."""
    pitch: Tensor
    roll: Tensor
    translation: Tensor
    """`(n, 3)`."""
    expression: Tensor
    """`(n, 15, 3)` shift of each keypoint."""


class MappingNet(nn.Module):
    """Coefficients over time to head motion.

    `coefficients`: 70 (expression and pose) where the output is the face crop, 73 (with the crop's position)
    where it is pasted back into the photo.
    """

    WIDTH = 1024

    def __init__(self, coefficients: int) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Conv1d(coefficients, self.WIDTH, 7))
        for index in range(3):
            layer = nn.Sequential(nn.LeakyReLU(0.1), nn.Conv1d(self.WIDTH, self.WIDTH, 3, dilation=3))
            self.add_module(f"encoder{index}", layer)
        self.fc_roll = nn.Linear(self.WIDTH, _BINS)
        self.fc_pitch = nn.Linear(self.WIDTH, _BINS)
        self.fc_yaw = nn.Linear(self.WIDTH, _BINS)
        self.fc_t = nn.Linear(self.WIDTH, 3)
        self.fc_exp = nn.Linear(self.WIDTH, 3 * KEYPOINTS)

    def logits(self, coefficients: Tensor) -> dict[str, Tensor]:
        """The raw outputs for every window of 27 frames.

        Args:
            coefficients: `(B, C, n + 26)`; one pass computes all n windows, as every layer is a convolution.

        Returns:
            `yaw`, `pitch`, `roll (B, n, 66)`, `t (B, n, 3)` and `exp (B, n, 45)`.
        """
        x = self.first(coefficients)
        for index in range(3):
            x = x[..., 3:-3] + self.get_submodule(f"encoder{index}")(x)
        x = F.avg_pool1d(x, 3, stride=1).transpose(1, 2)
        return {name: self.get_submodule(f"fc_{name}")(x) for name in ("yaw", "pitch", "roll", "t", "exp")}

    def forward(self, coefficients: Tensor) -> HeadMotion:
        """`(C, n + 26)` coefficients of one clip to its motion."""
        heads = {name: value[0] for name, value in self.logits(coefficients[None]).items()}
        yaw, pitch, roll = (degrees(heads[name]) for name in ("yaw", "pitch", "roll"))
        expression = heads["exp"].unflatten(-1, (KEYPOINTS, 3))
        return HeadMotion(yaw, pitch, roll, heads["t"], expression)


class KeypointDetector(nn.Module):
    """The 15 canonical keypoints of the face in a photo: frontal and without expression."""

    def __init__(self) -> None:
        super().__init__()
        self.predictor = _Predictor()
        self.kp = nn.Conv3d(32, KEYPOINTS, 3, padding=1)
        self.down = nn.Conv2d(3, 3, 13, stride=4, padding=6, groups=3, bias=False)

    def logits(self, photo: Tensor) -> Tensor:
        """`(B, 15, 16, H/4, W/4)`: logits of each keypoint's position."""
        return self.kp(self.predictor(self.down(photo)))

    def forward(self, photo: Tensor) -> Tensor:
        """`(B, 3, H, W)` to `(B, 15, 3)`."""
        return self.soft_argmax(self.logits(photo))

    @staticmethod
    def soft_argmax(logits: Tensor) -> Tensor:
        """`(B, 15, D, h, w)` to the expected positions `(B, 15, 3)`."""
        weights = (logits.flatten(2) / _TEMPERATURE).softmax(-1)
        return weights @ identity_grid(logits).flatten(0, 2).to(weights)


class _Predictor(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.down_blocks, self.up_blocks = nn.Sequential(), nn.Sequential()
        for index, width in enumerate((64, 128, 256, 512, 1024)):
            block = ConvNorm(3 if index == 0 else width // 2, width, pool=2)
            self.down_blocks.add_module(f"down{index}", block)
        self.conv = nn.Conv2d(1024, 1024 * 16, 1)
        for index, width in enumerate((512, 256, 128, 64, 32)):
            block = ConvNorm(2 * width, width, volume=True, upsample=2)
            self.up_blocks.add_module(f"up{index}", block)

    def forward(self, x: Tensor) -> Tensor:
        return self.up_blocks(self.conv(self.down_blocks(x)).unflatten(1, (1024, 16)))


class Generator(Appearance, Warping):
    """A photo and keypoints to a frame: `encode` once per photo, then `render` for each batch of frames."""

    def __init__(self) -> None:
        super().__init__(keypoints=KEYPOINTS, prune=_PRUNE)
        self.decoder = SpadeDecoder()

    def render(self, feature: Tensor, driving: Tensor, source: Tensor) -> dict[str, Tensor]:
        """Frames from the photo's feature volume.

        Args:
            feature: `(B, 32, 16, H/4, W/4)` from `encode`.
            driving: `(B, 15, 3)` keypoints of the frames.
            source: `(B, 15, 3)` keypoints of the photo.

        Returns:
            the maps of `Warping.warp`, and `prediction (B, 3, H, W)` in [0, 1].
        """
        maps = self.warp(feature, driving, source)
        return {**maps, "prediction": self.decoder(maps["out"])}

    def forward(self, photo: Tensor, driving: Tensor, source: Tensor) -> dict[str, Tensor]:
        """As `render`, from the photo `(B, 3, H, W)`."""
        return self.render(self.encode(photo), driving, source)


def degrees(logits: Tensor) -> Tensor:
    """`(..., 66)` to the expected angle `(...)`, -99 to 96."""
    index = torch.arange(_BINS, device=logits.device, dtype=logits.dtype)
    return logits.softmax(-1) @ index * 3 - 99


def rotation(yaw: Tensor, pitch: Tensor, roll: Tensor) -> Tensor:
    """`(n, 3, 3)` of angles `(n,)` in degrees: roll first, then yaw, then pitch."""
    (cy, sy), (cp, sp), (cr, sr) = (_turn(angle) for angle in (yaw, pitch, roll))
    zero, one = torch.zeros_like(cy), torch.ones_like(cy)
    about_x = _matrix([one, zero, zero], [zero, cp, -sp], [zero, sp, cp])
    about_y = _matrix([cy, zero, sy], [zero, one, zero], [-sy, zero, cy])
    about_z = _matrix([cr, -sr, zero], [sr, cr, zero], [zero, zero, one])
    return about_x @ about_y @ about_z


def transform(keypoints: Tensor, motion: HeadMotion) -> Tensor:
    """Keypoints `(1 or n, 15, 3)` rotated, translated and deformed by the motion of n frames: `(n, 15, 3)`.

    Only the vertical translation is used, as in the renderer's training.
    """
    turned = keypoints @ rotation(motion.yaw, motion.pitch, motion.roll).transpose(1, 2)
    lift = motion.translation * motion.translation.new_tensor([0, 1, 0])
    return turned + lift[:, None] + motion.expression


def _turn(angle: Tensor) -> tuple[Tensor, Tensor]:
    # The published program uses 3.14 for pi, and so did the training.
    radians = angle / 180 * 3.14
    return radians.cos(), radians.sin()


def _matrix(*rows: list[Tensor]) -> Tensor:
    return torch.stack([torch.stack(row, -1) for row in rows], -2)
