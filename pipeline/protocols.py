"""What the rest of the pipeline expects of an engine: a head, lips, a voice, or a matting."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from pipeline.cards import VoiceCard
from pipeline.types import Clip, Footage, Motion, Phone, Portrait, Speech, Style


class Head(Protocol):
    """Layer 2: everything around the mouth."""

    def animate(
        self, subject: Portrait | Footage, speech: Iterable[Speech], style: Style, *, speaking: bool
    ) -> Clip:
        """A clip of all of `speech` at `style.fps`, whose frames are made on demand.

        `speaking` asks the head to move the mouth too; otherwise the mouth stays as in the subject, for a
        lips engine to replace. A head reads `speech` at most one part ahead, so that a live stream works,
        and yields `part.frames(style.fps)` frames for each part.
        """
        ...


@runtime_checkable
class MotionPlayer(Protocol):
    """A head that plays motion made elsewhere, lips included; its card says `plays_motion`."""

    def play(self, subject: Portrait | Footage, motions: Iterable[Motion]) -> Clip:
        """A clip of the subject going through `motions` one after the other; all have one frame rate."""
        ...


class Lips(Protocol):
    """Layer 1: the mouth, on any frames."""

    def sync(self, clip: Clip, speech: Iterable[Speech], style: Style) -> Clip:
        """The same clip with the mouth speaking `speech`; everything else stays bit-identical."""
        ...


class SpokenWord(Protocol):
    """A word of a phrase; `speech.text.words.NormalizedWord` is one."""

    @property
    def written(self) -> str:
        """As it stands in the text."""
        ...

    @property
    def spoken(self) -> str:
        """As it is read aloud, in words."""
        ...

    @property
    def emphasis(self) -> bool:
        """Whether it is to be stressed."""
        ...

    @property
    def goes_on(self) -> bool:
        """Whether the next word follows without a space."""
        ...


@dataclass(frozen=True, eq=False)
class Utterance:
    """A phrase as a voice said it."""

    samples: np.ndarray
    """`(N,)` float32 mono at `rate`, at the level that the model produces."""
    rate: int
    phones: tuple[Phone, ...] | None = None
    """Every phone and silence, without gaps; None where the model does not predict them."""
    words: tuple[tuple[float, float], ...] | None = None
    """Start and end in seconds of each word of the phrase; None where the model does not predict them."""


class Voice(Protocol):
    """A loaded voice."""

    card: VoiceCard
    gain: float
    """Factor that brings its utterances to the loudness that all voices share; the same for every phrase."""

    def say(self, phrase: Sequence[SpokenWord], *, pace: float, seed: int) -> Utterance:
        """Synthesise a phrase.

        Args:
            phrase: its words, which are said in one go.
            pace: factor on the speed of speech, 0.5 to 2.
            seed: the same seed gives the same bytes.
        """
        ...


class Matting(Protocol):
    """Tells people from what is behind them."""

    longest: int
    """Px of the longer side of the copies that `frame` sees."""

    def photo(self, image: np.ndarray, unit: float) -> np.ndarray:
        """Alpha `(H, W)` float32 in [0, 1] of a photo `(H, W, 3)` uint8 RGB.

        Args:
            image: the person with some room around.
            unit: the inter-ocular distance in px.

        Raises:
            StudioError: it does not fit into the device's memory.
        """
        ...

    def frame(self, small: np.ndarray) -> np.ndarray:
        """A first alpha `(h, w)` float32 in [0, 1] of a frame's copy, which is then steadied over time.

        Raises:
            StudioError: it does not fit into the device's memory.
        """
        ...

    def finished(self, alpha: np.ndarray, small: np.ndarray, image: np.ndarray) -> np.ndarray:
        """Alpha `(H, W)` float32 in [0, 1] of the frame, out of that of its copy."""
        ...
