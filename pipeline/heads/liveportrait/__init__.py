"""The head engine LivePortrait, driven by JoyVASA: diffusion from speech to motion, warping to pictures.

`audio_driver` turns speech into motion, `driving` extracts motion from a video or picture, `engine` renders,
`crop` maps between the photo and the networks' square, `weights` loads the published files. The face is
located by the studio's own landmarks, not by the detectors of the published programs, whose weights may not
be used commercially.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from pipeline import options
from pipeline.cards import Card

if TYPE_CHECKING:
    from pipeline.heads.liveportrait.engine import LivePortrait

__all__ = ["CARD", "Options", "load"]

CARD = Card(
    name="liveportrait",
    layer="head",
    title="LivePortrait with JoyVASA",
    summary="The most lifelike head for a photo: expression, gaze and small movements that fit the speech.",
    speed="needs a GPU; about 20 seconds per frame on two CPU cores",
    code_licence="Apache-2.0 (own implementation)",
    weights_licence="MIT",
    commercial=True,
    paper="https://arxiv.org/abs/2407.03168",
    checkpoints=(
        "liveportrait_appearance",
        "liveportrait_motion",
        "liveportrait_warping",
        "liveportrait_generator",
        "liveportrait_stitching",
        "joyvasa_motion",
        "joyvasa_template",
    ),
    memory_gb=4.0,
    gpu_seconds=1.0,
    speaks=True,
)


class Options(options.Options):
    """How LivePortrait runs."""

    guidance: float = Field(default=2.8, ge=0, le=10)
    """Classifier-free guidance: how strongly the speech shapes the motion. 1 turns it off."""
    smoothing: float = Field(default=0.05, ge=0.001, le=1)
    """Weight of each frame in the exponential smoothing of the head movement; the default averages over about
    0.8 s. The published program's default, 0.01, nearly freezes the head."""
    multiplier: float = Field(default=1.1, ge=0, le=2)
    """Factor on all movement away from the photo, lips included; 1.1 is the published program's default for
    JoyVASA, 1 that for driving videos."""
    constant_position: bool = True
    """Give all frames the same position encoding, as the published weights were trained; turn it off for
    weights trained after December 2025."""
    stitching: bool = True
    """Keep the border of the animated square aligned with the photo."""
    shut_lips: bool = False
    """Close a mouth that is open in the photo before it speaks."""
    motion_from: options.InputFile | None = None
    """A video or picture whose expression and head movement drive the photo; the lips follow the speech."""


def load(options: Options | None = None) -> LivePortrait:
    """The engine with its weights, downloaded from the Hub on first use.

    Raises:
        CheckpointError: the weights cannot be had, or belong to another network.
    """
    from pipeline.heads.liveportrait import weights
    from pipeline.heads.liveportrait.engine import LivePortrait

    options = options or Options()
    return LivePortrait(weights.load_networks(), weights.load_audio_driver(options), options)
