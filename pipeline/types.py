"""The few types that travel between the steps of the pipeline.

Plain dataclasses over numpy arrays, without I/O and quick to import. Those that hold arrays compare and
hash by identity. Conventions used everywhere: images are RGB `uint8`; points are pixels, x to the right and
y down; angles are degrees with yaw > 0 turning the face to the image's right, pitch > 0 looking down,
roll > 0 clockwise in the image; times are seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol, TypeVar

import numpy as np

from pipeline.findings import Finding
from pipeline.steps import Steps

RATE = 48_000
"""Samples per second of every `Speech`. It is divisible by each of `FRAME_RATES`, so a video frame is a whole
number of samples and sound and picture are cut at the same places."""

FRAME_RATES = (24, 25, 30, 50, 60)
"""Frames per second that can be rendered."""

# fmt: off
BLENDSHAPES = (
    "eyeBlinkLeft", "eyeLookDownLeft", "eyeLookInLeft", "eyeLookOutLeft", "eyeLookUpLeft",
    "eyeSquintLeft", "eyeWideLeft",
    "eyeBlinkRight", "eyeLookDownRight", "eyeLookInRight", "eyeLookOutRight", "eyeLookUpRight",
    "eyeSquintRight", "eyeWideRight",
    "jawForward", "jawRight", "jawLeft", "jawOpen",
    "mouthClose", "mouthFunnel", "mouthPucker", "mouthRight", "mouthLeft",
    "mouthSmileLeft", "mouthSmileRight", "mouthFrownLeft", "mouthFrownRight",
    "mouthDimpleLeft", "mouthDimpleRight", "mouthStretchLeft", "mouthStretchRight",
    "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper",
    "mouthPressLeft", "mouthPressRight", "mouthLowerDownLeft", "mouthLowerDownRight",
    "mouthUpperUpLeft", "mouthUpperUpRight",
    "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight",
    "cheekPuff", "cheekSquintLeft", "cheekSquintRight",
    "noseSneerLeft", "noseSneerRight", "tongueOut",
)
# fmt: on
"""ARKit's 52 blendshapes, in the order in which Live Link Face writes them. Left is the person's left."""

SHAPE = {name: index for index, name in enumerate(BLENDSHAPES)}
"""Column of each blendshape in a `(…, 52)` array."""


@dataclass(frozen=True)
class Phone:
    """One speech sound."""

    label: str
    """IPA symbol without stress or tone marks; "" for silence."""
    start: float
    """Seconds from the start of the `Speech` it belongs to."""
    end: float


@dataclass(frozen=True)
class Word:
    """One spoken word."""

    text: str
    """As written."""
    start: float
    """Seconds from the start of the `Speech` it belongs to."""
    end: float
    goes_on: bool = False
    """Whether the next word follows without a space, as in Japanese."""


Spoken = TypeVar("Spoken", Phone, Word)


@dataclass(frozen=True, eq=False)
class Speech:
    """A stretch of sound with what is said in it: a sentence of a text, or a part of a recording.

    A job's speech is a stream of these, one after the other without gaps.
    """

    samples: np.ndarray
    """`(N,)` float32 in [-1, 1], mono at `rate`; N is a whole number of the job's video frames."""
    phones: tuple[Phone, ...] = ()
    words: tuple[Word, ...] = ()
    text: str = ""
    language: str = "en"
    """BCP 47 tag; "und" where unknown."""
    rate: int = RATE
    """Samples per second."""
    recognised: bool = False
    """Whether the phones were only recognised in the sound, not known from a text."""
    incomplete: bool = False
    """Whether words of the recording that it is part of could not be recognised, and are missing."""

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.samples) / self.rate

    def frames(self, fps: int) -> int:
        """How many video frames this stretch lasts."""
        return round(self.duration * fps)


def join(parts: Iterable[Speech]) -> Speech:
    """Concatenate consecutive parts, for engines that need all of the speech at once."""
    parts = list(parts)
    placed = list(zip(parts, np.cumsum([0.0, *(part.duration for part in parts)]), strict=False))
    return Speech(
        samples=np.concatenate([part.samples for part in parts]) if parts else np.zeros(0, np.float32),
        phones=tuple(shift_time(item, at) for part, at in placed for item in part.phones),
        words=tuple(shift_time(item, at) for part, at in placed for item in part.words),
        text=" ".join(part.text for part in parts if part.text),
        language=parts[0].language if parts else "und",
        recognised=any(part.recognised for part in parts),
        incomplete=any(part.incomplete for part in parts),
    )


def shift_time(item: Spoken, seconds: float) -> Spoken:
    """The phone or word, `seconds` later."""
    return replace(item, start=item.start + seconds, end=item.end + seconds)


_EYE_CORNERS = ((33, 133), (362, 263))
"""Landmarks of the right and the left eye's corners. `pipeline.faces.landmarks` has them by name; it is not
imported here, because that package is slow to import."""


@dataclass(frozen=True, eq=False)
class Face:
    """One face in one image."""

    landmarks: np.ndarray
    """`(478, 3)` float32 px in MediaPipe's face mesh numbering; z in the same unit, smaller is nearer."""
    blendshapes: np.ndarray
    """`(52,)` float32 in [0, 1], ordered as `BLENDSHAPES`."""
    pose: np.ndarray
    """`(3,)` float32 yaw, pitch, roll in degrees."""
    matrix: np.ndarray = field(default_factory=lambda: np.eye(4, dtype=np.float32))
    """`(4, 4)` float32: canonical face model (cm) to camera, as the tracker gives it."""

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of the landmarks in px."""
        (x0, y0), (x1, y1) = self.landmarks[:, :2].min(0), self.landmarks[:, :2].max(0)
        return float(x0), float(y0), float(x1), float(y1)

    @property
    def interocular(self) -> float:
        """Distance between the eye centres in px, the unit of head shifts."""
        right, left = (self.landmarks[list(corners), :3].mean(0) for corners in _EYE_CORNERS)
        return float(np.linalg.norm(left - right))


@dataclass(frozen=True)
class ToothLines:
    """Where one person's teeth hang: two heights, in inter-ocular distances below the line of closed lips."""

    upper: float | None
    """The tips of the upper row; None where it never shows."""
    lower: float | None
    """The tips of the lower row while the jaw is shut; None where it never shows."""
    light: float = 1.0
    """The light on them as a share of that on average teeth in the same picture."""


@dataclass(frozen=True, eq=False)
class Portrait:
    """A photo of the person who will speak."""

    image: np.ndarray
    """`(H, W, 3)` uint8 RGB, upright."""
    face: Face
    findings: tuple[Finding, ...] = ()
    """What the review of the photo found."""
    alpha: np.ndarray | None = None
    """`(H, W)` uint8: how much of each pixel is the person, where the photo was cut out
    (`pipeline.stage.matting`); `image` then shows the person's own colours there."""
    teeth: ToothLines | None = None
    """Where this person's teeth hang, where another picture showed it."""


class Footage(Protocol):
    """A video of the person, read lazily; made by `pipeline.faces.footage`."""

    fps: int
    """Constant frame rate, one of `FRAME_RATES`."""
    size: tuple[int, int]
    """Width and height in px, upright."""
    count: int
    """Number of frames at `fps`."""

    def frames(self) -> Iterator[Frame]:
        """All frames in order, each with the landmarks of the chosen face where it is in view."""
        ...


@dataclass(frozen=True, eq=False)
class Motion:
    """A stretch of blendshapes and head pose."""

    fps: int
    blendshapes: np.ndarray
    """`(T, 52)` float32 in [0, 1], absolute, ordered as `BLENDSHAPES`."""
    pose: np.ndarray
    """`(T, 3)` float32 yaw, pitch, roll in degrees relative to the subject's own."""
    shift: np.ndarray
    """`(T, 2)` float32 head translation right and down, in inter-ocular distances."""

    def __len__(self) -> int:
        return len(self.blendshapes)


@dataclass(frozen=True, eq=False)
class Frame:
    """One frame of the video."""

    image: np.ndarray
    """`(H, W, 3)` uint8 RGB."""
    landmarks: np.ndarray | None = None
    """`(478, 3)` px where the head engine knows them; a lips engine then need not detect the face."""
    motion: Motion | None = None
    """The one-frame motion that the frame shows, where the head engine works from one."""
    alpha: np.ndarray | None = None
    """`(H, W)` uint8: the portrait's `alpha` as it moved with the head, where the head engine moves it."""


@dataclass(frozen=True, eq=False)
class Clip:
    """Frames in order, made on demand: what a head returns and what lips work on."""

    size: tuple[int, int]
    """Width and height of every frame in px; an engine may choose another than the subject's."""
    fps: int
    """Frames per second."""
    frames: Iterator[Frame]
    face: np.ndarray | None = None
    """`(478, 2 or 3)` px of the subject's face before it moves, where the frames bring no landmarks: among
    several faces, the one that the lips engine should find."""
    steps: Steps | None = None
    """Progress within the next frames, where each takes many seconds."""

    def close(self) -> None:
        """Stop whatever makes the frames; there are no more."""
        if self.steps is not None:
            self.steps.give_up()
        close = getattr(self.frames, "close", None)
        if close is not None:
            with suppress(ValueError):  # another thread is making one, and stops after its present step
                close()


AlphaKind = Literal["webm", "mov"]
"""Files of videos that are transparent in places: WebM (VP9) and MOV (ProRes 4444)."""

ConsentBasis = Literal["me", "permission", "fictional"]
"""Why a face may be used: it is mine, the person agreed, it belongs to no real person."""

Emotion = Literal["neutral", "warm", "serious", "excited"]
"""What colours the face while it speaks."""


@dataclass(frozen=True)
class Style:
    """How a performance is given. Amplitudes are factors on natural motion, 0 (none) to 2."""

    fps: int = 25
    """Frames per second."""
    head: float = 1.0
    """Head turns and nods."""
    expression: float = 1.0
    """Brows, cheeks and gaze."""
    blinks: float = 1.0
    """How often the eyes blink."""
    tempo: float = 1.0
    """How quickly the head moves, and how often head, brows and gaze mark what is said."""
    emotion: Emotion = "neutral"
    seed: int = 0
    """Of everything random: the same seed gives the same performance."""
    performer: int | None = None
    """Seed of the performer's habits, where several clips show one; left out, they follow from `seed`."""
    settle: float = 0.0
    """Seconds before the end at which all motion has come to rest, 0 to 0.2: for clips that are joined."""


StyleName = Literal["still", "calm", "lively"]

STYLES: dict[StyleName, Style] = {
    "still": Style(head=0.35, expression=0.4, tempo=0.7),
    "calm": Style(head=1.0, expression=1.0),
    "lively": Style(head=1.4, expression=1.2, tempo=1.4),
}
"""The named styles."""
