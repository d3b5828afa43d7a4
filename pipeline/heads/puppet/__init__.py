"""The embedded head: a photo becomes a puppet whose skin, lids, lips and head follow a motion.

The photo is warped, never repainted: its own pixels move with a 3-D mesh of MediaPipe's 478 landmarks and
of a grid around them. What no photo shows is drawn in the photo's own tones: the mouth's inside (`mouth`)
and what the lids uncover (`eyes`). Rooms, in the order in which a frame passes them: `basis` (scores to
displacements, learned), `rig` (a motion's frame to vertices), `mesh` (vertices and triangles of one
portrait), `warp` (triangles to pixels), `eyes`, `mouth`, `retouch` (the mouth's light as a network knows it),
and `engine`, which plays them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.engines import Card

if TYPE_CHECKING:
    from pipeline.heads.puppet.engine import Puppet

__all__ = ["CARD", "load"]

CARD = Card(
    name="puppet",
    layer="head",
    title="Puppet",
    summary="Moves the photo itself, in full resolution, and speaks in the same pass.",
    speed="faster than real time on two CPU cores",
    code_licence="Apache-2.0",
    weights_licence="Apache-2.0",
    commercial=True,
    memory_gb=0.0,
    own_lips="puppet",
)


def load() -> Puppet:
    """The engine; its one small model file is part of the repository."""
    from pipeline.heads.puppet.engine import Puppet

    return Puppet()
