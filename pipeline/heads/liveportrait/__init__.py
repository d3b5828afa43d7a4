"""The head LivePortrait, moved by JoyVASA: speech to motion by diffusion, motion to pictures by warping.

`talking` hears, `leading` watches a video or picture to follow, `engine` paints, `crop` goes between photo
and square, `weights` reads the published files.
The faces come from our own landmarks, not from the detectors of the published programs, whose weights may
not be used commercially.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from pipeline import options
from pipeline.engines import Card

if TYPE_CHECKING:
    from pipeline.heads.liveportrait.engine import LivePortrait

__all__ = ["CARD", "Options", "load"]

CARD = Card(
    name="liveportrait",
    layer="head",
    title="LivePortrait with JoyVASA",
    summary="The most lifelike head for a photo: expression, gaze and small movements that fit the speech.",
    speed="needs a GPU; some twenty seconds a frame on two CPU cores",
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
    speaks=True,
)


class Options(options.Options):
    """How LivePortrait is run."""

    guidance: float = Field(2.8, ge=0, le=10)
    """How strongly the sound shapes the motion; 1 is the network's own reading."""
    smoothing: float = Field(0.05, ge=0.001, le=1)
    """Share of each frame in the smoothed head movement (0.8 s of memory). The published program's
    0.01 all but stops the head."""
    constant_position: bool = True
    """The position rule that the published weights were trained with; newer ones want it off."""
    stitching: bool = True
    """Keep the square's border where it is in the photo."""
    shut_lips: bool = False
    """Shut a mouth that is open in the photo before it speaks."""
    motion_from: options.InputFile | None = None
    """A video or picture whose expression and head movement the photo takes over; the lips are the words'."""


def load(options: Options | None = None) -> LivePortrait:
    """The engine with its weights, pulled from the Hub on first use.

    Raises:
        CheckpointError: the weights cannot be had, or are of another network.
    """
    from pipeline.heads.liveportrait import weights
    from pipeline.heads.liveportrait.engine import LivePortrait

    options = options or Options()
    return LivePortrait(weights.painter(), weights.talker(options), options)
