"""Pocket TTS: natural voices in six languages that read letters, and the voice of a recording; of the Hub.

Kyutai's 100-million-parameter network writes latents of a codec, 12.5 for every second of sound, after a
recording of the speaker and the text; its classes are in transformers from 5.24 on. Whatever is heard in the
recording, the network goes on in: published voices are recordings that it has heard already, and a voice
that is named by its language alone needs one of the user's own.
https://huggingface.co/kyutai/pocket-tts, https://arxiv.org/abs/2509.06926
"""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from pipeline import options
from pipeline.cards import Card, VoiceCard
from pipeline.errors import AudioError, CheckpointError
from pipeline.hub.voice_checkpoints import (
    POCKET_LANGUAGES,
    POCKET_OWN_LICENCE,
    POCKET_VOICES,
    pocket_checkpoints,
)
from pipeline.protocols import Voice
from pipeline.speech.voices.replaceable import replaceable

if TYPE_CHECKING:
    from pipeline.speech.voices.pocket.voice import Networks

CARD = Card(
    name="pocket",
    layer="voice",
    title="Pocket TTS",
    summary="Natural voices in six languages, and the voice of a recording.",
    speed="faster than real time on two CPU cores",
    code_licence="Apache-2.0 (the package transformers)",
    weights_licence="CC BY 4.0; each voice's own",
    commercial=True,
    paper="https://arxiv.org/abs/2509.06926",
    memory_gb=1.0,
)


class Options(options.Options):
    """How a Pocket TTS voice speaks."""

    variation: Annotated[float, Field(ge=0, le=1)] = 0.3
    """How much the delivery varies from take to take: 0 is always the same, 0.3 as it was published."""


class Imitation(Options):
    """The options with the recording whose voice is to be heard, which only `imitating` sets."""

    recording: Path
    checksum: str


def imitating(chosen: Options | None, recording: Path, checksum: str) -> Imitation:
    """The options of a voice that says its words in the voice of a recording.

    Args:
        chosen: the options that were asked for.
        recording: any sound or video file; see `review.require_sample`.
        checksum: its SHA-256.
    """
    given = {} if chosen is None else chosen.model_dump()
    return Imitation(**given, recording=recording, checksum=checksum)


def cards() -> list[VoiceCard]:
    """The published voices in the language of their speakers, and one for recordings in each language."""
    listed = [_card(language, voice) for voice, (_, _, language) in POCKET_VOICES.items()]
    return [*listed, *(_own_card(language) for language in POCKET_LANGUAGES)]


def find(name: str) -> VoiceCard | None:
    """The card of a voice: `pocket:<language>_<voice>`, or `pocket:<language>` for a recording's voice."""
    match = re.fullmatch(r"pocket:([a-z]{2})(?:_([a-z_]+))?", name)
    if match is None or match[1] not in POCKET_LANGUAGES:
        return None
    if match[2] is None:
        return _own_card(match[1])
    return _card(match[1], match[2]) if match[2] in POCKET_VOICES else None


def load(card: VoiceCard, options: Options | None = None) -> Voice:
    """A published voice, or that of a recording.

    Raises:
        CheckpointError: transformers is too old, or the files are damaged, or missing and cannot be
            downloaded.
        AudioError: the voice needs a recording, which was not given or cannot be read.
    """
    require_transformers(card.name)
    from pipeline import hub
    from pipeline.speech.voices.level import measured_gain
    from pipeline.speech.voices.pocket.voice import PocketVoice, heard
    from pipeline.speech.voices.pocket.weights import load_prefix

    options = options or Options()
    if card.imitates and not isinstance(options, Imitation):
        raise AudioError(
            f"The voice {card.name!r} speaks in the voice of a recording; give one as voice_from.",
            parameter="voice_from",
        )
    files = [hub.fetch(checkpoint) for checkpoint in card.checkpoints]
    networks = _networks(files[0], files[1])
    if isinstance(options, Imitation):
        prefix = heard(networks, options.recording)
    else:
        prefix = load_prefix(files[2], networks.speaker.config)
    voice = PocketVoice(card, networks, prefix, variation=options.variation)
    voice.gain = measured_gain(voice)
    return voice


def require_transformers(name: str) -> None:
    """Refuse the voice `name` where the installed transformers does not have the network's classes.

    Raises:
        CheckpointError: it is too old, or not installed.
    """
    if find_spec("transformers") is None or find_spec("transformers.models.pocket_tts") is None:
        raise CheckpointError(
            f"The voice {name!r} needs transformers 5.24 or newer; run "
            "`pip install -U 'transformers>=5.24,<6'`, or choose another voice.",
            parameter="voice",
        )


def _networks(weights: Path, tokenizer: Path) -> Networks:
    """The networks of a language, which its voices share."""
    from pipeline.inference import device
    from pipeline.speech.voices.pocket.voice import Networks

    found: Networks = device.model_cache().get(
        ("voice", "pocket", weights, tokenizer),
        lambda: Networks(weights, tokenizer),
        size=int(CARD.memory_gb * 1e9),
    )
    return found


def _name(language: str) -> str:
    """The language's English name, which its folder has too."""
    return POCKET_LANGUAGES[language][0].title()


def _card(language: str, voice: str) -> VoiceCard:
    gender, licence, own = POCKET_VOICES[voice]
    title = voice.replace("_", " ").title()
    accent = "" if language == own else f" with an accent of {_name(own)}"
    return VoiceCard(
        name=f"pocket:{language}_{voice}",
        family="pocket",
        title=", ".join(filter(None, [title, "Pocket TTS", gender, _name(language) + accent])),
        language=language,
        licence=licence,
        commercial=not licence.startswith("see"),
        source="https://huggingface.co/kyutai/pocket-tts-without-voice-cloning",
        checkpoints=replaceable(language, pocket_checkpoints(language, voice)),
    )


def _own_card(language: str) -> VoiceCard:
    return VoiceCard(
        name=f"pocket:{language}",
        family="pocket",
        title=f"Your recording, Pocket TTS, {_name(language)}",
        language=language,
        licence=POCKET_OWN_LICENCE,
        commercial=True,
        source="https://huggingface.co/kyutai/pocket-tts",
        checkpoints=pocket_checkpoints(language),
        imitates=True,
    )
