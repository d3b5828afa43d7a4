"""The embedded lips: new words for any frames, on the CPU and without a download.

The lower face of each frame is warped, its own pixels, to the mouth that the words ask for; the inside of
the mouth is the speaker's own where an earlier frame showed it, and drawn in the speaker's tones elsewhere.
`face` says where the skin has to go in one frame, `inside` what is seen between the lips, `engine` plays
them on a stream.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.engines import Card

if TYPE_CHECKING:
    from pipeline.lips.puppet.engine import PuppetLips

__all__ = ["CARD", "load"]

CARD = Card(
    name="puppet",
    layer="lips",
    title="Puppet lips",
    summary="Warps the speaker's own mouth to new words, at full resolution; works on photos and videos.",
    speed="faster than real time on two CPU cores",
    code_licence="Apache-2.0",
    weights_licence="Apache-2.0",
    commercial=True,
    memory_gb=0.0,
    subjects=("photo", "video"),
)


def load() -> PuppetLips:
    """The engine; its small models are part of the repository."""
    from pipeline.lips.puppet.engine import PuppetLips

    return PuppetLips()
