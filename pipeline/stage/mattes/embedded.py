"""The embedded matting engine, which needs neither a download nor a GPU; `segmented` is what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.cards import Card

if TYPE_CHECKING:
    from pipeline.stage.mattes.segmented import EmbeddedMatting

CARD = Card(
    name="embedded",
    layer="matting",
    title="Embedded matting",
    summary="Cuts out photos by closed-form matting and frames of videos quickly, without a download.",
    speed="three seconds for a photo, frames faster than real time, on two CPU cores",
    code_licence="Apache-2.0",
    weights_licence="Apache-2.0",
    commercial=True,
    paper="https://people.csail.mit.edu/alevin/papers/Matting-Levin-Lischinski-Weiss-PAMI.pdf",
    subjects=("photo", "video"),
)


def load() -> EmbeddedMatting:
    """The engine; its model of a quarter of a megabyte is read when it is first used."""
    from pipeline.stage.mattes.segmented import EmbeddedMatting

    return EmbeddedMatting()
