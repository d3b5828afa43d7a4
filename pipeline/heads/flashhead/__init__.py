"""The head engine SoulX-FlashHead Pro: a photo that speaks, head and lips in one, by video diffusion.

`framing` crops the photo, `windows` cuts the speech into windows of about a second, `engine` renders them one
after the other, `weights` loads the published files. `pipeline.heads.flashhead_lite` is the same program with
another autoencoder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from pipeline import options
from pipeline.cards import Card

if TYPE_CHECKING:
    from pipeline.heads.flashhead.engine import FlashHead

__all__ = ["CARD", "Options", "load"]

CARD = Card(
    name="flashhead",
    layer="head",
    title="SoulX-FlashHead Pro",
    summary="A photo comes to life as a whole: head, shoulders and lips in one, second by second.",
    speed="about 20 frames a second on an H200, 10 on an RTX 4090; not for CPUs",
    code_licence="Apache-2.0 (own implementation)",
    weights_licence="Apache-2.0",
    commercial=True,
    paper="https://huggingface.co/Soul-AILab/SoulX-FlashHead-1_3B",
    checkpoints=("flashhead_pro", "flashhead_wan", "wav2vec2"),
    memory_gb=8.0,
    gpu_seconds=2.0,
    speaks=True,
)


class Options(options.Options):
    """How SoulX-FlashHead runs."""

    framing: Literal["crop", "full", "centre"] = "crop"
    """`crop` shows the square around the face, at 512 pixels; `full` pastes that square back into the photo;
    `centre` shows the middle of the photo."""
    steps: Literal[2, 4] = 4
    """Steps of the diffusion; 2 take half the time and are less fine."""
    colour: float = Field(default=1.0, ge=0, le=1)
    """How closely each frame keeps the photo's colours: 1 does not let them drift, 0 leaves them free."""
    rounded: bool = True
    """Round the diffusion's times to bfloat16, as the published program does."""
    offload: Literal["auto", "yes", "no"] = "auto"
    """Keep the transformer in the computer's memory and move it to the GPU piece by piece, which is slower;
    `auto` does so where the GPU's memory is short."""


def load(options: Options | None = None) -> FlashHead:
    """The engine with its weights, downloaded from the Hub on first use.

    Raises:
        CheckpointError: the weights cannot be had, or belong to another network.
    """
    from pipeline.heads.flashhead import weights
    from pipeline.heads.flashhead.engine import FlashHead

    options = options or Options()
    return FlashHead(weights.load_networks(weights.PRO, offload=options.offload), options)
