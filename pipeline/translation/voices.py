"""Which voice speaks a language."""

from __future__ import annotations

from pipeline import engines
from pipeline.cards import VoiceCard
from pipeline.errors import OptionError
from pipeline.translation.models import base_language


def voice_for(language: str, own: str | None = None) -> str:
    """A voice of a language: a presenter's own where it speaks it, else the one that suits best.

    That is one of the region that the tag names, then one without an accent, one that needs no download, one
    of the same sex where both are known, one whose licence allows commercial use.

    Args:
        language: BCP 47 tag.
        own: the voice until now.

    Raises:
        OptionError: no voice that is listed speaks it.
        UnknownNameError: there is no voice of that name.
    """
    before = None if own is None else engines.voice(own)
    cards = [*([before] if before else []), *(each for each in engines.voices() if not each.imitates)]
    speaking = [card for card in cards if base_language(card.language) == base_language(language)]
    if not speaking:
        raise OptionError(
            f"No voice that is listed speaks {language}; name one as voice.", parameter="language"
        )
    if before is not None and before in speaking and _is_of(before, language):
        return before.name
    return min(speaking, key=lambda card: _distance(card, language, before)).name


def _distance(card: VoiceCard, language: str, before: VoiceCard | None) -> tuple[bool, ...]:
    sexes = {_sex(card), _sex(before)} - {None}
    return (
        not _is_of(card, language),
        "accent" in card.title,
        bool(card.checkpoints),
        len(sexes) > 1,
        not card.commercial,
    )


def _is_of(card: VoiceCard, language: str) -> bool:
    """Whether a voice is of the region that a tag names, if it names one."""
    return "-" not in language or card.language.lower() == language.lower()


def _sex(card: VoiceCard | None) -> str | None:
    """ "man" or "woman" where the title says so."""
    words = [] if card is None else card.title.split(", ")
    return next((word for word in words if word in ("man", "woman")), None)
