"""The head engine SadTalker: speech to 3-D motion coefficients, and these to frames of a photo.

`align` maps the photo to the networks' square, `coefficients` extracts coefficients from pictures, `motion`
generates them from the speech, `engine` renders them, `weights` loads the published files. The face is
located by the studio's own landmarks; the detectors of the published program are not needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator
from typing_extensions import Self

from pipeline import options
from pipeline.cards import Card
from pipeline.errors import OptionError

if TYPE_CHECKING:
    from pipeline.heads.sadtalker.engine import SadTalker

__all__ = ["CARD", "Options", "checkpoints", "load"]

CARD = Card(
    name="sadtalker",
    layer="head",
    title="SadTalker",
    summary="A photo nods, blinks and speaks, with one of 46 styles of head movement.",
    speed="needs a GPU; about 15 seconds per frame on two CPU cores",
    code_licence="Apache-2.0 (own implementation)",
    weights_licence="as released with Apache-2.0 code; trained with research-only parts",
    commercial=False,
    paper="https://arxiv.org/abs/2211.12194",
    checkpoints=("sadtalker_256", "sadtalker_mapping_full"),
    memory_gb=3.0,
    gpu_seconds=1.0,
    speaks=True,
)


class Options(options.Options):
    """How SadTalker runs."""

    size: Literal[256, 512] = 256
    """Side in px of the animated square; each size has its own weights."""
    framing: Literal["full", "crop"] = "full"
    """`full` pastes the animated square back into the photo; `crop` shows the square alone."""
    pose_style: int = Field(default=0, ge=0, le=45)
    """Style of head movement, 0 to 45."""
    still: bool = False
    """Keep the photo's head pose; only the face moves."""
    head: float | None = Field(default=None, ge=0, le=3)
    """Factor on the head motion, on top of the style's. Left out, it is 1 for `crop` and 0.4 for `full`,
    where more would reveal the square's border."""
    expression: float = Field(default=1.0, ge=0, le=3)
    """Factor on the facial expression, lips included."""
    yaw: tuple[float, ...] = ()
    """Yaw in degrees over the course of the clip, as in -10:0:10, in place of the generated one."""
    pitch: tuple[float, ...] = ()
    """The same for the pitch."""
    roll: tuple[float, ...] = ()
    """The same for the roll."""
    blinks: Literal["random", "regular"] = "random"
    """Blinks at random times, as people do, or slow ones every 3.5 seconds."""
    pose_from: options.InputFile | None = None
    """A video whose head movement is added to the generated one."""
    eyes_from: options.InputFile | None = None
    """A video whose blinks and expression replace the photo's resting expression."""

    @model_validator(mode="after")
    def _still_without_reference(self) -> Self:
        if self.still and self.pose_from:
            raise OptionError("A still head cannot follow a video; leave out still or pose_from.")
        return self


def checkpoints(options: Options) -> tuple[str, ...]:
    """Keys of the published files that these options need: each size and framing has its own weights."""
    return f"sadtalker_{options.size}", f"sadtalker_mapping_{options.framing}"


def load(options: Options | None = None) -> SadTalker:
    """The engine with its weights, downloaded from the Hub on first use.

    Raises:
        CheckpointError: the weights cannot be had, or belong to another network.
    """
    from pipeline.heads.sadtalker import weights
    from pipeline.heads.sadtalker.engine import SadTalker

    options = options or Options()
    return SadTalker(weights.load_networks(options), options)
