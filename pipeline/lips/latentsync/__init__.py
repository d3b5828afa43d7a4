"""Lips by LatentSync 1.6: latent diffusion over sixteen frames at a time, the finest mouth at 512 x 512 px.

`engine` cuts, paints and puts back; `align` says where the network looks and what it repaints. The crops
come from our own landmarks, not from InsightFace, whose weights may not be used commercially.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from pipeline import options
from pipeline.engines import Card

if TYPE_CHECKING:
    from pipeline.lips.latentsync.engine import LatentSyncLips

__all__ = ["CARD", "Options", "load"]

CARD = Card(
    name="latentsync",
    layer="lips",
    title="LatentSync 1.6",
    summary="The finest mouth, teeth and beard included, for those who can wait: diffusion at 512 px.",
    speed="a few frames a second on a large GPU; not for CPUs",
    code_licence="Apache-2.0 (own implementation)",
    weights_licence="OpenRAIL++ (use restrictions)",
    commercial=True,
    paper="https://arxiv.org/abs/2412.09262",
    checkpoints=("latentsync_unet", "latentsync_whisper", "vae", "vae_config"),
    memory_gb=18.0,
    subjects=("photo", "video"),
)


class Options(options.Options):
    """How LatentSync is run."""

    steps: int = Field(20, ge=1, le=200)
    """Steps of the diffusion: more are slower and finer."""
    guidance: float = Field(1.5, ge=0, le=10)
    """How strongly the sound shapes the mouth; 1 is the network's own reading, at half the cost."""


def load(options: Options | None = None) -> LatentSyncLips:
    """The engine with its weights, pulled from the Hub on first use.

    Raises:
        CheckpointError: the weights cannot be had, or are of another network.
    """
    from pipeline import device
    from pipeline.lips import pretrained
    from pipeline.lips.latentsync import weights
    from pipeline.lips.latentsync.engine import LatentSyncLips
    from pipeline.lips.whisper_features import WhisperFeatures
    from pipeline.networks import latentsync

    where, vae = device.pick(), pretrained.autoencoder()
    vae.enable_slicing()
    network = latentsync.LatentSync(weights.unet(), vae)
    listener = WhisperFeatures(device.place(weights.listener(), where), latentsync.spectra, repeat_ends=True)
    return LatentSyncLips(device.place(network, where, half=True), listener, options or Options())
