"""The decoder of the face-vid2vid family, whose normalisation is modulated by the feature map.

Park et al.: Semantic Image Synthesis with Spatially-Adaptive Normalization, CVPR 2019 (arXiv:1903.07291),
with the spectral norm of Miyato et al., ICLR 2018 (arXiv:1802.05957). Shared by SadTalker and LivePortrait,
which differ only in the last convolution.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline.networks.facevid2vid import FEATURES

_SLOPE = 0.2
"""Of the leaky ReLUs."""


class SpectralConv2d(nn.Module):
    """A convolution with spectral norm, as checkpoints store it: the weight, and the norm's u and v.

    The norm u'Wv is computed from the stored vectors (no power iteration); `folded` is the plain convolution.
    """

    weight_u: Tensor
    weight_v: Tensor

    def __init__(self, inputs: int, outputs: int, kernel: int, *, bias: bool = True) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None
        self.weight_orig = nn.Parameter(torch.empty(outputs, inputs, kernel, kernel))
        nn.init.kaiming_uniform_(self.weight_orig)
        self.register_buffer("weight_u", F.normalize(torch.ones(outputs), dim=0))
        self.register_buffer("weight_v", F.normalize(torch.ones(inputs * kernel**2), dim=0))

    def weight(self) -> Tensor:
        """`(outputs, inputs, kernel, kernel)`, divided by the norm."""
        return self.weight_orig / (self.weight_u @ (self.weight_orig.flatten(1) @ self.weight_v))

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.weight(), self.bias, padding="same")

    def folded(self) -> nn.Conv2d:
        """The equivalent plain convolution, so that the division is done once."""
        outputs, inputs, kernel, _ = self.weight_orig.shape
        conv = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=self.bias is not None)
        weight = self.weight().detach()
        conv.to(weight).weight.data = weight
        if self.bias is not None and conv.bias is not None:
            conv.bias.data = self.bias.detach()
        return conv


class Spade(nn.Module):
    """Instance norm with per-pixel scale and shift from the feature map (SPADE)."""

    _HIDDEN = 128

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.mlp_shared = nn.Sequential(nn.Conv2d(FEATURES, self._HIDDEN, 3, padding=1), nn.ReLU())
        self.mlp_gamma = nn.Conv2d(self._HIDDEN, channels, 3, padding=1)
        self.mlp_beta = nn.Conv2d(self._HIDDEN, channels, 3, padding=1)

    def forward(self, x: Tensor, features: Tensor) -> Tensor:
        hidden = self.mlp_shared(F.interpolate(features, size=x.shape[-2:]))
        return torch.addcmul(self.mlp_beta(hidden), F.instance_norm(x), 1 + self.mlp_gamma(hidden))


class SpadeBlock(nn.Module):
    """Two SPADE norms with convolutions, and a skip connection (by a 1x1 where the width changes)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        middle = min(inputs, outputs)
        self.conv_0 = SpectralConv2d(inputs, middle, 3)
        self.conv_1 = SpectralConv2d(middle, outputs, 3)
        self.norm_0 = Spade(inputs)
        self.norm_1 = Spade(middle)
        if inputs != outputs:
            self.conv_s = SpectralConv2d(inputs, outputs, 1, bias=False)
            self.norm_s = Spade(inputs)

    def forward(self, x: Tensor, features: Tensor) -> Tensor:
        shortcut = self.conv_s(self.norm_s(x, features)) if hasattr(self, "conv_s") else x
        x = self.conv_0(F.leaky_relu(self.norm_0(x, features), _SLOPE))
        return shortcut + self.conv_1(F.leaky_relu(self.norm_1(x, features), _SLOPE))


class SpadeDecoder(nn.Module):
    """A feature map `(B, 256, h, w)` to a picture `(B, 3, 4h·upscale, 4w·upscale)` in 0..1.

    SadTalker's picture is four times the map (`upscale` 1, the checkpoint's `conv_img`), LivePortrait's eight
    times (`upscale` 2, `conv_img.0` and a pixel shuffle).
    """

    def __init__(self, *, upscale: int = 1) -> None:
        super().__init__()
        self.fc = nn.Conv2d(FEATURES, 512, 3, padding=1)
        for index in range(6):
            self.add_module(f"G_middle_{index}", SpadeBlock(512, 512))
        self.up_0 = SpadeBlock(512, 256)
        self.up_1 = SpadeBlock(256, 64)
        last = nn.Conv2d(64, 3 * upscale**2, 3, padding=1)
        self.conv_img = nn.Sequential(last, nn.PixelShuffle(upscale)) if upscale > 1 else last

    def forward(self, features: Tensor) -> Tensor:
        x = self.fc(features)
        for index in range(6):
            x = getattr(self, f"G_middle_{index}")(x, features)
        x = self.up_0(F.interpolate(x, scale_factor=2), features)
        x = self.up_1(F.interpolate(x, scale_factor=2), features)
        return self.conv_img(F.leaky_relu(x, _SLOPE)).sigmoid()


def fold_spectral_norm(network: nn.Module) -> nn.Module:
    """`network` itself with every `SpectralConv2d` replaced by the equivalent plain convolution."""
    for parent in list(network.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, SpectralConv2d):
                setattr(parent, name, child.folded())
    return network
