"""The statement that a video is AI-generated: in the file's metadata, and as a small mark on every frame."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pipeline import engines
from pipeline.trust.ledger import Consent
from pipeline.video.overlay import Overlay, text_box

_SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
"""IPTC's digital source type for captured media combined with what a trained model made of it."""

_MARK_TEXTS = {
    "en": "AI-generated",
    "es": "Generado con IA",
    "de": "KI-generiert",
    "fr": "Généré par IA",
    "it": "Generato con IA",
    "pt": "Gerado por IA",
    "zh": "AI 生成",
    "ja": "AIで生成",
    "hi": "AI से बना",
    "ar": "مُنشأ بالذكاء الاصطناعي",
}
"""What the visible mark says, by the language of the video."""

_STATEMENTS: dict[str, str] = {
    "me": "the person shown made this video",
    "permission": "the person shown gave permission",
    "fictional": "the face belongs to no real person",
    "sample": "the face is a public-domain photograph that ships with the studio as a sample",
}
"""What the maker declares by each basis of consent."""

_VOICE_STATEMENTS: dict[str, str] = {
    "me": "the voice is the maker's own",
    "permission": "the person heard gave permission",
    "fictional": "the voice belongs to no real person",
}


def voice_metadata(consent: Consent | None, voice: str | None) -> dict[str, str]:
    """Metadata on a voice that imitates a recording; empty for any other voice.

    Args:
        consent: why the recording may be imitated.
        voice: name of the voice that ran.
    """
    if consent is None or voice is None or voice == "recording" or not engines.voice(voice).imitates:
        return {}
    return {
        "voice_cloned": "true",
        "voice_consent": consent.basis,
        "voice_recording_sha256": consent.checksum,
        "voice_statement": f"The voice {voice!r} imitates a recording. Declared by its maker: "
        f"{_VOICE_STATEMENTS[consent.basis]}.",
    }


def sound_metadata(voice: str, consent: Consent | None) -> str:
    """The comment of a sound file: that it is AI-generated, and by which voice.

    Args:
        voice: name of the voice that ran.
        consent: why the recording that it imitates may be imitated; None of any other voice.
    """
    from pipeline import __version__

    begun = f"AI-generated speech by the synthetic voice {voice!r}. Talking-head studio {__version__}."
    about = voice_metadata(consent, voice)
    if not about:
        return begun
    return f"{begun} {about['voice_statement']} SHA-256 of the recording: {about['voice_recording_sha256']}."


def metadata(
    consent: Consent,
    *,
    head: str,
    lips: str,
    voice: str | None,
    seed: int,
    motion: bool = False,
    matting: str | None = None,
    subject: Path | None = None,
) -> dict[str, str]:
    """Metadata of the finished file. It holds no date, so that the same inputs give the same file.

    Of a head that shows a video as it was filmed, only the lips are said to be made; of a video that itself
    says that its movements were made, that is said again.

    Args:
        consent: why the face may be used.
        head: the head engine that ran.
        lips: the lips engine that ran, or the head's where its own mouth spoke.
        voice: name of the voice, or "recording"; None for a silent video.
        seed: of everything random.
        motion: whether the head played a motion file.
        matting: the engine that cut the person out, if anything did.
        subject: the photo or video of the person.
    """
    from pipeline import __version__
    from pipeline.video.container import read_tags

    made = f"Talking-head studio {__version__}"
    moving = "file" if motion else "generated"
    if engines.card("head", head).subjects == ("video",):
        before = {} if subject is None else read_tags(subject)
        moving = before.get("motion", "filmed") if before.get("ai_generated") == "true" else "filmed"
    filmed = moving == "filmed"
    moved = "the movements of its lips" if filmed else "its movements"
    source = "from a motion file" if moving == "file" else "by software"
    sounds = {None: "without sound", "recording": "to a recording"}
    sound = sounds.get(voice, f"to the synthetic voice {voice!r}")
    made_with = {} if matting is None else {"matting_engine": matting}
    return {
        "title": "AI-generated talking head",
        "comment": f"This video is AI-generated: {moved} were made {source}, {sound}. "
        f"Declared by its maker: {_STATEMENTS[consent.basis]}.",
        "software": made,
        "DigitalSourceType": _SOURCE_TYPE,
        "ai_generated": "true",
        "consent": consent.basis,
        "head_engine": head,
        "lips_engine": lips,
        "voice": voice or "none",
        "seed": str(seed),
        "motion": moving,
        **voice_metadata(consent.voice, voice),
        **made_with,
    }


def mark_text(language: str | None) -> str:
    """What the visible mark says in a video of a language, as of `Mark`."""
    base = (language or "en").partition("-")[0].lower()
    return _MARK_TEXTS.get(base, _MARK_TEXTS["en"])


class Mark:
    """The visible mark in the frame's upper right corner, legible on light and on dark frames."""

    def __init__(self, size: tuple[int, int], language: str | None = None) -> None:
        """`size`: width and height of the frames in px; `language`: BCP 47 tag of what is said. Where it is
        not known, or the mark is not translated into it, the mark is in English.
        """
        width, height = size
        font_size = max(9.0, 0.024 * min(max(size), 1.6 * min(size)))
        drawing = text_box(
            mark_text(language), font_size=font_size, colour=(255, 255, 255, 225), background=(0, 0, 0, 125)
        )
        drawing.thumbnail((width, height))
        margin = min(round(0.02 * min(size)), width - drawing.width, height - drawing.height)
        self._overlay = Overlay(drawing, width - drawing.width - margin, margin)

    @property
    def overlay(self) -> Overlay:
        """The mark's drawing, in its place."""
        return self._overlay

    def draw(self, image: np.ndarray) -> np.ndarray:
        """A copy of the frame, `(H, W, 3)` uint8 RGB of the announced size, with the mark on it."""
        return self._overlay.draw(image)
