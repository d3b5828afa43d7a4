"""The head engine SoulX-FlashHead Lite: quicker than Pro, with an autoencoder licensed for research only.

The transformer is published under Apache-2.0, as Pro's is, but works in the latent space of LTX-Video 0.9,
whose weights come with it unchanged and are "strictly for research and academic use" (Lightricks).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.heads import flashhead

if TYPE_CHECKING:
    from pipeline.heads.flashhead.engine import FlashHead

__all__ = ["CARD", "Options", "load"]

CARD = replace(
    flashhead.CARD,
    name="flashhead_lite",
    title="SoulX-FlashHead Lite",
    summary="As FlashHead Pro, less fine and nine times as fast: real time on one GPU; for research only.",
    speed="faster than real time on a large GPU; about 5 seconds per frame on two CPU cores",
    weights_licence="Apache-2.0, but the LTX-Video 0.9 autoencoder in it is for research only",
    commercial=False,
    checkpoints=("flashhead_lite", "flashhead_ltx", "wav2vec2"),
    memory_gb=6.5,
    gpu_seconds=0.5,
)


class Options(flashhead.Options):
    """How SoulX-FlashHead Lite runs."""

    sampled: bool = True
    """Draw from the autoencoder's distribution, as the published program does, rather than take its mean."""


def load(options: Options | None = None) -> FlashHead:
    """The engine with its weights, downloaded from the Hub on first use.

    Raises:
        CheckpointError: the weights cannot be had, or belong to another network.
    """
    from pipeline.heads.flashhead import weights
    from pipeline.heads.flashhead.engine import FlashHead

    options = options or Options()
    networks = weights.load_networks(weights.LITE, offload=options.offload)
    return FlashHead(networks, options, sampled=options.sampled)
