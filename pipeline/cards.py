"""The cards of engines and voices: what a person wants to know before choosing one.

Plain data, quick to import; `pipeline.engines` finds the cards, and loads what they describe.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pipeline.hub.checkpoints import Checkpoint

Layer = Literal["head", "lips", "voice", "matting"]
Subject = Literal["photo", "video"]

IMITATED_SECONDS = 30.0
"""How much of a recording is heard by a voice that imitates it; it does not come closer with more."""


@dataclass(frozen=True)
class Card:
    """What a person wants to know of an engine before choosing it."""

    name: str
    layer: Layer
    title: str
    summary: str
    """One sentence: what it does best."""
    speed: str
    """Speed class in words: "faster than real time on two CPU cores", "needs a GPU"."""
    code_licence: str
    weights_licence: str
    commercial: bool
    """Whether the weights' licence allows commercial use."""
    paper: str = ""
    """Address of the paper or model page."""
    checkpoints: tuple[str, ...] = ()
    """Keys of `hub.CHECKPOINTS` that it needs with its default options; none for an embedded engine."""
    memory_gb: float = 0.5
    """Device memory it wants."""
    gpu_seconds: float = 0.0
    """For how long a large GPU works on a second of video, loading apart; none for an embedded engine."""
    subjects: tuple[Subject, ...] = ("photo",)
    speaks: bool = False
    """For a head: it has a mouth of its own, which speaks in the same pass when asked to."""
    plays_motion: bool = False
    """For a head: it plays a motion file; it is a `protocols.MotionPlayer`."""
    paints_teeth: bool = False
    """For a head: it paints the teeth that the photo does not show, where `Portrait.teeth` says."""
    stresses: bool = False
    """For a voice family: it stresses the words that stand between asterisks."""


@dataclass(frozen=True)
class VoiceCard:
    """What a person wants to know of a voice before choosing it."""

    name: str
    """What a scene's `voice` takes: "joe", "en_US-amy-medium", "kokoro:af_heart", "mms:deu"."""
    family: str
    """The engine module that speaks it."""
    title: str
    language: str
    """BCP 47 tag: "en-US"."""
    licence: str
    """Licence of the weights, in words."""
    commercial: bool
    """Whether that licence allows commercial use; False also where it has to be looked up first."""
    source: str
    """Address of the model's page, or the package that carries it."""
    checkpoints: tuple[Checkpoint, ...] = ()
    """The published files that it needs; none for an embedded voice."""
    imitates: bool = False
    """It speaks in the voice of a recording, which it needs: `imitating` puts it into the options."""

    @property
    def download_bytes(self) -> int:
        """Size of its files, which are downloaded once; 0 for an embedded voice."""
        return sum(checkpoint.size for checkpoint in self.checkpoints)
