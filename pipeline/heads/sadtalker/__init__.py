"""The head SadTalker: speech to expression and head motion, one photo to frames, with one warp per frame.

`align` goes from the photo to the networks' square, `measuring` from squares and `performance` from the
speech to coefficients, `engine` plays them, `weights` reads the published files. The face comes from the
studio's own landmarks; the detectors of the published program are not needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator
from typing_extensions import Self

from pipeline import options
from pipeline.engines import Card
from pipeline.errors import OptionError

if TYPE_CHECKING:
    from pipeline.heads.sadtalker.engine import SadTalker

__all__ = ["CARD", "Options", "checkpoints", "load"]

CARD = Card(
    name="sadtalker",
    layer="head",
    title="SadTalker",
    summary="A photo nods, blinks and speaks in one of 46 manners of holding the head.",
    speed="needs a GPU; some fifteen seconds a frame on two CPU cores",
    code_licence="Apache-2.0 (own implementation)",
    weights_licence="as released with Apache-2.0 code; trained with research-only parts",
    commercial=False,
    paper="https://arxiv.org/abs/2211.12194",
    checkpoints=("sadtalker_256", "sadtalker_mapping_full"),
    memory_gb=3.0,
    speaks=True,
)


class Options(options.Options):
    """How SadTalker is run."""

    size: Literal[256, 512] = 256
    """Side in px of the face's square; each has weights of its own."""
    framing: Literal["full", "crop"] = "full"
    """`full` puts the square back into the photo; with `crop` the frames are the square alone."""
    pose_style: int = Field(0, ge=0, le=45)
    """Manner of holding the head, 0 to 45."""
    still: bool = False
    """The head keeps the photo's pose; only the face moves."""
    head: float | None = Field(None, ge=0, le=3)
    """Factor on the head's motion beside the style's. Left out, it is 1 for `crop`, and 0.4 for `full`, where
    more would show against the photo."""
    expression: float = Field(1.0, ge=0, le=3)
    """Factor on the face's expression, lips included."""
    yaw: tuple[float, ...] = ()
    """Degrees that the head turns through during the clip in place of its own turns, as in -10:0:10."""
    pitch: tuple[float, ...] = ()
    """The same for nods."""
    roll: tuple[float, ...] = ()
    """The same for leaning to a shoulder."""
    blinks: Literal["random", "regular"] = "random"
    """At random times, as people do, or slowly every three and a half seconds."""
    pose_from: options.InputFile | None = None
    """A video whose head movement comes on top of the head's own."""
    eyes_from: options.InputFile | None = None
    """A video whose blinks and expression the face goes through, instead of resting on the photo's."""

    @model_validator(mode="after")
    def _one_pose(self) -> Self:
        if self.still and self.pose_from:
            raise OptionError("A head that is still follows no video; leave out still or pose_from.")
        return self


def checkpoints(options: Options) -> tuple[str, ...]:
    """Keys of the published files for these options: each size and framing has weights of its own."""
    return f"sadtalker_{options.size}", f"sadtalker_mapping_{options.framing}"


def load(options: Options | None = None) -> SadTalker:
    """The engine with its weights, pulled from the Hub on first use.

    Raises:
        CheckpointError: the weights cannot be had, or are of another network.
    """
    from pipeline.heads.sadtalker import weights
    from pipeline.heads.sadtalker.engine import SadTalker

    options = options or Options()
    return SadTalker(weights.networks(options), options)
