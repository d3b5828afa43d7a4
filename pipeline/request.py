"""What a person asks of the studio, and what the studio says on the way to the finished video."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from pipeline import engines, options
from pipeline.errors import StudioError, TextError, unknown_name
from pipeline.types import FRAME_RATES, STYLES, Emotion, Finding, Phone, Right, Style

if TYPE_CHECKING:
    from pipeline.trust import Consent

Stage = Literal["fetch", "look", "listen", "perform", "finish"]
"""What progress names: pulling an engine's weights (its first time only), reading the subject, the first
words, making frames, closing the file."""

CaptionStyle = Literal["srt", "vtt", "burn"]


@dataclass(frozen=True)
class Request:
    """Everything that a person asks of the studio for one video."""

    subject: Path
    """Photo or video of the person who shall speak."""
    output: Path
    """The MP4 to write; captions are written beside it under the same stem."""
    text: str | None = None
    """The words; with `audio` as well, the transcript of the recording."""
    audio: Path | None = None
    """A recording (or a video with sound) to be spoken instead of a synthetic voice."""
    motion: Path | None = None
    """A motion file to play instead of motion made from the words, which may then be left out."""
    voice: str = "joe"
    style: str = "calm"
    emotion: Emotion = "neutral"
    seed: int = 0
    fps: int = 25
    size: int | None = None
    """Side in px of a square crop around the face; None keeps the photo's own framing."""
    face: int = 0
    """Which face of the picture, counted from the largest."""
    head: str = "puppet"
    lips: str = "puppet"
    head_options: Mapping[str, str] = field(default_factory=dict)
    """The head engine's own options, as typed; its `Options` tells which there are."""
    lips_options: Mapping[str, str] = field(default_factory=dict)
    captions: CaptionStyle | None = None
    motion_out: Path | None = None
    """Write the motion that was played to this CSV file as well."""
    consent: Right | Consent | None = None
    """By what right this face may speak, or the answer already taken; None where it was answered for this
    very picture before."""
    mark: bool = True
    """Draw the small visible sign that the video is AI-generated."""
    overwrite: bool = False
    preview: bool = False
    """Send a `Chunk` for about every finished second."""

    def played(self) -> Style:
        """The style that the request names, once everything that needs no file has been checked.

        Raises:
            UnknownNameError: of a style, an emotion, an engine or one of its options; the sentence suggests
                the nearest.
            TextError: there is nothing to say.
            StudioError: a frame rate that is not offered.
        """
        if self.style not in STYLES:
            raise unknown_name("style", self.style, STYLES)
        if self.emotion not in get_args(Emotion):
            raise unknown_name("emotion", self.emotion, get_args(Emotion))
        if self.fps not in FRAME_RATES:
            offered = ", ".join(map(str, FRAME_RATES))
            raise StudioError(f"{self.fps} frames per second is not offered; choose one of {offered}.")
        if self.text is None and self.audio is None and self.motion is None:
            raise TextError("There is nothing to say: give a text, a recording or a motion file.")
        for layer, name, given in (
            ("head", self.head, self.head_options),
            ("lips", self.lips, self.lips_options),
        ):
            options.read(engines.option_type(layer, name), given, engine=name)
        return replace(STYLES[self.style], fps=self.fps, emotion=self.emotion, seed=self.seed)


@dataclass(frozen=True)
class Progress:
    """How far the job is."""

    stage: Stage
    fraction: float
    """Share of the whole job that is done, 0 to 1; for "fetch", of the download, which goes before it."""
    seconds_left: float | None = None


@dataclass(frozen=True)
class Chunk:
    """About one finished second as an MPEG-TS file, to be watched while the rest renders."""

    path: Path


@dataclass(frozen=True)
class Result:
    """The finished files."""

    video: Path
    duration: float
    """Seconds."""
    captions: Path | None = None
    motion: Path | None = None
    findings: tuple[Finding, ...] = ()
    """What the review of the photo had to say."""
    phones: tuple[Phone, ...] = ()
    """What is said in it, timed from its start, where the studio spoke the words itself."""
    faceless: int = 0
    """Frames of a video that show no face and therefore kept their own picture."""
    face: int = 0
    """Which face speaks, counted from the largest."""


Event = Progress | Chunk | Result
