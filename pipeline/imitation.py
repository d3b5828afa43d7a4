"""The voice of a recording: which voices can imitate it, with what options, and who allowed it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pipeline import engines
from pipeline.errors import AudioError, OptionError
from pipeline.files import require_file
from pipeline.options import Options
from pipeline.spec import Scene
from pipeline.trust import Consent, Memory, consent_for, voice_consent
from pipeline.types import ConsentBasis


def require_text(scene: Scene) -> None:
    """Refuse a recording to imitate where no voice speaks.

    Raises:
        OptionError: there is no text, or a recording is spoken instead.
    """
    if scene.voice_from is not None and (scene.text is None or scene.audio is not None):
        raise OptionError(
            "voice_from is for a text that a voice says; leave it out here.", parameter="voice_from"
        )


def require_imitation(voice: str, recording: Path | None) -> None:
    """A voice that imitates needs a recording, and only such a voice takes one.

    Args:
        voice: the name of one.
        recording: what it is to imitate, if anything.

    Raises:
        OptionError: there is one without the other; the sentence names a voice that imitates.
    """
    card = engines.voice(voice)
    if card.imitates and recording is None:
        raise OptionError(
            f"The voice {voice!r} speaks in the voice of a recording; give one as voice_from.",
            parameter="voice_from",
        )
    if recording is not None and not card.imitates:
        own = [each for each in engines.voices() if each.imitates]
        near = next((each for each in own if each.language == card.language.partition("-")[0]), own[0])
        raise OptionError(
            f"The voice {voice!r} cannot imitate a recording; choose {near.name!r}, or leave voice_from out.",
            parameter="voice",
        )


def with_recording(voice: str, recording: Path | None, chosen: Options | None) -> Options | None:
    """The options of a voice, with the recording that it imitates where there is one.

    Args:
        voice, recording: as for `require_imitation`.
        chosen: the options without it.

    Raises:
        AudioError: the recording is missing, or cannot be imitated.
    """
    if recording is None:
        return chosen
    from pipeline.review.sample import require_sample

    require_file(recording, "recording", AudioError, "voice_from")
    return engines.imitating(voice, chosen, recording, require_sample(recording))


def scene_consent(scene: Scene, *, memory: Memory | None = None) -> Consent:
    """The answers for a scene: that for its picture, with that for the voice which it imitates.

    Raises:
        ConsentError: nobody has answered for the picture, or for the recording, yet.
        PhotoError, AudioError: a file cannot be read.
    """
    consent = consent_for(scene.subject, scene.consent, memory=memory)
    return with_voice(consent, scene.voice_from, scene.voice_consent, memory=memory)


def with_voice(
    consent: Consent, recording: Path | None, basis: ConsentBasis | None, *, memory: Memory | None = None
) -> Consent:
    """The answers for a picture, with that for the voice that is imitated, if any is.

    Args:
        consent: for the picture.
        recording: the voice's.
        basis, memory: as for `trust.voice_consent`.

    Raises:
        ConsentError: nobody has answered for the recording yet.
        AudioError: it cannot be read.
    """
    if recording is None:
        return consent
    return replace(consent, voice=voice_consent(recording, basis, memory=memory))
