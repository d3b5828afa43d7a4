"""Sinusoidal positional encoding.

Vaswani et al.: Attention Is All You Need, NeurIPS 2017 (arXiv:1706.03762), section 3.5.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor


def sinusoids(rows: int, width: int) -> Tensor:
    """`(rows, width)`: sine on even, cosine on odd channels, base 10000."""
    rate = torch.exp(torch.arange(0, width, 2) * (-math.log(10_000.0) / width))
    angle = torch.arange(rows)[:, None] * rate
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)
