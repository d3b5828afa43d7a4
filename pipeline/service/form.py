"""What a visitor filled in, as one value, and how it becomes a `Request`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import ConsentError, PhotoError
from pipeline.request import Request
from pipeline.service import jobs

if TYPE_CHECKING:
    from pipeline.trust import Consent, Memory


@dataclass(frozen=True)
class Answers:
    """The page's fields, by the names that its public endpoint uses as well."""

    photo: str | None
    text: str | None
    """What to say, or the transcript of the recording; None where neither is given."""
    consent: str | None
    voice: str
    audio: str | None
    """A recording to be spoken instead of the voice."""
    video: str | None
    """A video to be given new words instead of a photo."""
    style: str
    emotion: str
    head: str
    lips: str
    captions: str
    """One of "srt", "vtt", "burn", or empty for none."""
    size: int
    """Side of a square picture in px; 0 keeps the photo's framing."""
    fps: int
    seed: int
    face: int
    """Which face of the picture, counted from the largest."""
    mark: bool
    head_options: Mapping[str, str] = field(default_factory=dict)
    """The head engine's own options that differ from its defaults, as typed."""
    lips_options: Mapping[str, str] = field(default_factory=dict)
    """The same for the lips engine."""

    def request(self, folder: Path, *, preview: bool, memory: Memory | None = None) -> Request:
        """The request whose files go into `folder`.

        Args:
            preview: as in `Request`.
            memory: the visitor's own answers of consent; None for this machine's.

        Raises:
            PhotoError: neither a photo nor a video was given.
            ConsentError: nobody said by what right this face may speak.
        """
        subject = self.video or self.photo
        if subject is None:
            raise PhotoError("There is nobody to speak yet: add a photo, or pick a sample portrait.")
        text = None if self.text is None else self.text.strip()
        stem = jobs.file_stem(Path(subject), text or Path(self.audio or "").stem, date.today())
        return Request(
            subject=Path(subject),
            output=folder / f"{stem}.mp4",
            text=text or None if self.audio else text,
            audio=Path(self.audio) if self.audio else None,
            voice=self.voice,
            style=self.style,
            emotion=self.emotion,
            seed=int(self.seed or 0),
            fps=int(self.fps),
            size=int(self.size) or None,
            face=int(self.face or 0),
            head=self.head,
            lips=self.lips,
            head_options=self.head_options,
            lips_options=self.lips_options,
            captions=self.captions or None,
            motion_out=folder / f"{stem}.csv",
            consent=self._consent(Path(subject), memory),
            mark=self.mark,
            preview=preview,
        )

    def _consent(self, subject: Path, memory: Memory | None) -> Consent:
        from pipeline import trust

        try:
            return trust.consent_for(subject, self.consent or None, memory=memory)
        except ConsentError as error:
            raise ConsentError(
                "Say first by what right this face may speak: it is you, you have this person's permission, "
                "or the face is fictional."
            ) from error
