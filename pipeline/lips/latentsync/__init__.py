"""The lips engine LatentSync 1.6: latent diffusion over 16 frames at a time, a fine mouth at 512 x 512 px.

`engine` crops, inpaints and pastes back; `align` has the face alignment and the masks. The crops come from
the studio's own landmarks, not from InsightFace, whose weights may not be used commercially.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from pipeline import options
from pipeline.cards import Card

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
    gpu_seconds=12.0,
    subjects=("photo", "video"),
)


class Options(options.Options):
    """How LatentSync runs."""

    steps: int = Field(default=20, ge=1, le=200)
    """Diffusion steps; more are slower and finer."""
    guidance: float = Field(default=1.5, ge=0, le=10)
    """Classifier-free guidance: how strongly the sound shapes the mouth. 1 turns it off, at half the cost."""


def load(options: Options | None = None) -> LatentSyncLips:
    """The engine with its weights, downloaded from the Hub on first use.

    Raises:
        CheckpointError: the weights cannot be had, or belong to another network.
    """
    from pipeline.inference import device
    from pipeline.lips import pretrained
    from pipeline.lips.latentsync import weights
    from pipeline.lips.latentsync.engine import LatentSyncLips
    from pipeline.lips.whisper_features import WhisperFeatures
    from pipeline.networks import latentsync

    where, vae = device.pick(), pretrained.autoencoder()
    vae.enable_slicing()
    network = latentsync.LatentSync(weights.unet(), vae)
    encoder = device.place(weights.whisper_encoder(), where, half=True)
    features = WhisperFeatures(encoder, latentsync.log_mel_segments, repeat_ends=True)
    network = device.place(network, where, half=True, calls=latentsync.CALLS)
    return LatentSyncLips(network, features, options or Options())
