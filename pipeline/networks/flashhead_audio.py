"""How SoulX-FlashHead hears speech: wav2vec 2.0 at 25 features per second, and which of them a frame sees.

Baevski et al.: wav2vec 2.0, NeurIPS 2020 (arXiv:2006.11477), by transformers. Its features are interpolated
before its transformer, so positions and attention count video frames. L is the number of its layers (12), A
of their channels (768), s the frames per latent frame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

if TYPE_CHECKING:
    from transformers import Wav2Vec2Config

RATE = 16_000
"""Samples per second."""
FPS = 25
"""Features, and frames, per second."""
REACH = 2
"""Features before and after a frame that it sees."""
_SILENT = 1e-7
"""Variance that is added, so that silence stays silent."""


class SpeechEncoder(nn.Module):
    """wav2vec 2.0, all of whose layers are used."""

    def __init__(self, config: Wav2Vec2Config) -> None:
        from transformers import Wav2Vec2Model

        super().__init__()
        self.wav2vec2 = Wav2Vec2Model(config)
        self.wav2vec2.feature_extractor.register_forward_hook(_at_video_rate)

    def forward(self, samples: Tensor) -> Tensor:
        """Features `(T, L, A)` of samples at 16 kHz `(n,)` in -1..1, as many as there are whole frames."""
        states = self.wav2vec2(normalised(samples)[None], output_hidden_states=True).hidden_states
        return torch.stack(states[1:], dim=2)[0]


def _at_video_rate(_: nn.Module, given: tuple[Tensor], heard: Tensor) -> Tensor:
    """The convolutions' output `(1, A, n)` for samples `(1, N)`, interpolated to one per frame."""
    return F.interpolate(heard, size=given[0].shape[1] * FPS // RATE, mode="linear", align_corners=True)


def normalised(samples: Tensor) -> Tensor:
    """Samples with mean 0 and variance 1."""
    return (samples - samples.mean()) / (samples.var(correction=0) + _SILENT).sqrt()


def frame_windows(start: int, count: int, end: int) -> Tensor:
    """`(count, 5)` indices of the features that each frame from `start` on sees, of `end` in all.

    At either end the last one repeats.
    """
    frames = torch.arange(start, start + count)[:, None]
    return (frames + torch.arange(-REACH, REACH + 1)).clamp(0, end - 1)


def latent_windows(audio: Tensor, stride: int) -> tuple[Tensor, Tensor]:
    """The features that each latent frame sees, of a window's `(33, 5, …)`.

    Returns:
        `(1, 5, …)` of the first latent frame, which is one frame, and `(f - 1, s + 4, …)` of the others: from
        two before their first frame to two after their last.
    """
    later = audio[1:].unflatten(0, (-1, stride))
    middle = later[:, 1:-1, REACH]
    return audio[:1], torch.cat([later[:, 0, : REACH + 1], middle, later[:, -1, REACH:]], dim=1)
